"""
A reader sees what is held about them: a code goes to their address, and opens the file once.

The link of a mail alone shows nothing, since mails are passed on.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from digest import log
from digest.audience import signup as rules
from digest.audience.signup import Verdict as Verdict
from digest.compose.render import render
from digest.errors import Conflict, NotFound, TooMany
from digest.languages import best, shipped
from digest.model.event import Actor, EventKind
from digest.model.newsletter import Newsletter
from digest.model.personal import CODES_A_DAY, DataRequest
from digest.model.ports import Envelope
from digest.model.rate import Limit
from digest.model.signup import CODE_DIGITS, CODE_LASTS, CODE_MINUTES, CODE_TRIES, RESEND_AFTER
from digest.model.subscriber import MailingList, Subscriber
from digest.model.tokens import LinkToken, Purpose, code_hash, is_code, sign, verify
from digest.services import events, messages, personal
from digest.services.context import Context, Place
from digest.services.selection import paper_of
from digest.services.system_mails import BATCH, LEASE, again_at, hand_over_each
from digest.services.views.people import PersonalData
from digest.store import data_requests, held, newsletters, subscribers
from digest.store.rates import Counters


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """State of a person's access to their data."""

    address: str
    language: str
    title: str  #: of the newsletters of the list whose mail has the link
    sender: str  #: where the mail comes from
    is_asked: bool  #: a code is on its way, or was mailed
    is_mailed: bool
    is_late: bool  #: the mail could not be handed over yet
    is_barred: bool  #: nothing is ever mailed to the address, and so no code
    tries_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _DueCode:
    """A code to be mailed."""

    number: int  #: of the request
    person: Subscriber
    paper: Newsletter  #: in whose name it is sent
    code: str


def link(ctx: Place, subscription_id: int) -> LinkToken:
    """Return the token of the page where the person of a subscription sees their data."""
    return sign(subscription_id, Purpose.DATA, ctx.settings.secret_keys[0])


def access(ctx: Context, token: str) -> Access:
    """Return the state of the page of a token. Raises NotFound where the token is not ours, or the person is gone."""
    with ctx.db.read() as tx:
        person, mlist = _person(ctx, tx, token)
        row = data_requests.of_person(tx, person.id)
        papers = newsletters.of_list(tx, mlist.id)
        is_asked = row is not None and (row.mail_at is not None or row.code_hash != "")
        return Access(
            address=person.address,
            language=person.language,
            title=", ".join(paper.title for paper in papers) or mlist.title or mlist.name,
            sender=ctx.sender[1],
            is_asked=is_asked,
            is_mailed=row is not None and row.mail_at is None,
            is_late=row is not None and row.mail_at is not None and row.attempts > 0,
            is_barred=subscribers.suppression(tx, person.address_hmac) is not None,
            tries_left=CODE_TRIES - (row.wrong_codes if row else 0),
        )


def ask(ctx: Place, token: str) -> None:
    """
    Have a code mailed; nothing happens while one is on its way.

    Raises:
        NotFound: the token is not ours, or the person is gone.
        Conflict: nothing is ever mailed to the address.
        TooMany: the person has had enough codes for a day.
    """
    now = ctx.clock()
    with ctx.db.begin() as tx:
        person, _ = _person(ctx, tx, token)
        if subscribers.suppression(tx, person.address_hmac) is not None:
            raise Conflict("nothing is ever mailed to this address", code="never_mailed")
        row = data_requests.of_person(tx, person.id) or DataRequest(subscriber_id=person.id, asked_at=now)
        if row.mail_at is not None or (row.mailed_at is not None and now - row.mailed_at < RESEND_AFTER):
            return
        _count(tx, person, now)
        row.asked_at, row.mail_at, row.attempts = now, now, 0
        data_requests.save(tx, row)


def _count(tx: Session, person: Subscriber, now: datetime) -> None:
    limit = Limit(amount=CODES_A_DAY, window=timedelta(days=1))
    if not Counters(tx, now).hit(limit, "data", str(person.id)):
        raise TooMany(str(limit), wait=timedelta(days=1))


def open_file(ctx: Place, token: str, code: str) -> tuple[Verdict, PersonalData | None]:
    """Return what is held about a person, for the code that was mailed; a wrong one counts. Raises NotFound."""
    typed, now = rules.typed_code(code), ctx.clock()
    with ctx.db.begin() as tx:
        person, _ = _person(ctx, tx, token)
        row = data_requests.of_person(tx, person.id)
        if row is None:
            return Verdict.EXPIRED, None
        matches = is_code(typed, row.id, row.code_hash, ctx.settings.secret_keys)
        verdict = rules.judge_code(row.code_until, row.wrong_codes, matches=matches, now=now)
        row.wrong_codes += verdict is Verdict.WRONG
        if verdict is Verdict.RIGHT:
            row.code_hash, row.code_until = "", None  # it works once
            events.record(ctx, tx, EventKind.SUBSCRIBER_EXPORTED, person, actor=Actor.READER)
        data_requests.save(tx, row)
    if verdict is not Verdict.RIGHT:
        return verdict, None
    with ctx.db.read() as tx:
        return verdict, personal.view(ctx, tx, held.of_address(tx, person.address_key, person.address_hmac), person.address)


def _person(ctx: Place, tx: Session, token: str) -> tuple[Subscriber, MailingList]:
    number = verify(token, Purpose.DATA, ctx.settings.secret_keys)
    found = subscribers.subscription_by_id(tx, number) if number is not None else None
    if found is None:
        raise NotFound("person", "of this link", code="no_person")
    _, mlist, person = found
    return person, mlist


# --- the mail --------------------------------------------------------------------------------


def send_due(ctx: Context) -> int:
    """Mail the codes that are due; return how many were accepted."""
    now = ctx.clock()
    with ctx.db.read() as tx:
        if not data_requests.any_due(tx, now=now):
            return 0
    with ctx.db.begin() as tx:
        ready = [made for row in data_requests.due(tx, now=now, limit=BATCH) if (made := _prepare(ctx, tx, row, now))]
    return hand_over_each(
        ctx,
        ready,
        make=partial(_envelope, ctx),
        record=partial(_record, ctx),
        log_unsent=lambda one, said: log.get().warning("data.unsent", request=one.number, error=said),
    )


def tidy(ctx: Place) -> None:
    """Delete old requests."""
    with ctx.db.begin() as tx:
        data_requests.forget_old(tx, now=ctx.clock())


def _prepare(ctx: Context, tx: Session, row: DataRequest, now: datetime) -> _DueCode | None:
    """Make a code and claim the mail; None where it cannot be mailed any more."""
    person = subscribers.by_id(tx, row.subscriber_id)
    papers = newsletters.all_of(tx)
    if not papers or subscribers.suppression(tx, person.address_hmac) is not None:
        row.mail_at = None
        data_requests.save(tx, row)
        return None
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    row.code_hash, row.code_until, row.wrong_codes = (
        code_hash(code, row.id, ctx.settings.secret_keys[0]),
        now + CODE_LASTS,
        0,
    )
    row.mail_at = now + LEASE
    data_requests.save(tx, row)
    own = {mlist.id for _, mlist in subscribers.subscriptions_of(tx, person.id)}
    paper = next((paper for paper in papers if paper.mlist_id in own), papers[0])
    return _DueCode(number=row.id, person=person, paper=paper, code=code)


def _record(ctx: Context, one: _DueCode, is_taken: bool | None) -> None:
    with ctx.db.begin() as tx:
        row = data_requests.get(tx, one.number)
        if row is None:
            return
        if is_taken is None:
            row.mail_at, row.attempts = again_at(row.attempts, ctx.clock()), row.attempts + 1
        else:
            row.mail_at, row.attempts, row.mailed_at = None, 0, ctx.clock()
        data_requests.save(tx, row)


def _envelope(ctx: Context, one: _DueCode) -> Envelope:
    now, person, paper = ctx.clock(), one.person, one.paper
    day = now.astimezone(paper.timetable.zone).date()
    drawn = paper_of(ctx, paper, number=0, day=day, nonce=secrets.token_hex(6), template="data")
    language = best(person.language, shipped()) or paper.language
    rendition = render(replace(drawn, language=language, values={"code": one.code, "minutes": CODE_MINUTES}), ())
    return messages.single(ctx, rendition, address=person.address, now=now, kind="data")
