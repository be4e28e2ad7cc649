"""
Render an issue once per language with every pick: Jinja2 → one document → premailer once → cut.

A template `NAME` is `NAME.html.j2`, and `NAME.txt.j2`, `NAME.subject.j2` and `NAME.preheader.j2`
if it has its own, else those of `digest`. Values are plain and frozen; an undefined
name, a wrong file or a runaway expression is an error that names file, line and name, before
anything is queued.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from w3lib.url import safe_url_string

from digest.compose import mime, pictures, theme
from digest.compose.cut import cut
from digest.compose.fill import Sheet, fill
from digest.compose.lines import WORDS_A_MINUTE, short, shorten
from digest.compose.marks import Marks
from digest.errors import BadInput, ComposeError
from digest.languages import Language, is_rtl, load, tag
from digest.model.article import ImageInfo, count_words
from digest.model.issue import Coverage, Pick
from digest.model.rendition import DerivedTexts, HeaderFrame, PickLine, Rendition
from digest.model.words import joined

DIGEST = "digest"  #: the template whose parts replace those that another lacks
SYSTEM = (
    "confirm",
    "welcome",
    "link",
    "move",
    "goodbye",
    "data",
    "report",
)  #: mails about a subscription or an issue; they print no stories
CORRECTION = "correction"  #: the template of issues that correct another
HEADLINE_MAX, SUMMARY_MAX = 300, 2_000  #: characters; a longer text is a mistake of its source
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """Input of a rendering, besides the picks."""

    title: str
    number: int
    day: date
    language: str
    template: str
    theme: str
    postal_address: str
    header: HeaderFrame
    sections: Sequence[str]  #: the order of sections; those it does not name follow
    folders: tuple[Path, ...]  #: folders that are searched for templates, first found wins
    note: str = ""  #: an editor's words that open it, paragraphs divided by empty lines
    note_by: str = ""  #: who signed them
    considered: int = 0  #: number of stories that it was chosen from; 0: unknown
    next_day: date | None = None  #: when the next issue is due
    values: Mapping[str, Any] = field(default_factory=dict)  #: content of a system mail, as plain values


def render(paper: Paper, picks: Sequence[Pick]) -> Rendition:
    """
    Render an issue in the newsletter's own language.

    Raises:
        ComposeError: the template or theme is wrong.
    """
    return render_in(paper, picks, [paper.language])[0]


def render_in(paper: Paper, picks: Sequence[Pick], languages: Sequence[str]) -> Sequence[Rendition]:
    """
    Render an issue, once per language.

    Raises:
        ComposeError: the template or theme is wrong, or a language is unknown.
    """
    tokens = theme.load(paper.folders, paper.theme)
    shared = pictures.shared(picks)
    pictured = [replace(pick, image="") if pick.image in shared or not tokens["layout"]["pictures"] else pick for pick in picks]
    paper, picks = _cleaned(paper), [_printable(_cleaned(pick)) for pick in pictured]
    papers = [replace(paper, language=code) for code in languages]
    sections = _section_order(paper, picks)
    spoken = [_language(code) for code in languages]
    sheets = [_sheet(one, picks, sections, tokens) for one in papers]
    filled = fill([str(folder) for folder in paper.folders], sheets)
    return [_rendition(*parts, picks, sections) for parts in zip(papers, spoken, filled, strict=True)]


def _rendition(paper: Paper, language: Language, filled: Sequence[str], picks: Sequence[Pick], sections: list[str]) -> Rendition:
    marks = Marks(nonce=paper.header.nonce)
    page, plain, subject, preheader = filled
    html = cut(
        _inlined(page, f"{paper.template}.html.j2"),
        marks,
        kind="html",
        template=f"{paper.template}.html.j2",
        forms=[str(pick.form) for pick in picks],
        sections=len(sections),
    )
    return Rendition(
        language=paper.language,
        theme=paper.theme,
        header=paper.header,
        picks=tuple(_line(pick, sections, right_to_left=language.direction == "rtl") for pick in picks),
        texts=_texts(paper, language, picks, subject=subject, preheader=preheader),
        html=html,
        plain=cut(
            plain,
            marks,
            kind="plain",
            template=f"{paper.template}.txt.j2",
            like=html,
            forms=[str(pick.form) for pick in picks],
            sections=len(sections),
        ),
    )


def _inlined(page: str, template: str) -> str:
    if "<html" not in page or "</html>" not in page:
        raise ComposeError(f'{template}: it makes no whole page; begin with `{{% extends "layouts/base.html.j2" %}}`')
    from digest.compose.inline import inline  # premailer and what it loads: 9 MB that a server needs from its first issue on

    try:
        return inline(page)
    except Exception as problem:  # premailer and its libraries may raise any exception
        raise ComposeError(
            f"{template}: its styles cannot be put into its elements ({type(problem).__name__}: {problem})"
        ) from problem


def template_folders(own: str, package: Path) -> tuple[Path, ...]:
    """
    Return the folders of templates: the operator's, then the package's copy, then the checkout's.

    Raises:
        ComposeError: the operator's folder does not exist.
    """
    if own and not Path(own).is_dir():
        raise ComposeError(f"the templates are to come from {own}, which is not a folder", code="template_folder")
    shipped = package / "templates" / "email"
    checkout = package.parent.parent / "templates" / "email"
    found = tuple(folder for folder in (Path(own) if own else None, shipped, checkout) if folder and folder.is_dir())
    if not found:
        raise ComposeError("the templates are missing from this installation; install digest again")
    return found


def template_names(folders: Sequence[Path]) -> tuple[str, ...]:
    """Return the names of templates for issues."""
    suffix = ".html.j2"
    found = {path.name.removesuffix(suffix) for folder in folders for path in folder.glob(f"*{suffix}")}
    return tuple(sorted(found - {*SYSTEM, CORRECTION}))


# --- what templates see ----------------------------------------------------------------------


Made = TypeVar("Made", Paper, Pick, Coverage, ImageInfo)


def _cleaned(value: Made) -> Made:
    """Remove characters that no mail may contain: controls, lone surrogates, bidi overrides."""
    changed: dict[str, Any] = {name: UNFIT.sub("", text) for name, text in _texts_of(value) if UNFIT.search(text)}
    if isinstance(value, Pick):
        changed["also"] = tuple(_cleaned(other) for other in value.also)
        changed["image_info"] = _cleaned(value.image_info)
    if isinstance(value, Paper) and value.values:
        changed["values"] = _cleaned_values(value.values)
    return replace(value, **changed)


def _cleaned_values(value: Any) -> Any:
    """Do the same for plain values at any depth: a relay's reply is untrusted text too."""
    if isinstance(value, Mapping):
        return {name: _cleaned_values(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned_values(part) for part in value]
    return UNFIT.sub("", value) if isinstance(value, str) else value


def _texts_of(value: Made) -> list[tuple[str, str]]:
    return [(field.name, text) for field in fields(value) if type(text := getattr(value, field.name)) is str]


def _printable(pick: Pick) -> Pick:
    """Limit a pick to pictures that every mail program loads, http(s) links, and texts of a sane length."""
    headline = re.sub(r"^https?://(?=\S)", "", pick.headline.strip())  # a link that shows an address must go to it
    image = pick.image if pick.image.startswith("https://") else ""
    also = tuple(replace(other, url=_web(other.url)) for other in pick.also if _web(other.url))
    return replace(
        pick,
        headline=shorten(headline if mime.clean(headline) else pick.publisher or "…", HEADLINE_MAX),
        summary=shorten(pick.summary, SUMMARY_MAX),
        url="" if pick.complete else _web(pick.url),
        image=_web(image),
        also=also,
    )


def _web(url: str) -> str:
    """Convert a URL to ASCII, as every mail program accepts it; empty if it is not http(s)."""
    try:
        return str(safe_url_string(url)) if url.startswith(("https://", "http://")) else ""
    except ValueError:
        return ""


def _section_order(paper: Paper, picks: Sequence[Pick]) -> list[str]:
    """Return the sections that have a story, in order; the top story is above them and does not count for the order."""
    full = [pick.section for pick in picks if pick.form != "top" and pick.form != "brief"]
    present = dict.fromkeys([*full, *(pick.section for pick in picks)])
    named = [name for name in paper.sections if name in present]
    return [*named, *(name for name in present if name not in named)]


def _language(code: str) -> Language:
    try:
        return load(code)
    except BadInput as problem:
        raise ComposeError(str(problem)) from problem


def _sheet(paper: Paper, picks: Sequence[Pick], sections: list[str], tokens: Mapping[str, Any]) -> Sheet:
    own = paper.template
    stands_in = () if own in SYSTEM else (DIGEST,)
    return Sheet(
        templates=[
            [f"{own}.html.j2"],
            *([f"{name}.{part}.j2" for name in (own, *stands_in)] for part in ("txt", "subject")),
            [f"{name}.preheader.j2" for name in (own, DIGEST)],
        ],
        language=paper.language,
        nonce=paper.header.nonce,
        day=paper.day.isoformat(),
        values={
            "paper": {
                "title": paper.title,
                "number": paper.number,
                "postal_address": paper.postal_address,
                "listed": bool(paper.header.list_id),
                "note": [" ".join(part.split()) for part in re.split(r"\n\s*\n", paper.note) if part.strip()],
                "note_by": paper.note_by,
            },
            "picks": [_pick(i, pick, sections, paper) for i, pick in enumerate(picks)],
            "sections": sections,
            "theme": {**tokens},
            "mail": dict(paper.values),
        },
    )


def _pick(index: int, pick: Pick, sections: list[str], paper: Paper) -> Mapping[str, Any]:
    """Return a pick's values for a template; `lang` is empty if it is the mail's own."""
    spoken = tag(pick.language)
    foreign = bool(spoken) and spoken.split("-")[0] != tag(paper.language).split("-")[0]
    page = f"{Marks(nonce=paper.header.nonce).slot('VIEW')}/{index + 1}" if pick.has_page else ""
    return {
        "index": index,
        "form": str(pick.form),
        "number": index + 1,
        "section": sections.index(pick.section),
        "headline": pick.headline,
        "summary": pick.summary,
        "publisher": pick.publisher,
        "author": pick.author,
        "url": pick.url or page,
        "ours": bool(page) or pick.url.startswith(f"{paper.header.base_url}/"),
        "complete": pick.complete,
        "image": pick.image,
        "shapes": pictures.shapes(pick),
        "sized": bool(pick.image_info.width and pick.image_info.height),
        "alt": pick.image_info.alt,
        "caption": pick.image_info.caption,
        "credit": pick.image_info.credit,
        "minutes": pick.minutes,
        "updated": pick.updated,
        "lang": spoken if foreign else "",
        "dir": "" if not foreign else "rtl" if is_rtl(spoken) else "ltr",
        "also": [{"publisher": other.publisher, "url": other.url} for other in pick.also],
    }


# --- what follows from a selection -----------------------------------------------------------


def _line(pick: Pick, sections: list[str], *, right_to_left: bool) -> PickLine:
    headline, summary = mime.clean(pick.headline), mime.clean(pick.summary)
    astray = bool(pick.language) and is_rtl(tag(pick.language)) != right_to_left  # would be read in the wrong order
    whole = count_words(headline) + count_words(summary)
    return PickLine(
        headline=headline,
        short="" if astray else short(headline),
        lead=summary,
        section=sections.index(pick.section),
        form=str(pick.form),
        shapes=pictures.shapes(pick),
        linked=bool(pick.url) or pick.has_page,
        words=whole,
        brief_words=whole if pick.complete else count_words(headline),
    )


def _texts(paper: Paper, language: Language, picks: Sequence[Pick], *, subject: str, preheader: str) -> DerivedTexts:
    _, count = language.gettext, language.count
    stories = range(1, len(picks) + 1)
    words = sum(count_words(f"{pick.headline} {pick.summary}") for pick in picks) + count_words(paper.note)
    number = {"number": paper.number, "title": paper.title, "date": language.day(paper.day)}
    filler = _("No. %(number)s of %(title)s, printed on %(date)s.") % number
    return DerivedTexts(
        story_count=[
            count("%(num)d story", "%(num)d stories", 0),
            *(count("%(num)d story", "%(num)d stories", n) for n in stories),
        ],
        minutes=["", *(" · " + count("%(num)d min", "%(num)d min", n) for n in range(1, words // WORDS_A_MINUTE + 2))],
        more=["", *(count("%(num)d more story on the web", "%(num)d more stories on the web", n) for n in stories)],
        remaining=["", *(_remaining(language, n) for n in stories)],
        end=_endings(paper, language, len(picks)),
        end_cut=_next_issue_text(paper, language),
        sentence=_("%(headline)s. "),
        other_words=count_words(paper.note),
        title=mime.clean(paper.title),
        subject=mime.clean(subject),
        preheader=mime.clean(preheader),
        filler=mime.clean(f"{filler} {_('You get this because you are subscribed to %(title)s.') % {'title': paper.title}}"),
    )


def _remaining(language: Language, count: int) -> str:
    """Word the number of stories beside those that are named, spelled out if the language supports it."""
    words = language.gettext(
        "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty"
    )
    spelled = [*words.split("|")]
    number = spelled[count - 1] if count <= len(spelled) else str(count)
    return language.ngettext("And %(spelled)s more.", "And %(spelled)s more.", count) % {"spelled": number}


def _endings(paper: Paper, language: Language, picks: int) -> Sequence[str]:
    """Return the text below the last story, by the number of stories."""
    after = _next_issue_text(paper, language)
    whole = language.gettext("That is the whole paper.")
    chosen = [
        language.ngettext(
            "That is the whole paper: %(num)d story chosen from %(all)d.",
            "That is the whole paper: %(num)d stories chosen from %(all)d.",
            n,
        )
        % {"num": n, "all": paper.considered}
        if n < paper.considered
        else whole
        for n in range(1, picks + 1)
    ]
    return [after, *(joined((text, after)) for text in chosen)]


def _next_issue_text(paper: Paper, language: Language) -> str:
    """Word the date of the next issue: today, a weekday, or after more than a week a date."""
    if paper.next_day is None:
        return ""
    days = (paper.next_day - paper.day).days
    if days < 1:
        return language.gettext("The next one comes today.")
    day = language.weekday(paper.next_day) if days <= 7 else language.date_of(paper.next_day)
    return language.gettext("The next one comes on %(day)s.") % {"day": day}
