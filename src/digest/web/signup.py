"""
The pages of signing up: the form, the waiting page that takes the code, and the page that a mail's link leads to.

GET and HEAD only show. The pages work without a script and without cookies.
"""

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from digest.errors import BadAddress, BadInput, NotFound, TooMany
from digest.languages import Language
from digest.model.signup import ConsentStep, How
from digest.model.states import ListAccess
from digest.services import offers, pressure, signup
from digest.services.context import Context
from digest.services.offers import Offer
from digest.services.signup import Application, Confirmed, Verdict, Waiting
from digest.web import altcha, pages, topics
from digest.web.threads import Threads
from digest.web.visitors import language
from digest.web.visits import METHODS, Visit, answering, too_many


def add_routes(app: FastAPI, ctx: Context, threads: Threads) -> None:
    """Add the pages to the application."""
    answer = answering(ctx, threads, most_fields=topics.MOST_FIELDS)
    altcha.add_routes(app)

    @app.api_route("/subscribe", methods=["GET", "HEAD"])
    async def choose(request: Request) -> Response:
        return await answer(_choose, request)

    @app.api_route("/subscribe/{mlist}", methods=METHODS)
    async def subscribe(mlist: str, request: Request) -> Response:
        return await answer(_submit if request.method == "POST" else _form, request, mlist)

    @app.api_route("/waiting/{token}", methods=METHODS)
    async def wait(token: str, request: Request) -> Response:
        return await answer(_take_code if request.method == "POST" else _wait, request, token)

    @app.api_route("/confirm/{token}", methods=METHODS)
    async def confirm(token: str, request: Request) -> Response:
        return await answer(_confirm if request.method == "POST" else _to_confirm, request, token)


# --- the form --------------------------------------------------------------------------------


def _choose(visit: Visit) -> Response:
    """Show the open lists; the form at once where there is only one."""
    found = offers.every(visit.ctx)
    if len(found) == 1:
        return _form(visit, found[0].list)
    if not found:
        raise NotFound("list", "that is open")
    spoken = language(visit.request)
    title = spoken.gettext("Which paper would you like?")
    return pages.render("subscribe_choice", spoken, title=title, offers=found, postal_address=visit.ctx.settings.postal_address)


def _form(visit: Visit, mlist: str) -> Response:
    return _show_form(visit, offers.get(visit.ctx, mlist), language(visit.request))


def _show_form(
    visit: Visit,
    offer: Offer,
    spoken: Language,
    *,
    problem: str = "",
    about: str = "",
    status: int = 200,
    needs_proof: bool = False,
) -> Response:
    """Show the form; `problem` says what is wrong with the field `about`, or with the form as a whole."""
    puzzle = _puzzle(visit, offer.list, spoken, needed=needs_proof)
    # A form that waits for who has no script keeps its stamp, so that the minute of waiting goes on.
    stamp = (needs_proof and offers.kept_stamp(visit.ctx, visit.fields.get("stamp", ""))) or offers.stamp(visit.ctx)
    text, version = offers.wording(offer, spoken.tag, step=ConsentStep.ASKED)
    return pages.render(
        "subscribe",
        spoken,
        status=status,
        headers=altcha.HEADERS if puzzle else {},
        title=spoken.gettext("Subscribe to %(title)s") % {"title": offer.title},
        paper=offer.title,
        offer=offer,
        is_single=offer.access is ListAccess.SINGLE,
        consent=text,
        version=version,
        stamp=stamp,
        given={name: visit.fields.get(name, "")[:320] for name in ("address", "name")},
        topics=topics.rows(visit.fields, offer.list, offer.topics),
        puzzle=puzzle,
        problem=problem,
        about=about,
        postal_address=visit.ctx.settings.postal_address,
    )


def _puzzle(visit: Visit, mlist: str, spoken: Language, *, needed: bool) -> altcha.Puzzle | None:
    """Return what the form of a list asks a browser to solve; None while there is no pressure, unless `needed`."""
    if not needed and not pressure.is_high(visit.ctx, visit.ip):
        return None
    return altcha.puzzle(pressure.challenge(visit.ctx, mlist), spoken)


def _submit(visit: Visit, mlist: str) -> Response:
    """Process the form, and redirect to the waiting page."""
    offer, spoken, fields = offers.get(visit.ctx, mlist), language(visit.request), visit.fields
    stamp = fields.get("stamp", "")
    given = Application(
        address=fields.get("address", ""),
        name=fields.get("name", ""),
        version=fields.get("shown", ""),
        stamp=stamp,
        trap=fields.get("website", ""),
        proof=fields.get("altcha", ""),
        topics=topics.sent(fields, offer.list, offer.topics),
    )
    try:
        token = signup.ask(
            visit.ctx, mlist, given, visit.origin(How.FORM if stamp or "front" in fields else How.EMBEDDED, spoken)
        )
    except TooMany as problem:
        return too_many(spoken, problem)
    except BadInput as problem:
        about, words = _explain(spoken, problem)
        needs_proof = problem.code == "proof_needed"
        return _show_form(visit, offer, spoken, problem=words, about=about, status=422, needs_proof=needs_proof)
    return RedirectResponse(f"/waiting/{token}", status_code=303, headers=pages.HEADERS)


def _explain(spoken: Language, problem: BadInput) -> tuple[str, str]:
    """Return the name of the invalid field, and the remedy in words."""
    _ = spoken.gettext
    if isinstance(problem, BadAddress):
        return "address", _("That is not an e-mail address. Write one like name@example.org.")
    if problem.code == "disposable_address":
        return "address", _("This address is of a service for disposable addresses. Please give one that lasts.")
    if problem.code == "bad_name":
        return "name", _("Please give a name alone, without links or markup, or none.")
    if problem.code == "proof_needed":
        return "", _(
            "Many people are signing up at this moment. Please send the form again: your browser does a small sum first."
            " Without JavaScript, wait a minute before."
        )
    return "", _("This form was open for long, or its text has changed. Please send it again.")


# --- waiting for the code --------------------------------------------------------------------


def _wait(visit: Visit, token: str) -> Response:
    found = signup.waiting(visit.ctx, token)
    return _waits(visit, found, language(visit.request, found.language))


def _waits(visit: Visit, found: Waiting, spoken: Language, *, problem: str = "", status: int = 200) -> Response:
    text, _ = offers.wording(found.offer, spoken.tag, step=ConsentStep.CONFIRMED)
    if not problem and found.tries_left <= 0:
        problem = _code_problem(spoken, Verdict.LOCKED, found)
    return pages.render(
        "waiting",
        spoken,
        status=status,
        title=spoken.gettext("Check your mail"),
        label=spoken.gettext("Step 2 of 2"),
        paper=found.offer.title,
        found=found,
        takes_code=found.offer.access is not ListAccess.SINGLE,
        consent=text,
        problem=problem,
        postal_address=visit.ctx.settings.postal_address,
    )


def _take_code(visit: Visit, token: str) -> Response:
    """Confirm by the code that was typed, or mail a new one."""
    found = signup.waiting(visit.ctx, token)
    spoken = language(visit.request, found.language)
    if "again" in visit.fields:
        signup.resend(visit.ctx, token)
        return RedirectResponse(f"/waiting/{token}", status_code=303, headers=pages.HEADERS)
    done = signup.confirm_by_code(visit.ctx, token, visit.fields.get("code", ""), visit.origin(How.CODE, spoken))
    if done.verdict is Verdict.RIGHT:
        return _welcome(visit, found, done, spoken)
    if done.verdict is Verdict.USED:
        return _used(visit, found, spoken)
    found = signup.waiting(visit.ctx, token)
    return _waits(visit, found, spoken, problem=_code_problem(spoken, done.verdict, found), status=422)


def _code_problem(spoken: Language, verdict: Verdict, found: Waiting) -> str:
    _ = spoken.gettext
    if verdict is Verdict.EXPIRED:
        return _("This code is too old. Have a new one sent, or use the button in the mail.")
    if verdict is Verdict.LOCKED or not found.tries_left:
        return _("Too many codes were wrong. Have a new one sent, or use the button in the mail.")
    return spoken.count(
        "That is not the code we sent. The newest mail counts; you have %(num)d more try.",
        "That is not the code we sent. The newest mail counts; you have %(num)d more tries.",
        found.tries_left,
    )


# --- the link --------------------------------------------------------------------------------


def _to_confirm(visit: Visit, token: str, *, status: int = 200) -> Response:
    """Show the page with the button that confirms."""
    found = signup.to_confirm(visit.ctx, token)
    spoken = language(visit.request, found.language)
    if found.is_confirmed:
        return _used(visit, found, spoken)
    text, _ = offers.wording(found.offer, spoken.tag, step=ConsentStep.CONFIRMED)
    title = spoken.gettext("One more step")
    return pages.render(
        "confirm",
        spoken,
        status=status,
        title=title,
        paper=found.offer.title,
        found=found,
        consent=text,
        topics=signup.topics_in_words(found.topics, spoken.tag),
        postal_address=visit.ctx.settings.postal_address,
    )


def _confirm(visit: Visit, token: str) -> Response:
    """Confirm, where the form of our page asks for it; any other body, such as a scanner's, changes nothing."""
    if visit.fields.get("confirm") != "yes":
        return _to_confirm(visit, token, status=400)
    found = signup.to_confirm(visit.ctx, token)
    spoken = language(visit.request, found.language)
    done = signup.confirm_by_link(visit.ctx, token, visit.origin(How.LINK, spoken))
    return _welcome(visit, found, done, spoken) if done.verdict is Verdict.RIGHT else _used(visit, found, spoken)


# --- confirmed -------------------------------------------------------------------------------


def _welcome(visit: Visit, found: Waiting, done: Confirmed, spoken: Language) -> Response:
    title = spoken.gettext("You are subscribed to %(title)s.") % {"title": found.offer.title}
    when = ""
    if due := done.next_at:
        when = spoken.gettext("The next issue comes on %(day)s at %(time)s (%(zone)s).") % {
            "day": spoken.day(due.date()),
            "time": f"{due:%H:%M}",
            "zone": due.tzname(),
        }
    return pages.render(
        "joined",
        spoken,
        title=title,
        label=spoken.gettext("Done"),
        paper=found.offer.title,
        found=found,
        done=done,
        when=when,
        postal_address=visit.ctx.settings.postal_address,
    )


def _used(visit: Visit, found: Waiting, spoken: Language) -> Response:
    said = spoken.gettext("This sign-up is confirmed already. Nothing else is needed.")
    title = spoken.gettext("Done")
    return pages.render(
        "page", spoken, title=title, said=said, paper=found.offer.title, postal_address=visit.ctx.settings.postal_address
    )
