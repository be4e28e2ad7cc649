"""
Layout of the front page and the archives: the values of their templates, made from the services' results.

Dates, months and counts are worded here, in the language of the page; nothing is decided.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby

from digest.languages import Language, is_rtl, load, tag
from digest.model.signup import ConsentStep
from digest.model.states import ArchiveAccess, ListAccess
from digest.services.archive import ArchiveIndex, Entry, IssuePage, Paper, Story
from digest.services.offers import Offer, wording
from digest.services.themes import Look
from digest.web.pages import text_of

SAMPLED = 3  #: stories that the front page names below the top story
NAMED = 2  #: stories that the archive names below an issue's headline
Values = Mapping[str, object]


def feeds(paper: Paper) -> Sequence[Mapping[str, str]]:
    """Return the feeds of an archive."""
    kinds = (("RSS", "rss.xml", "application/rss+xml"), ("Atom", "atom.xml", "application/atom+xml"))
    every = (*kinds, ("JSON Feed", "feed.json", "application/feed+json"))
    return [
        {"name": name, "type": kind, "path": f"{paper.path}/{file}", "title": f"{paper.title} ({name})"}
        for name, file, kind in every
    ]


def index(found: ArchiveIndex, *, base: str, postal_address: str, signup: str) -> str:
    """Render the page of an archive's newest issues, or of a month."""
    language, paper = load(found.paper.language), found.paper
    newest = found.entries[0] if found.entries else None
    month = language.month(newest.day) if newest and found.month else ""
    title = " · ".join(filter(None, (month, language.gettext("Archive"), paper.title)))
    return text_of(
        "archive",
        language,
        title=title,
        paper=paper.title,
        postal_address=postal_address,
        theme=paper.theme,
        feeds=feeds(paper),
        card=_card(paper, newest, title=title, url=f"{base}{paper.path}" + (f"/{found.month}" if found.month else "")),
        path=paper.path,
        newest=newest.path if newest else "",
        signup=signup,
        total=found.total,
        since=language.date_of(found.since) if found.since else "",
        words=" ".join(found.words),
        found=len(found.entries),
        groups=_groups(found, language),
        years=_years(found, language),
        coming=_coming(language, paper.next_day),
    )


def front(found: Sequence[ArchiveIndex], *, site: str, base: str, postal_address: str, offers: Mapping[str, Offer]) -> str:
    """Render the front page; `site` is its title where there are several newsletters, `offers` are the lists that anybody may join."""
    first, *others = found
    paper, language = first.paper, load(first.paper.language)
    name = site if others and site else paper.title
    newest = first.entries[0] if first.entries else None
    return text_of(
        "front",
        language,
        title=name,
        paper=name,
        postal_address=postal_address,
        theme=paper.theme,
        feeds=feeds(paper) if _is_public(paper) else (),
        card=_card(paper, newest, title=name, url=f"{base}/"),
        lead={**_lead(first, language, offers.get(paper.mlist)), "title": paper.title if others else ""},
        others=[_other(one, language, offers) for one in others],
    )


def issue(found: IssuePage, *, base: str, signup: str) -> str:
    """Render the page of an issue: the mail's HTML with metadata in its head and the archive's links around it."""
    language, paper, entry = load(found.paper.language), found.paper, found.entry
    title = named(entry, language) or paper.title
    values = {"paper": paper.title, "theme": paper.theme, "path": paper.path, "signup": signup, "hidden": found.hidden}
    near = [
        {**_line(one, language), "rel": rel} for one, rel in ((found.before, "prev"), (found.after, "next")) if one is not None
    ]
    card = _card(paper, entry, title=title, url=f"{base}{entry.path}", kind="article")
    head = text_of("issue_head", language, **values, card=card, feeds=feeds(paper))
    bar = text_of("issue_bar", language, **values, preferences="")
    amended = language.date_of(found.amended_on) if found.amended_on else ""
    end = text_of("issue_end", language, **values, near=near, amended=amended)
    return framed(found.html, head=head, bar=bar, end=end)


def framed(page: str, *, head: str, bar: str, end: str) -> str:
    """Insert markup into a mail's HTML: in its head, at the beginning and at the end of its body."""
    before, in_head, rest = page.partition("</head>")
    opening, tag_end, body = rest.partition(">") if rest.lstrip().startswith("<body") else ("", "", rest)
    content, closing, after = body.rpartition("</body>")
    return f"{before}{head}{in_head}{opening}{tag_end}{bar}{content}{end}{closing}{after}"


def stylesheet(look: Look) -> str:
    """Return the tokens of a theme as CSS custom properties."""
    names = {
        "page": "page",
        "sheet": "card",
        "tint": "tint",
        "ink": "text",
        "muted": "muted",
        "accent": "accent",
        "button": "button",
        "on": "on_accent",
        "rule": "rule",
        "field": "muted",
    }
    light, dark = (
        "".join(f"--{ours}:{tokens[theirs]};" for ours, theirs in names.items())
        + "--pressed:color-mix(in srgb,var(--button) 84%,#000)"
        for tokens in (look.light, look.dark)
    )
    plate = {"double": "3px double var(--ink)", "single": "2px solid var(--ink)", "none": "1px solid transparent"}[look.rules]
    shape = f"--serif:{look.head};--sans:{look.body};--bar:{look.bar}px;--plate:{plate}"
    return f":root{{{light};{shape}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


# --- parts -----------------------------------------------------------------------------------


def _is_public(paper: Paper) -> bool:
    return paper.access is ArchiveAccess.PUBLIC


def _card(paper: Paper, entry: Entry | None, *, title: str, url: str, kind: str = "website") -> Values:
    """Return the Open Graph properties, from which messengers preview a link."""
    top = entry.stories[0] if entry and entry.stories else None
    return {
        "kind": kind,
        "site": paper.title,
        "title": title,
        "url": url,
        "locale": str(load(paper.language).locale),
        "text": (top.summary if kind == "article" else top.headline) if top else "",
        "image": top.image if top else "",
        "image_alt": top.image_alt if top else "",
        "published": entry.published_at.isoformat() if entry and kind == "article" else "",
    }


def _groups(found: ArchiveIndex, language: Language) -> Sequence[Values]:
    """Group the issues by month; the newest issue has its picture too."""
    groups: list[Values] = []
    for month, inside in groupby(found.entries, key=lambda entry: entry.month):
        entries = list(inside)
        groups.append(
            {
                "month": month,
                "name": language.month(entries[0].day),
                "path": f"{found.paper.path}/{month}",
                "count": len(entries) if found.words else found.months[month],
                "more": not found.words and len(entries) < found.months[month],
                "entries": [_item(one, language, found, pictured=not groups and one is entries[0]) for one in entries],
            }
        )
    return groups


def _item(entry: Entry, language: Language, found: ArchiveIndex, *, pictured: bool) -> Values:
    top = entry.stories[0] if entry.stories else None
    named = [one for one in found.matching(entry) if one is not top] if found.words else entry.stories[1:]
    return {
        **_line(entry, language),
        "number": entry.number,
        "number_of_day": entry.day.day,
        "weekday": language.short_weekday(entry.day),
        "count": len(entry.stories),
        "others": " · ".join(story.headline for story in named[:NAMED]),
        "image": top.image if top and pictured else "",
        "image_alt": top.image_alt if top else "",
    }


def named(entry: Entry, language: Language) -> str:
    """Return the headline of an issue, marked as a correction if it is one; empty where every story was hidden."""
    if entry.is_correction and entry.headline:
        return language.gettext("Correction: %(headline)s") % {"headline": entry.headline}
    return entry.headline


def _line(entry: Entry, language: Language) -> Values:
    """Return the day and the headline of an issue."""
    return {
        "path": entry.path,
        "day": language.weekday_and_day(entry.day),
        "headline": named(entry, language) or language.date_of(entry.day),
        **(_spoken(entry.stories[0]) if entry.stories else {"language": language.tag, "dir": language.direction}),
    }


def _spoken(story: Story) -> Mapping[str, str]:
    return {"language": tag(story.language) or "und", "dir": "rtl" if is_rtl(story.language) else "ltr"}


def _years(found: ArchiveIndex, language: Language) -> Sequence[Values]:
    years = []
    for year, months in groupby(found.months, key=lambda month: month[:4]):
        years.append({"name": year, "months": [_month(found, month, language) for month in months]})
    return years


def _month(found: ArchiveIndex, month: str, language: Language) -> Values:
    return {
        "name": language.month_name(date.fromisoformat(f"{month}-01")),
        "path": f"{found.paper.path}/{month}",
        "count": found.months[month],
        "is_shown": month == found.month,
    }


def _coming(language: Language, day: date | None) -> str:
    """Return the sentence that names the day of the next issue; empty where it is unknown."""
    return language.gettext("The next one comes on %(day)s.") % {"day": language.day(day)} if day else ""


def _lead(found: ArchiveIndex, language: Language, offer: Offer | None) -> Values:
    """Return the values of the newsletter that leads the front page."""
    newest = found.entries[0] if found.entries else None
    stories = newest.stories if newest else ()
    sections = Counter(story.section for story in stories)
    publishers = dict.fromkeys(story.publisher for story in stories if story.publisher)
    return {
        "day": language.day(newest.day) if newest else "",
        "number": newest.number if newest else 0,
        "path": newest.path if newest else "",
        "archive": found.paper.path if _is_public(found.paper) else "",
        "signup": f"/subscribe/{offer.list}" if offer else "",
        "form": _form(offer, language) if offer else {},
        "count": len(stories),
        "coming": _coming(language, found.paper.next_day),
        "stories": [_sampled(story) for story in _sample(stories)],
        "contents": [{"name": name, "count": count} for name, count in sections.items() if name],
        "publishers": language.gettext(", ").join(publishers),
        "earlier": [_line(one, language) for one in found.entries[1:]],
        "total": found.total,
    }


def _form(offer: Offer, language: Language) -> Values:
    """Return the values of the sign-up form; it has no time stamp, so that the page can be cached."""
    consent, version = wording(offer, language.tag, step=ConsentStep.ASKED)
    return {
        "consent": consent,
        "version": version,
        "has_topics": bool(offer.topics),
        "is_single": offer.access is ListAccess.SINGLE,
    }


def _sample(stories: Sequence[Story]) -> Sequence[Story]:
    """Choose the top story and one of each other section, then the next stories in order."""
    by_section = {story.section: story for story in reversed(stories[1:])}
    leads = [story for story in stories[1:] if by_section[story.section] is story]
    others = [story for story in stories[1:] if by_section[story.section] is not story]
    return [*stories[:1], *[*leads, *others][:SAMPLED]]


def _sampled(story: Story) -> Values:
    return {
        "section": story.section,
        "headline": story.headline,
        "summary": story.summary,
        "image": story.image,
        "image_alt": story.image_alt,
        **_spoken(story),
    }


def _other(found: ArchiveIndex, language: Language, offers: Mapping[str, Offer]) -> Values:
    newest = found.entries[0] if found.entries else None
    empty = {"path": "", "headline": "", "day": "", "language": "", "dir": ""}
    return {
        **(_line(newest, language) if newest else empty),
        "title": found.paper.title,
        "archive": found.paper.path if _is_public(found.paper) else "",
        "signup": f"/subscribe/{found.paper.mlist}" if found.paper.mlist in offers else "",
    }
