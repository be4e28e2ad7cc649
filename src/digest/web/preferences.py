"""
The page of what a reader has chosen, and the page where whoever has lost its link asks for it.

GET and HEAD only show; one POST saves everything. The pages work without a script and without cookies: the link
is what tells the reader from others, so that no other site can send the form.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from digest.errors import BadAddress, BadInput, TooMany
from digest.languages import Language, load, shipped
from digest.model.signup import ConsentStep, How
from digest.services import offers, preferences
from digest.services.context import Context
from digest.services.preferences import ListChoice, Preferences, Wanted
from digest.web import pages, topics
from digest.web.threads import Threads
from digest.web.visitors import language
from digest.web.visits import METHODS, Visit, answering, too_many

KEPT, DAY = "kept", "day"  #: what the field `pause` says beside a date: as it was; the date of the field `until`


def add_routes(app: FastAPI, ctx: Context, threads: Threads) -> None:
    """Add the pages to the application."""
    answer = answering(ctx, threads, missing=_no_link, most_fields=topics.MOST_FIELDS)

    @app.api_route("/p", methods=METHODS)
    async def ask(request: Request) -> Response:
        return await answer(_mail_link if request.method == "POST" else _ask_for_link, request)

    @app.api_route("/p/{token}", methods=METHODS)
    @app.api_route("/p/{token}/", methods=METHODS)
    async def choose(token: str, request: Request) -> Response:
        return await answer(_save if request.method == "POST" else _show, request, token)


def _no_link(request: Request) -> Response:
    """Return the page for a link that names nobody, with the way to one that does."""
    spoken = language(request)
    _ = spoken.gettext
    said = _("The link is not one of ours, or what it led to is gone. Nothing was changed.")
    return pages.notice(spoken, _("There is nothing here"), said, link=_("Mail me my link"), path="/p", status=404)


# --- what was chosen -------------------------------------------------------------------------


def _show(visit: Visit, token: str) -> Response:
    found = preferences.show(visit.ctx, token)
    return _page(visit, found, saved="saved" in visit.request.query_params)


def _save(visit: Visit, token: str) -> Response:
    """Save the form, and lead back to the page; where something is wrong, show the form as it was sent."""
    found = preferences.show(visit.ctx, token)
    spoken = _language(visit, found)
    try:
        wanted = _wanted(visit.fields, found)
        preferences.save(visit.ctx, token, wanted, visit.origin(How.PREFERENCES, spoken))
    except TooMany as problem:
        return too_many(spoken, problem)
    except BadInput as problem:
        problems = problem.facts.get("problems")
        return _page(visit, found, problems=problems if isinstance(problems, dict) else {}, status=422)
    return RedirectResponse(f"/p/{token}?saved", status_code=303, headers=pages.HEADERS)


def _wanted(fields: Mapping[str, str], found: Preferences) -> Wanted:
    """
    Parse the form. What it does not name stays as it is.

    Raises:
        BadInput: the day to pause until is no date.
    """
    shown = fields.get("lists", "").split(",")
    chosen = fields.get("language", "")
    pause = fields.get("pause", KEPT)
    try:
        day = date.fromisoformat(fields.get("until", "") if pause == DAY else pause) if pause not in (KEPT, "") else None
    except ValueError:
        raise BadInput("the day to pause until is no date", code="bad_preferences", problems={"pause": "date"}) from None
    return Wanted(
        name=fields.get("name"),
        language=chosen if chosen in _languages(found) and chosen != (found.language or found.paper_language) else None,
        lists={name: f"list-{name}" in fields for choice in found.lists if (name := choice.offer.list) in shown},
        address=fields.get("address", "").strip(),
        pause=day,
        ends_pause=pause == "",
        topics={
            name: own
            for choice in found.lists
            if (own := topics.sent(fields, name := choice.offer.list, choice.topics, choice.chosen)) is not None
        },
    )


def _page(
    visit: Visit, found: Preferences, *, saved: bool = False, problems: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    """Show what is chosen; after a problem, what the reader sent."""
    spoken, sent = _language(visit, found), visit.fields
    said = {name: _explain(spoken, problem) for name, problem in (problems or {}).items()}
    return pages.render(
        "preferences",
        spoken,
        status=status,
        title=spoken.gettext("Preferences"),
        paper=found.paper,
        found=found,
        saved=saved,
        problems=said,
        name=sent.get("name", found.name)[:320],
        address=sent.get("address", "")[:320],
        languages=_languages(found),
        chosen_language=sent.get("language", found.language or found.paper_language),
        lists=[_offered(choice, spoken, sent) for choice in found.lists],
        shows_lists=len(found.lists) > 1 or not any(choice.is_on for choice in found.lists),
        topics=[_topics(choice, sent) for choice in found.lists if choice.topics],
        leaving=[choice for choice in found.lists if choice.is_on],
        pauses=_pauses(spoken, found),
        pause=sent.get("pause", KEPT if found.paused_until else ""),
        paused_until=spoken.day(found.paused_until) if found.paused_until else "",
        until=sent.get("until", "")[:20],
        coming=_coming(spoken, found),
        postal_address=visit.ctx.settings.postal_address,
    )


def _language(visit: Visit, found: Preferences) -> Language:
    """Return the reader's language, else the browser's."""
    return language(visit.request, found.language)


def _languages(found: Preferences) -> Mapping[str, str]:
    """Return the languages that a paper can be in, by code, each by its own name; and the reader's, where it is another."""
    codes = dict.fromkeys([*shipped(), found.language or found.paper_language])
    return {code: str(load(code).locale.get_display_name()).capitalize() for code in codes}


def _offered(choice: ListChoice, spoken: Language, sent: Mapping[str, str]) -> Mapping[str, object]:
    """Return a list as the page shows it; one that the reader is not on with what ticking it means."""
    name = choice.offer.list
    consent = "" if choice.is_on else offers.wording(choice.offer, spoken.tag, step=ConsentStep.ASKED)[0]
    is_ticked = f"list-{name}" in sent if sent else choice.is_on
    return {"name": name, "title": choice.offer.title, "consent": consent, "is_ticked": is_ticked}


def _topics(choice: ListChoice, sent: Mapping[str, str]) -> Mapping[str, object]:
    """Return the topics of a list as the page shows them."""
    return {"title": choice.offer.title, "rows": topics.rows(sent, choice.offer.list, choice.topics, choice.chosen)}


def _pauses(spoken: Language, found: Preferences) -> Sequence[tuple[date, str]]:
    """Return the pauses that the page names, each with its words."""
    _ = spoken.gettext
    said = (_("One week, back on %(day)s"), _("Four weeks, back on %(day)s"))
    return [(day, words % {"day": spoken.day(day)}) for day, words in zip(found.pauses, said, strict=True)]


def _coming(spoken: Language, found: Preferences) -> str:
    """Return the sentence that names when the next issue comes; empty where none does."""
    if (due := found.next_at) is None:
        return ""
    return spoken.gettext("The next issue comes on %(day)s at %(time)s (%(zone)s).") % {
        "day": spoken.day(due.date()),
        "time": f"{due:%H:%M}",
        "zone": due.tzname(),
    }


def _explain(spoken: Language, problem: str) -> str:
    """Return in words what to do about a field."""
    _ = spoken.gettext
    if problem == "name":
        return _("Please give a name alone, without links or markup, or none.")
    if problem == "address":
        return _("That is not an e-mail address. Write one like name@example.org.")
    if problem == "disposable":
        return _("This address is of a service for disposable addresses. Please give one that lasts.")
    if problem == "far":
        return _("Choose a day within a year.")
    return _("Choose a day after today.")


# --- the lost link ---------------------------------------------------------------------------


def _ask_for_link(visit: Visit) -> Response:
    return _link_form(visit, language(visit.request))


def _link_form(visit: Visit, spoken: Language, *, problem: str = "", status: int = 200) -> Response:
    return pages.render(
        "preferences_link",
        spoken,
        status=status,
        title=spoken.gettext("Mail me my link"),
        address=visit.fields.get("address", "")[:320],
        problem=problem,
        postal_address=visit.ctx.settings.postal_address,
    )


def _mail_link(visit: Visit) -> Response:
    """Have the link mailed; the answer is the same for every address."""
    spoken = language(visit.request)
    _ = spoken.gettext
    try:
        preferences.mail_link(visit.ctx, visit.fields.get("address", ""), ip=visit.ip, trap=visit.fields.get("website", ""))
    except TooMany as problem:
        return too_many(spoken, problem)
    except BadAddress:
        said = _("That is not an e-mail address. Write one like name@example.org.")
        return _link_form(visit, spoken, problem=said, status=422)
    said = _("If a paper goes to this address, its link is on the way. It usually takes under a minute.")
    return pages.plain(spoken, _("Check your mail"), said)
