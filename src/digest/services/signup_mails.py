"""
The mails of sign-ups: a confirmation with code and link, one reminder, the welcome.

They are outside the ledger and sent at least once: a process that dies after it has handed a mail over and before
that is recorded leaves it to be mailed again, with a new code. What is known about an address is looked at here,
not while its visitor waits for an answer.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlmodel import Session

from digest import log
from digest.compose.render import render
from digest.languages import best, shipped
from digest.model.delivery import Links
from digest.model.newsletter import Newsletter
from digest.model.ports import Envelope
from digest.model.signup import CODE_DIGITS, CODE_LASTS, CODE_MINUTES, LINK_DAYS, LINK_LASTS, How, Letter, SignUp
from digest.model.states import ListAccess
from digest.model.tokens import Purpose, code_hash, sign
from digest.services import joining, limiting, messages
from digest.services.context import Context
from digest.services.selection import paper_of
from digest.services.signup import next_issue
from digest.services.system_mails import BATCH, LEASE, again_at, hand_over_each
from digest.store import newsletters, rates, signups, subscribers
from digest.store.rates import Counters


@dataclass(frozen=True, slots=True, kw_only=True)
class _DueMail:
    """A mail to be made and handed over."""

    signup: SignUp
    letter: Letter
    papers: tuple[Newsletter, ...]
    code: str = ""


def send_due(ctx: Context) -> int:
    """Send the mails that sign-ups wait for; return how many were accepted."""
    now = ctx.clock()
    with ctx.db.read() as tx:
        if not signups.any_due(tx, now=now):
            return 0
    with ctx.db.begin() as tx:
        ready = [made for row in signups.due(tx, now=now, limit=BATCH) if (made := _prepare(ctx, tx, row, now))]
    return hand_over_each(
        ctx,
        ready,
        make=partial(_envelope, ctx),
        record=partial(_record_outcome, ctx),
        log_unsent=lambda one, said: log.get().warning("signup.unsent", signup=one.signup.id, error=said),
    )


def tidy(ctx: Context) -> None:
    """Schedule reminders of unconfirmed sign-ups, and delete expired ones."""
    now = ctx.clock()
    with ctx.db.begin() as tx:
        signups.remind(tx, now=now, limit=BATCH)
        expired = signups.forget_expired(tx, now=now)
        rates.forget_past(tx, now)
    if expired:
        log.get().info("signup.expired", signups=expired)


# --- before ----------------------------------------------------------------------------------


def _prepare(ctx: Context, tx: Session, row: SignUp, now: datetime) -> _DueMail | None:
    """Decide which mail a sign-up gets now, and claim it; None where it gets none."""
    letter = _decide_letter(ctx, tx, row, now)
    if letter is None:
        _skip(row, now)
        tx.add(row)
        return None
    code = ""
    if letter is Letter.CONFIRM:
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        row.code_hash = code_hash(code, row.id, ctx.settings.secret_keys[0])
        row.code_until, row.wrong_codes = now + CODE_LASTS, 0
    if letter is not Letter.WELCOME and not row.attempts:
        row.expires_at = now + LINK_LASTS
    row.letter, row.letter_at = letter, now + LEASE
    tx.add(row)
    papers = tuple(newsletters.of_list(tx, row.mlist_id))
    return _DueMail(signup=row, letter=letter, papers=papers, code=code) if papers else None


def _skip(row: SignUp, now: datetime) -> None:
    """Mark a sign-up as mailed, with a code that nobody has, so that its waiting page looks like any other."""
    if row.letter is Letter.CONFIRM:
        row.code_hash, row.code_until, row.wrong_codes = "", now + CODE_LASTS, 0
        row.mails, row.mailed_at = row.mails + 1, now
    row.letter, row.letter_at, row.attempts = None, None, 0


def _decide_letter(ctx: Context, tx: Session, row: SignUp, now: datetime) -> Letter | None:
    """Return the kind of mail that fits the present state of the address; join a list that needs no confirmation."""
    mlist = subscribers.list_by_id(tx, row.mlist_id)
    if subscribers.bars(tx, row.address_hmac) or mlist.access is ListAccess.CLOSED:
        return None
    if row.letter is Letter.WELCOME:
        return row.letter
    if row.confirmed_at is not None:
        return None
    if mlist.access is ListAccess.SINGLE and not joining.has_left(tx, row):
        joining.join(ctx, tx, row, mlist, how=How.SINGLE)
        log.get().info("subscription.confirmed", subscription=row.subscription_id, list=mlist.name, how=str(How.SINGLE))
        return row.letter
    if row.letter is Letter.REMINDER and row.attempts == 0 and not limiting.may_mail(ctx, Counters(tx, now), row.address_hmac):
        return None
    return row.letter


# --- the mail --------------------------------------------------------------------------------


def _envelope(ctx: Context, ready: _DueMail) -> Envelope:
    row, now = ready.signup, ctx.clock()
    paper, slot = next_issue(ready.papers, now)
    assert paper is not None
    zone = paper.timetable.zone
    is_welcome = ready.letter is Letter.WELCOME
    drawn = paper_of(
        ctx,
        paper,
        number=0,
        day=(slot.due_at if slot else now).astimezone(zone).date(),
        nonce=secrets.token_hex(6),
        template="welcome" if is_welcome else "confirm",
    )
    told = {"address": ctx.sender[1], "is_dated": slot is not None}
    asked = {"code": ready.code, "minutes": CODE_MINUTES, "days": LINK_DAYS}
    title = ", ".join(paper.title for paper in ready.papers)
    language = best(row.language, shipped()) or paper.language
    rendition = render(replace(drawn, title=title, language=language, values=told if is_welcome else asked), ())
    return messages.single(ctx, rendition, address=row.address, now=now, kind=str(ready.letter), links=_links(ctx, row))


def _links(ctx: Context, row: SignUp) -> Links:
    key = ctx.settings.secret_keys[0]
    return Links(
        unsubscribe=f"{ctx.base_url}/u/{sign(row.subscription_id or 0, Purpose.UNSUBSCRIBE, key)}",
        view=ctx.base_url,
        preferences=f"{ctx.base_url}/p/{sign(row.subscription_id or 0, Purpose.PREFERENCES, key)}",
        action=f"{ctx.base_url}/confirm/{sign(row.id, Purpose.CONFIRM, key)}",
    )


# --- after -----------------------------------------------------------------------------------


def _record_outcome(ctx: Context, one: _DueMail, is_taken: bool | None) -> None:
    with ctx.db.begin() as tx:
        row = signups.get(tx, one.signup.id)
        if row is not None and row.letter is one.letter:
            _record(row, one.letter, is_taken=is_taken, now=ctx.clock())
            tx.add(row)


def _record(row: SignUp, letter: Letter, *, is_taken: bool | None, now: datetime) -> None:
    """Record that the mail was accepted (True), refused permanently (False), or is tried again (None)."""
    if is_taken is None:
        row.attempts, row.letter_at = row.attempts + 1, again_at(row.attempts, now)
        return
    row.letter, row.letter_at, row.attempts, row.refused = None, None, 0, not is_taken
    if letter is not Letter.WELCOME and is_taken:
        row.mails, row.mailed_at = row.mails + 1, now
