"""
The ledger's hot path: claims and results as grouped statements that repeat the old state in
their WHERE, so that one process alone gets a row, whichever others are running.

Each moves rows only as `DELIVERY_MOVES` allows; tests/store/test_moves.py tries every pair of states.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, select
from sqlmodel.sql.sqltypes import UTCDateTime

from digest.model.delivery import Attempt, Claimed, Delivery, Result
from digest.model.event import Actor, Event, EventKind
from digest.model.issue import Issue
from digest.model.states import DELIVERY_MOVES, DeliveryState, IssueState, Skip, SubscriptionState
from digest.model.subscriber import Subscriber, Subscription, Suppression
from digest.store import events, versions
from digest.store.engine import is_shared

_D = DeliveryState
_OWNED_STATES = (_D.SENDING, _D.UNSURE)  #: states in which a delivery can have an owner


def claim(tx: Session, issue_id: int, *, owner: str, now: datetime, limit: int) -> tuple[Sequence[Claimed], int]:
    """
    Claim up to `limit` due deliveries of an issue for `owner`.

    Due: queued or deferred, with its time come; rows that were never tried come first. Rows whose
    reader left, pauses or is suppressed become `skipped` in the same transaction, and so do those of
    which every story was withdrawn. Each takes the newest version of the issue. Returns (claimed rows,
    skipped rows).
    """
    connection = tx.connection()
    rows: list[sa.RowMapping] = []
    for state in (_D.QUEUED, _D.DEFERRED):  # two searches: OR would sort all rows of the issue
        if len(rows) < limit:
            asked = {"issue": issue_id, "waits": state, "now": now, "most": limit - len(rows)}
            rows += connection.execute(_PICK_SERVER if is_shared(tx) else _PICK, asked).mappings()
    version = rows[-1]["issue_version"] if rows else 1
    newest = versions.newest(tx, issue_id) if version > 1 else None
    claimed: list[Claimed] = []
    skipped: dict[Skip, list[int]] = {}
    changed: list[dict[str, object]] = []
    for row in rows:
        taken = _claimed(row, now)
        made = newest.of(taken) if newest else taken
        if reason := _skip_reason(row) or (Skip.WITHDRAWN if taken.picks != made.picks and not any(made.picks) else None):
            skipped.setdefault(reason, []).append(row["id"])
            continue
        claimed.append(made)
        if made != taken:
            changed.append({"row": made.delivery_id, "made_from": made.rendition_id, "left": made.picks})
    for reason, ids in skipped.items():
        connection.execute(_SKIP, {"rows": ids, "why": reason.value})
    if claimed:
        numbers = json.dumps([c.delivery_id for c in claimed])
        values = {"rows": numbers, "by": owner, "now": now, "version": version}
        connection.execute(_CLAIM_SERVER if is_shared(tx) else _CLAIM, values)
    if changed:
        connection.execute(_AMEND, changed)
    return claimed, len(rows) - len(claimed)


def _skip_reason(row: sa.RowMapping) -> Skip | None:
    """Return the reason that the reader of a row is not mailed; None if they are."""
    if row["never"]:
        return Skip.SUPPRESSED
    if not row["active"]:
        return Skip.LEFT
    return Skip.PAUSED if row["paused"] else None


def _never() -> sa.ColumnElement[bool]:
    return sa.exists().where(col(Suppression.address_hmac) == Delivery.address_hmac)


def _active() -> sa.ColumnElement[bool]:
    return sa.exists().where(
        col(Subscription.id) == Delivery.subscription_id, col(Subscription.state) == SubscriptionState.ACTIVE
    )


_NOW = sa.bindparam("now", type_=UTCDateTime())


def _paused(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    return sa.exists().where(col(Subscriber.id) == Delivery.subscriber_id, col(Subscriber.paused_until) > now)


def may_be_mailed(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a delivery's reader has not left, does not pause and is not suppressed."""
    return sa.and_(_active(), sa.not_(_never()), sa.not_(_paused(now)))


_TABLE = SQLModel.metadata.tables["delivery"]
_CLAIMED = ("id", "subscription_id", "rendition_id", "address", "name", "key_id", "picks", "dated_at", "tries", "relay")
# Built once: building a statement costs more than running it.
_PICK = (
    sa.select(
        *(_TABLE.c[name] for name in _CLAIMED),
        _never().label("never"),
        _active().label("active"),
        _paused(_NOW).label("paused"),
        sa.select(col(Issue.version)).where(col(Issue.id) == sa.bindparam("issue")).scalar_subquery().label("issue_version"),
    )
    .where(
        _TABLE.c.issue_id == sa.bindparam("issue"),
        _TABLE.c.state == sa.bindparam("waits", type_=_TABLE.c.state.type),
        sa.or_(_TABLE.c.next_at.is_(None), _TABLE.c.next_at <= _NOW),
        # An issue that was held or cancelled hands nothing out, whoever is in the middle of sending it.
        sa.exists().where(col(Issue.id) == sa.bindparam("issue"), col(Issue.state) == IssueState.SENDING),
    )
    .order_by(_TABLE.c.tries, _TABLE.c.id)
    .limit(sa.bindparam("most", type_=sa.Integer()))
)
_PICK_SERVER = _PICK.with_for_update(skip_locked=True, of=_TABLE)
_ROWS = _TABLE.c.id.in_(sa.bindparam("rows", expanding=True))
_WAITING = sa.or_(_TABLE.c.state == _D.QUEUED, _TABLE.c.state == _D.DEFERRED)
_SKIP = sa.update(_TABLE).where(_ROWS, _WAITING).values(state=_D.SKIPPED, next_at=None, reason=sa.bindparam("why"))
#: A row that was just claimed, and whose mail is of another version than it was queued with.
_AMEND = (
    sa.update(_TABLE)
    .where(_TABLE.c.id == sa.bindparam("row"))
    .values(rendition_id=sa.bindparam("made_from"), picks=sa.bindparam("left", type_=_TABLE.c.picks.type))
)
#: The rows as one JSON value: so many parameters would be a text of their own to build for each claim.
_CLAIM_SQL = """
UPDATE delivery SET state = 'sending', owner = :by, next_at = NULL, dated_at = coalesce(dated_at, :now), version = :version
WHERE id IN ({rows}) AND state IN ('queued', 'deferred')
"""


def _in_dialect(sql: str, **spelling: str) -> sa.TextClause:
    """Return a statement in the dialect of one database."""
    return sa.text(sql.format(**spelling)).bindparams(_NOW)


_CLAIM = _in_dialect(_CLAIM_SQL, rows="SELECT value FROM json_each(:rows)")
_CLAIM_SERVER = _in_dialect(_CLAIM_SQL, rows="SELECT CAST(value AS INTEGER) FROM json_array_elements_text(CAST(:rows AS json))")


def _claimed(row: sa.RowMapping, now: datetime) -> Claimed:
    return Claimed(
        delivery_id=row["id"],
        subscription_id=row["subscription_id"],
        rendition_id=row["rendition_id"],
        address=row["address"],
        name=row["name"],
        key_id=row["key_id"],
        picks=row["picks"],
        dated_at=row["dated_at"] or now,
        tries=row["tries"],
        relay=row["relay"],
    )


def record(tx: Session, results: Sequence[Result], *, owner: str) -> int:
    """
    Record the results of an owner's claims, with their attempts, suppressions and events.

    Rows that are no longer the owner's are left alone, and so are rows that others have marked
    `unsure` because they took the owner for dead, unless the result settles them. Returns how many were written.
    """
    sent = [result for result in results if result.state is _D.SENT]
    written = _record_sent(tx, sent, owner) if sent else 0
    others = [result for result in results if result.state is not _D.SENT]
    mine = _still_owned(tx, others, owner)
    others = [result if mine.get(result.delivery_id, ("", "-"))[1] else _without_words(result) for result in others]
    if rest := [result for result in others if result.delivery_id in mine and _allowed(mine[result.delivery_id][0], result)]:
        tx.connection().execute(_NOT_SENT, [_not_sent(result, mine[result.delivery_id][0], owner) for result in rest])
        tx.add_all(_attempt(result, result.at, mine[result.delivery_id][1]) for result in rest if result.attempt and result.at)
        tx.flush()
        blamed = [result for result in rest if result.suppresses or _refused_too_often(tx, result, mine[result.delivery_id][1])]
        _suppress(tx, blamed)
        bounced = {result.delivery_id: result.at for result in rest if result.state is _D.BOUNCED and result.at}
        if bounced:
            events.add_bounced(tx, list(bounced), at=max(bounced.values()), actor=Actor.RELAY)
    return written + len(rest)


def _without_words(result: Result) -> Result:
    """Return the result of a reader who was erased while their mail was in flight: without what the server wrote."""
    reply = replace(result.reply, text="") if result.reply else None
    return replace(result, reply=reply, reason="", suppresses=False, scores=None)


def _allowed(old: DeliveryState, result: Result) -> bool:
    """Return whether a row in this state may get the result; an unsure row may be recorded as unsure again."""
    return result.state in DELIVERY_MOVES[old] or result.state is old


#: A row of this owner, in the state in which it was read.
_OWN = sa.and_(
    _TABLE.c.id == sa.bindparam("row"),
    _TABLE.c.owner == sa.bindparam("by"),
    _TABLE.c.state == sa.bindparam("old_state", type_=_TABLE.c.state.type),
)
_SENT_SQL = """
UPDATE {delivery} SET state = 'sent', reply = CASE delivery.address_hmac WHEN '' THEN '' ELSE told.reply END, relay = told.relay, sent_at = :now, reason = '', owner = NULL
FROM (SELECT {id} AS id, {reply} AS reply, {relay} AS relay FROM {told}) AS told
WHERE delivery.id = told.id AND delivery.owner = :by AND delivery.state IN ('sending', 'unsure')
"""
#: A whole group in one statement: one by one it is five times the work, and on a server as many round trips.
#: Without NOT INDEXED, SQLite seeks the owner's rows for every row that is told: the square of the work.
_SENT = _in_dialect(
    _SENT_SQL,
    delivery="delivery NOT INDEXED",
    told="json_each(:told)",
    **{name: f"json_extract(value, '$[{place}]')" for place, name in enumerate(("id", "reply", "relay"))},
)
_SENT_SERVER = _in_dialect(
    _SENT_SQL,
    delivery="delivery",
    told="json_array_elements(CAST(:told AS json))",
    id="CAST(value ->> 0 AS INTEGER)",
    reply="value ->> 1",
    relay="value ->> 2",
)
_NOT_SENT = (
    sa.update(_TABLE)
    .where(_OWN)
    .values(
        state=sa.bindparam("new_state", type_=_TABLE.c.state.type),
        reply=sa.bindparam("new_reply"),
        reason=sa.bindparam("new_reason"),
        next_at=sa.bindparam("new_next_at", type_=_TABLE.c.next_at.type),
        relay=sa.bindparam("new_relay"),
        tries=_TABLE.c.tries + sa.bindparam("more_tries"),
        owner=sa.bindparam("new_owner"),
    )
)


#: PostgreSQL expects one row of an owner in the whole table, and would scan all of it for each group. What this
#: adds to the cost of other plans would make it compile them.
_BY_NUMBER = sa.text("SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)")


def _record_sent(tx: Session, results: Sequence[Result], owner: str) -> int:
    if is_shared(tx):
        tx.connection().execute(_BY_NUMBER)
    told = json.dumps([(result.delivery_id, str(result.reply or ""), result.relay) for result in results])
    update = _SENT_SERVER if is_shared(tx) else _SENT
    return touched(tx.connection().execute(update, {"told": told, "by": owner, "now": results[0].at}))


def _not_sent(result: Result, old: DeliveryState, owner: str) -> dict[str, object]:
    return {
        "row": result.delivery_id,
        "by": owner,
        "old_state": old,
        "new_state": result.state,
        "new_reply": str(result.reply or ""),
        "new_reason": result.reason,
        "new_next_at": result.next_at,
        "new_relay": result.relay,
        "more_tries": int(result.attempt and result.tried),
        "new_owner": owner if result.stays_owned else None,
    }


def _still_owned(tx: Session, results: Sequence[Result], owner: str) -> Mapping[int, tuple[DeliveryState, str]]:
    """Return the deliveries among these that the owner still holds, each with its state and its address's hash."""
    if not results:
        return {}
    numbers = [result.delivery_id for result in results]
    query = sa.select(_TABLE.c.id, _TABLE.c.state, _TABLE.c.address_hmac).where(
        _TABLE.c.id.in_(numbers), _TABLE.c.owner == owner, _TABLE.c.state.in_(_OWNED_STATES)
    )
    return {number: (state, keyed) for number, state, keyed in tx.execute(query)}


def _attempt(result: Result, at: datetime, address_hmac: str) -> Attempt:
    reply = result.reply
    return Attempt(
        delivery_id=result.delivery_id,
        address_hmac=address_hmac,
        at=at,
        stage=result.stage,
        code=reply.code if reply else None,
        enhanced=reply.enhanced if reply else "",
        text=reply.text if reply else "",
        cause=result.cause,
        relay=result.relay,
        seconds=result.seconds,
    )


def _refused_too_often(tx: Session, result: Result, address_hmac: str) -> bool:
    """Return whether the address was refused for this cause in enough issues to be suppressed."""
    soft = result.scores
    if soft is None or result.at is None:
        return False
    query = sa.select(func.count(sa.distinct(col(Attempt.delivery_id))), func.min(col(Attempt.at))).where(
        col(Attempt.address_hmac) == address_hmac,
        col(Attempt.cause) == result.cause,
        col(Attempt.code).is_not(None),
        col(Attempt.at) >= result.at - soft.within,
    )
    times, first = tx.execute(query).one()
    return times >= soft.times and first is not None and result.at - _aware(first) >= soft.over


def _aware(instant: datetime) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _suppress(tx: Session, results: Sequence[Result]) -> None:
    """Suppress the addresses of these refusals."""
    for result in results:
        row = tx.get_one(Delivery, result.delivery_id, populate_existing=True)
        if result.at and tx.get(Suppression, row.address_hmac) is None:
            reason = f"refused: {result.reply}"[:300]
            tx.add(Suppression(address_hmac=row.address_hmac, address=row.address, reason=reason, made_at=result.at))
            events.add(tx, [_suppressed(row, reason, result.at)])


def _suppressed(row: Delivery, reason: str, at: datetime) -> Event:
    facts = {"subscriber": row.subscriber_id, "delivery": row.id, "reason": reason}
    return Event(at=at, kind=EventKind.SUPPRESSED, actor=Actor.RELAY, noun="suppression", facts=facts)


def goes_out(tx: Session, issue_id: int) -> bool:
    """Return whether the issue's deliveries may be handed over: it is neither held nor cancelled."""
    query = select(Issue.id).where(Issue.id == issue_id, Issue.state == IssueState.SENDING)
    return tx.exec(query).first() is not None


def departed(tx: Session, ids: Sequence[int], *, now: datetime) -> Mapping[int, Skip]:
    """Return those of these deliveries whose readers have left, pause or are suppressed by now, each with the reason."""
    labels = (_never().label("never"), _active().label("active"), _paused(now).label("paused"))
    query = sa.select(_TABLE.c.id, *labels).where(_TABLE.c.id.in_(ids), sa.not_(may_be_mailed(now)))
    return {row["id"]: reason for row in tx.execute(query).mappings() if (reason := _skip_reason(row))}


def owned(tx: Session, owner: str) -> Sequence[int]:
    """Return the deliveries that an owner has claimed and not finished, or that are unsure since it died."""
    query = select(Delivery.id).where(in_unfinished_issue(), Delivery.owner == owner, col(Delivery.state).in_(_OWNED_STATES))
    return [number for number in tx.exec(query) if number is not None]


def in_unfinished_issue() -> sa.ColumnElement[bool]:
    """Return the condition that a delivery's issue may have claimed or unsure rows; searches by owner need it, as owners have no index."""
    unfinished = (IssueState.SENDING, IssueState.HELD, IssueState.CANCELLED)  # an issue is not `sent` while one is in hand
    return col(Delivery.issue_id).in_(sa.select(col(Issue.id)).where(col(Issue.state).in_(unfinished)))


def touched(result: object) -> int:
    """Return the number of rows that a statement changed."""
    return int(result.rowcount) if isinstance(result, sa.CursorResult) else 0
