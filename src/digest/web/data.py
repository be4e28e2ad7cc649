"""
The page where a reader sees what is held about them: a code by mail, and then a ZIP file.

GET and HEAD only show. The page works without a script and without cookies.
"""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from digest.errors import Conflict, TooMany
from digest.languages import Language
from digest.services import data_requests
from digest.services.context import Context
from digest.services.data_requests import Access, Verdict
from digest.services.views.people import PersonalData
from digest.web import pages
from digest.web.threads import Threads
from digest.web.visitors import language
from digest.web.visits import METHODS, Visit, answering


def add_routes(app: FastAPI, ctx: Context, threads: Threads) -> None:
    """Add the page to the application."""
    answer = answering(ctx, threads)

    @app.api_route("/data/{token}", methods=METHODS)
    async def data(token: str, request: Request) -> Response:
        return await answer(_act if request.method == "POST" else _show, request, token)


def _show(visit: Visit, token: str, *, problem: str = "", status: int = 200) -> Response:
    found = data_requests.access(visit.ctx, token)
    spoken = language(visit.request, found.language)
    return pages.render(
        "data",
        spoken,
        status=status,
        title=spoken.gettext("Your data"),
        paper=found.title,
        found=found,
        problem=problem,
        postal_address=visit.ctx.settings.postal_address,
    )


def _act(visit: Visit, token: str) -> Response:
    """Mail a code, or take one; any other body, such as a scanner's, changes nothing."""
    found = data_requests.access(visit.ctx, token)
    spoken = language(visit.request, found.language)
    if visit.fields.get("ask") == "yes":
        return _ask(visit, token, spoken)
    if "code" not in visit.fields:
        return _show(visit, token, status=400)
    verdict, data = data_requests.open_file(visit.ctx, token, visit.fields["code"])
    if data is not None:
        headers = {**pages.HEADERS, "Content-Disposition": 'attachment; filename="data.zip"'}
        return Response(packed(data, spoken), media_type="application/zip", headers=headers)
    return _show(visit, token, problem=_problem(spoken, verdict, data_requests.access(visit.ctx, token)), status=422)


def _ask(visit: Visit, token: str, spoken: Language) -> Response:
    try:
        data_requests.ask(visit.ctx, token)
    except TooMany:
        said = spoken.gettext("You have had enough codes for one day. Please try again tomorrow.")
        return _show(visit, token, problem=said, status=429)
    except Conflict:
        return _show(visit, token, status=409)
    return RedirectResponse(f"/data/{token}", status_code=303, headers=pages.HEADERS)


def _problem(spoken: Language, verdict: Verdict, found: Access) -> str:
    _ = spoken.gettext
    if verdict is Verdict.EXPIRED:
        return _("This code is too old, or was used. Have a new one sent.")
    if verdict is Verdict.LOCKED or found.tries_left <= 0:
        return _("Too many codes were wrong. Have a new one sent.")
    return spoken.count(
        "That is not the code we sent. The newest mail counts; you have %(num)d more try.",
        "That is not the code we sent. The newest mail counts; you have %(num)d more tries.",
        found.tries_left,
    )


# --- the file --------------------------------------------------------------------------------


def packed(data: PersonalData, spoken: Language) -> bytes:
    """Pack what is held into a ZIP file: JSON for programs, and a page to read."""
    plain = data.model_dump(mode="json")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {
            "data.json": json.dumps(plain, ensure_ascii=False, indent=2),
            "data.html": _page(data, plain, spoken),
        }.items():
            archive.writestr(zipfile.ZipInfo(name, data.made_at.timetuple()[:6]), text, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _page(data: PersonalData, plain: Mapping[str, Any], spoken: Language) -> str:
    _ = spoken.gettext
    headings = {
        "person": _("You"),
        "subscriptions": _("Your subscriptions, and where each came from"),
        "changes": _("Earlier values that an imported list changed"),
        "consents": _("What you agreed to: the text, when, how and from where"),
        "signups": _("Your sign-ups that are kept for some days"),
        "deliveries": _("Mails to you"),
        "attempts": _("Mails that did not arrive at once, and what your mail server said"),
        "bounces": _("Mails to you that came back"),
        "events": _("What happened"),
        "moves": _("Changes of your address"),
        "reasons": _("Why you left, in your words"),
        "suppression": _("Why no mail may go to you"),
    }
    return pages.text_of(
        "data_file",
        spoken,
        title=_("Your data"),
        address=data.address,
        day=spoken.date_of(data.made_at.date()),
        parts=[(heading, _rows(plain[name])) for name, heading in headings.items()],
    )


def _rows(value: Any) -> Sequence[Mapping[str, object]]:
    """Return the rows of a part, without their empty values; none where the part is empty."""
    rows = value if isinstance(value, list) else [value] if value else []
    return [{name: cell for name, cell in row.items() if cell not in (None, "", [], {})} for row in rows]
