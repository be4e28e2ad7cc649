"""Webhooks, and the messages that go to them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import func
from sqlmodel import Session, col, delete, select, update

from digest.errors import NotFound
from digest.model.event import Event
from digest.model.webhook import MessageState, Webhook, WebhookMessage
from digest.store.claims import touched

M = WebhookMessage


def add(tx: Session, hook: Webhook) -> Webhook:
    """Store a webhook; it is sent what happens from now on."""
    tx.add(hook)
    tx.flush()
    return hook


def every(tx: Session) -> Sequence[Webhook]:
    """Return all webhooks, oldest first."""
    return tx.exec(select(Webhook).order_by(col(Webhook.id))).all()


def get(tx: Session, number: int) -> Webhook:
    """Return a webhook by number. Raises NotFound."""
    found = tx.get(Webhook, number)
    if found is None:
        raise NotFound("webhook", number)
    return found


def remove(tx: Session, hook: Webhook) -> None:
    """Delete a webhook with its messages."""
    tx.delete(hook)
    tx.flush()


def counts(tx: Session, webhook_id: int) -> Mapping[MessageState, int]:
    """Count the messages of a webhook by state."""
    query = select(M.state, func.count()).where(M.webhook_id == webhook_id).group_by(M.state)
    return {MessageState(state): count for state, count in tx.exec(query).all()}


# --- from events to messages -----------------------------------------------------------------


def newest_event(tx: Session) -> int:
    """Return the number of the newest event; 0 where there is none."""
    return tx.exec(select(func.max(Event.id))).one() or 0


def add_messages(tx: Session, webhook_id: int, event_ids: Sequence[int], *, now: datetime) -> None:
    """Store a message for each event, due at once."""
    tx.add_all(
        M(webhook_id=webhook_id, event_id=number, state=MessageState.WAITING, made_at=now, next_at=now) for number in event_ids
    )
    tx.flush()


# --- sending ---------------------------------------------------------------------------------


def any_due(tx: Session, *, now: datetime) -> bool:
    """Return whether a message is due."""
    return tx.exec(select(M.id).where(_due(now)).limit(1)).first() is not None


def claim(tx: Session, *, now: datetime, until: datetime, limit: int) -> Sequence[tuple[WebhookMessage, Webhook]]:
    """Claim messages that are due, those that wait longest first; nobody else claims them before `until`."""
    query = select(M, Webhook).join(Webhook, col(Webhook.id) == M.webhook_id).where(_due(now), col(Webhook.paused_at).is_(None))
    found = tx.exec(query.order_by(col(M.next_at), col(M.id)).limit(limit)).all()
    took = []
    for message, hook in found:
        mine = update(M).where(col(M.id) == message.id, col(M.tries) == message.tries, _due(now))
        if touched(tx.execute(mine.values(tries=message.tries + 1, next_at=until))) == 1:
            tx.refresh(message)
            took.append((message, hook))
    return took


def record(tx: Session, message: WebhookMessage, **values: object) -> bool:
    """Store what became of a claimed message; False: somebody else claimed it meanwhile, or it waits no more."""
    mine = update(M).where(col(M.id) == message.id, col(M.tries) == message.tries, col(M.state) == MessageState.WAITING)
    return touched(tx.execute(mine.values(**values))) == 1


def _due(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(col(M.next_at).is_not(None), col(M.next_at) <= now)


# --- the log ---------------------------------------------------------------------------------


def messages(
    tx: Session, webhook_id: int, *, state: MessageState | None = None, limit: int | None = None
) -> Sequence[WebhookMessage]:
    """Return the messages of a webhook, newest first; in one state, or in any."""
    query = select(M).where(M.webhook_id == webhook_id).order_by(col(M.id).desc()).limit(limit)
    return tx.exec(query if state is None else query.where(M.state == state)).all()


def replay(tx: Session, webhook_id: int, numbers: Sequence[int], *, now: datetime) -> int:
    """Have messages of a webhook sent again, these, or all that failed; return how many."""
    chosen = col(M.id).in_(numbers) if numbers else col(M.state) == MessageState.FAILED
    again = update(M).where(col(M.webhook_id) == webhook_id, chosen, col(M.state) != MessageState.WAITING)
    fresh = {"state": MessageState.WAITING, "tries": 0, "next_at": now, "status": None, "said": "", "done_at": None}
    return touched(tx.execute(again.values(**fresh)))


def stop(tx: Session, webhook_id: int, *, said: str, at: datetime) -> None:
    """Pause a webhook, and give up its messages that wait."""
    tx.execute(update(Webhook).where(col(Webhook.id) == webhook_id).values(paused_at=at))
    waiting = update(M).where(col(M.webhook_id) == webhook_id, col(M.state) == MessageState.WAITING)
    tx.execute(waiting.values(state=MessageState.FAILED, next_at=None, said=said, done_at=at))


def forget_done(tx: Session, *, now: datetime, kept: timedelta) -> int:
    """Delete the messages that are long done with; return how many."""
    return touched(tx.execute(delete(M).where(col(M.state) != MessageState.WAITING, col(M.done_at) <= now - kept)))
