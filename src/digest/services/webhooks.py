"""
Webhooks: events are sent to addresses of programs, signed (standardwebhooks.com).

A message is stored for each event and webhook, and sent from its row: by whichever process asks what is due, as often as
it takes. A process that is killed loses none; the receiver may get one twice, under the same id.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlmodel import Session

from digest import log
from digest.collect.post import Posted, Posting
from digest.errors import BadInput, NothingToDo
from digest.model.event import Event, EventKind
from digest.model.webhook import GONE, KEPT, LEASE, SECRET_BYTES, MessageState, Webhook, WebhookMessage, is_sent, pause_after
from digest.services import events, passwords
from digest.services.context import Context, Place, web_poster
from digest.services.views.webhooks import WebhookMessageView, WebhookTestView, WebhookView
from digest.store import events as stored
from digest.store import webhooks

PREFIX = "whsec_"
URL_MAX = 500  #: characters
BATCH = 20  #: messages that are sent at once
SPREAD = 1_000  #: events that become messages in one transaction
TEST = "webhook.test"  #: type of a test message
_HIDDEN = {"ip", "told_at"}  #: of an event, that no other program needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A new webhook with its secret, which is shown once."""

    webhook: WebhookView
    secret: str


# --- to add and to look at -------------------------------------------------------------------


def add(ctx: Place, url: str, *, kinds: Collection[EventKind] = (), allow_private: bool = False) -> Added:
    """
    Send events to an address from now on: those of some kinds, or all.

    Raises:
        BadInput: it is no address that messages can go to.
    """
    _check(url, allow_private=allow_private)
    key = secrets.token_bytes(SECRET_BYTES)
    secret = PREFIX + base64.b64encode(key).decode()
    with ctx.db.begin() as tx:
        made = Webhook(
            url=url,
            kinds=[kind.value for kind in EventKind if kind in kinds],
            secret=passwords.sealed(secret, ctx.settings.secret_keys),
            allow_private=allow_private,
            seen=webhooks.newest_event(tx),
            made_at=ctx.clock(),
        )
        webhooks.add(tx, made)
        events.record(ctx, tx, EventKind.WEBHOOK_ADDED, made, host=urlsplit(url).hostname, kinds=made.kinds)
        return Added(webhook=_view(tx, made), secret=secret)


def _check(url: str, *, allow_private: bool) -> None:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError as problem:
        raise BadInput(f"{url} is no address: {problem}", code="webhook_url") from problem
    if not host or len(url) > URL_MAX or not (url.isascii() and url.isprintable()) or " " in url:
        raise BadInput(f"{url} is no https address of at most {URL_MAX} characters", code="webhook_url")
    if parts.username or parts.password or parts.fragment:
        raise BadInput("the address of a webhook has no user, password or fragment", code="webhook_url")
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        raise BadInput(f"{url} is no https address", code="webhook_https")


def every(ctx: Place) -> Sequence[WebhookView]:
    """Return all webhooks, oldest first."""
    with ctx.db.read() as tx:
        return [_view(tx, hook) for hook in webhooks.every(tx)]


def show(ctx: Place, number: int) -> WebhookView:
    """Return a webhook. Raises NotFound."""
    with ctx.db.read() as tx:
        return _view(tx, webhooks.get(tx, number))


def messages(
    ctx: Place, number: int, *, state: MessageState | None = None, limit: int | None = None
) -> Sequence[WebhookMessageView]:
    """Return what was or will be sent to a webhook, newest first. Raises NotFound."""
    with ctx.db.read() as tx:
        found = webhooks.messages(tx, webhooks.get(tx, number).id, state=state, limit=limit)
        kinds = {event.id: event.kind for event in stored.by_ids(tx, [message.event_id for message in found])}
        return [WebhookMessageView.of(message, kind=kinds.get(message.event_id)) for message in found]


def _view(tx: Session, hook: Webhook) -> WebhookView:
    counted = webhooks.counts(tx, hook.id)
    return WebhookView.of(hook, **{state.value: counted.get(state, 0) for state in MessageState})


# --- to change -------------------------------------------------------------------------------


def remove(ctx: Place, number: int) -> str:
    """Send nothing to a webhook any more, and forget what was sent; return its address. Raises NotFound."""
    with ctx.db.begin() as tx:
        found = webhooks.get(tx, number)
        events.record(ctx, tx, EventKind.WEBHOOK_REMOVED, found, host=urlsplit(found.url).hostname)
        webhooks.remove(tx, found)
    return found.url


def replay(ctx: Place, number: int, ids: Sequence[int] = ()) -> int:
    """
    Send messages of a webhook again, these, or all that failed, under the ids that they had; return how many.

    One whose address wanted nothing any more is sent to again.

    Raises:
        NotFound: there is no such webhook.
        NothingToDo: none of them is done with.
    """
    with ctx.db.begin() as tx:
        found = webhooks.get(tx, number)
        count = webhooks.replay(tx, number, ids, now=ctx.clock())
        if not count and found.paused_at is None:
            raise NothingToDo("none of them is done with")
        found.paused_at = None
        events.record(ctx, tx, EventKind.WEBHOOK_CHANGED, found, replayed=count)
    return count


def test(ctx: Context, number: int) -> WebhookTestView:
    """Send a test message to a webhook now, once. Raises NotFound."""
    with ctx.db.read() as tx:
        hook = webhooks.get(tx, number)
    body = _body(TEST, ctx.clock(), {"webhook": number})
    [posted] = web_poster(ctx.settings).post_all([_posting(ctx, hook, f"test_{secrets.token_hex(8)}", body)])
    return WebhookTestView(taken=posted.is_taken, status=posted.status, problem=posted.problem)


# --- sending ---------------------------------------------------------------------------------


def deliver_due(ctx: Context) -> int:
    """
    Store messages for new events, and send those that are due; return how many were taken.

    May be called by any process, at any time. What an address does not take is tried again, for three days.
    """
    _spread(ctx)
    taken = 0
    while claimed := _claimed(ctx):
        taken += _send(ctx, claimed)
    return taken


def _spread(ctx: Context) -> None:
    """Store a message for each new event that a webhook wants."""
    with ctx.db.read() as tx:
        newest = webhooks.newest_event(tx)
        behind = [hook.id for hook in webhooks.every(tx) if hook.seen < newest]
    while behind:
        with ctx.db.begin() as tx:
            behind = [number for number in behind if _spread_some(ctx, tx, number)]


def _spread_some(ctx: Context, tx: Session, number: int) -> bool:
    """Store messages for the next events; True where there are more."""
    hook = webhooks.get(tx, number)
    found = stored.since(tx, hook.seen, limit=SPREAD)
    if hook.paused_at is None:
        wanted = [event.id for event in found if is_sent(event.kind, hook.kinds)]
        webhooks.add_messages(tx, number, wanted, now=ctx.clock())
    hook.seen = found[-1].id if found else hook.seen
    return len(found) == SPREAD


def _claimed(ctx: Context) -> Sequence[tuple[WebhookMessage, Webhook, Event | None]]:
    """Claim messages that are due, with their events as they are now: an erasure may have taken words from one."""
    now = ctx.clock()
    with ctx.db.read() as tx:
        if not webhooks.any_due(tx, now=now):
            return ()
    with ctx.db.begin() as tx:
        found = webhooks.claim(tx, now=now, until=now + LEASE, limit=BATCH)
        happened = {event.id: event for event in stored.by_ids(tx, [message.event_id for message, _ in found])}
    return [(message, hook, happened.get(message.event_id)) for message, hook in found]


def _send(ctx: Context, claimed: Sequence[tuple[WebhookMessage, Webhook, Event | None]]) -> int:
    """Send claimed messages, and store what became of each; return how many were taken. No transaction is open meanwhile."""
    there = [(message, hook, event) for message, hook, event in claimed if event is not None]
    results = web_poster(ctx.settings).post_all([_posting(ctx, hook, f"evt_{e.id}", _body_of(ctx, e)) for _, hook, e in there])
    with ctx.db.begin() as tx:
        for message, hook, event in claimed:
            if event is None:
                _give_up(ctx, tx, message, hook, Posted(status=None, problem="its event is not kept any more"))
        # What was taken first: an address that wants nothing any more ends what waits.
        for (message, hook, _), result in sorted(zip(there, results, strict=True), key=lambda one: not one[1].is_taken):
            _record(ctx, tx, message, hook, result)
    return sum(result.is_taken for result in results)


def _record(ctx: Context, tx: Session, message: WebhookMessage, hook: Webhook, result: Posted) -> None:
    now, pause = ctx.clock(), pause_after(message.tries)
    if result.is_taken:
        webhooks.record(tx, message, state=MessageState.DELIVERED, status=result.status, said="", next_at=None, done_at=now)
        return
    log.get().warning("webhook.unsent", webhook=hook.id, error=result.problem)
    if pause is not None and result.status != GONE:
        webhooks.record(tx, message, status=result.status, said=result.problem, next_at=now + pause)
        return
    _give_up(ctx, tx, message, hook, result)
    if result.status == GONE:
        webhooks.stop(tx, hook.id, said="the address wants nothing any more", at=now)


def _give_up(ctx: Context, tx: Session, message: WebhookMessage, hook: Webhook, result: Posted) -> None:
    values = {"status": result.status, "said": result.problem, "next_at": None, "done_at": ctx.clock()}
    if webhooks.record(tx, message, state=MessageState.FAILED, **values):
        events.record(ctx, tx, EventKind.WEBHOOK_FAILED, hook, event=message.event_id, reason=result.problem)


def forget_done(ctx: Place) -> int:
    """Forget the messages that are long done with; return how many."""
    with ctx.db.begin() as tx:
        return webhooks.forget_done(tx, now=ctx.clock(), kept=KEPT)


# --- the form of a message -------------------------------------------------------------------


def _body_of(ctx: Context, event: Event) -> bytes:
    """Write an event as it is sent: the same whenever it is, but for words that an erasure has taken."""
    with ctx.db.read() as tx:
        [view] = events.views(tx, [event])
    said = view.model_dump(mode="json", exclude=_HIDDEN)
    return _body(event.kind.value, event.at, said)


def _body(kind: str, at: datetime, data: Mapping[str, object]) -> bytes:
    said = {"type": kind, "timestamp": at.isoformat(), "data": data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _posting(ctx: Context, hook: Webhook, message_id: str, body: bytes) -> Posting:
    """Sign a message. Where the secret cannot be opened it is signed with nothing that the receiver knows, and refused there."""
    secret = passwords.opened(hook.secret, ctx.settings.secret_keys)
    sent_at = int(ctx.clock().timestamp())
    headers = (
        ("webhook-id", message_id),
        ("webhook-timestamp", str(sent_at)),
        ("webhook-signature", signature(secret, message_id, sent_at, body)),
    )
    return Posting(url=hook.url, body=body, headers=headers, allow_private=hook.allow_private)


def signature(secret: str, message_id: str, sent_at: int, body: bytes) -> str:
    """Return the signature of a message (HMAC-SHA256, `v1`)."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    made = hmac.new(key, f"{message_id}.{sent_at}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"
