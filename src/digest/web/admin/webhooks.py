"""The pages of webhooks: where events are sent to, and what became of each message."""

from fastapi.responses import Response

from digest.errors import BadInput, NothingToDo
from digest.model.account import Permission
from digest.model.event import EventKind
from digest.model.webhook import MessageState
from digest.services import webhooks
from digest.services.views.webhooks import WebhookView
from digest.web.admin import rendering, words
from digest.web.admin.gate import redirect
from digest.web.admin.visit import FETCHED_S, Route, Visit

NEEDS = Permission.ACCOUNTS
SHOWN = 50  #: messages of a page
#: Nouns of events by what a person calls them together.
GROUPS = {
    "people": ("subscription", "subscriber", "import", "suppression", "list"),
    "issues": ("issue", "newsletter"),
    "deliveries": ("delivery", "bounce"),
    "sources": ("source", "article"),
    "house": ("account", "api_token", "retention"),
}
TONES = {MessageState.WAITING: "wait", MessageState.DELIVERED: "ok", MessageState.FAILED: "bad"}


def _list(visit: Visit) -> Response:
    return rendering.page(
        visit,
        "webhooks",
        visit.spoken.gettext("Webhooks"),
        webhooks=webhooks.every(visit.ctx),
        states=words.message_states(visit.spoken),
        counted=lambda found, state: getattr(found, state.value),
    )


def _new(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    given = {name: visit.fields.get(name, "")[:500] for name in ("url", *GROUPS)}
    title = visit.spoken.gettext("Send events to a program")
    groups = words.event_groups(visit.spoken)
    return rendering.page(visit, "webhook_new", title, status=status, given=given, groups=groups, problem=problem)


def _add(visit: Visit) -> Response:
    nouns = [noun for group, nouns in GROUPS.items() if group in visit.fields for noun in nouns]
    kinds = [kind for kind in EventKind if kind.value.partition(".")[0] in nouns]
    try:
        made = webhooks.add(visit.ctx, visit.fields.get("url", "").strip(), kinds=kinds)
    except BadInput as problem:
        return _new(visit, problem=words.problem(visit.spoken, problem), status=422)
    return rendering.page(visit, "webhook_secret", visit.spoken.gettext("Give the program this secret"), made=made)


def _show(visit: Visit, *, said: str = "", is_good: bool = False) -> Response:
    found = _webhook(visit)
    return rendering.page(
        visit,
        "webhook",
        found.url,
        found=found,
        messages=webhooks.messages(visit.ctx, found.id, limit=SHOWN),
        states=words.message_states(visit.spoken),
        tones=TONES,
        said=said,
        is_good=is_good,
    )


def _test(visit: Visit) -> Response:
    done = webhooks.test(visit.ctx, visit.number())
    _ = visit.spoken.gettext
    said = (
        _("It took the test message.") if done.taken else _("It did not take the test message: %(why)s") % {"why": done.problem}
    )
    return _show(visit, said=said, is_good=done.taken)


def _replay(visit: Visit) -> Response:
    text = visit.fields.get("message", "")
    chosen = [int(text)] if text.isascii() and text.isdecimal() and len(text) < 10 else []
    try:
        webhooks.replay(visit.ctx, visit.number(), chosen)
    except NothingToDo:
        return _show(visit, said=visit.spoken.gettext("There is nothing to send again."))
    return redirect(f"/admin/webhooks/{visit.number()}")


def _ask_remove(visit: Visit) -> Response:
    return rendering.page(visit, "webhook_remove", visit.spoken.gettext("Remove this webhook?"), found=_webhook(visit))


def _remove(visit: Visit) -> Response:
    webhooks.remove(visit.ctx, visit.number())
    return redirect("/admin/webhooks")


def _webhook(visit: Visit) -> WebhookView:
    return webhooks.show(visit.ctx, visit.number())


ROUTES = (
    Route(method="GET", path="/admin/webhooks", needs=NEEDS, act=_list),
    Route(method="GET", path="/admin/webhooks/new", needs=NEEDS, act=_new, is_fresh=True),
    Route(method="POST", path="/admin/webhooks/new", needs=NEEDS, act=_add, is_fresh=True),
    Route(method="GET", path="/admin/webhooks/{number}", needs=NEEDS, act=_show),
    Route(method="POST", path="/admin/webhooks/{number}/test", needs=NEEDS, act=_test, most_s=FETCHED_S),
    Route(method="POST", path="/admin/webhooks/{number}/replay", needs=NEEDS, act=_replay),
    Route(method="GET", path="/admin/webhooks/{number}/remove", needs=NEEDS, act=_ask_remove),
    Route(method="POST", path="/admin/webhooks/{number}/remove", needs=NEEDS, act=_remove),
)
