"""The page of the audit: who changed what, with the values before and after, when and from where."""

import json
from typing import Any
from urllib.parse import urlencode

from fastapi.responses import Response

from digest.errors import BadInput, NotFound
from digest.model.account import Permission
from digest.services import audit
from digest.services.audit import Search
from digest.services.views.events import EventView
from digest.web.admin import event_words, rendering, words
from digest.web.admin.visit import Route, Visit

_VALUE_MAX = 300  #: characters of a value


def _page(visit: Visit) -> Response:
    given = visit.request.query_params
    search = Search(
        **{name: given.get(name, "").strip()[:100] for name in ("person", "noun", "since", "until")},
        everything="everything" in given,
    )
    problem, status = "", 200
    try:
        found = audit.page(visit.ctx, search, before=_before(visit))
    except BadInput as refused:
        problem, status = words.problem(visit.spoken, refused), 422
        found = audit.page(visit.ctx, Search())
    return rendering.page(
        visit,
        "audit",
        visit.spoken.gettext("Audit"),
        status=status,
        found=found,
        search=search,
        problem=problem,
        query=urlencode([(name, value) for name, value in given.items() if name != "before"]),
        kinds=event_words.kinds(visit.spoken),
        actors=event_words.actors(visit.spoken),
        nouns=event_words.nouns(visit.spoken),
        changes=_changes,
        others=_others,
    )


def _before(visit: Visit) -> int | None:
    text = visit.request.query_params.get("before", "")
    if text and not (text.isascii() and text.isdecimal() and len(text) < 18):
        raise NotFound("page", text, code="no_page")
    return int(text) if text else None


def _changes(event: EventView) -> list[tuple[str, str, str]]:
    """Return what is another since an event: the name, the former and the new value."""
    before, after = event.facts.get("before"), event.facts.get("after")
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    return [(name, _said(before.get(name)), _said(value)) for name, value in after.items()]


def _others(event: EventView) -> list[tuple[str, str]]:
    """Return what else is known of an event."""
    return [
        (name, _said(value))
        for name, value in event.facts.items()
        if name not in ("before", "after") and value not in ("", [], None)
    ]


def _said(value: Any) -> str:
    text = value if isinstance(value, str) else ", ".join(map(str, value)) if isinstance(value, list) else json.dumps(value)
    return text[:_VALUE_MAX] or "–"


ROUTES = (Route(method="GET", path="/admin/audit", needs=Permission.LOOK, act=_page),)
