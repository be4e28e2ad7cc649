"""Bounces: read what came back, show what it did, and take that back where it was wrong."""

import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import parseaddr
from functools import partial
from pathlib import Path

from sqlmodel import Session

from digest import log
from digest.audience.address import parse
from digest.bounces import own
from digest.bounces.read import read
from digest.bounces.report import Kind, Report
from digest.errors import BadAddress, BadInput, FetchError, NothingToDo
from digest.mailbox.location import Account, Token
from digest.mailbox.location import parse as parse_location
from digest.mailbox.opening import open_mailbox
from digest.mailbox.ports import Mailbox, Message
from digest.model.bounce import ORIGINAL, Bounce, Effect, ReturnedMail
from digest.model.event import NOBODY, Actor, EventKind
from digest.model.newsletter import Newsletter
from digest.model.tokens import address_hmac
from digest.services import events, reports
from digest.services.context import Place, sender_domain, trust
from digest.services.reports import HARMING, LEAVING
from digest.services.views.bounces import BounceDetails, BounceLine, ProcessedView, UndoneView
from digest.store import bounces, newsletters

FORWARDED = 10  #: mails of one sender that are forwarded in a day, so that no loop can fill a mailbox
TOGETHER, TOGETHER_BYTES = 32, 4 << 20  #: mails that a transaction stores at most, and their bytes
KEPT = timedelta(days=90)  #: how long the original of a mail is kept


# --- to read a mailbox -----------------------------------------------------------------------


def process(ctx: Place, locations: Sequence[str] = ()) -> ProcessedView:
    """
    Read the mails of mailboxes, files or folders, else of the mailbox that is set; each mail is counted once, however often it is read.

    Raises:
        BadInput: no mailbox is set, or one is not there; nothing was read.
        FetchError: one cannot be read; what was read before is stored.
    """
    if not locations and not ctx.settings.bounce_mailbox:
        raise BadInput("no mailbox of mails that come back is set", code="no_mailbox")
    chosen = [(text, Path()) for text in locations] or [(ctx.settings.bounce_mailbox, ctx.settings.home)]
    where = [_located(text, home) for text, home in chosen]
    ctx = replace(ctx, actor=Actor.MAILBOX, person=NOBODY)  # whoever has it read
    counts: Counter[str] = Counter()
    for one in where:
        tls, unclear = partial(trust, ctx.settings), ctx.settings.data_path / "unclear-mails"
        with closing(open_mailbox(one, tls=tls, unclear=unclear, token=_token(ctx))) as mailbox:
            _process(ctx, mailbox, counts)
    return ProcessedView.model_validate({name: counts[name] for name in ProcessedView.model_fields})


def arrivals(ctx: Place, *, until: Callable[[], bool]) -> Iterator[None]:
    """
    Yield when there may be new mail in the mailbox that is set, at first once it is watched, until `until` is true.

    Nothing is yielded where no mailbox is set, or it does not say when mail comes.

    Raises:
        BadInput: the location of the mailbox is none.
        FetchError: its server cannot be reached, or has closed the connection.
    """
    where = _located(ctx.settings.bounce_mailbox, ctx.settings.home) if ctx.settings.bounce_mailbox else Path()
    if isinstance(where, Account) and where.scheme.startswith("imap"):
        from digest.mailbox.watch import changes  # most places have a folder, or none

        yield from changes(where, tls=partial(trust, ctx.settings), token=_token(ctx), until=until)


def _located(text: str, home: Path) -> Account | Path:
    try:
        where = parse_location(text, home=home)
    except BadInput as problem:
        raise BadInput(f"the mailbox {problem}") from problem
    if isinstance(where, Path) and not where.exists():
        raise BadInput(f"{where} is not there; name a Maildir, an mbox, a folder of .eml files or a file")
    return where


def _token(ctx: Place) -> Token | None:
    """Return what makes access tokens for a mailbox whose location has no password."""
    if not ctx.settings.bounce_token_command:
        return None
    from digest.smtp.oauth import Command

    command = Command(ctx.settings.bounce_token_command)
    return lambda: command.fetch()[0]


def _process(ctx: Place, mailbox: Mailbox, counts: Counter[str]) -> None:
    for group in _groups(mailbox.messages()):
        kinds = _take_in(ctx, [message.raw for message in group], counts)
        for message, kind in zip(group, kinds, strict=True):
            mailbox.put_away(message, understood=kind != Kind.NONE)


def _groups(messages: Iterator[Message]) -> Iterator[Sequence[Message]]:
    """Yield mails that are stored together: syncing a transaction to disk takes longer than reading the mails in it."""
    group: list[Message] = []
    lost: FetchError | None = None
    try:
        for message in messages:
            group.append(message)
            if len(group) == TOGETHER or sum(len(one.raw) for one in group) > TOGETHER_BYTES:
                yield group
                group = []
    except FetchError as problem:
        lost = problem
    if group:  # what was read before the mailbox was lost, too
        yield group
    if lost is not None:
        raise lost


def _take_in(ctx: Place, mails: Sequence[bytes], counts: Counter[str]) -> Sequence[str]:
    """Store what mails say, in one transaction, and return their kinds; a mail that is known changes nothing."""
    read_ones = [_as_read(ctx, raw) for raw in mails]
    with ctx.db.begin() as tx:
        stored = [(one.kind, _store(ctx, tx, one)) for one in read_ones if not bounces.is_known(tx, one.digest)]
    counts["mails"] += len(mails)
    counts["known"] += len(mails) - len(stored)
    for kind, effects in stored:
        counts[_COUNTED[kind]] += 1
        for effect in effects:
            counts[_COUNTED_EFFECTS.get(effect, "")] += 1
        log.get().info("bounce.read", kind=kind, effects=", ".join(sorted(set(effects))))
    return [one.kind for one in read_ones]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A mail, as it was read."""

    raw: bytes
    digest: str
    report: Report
    found: own.Own
    kind: str


def _as_read(ctx: Place, raw: bytes) -> _Read:
    report = read(raw)
    found = own.find(report, keys=ctx.settings.secret_keys, domain=sender_domain(ctx.settings))
    kind = LEAVING if found.leaving and report.kind is not Kind.BOUNCE else report.kind.value
    return _Read(raw=raw, digest=hashlib.sha256(raw).hexdigest(), report=report, found=found, kind=kind)


def _store(ctx: Place, tx: Session, one: _Read) -> Sequence[Effect]:
    """Store a mail with what it says, and return what that did to readers."""
    report = one.report
    mail = ReturnedMail(digest=one.digest, at=ctx.clock(), kind=one.kind, original=zlib.compress(one.raw[:ORIGINAL]))
    if report.kind not in (Kind.BOUNCE, Kind.COMPLAINT):
        mail.sender_hmac = _sender_hmac(ctx, report.sender)
    if one.kind == Kind.NONE and _goes_on(ctx, tx, report, mail):
        mail.forward_at = mail.at
    bounces.add_mail(tx, mail)
    if one.kind == LEAVING:
        for number in one.found.leaving:  # whoever sent it (RFC 2369)
            reports.leave(ctx, tx, number, actor=Actor.READER)
    elif report.kind in (Kind.BOUNCE, Kind.COMPLAINT):
        return [reports.apply(ctx, tx, mail, blamed) for blamed in reports.blamed(ctx, tx, report, one.found)]
    return []


_COUNTED = {
    Kind.BOUNCE.value: "bounces",
    Kind.COMPLAINT.value: "complaints",
    Kind.AUTO_REPLY.value: "auto_replies",
    Kind.NONE.value: "others",
    LEAVING: "requests",
}
_COUNTED_EFFECTS = {
    Effect.SUPPRESSED: "suppressed",
    Effect.UNSUBSCRIBED: "unsubscribed",
    Effect.LEFT: "unsubscribed",
    Effect.HELD: "held_back",
}


def _sender_hmac(ctx: Place, sender: str) -> str:
    try:
        return address_hmac(parse(sender).key, ctx.settings.pepper)
    except BadAddress:
        return ""


def _goes_on(ctx: Place, tx: Session, report: Report, mail: ReturnedMail) -> bool:
    """Return whether a mail is forwarded to the editor: a person wrote it, who is not ourselves, and not too often."""
    own_addresses = (ctx.settings.replies_to, ctx.settings.bounce_address, parseaddr(ctx.settings.sender)[1])
    is_other = report.sender.lower() not in [address.lower() for address in own_addresses]
    if not (ctx.settings.replies_to and report.is_personal and is_other and mail.sender_hmac):
        return False
    return bounces.count_forwarded(tx, mail.sender_hmac, since=mail.at - timedelta(days=1)) < FORWARDED


# --- to look at, and to take back ------------------------------------------------------------


def listed(ctx: Place, *, verdict: str = "", before: int | None = None, limit: int | None = None) -> Sequence[BounceLine]:
    """Return reports, newest first; of one verdict, with a number below `before`."""
    with ctx.db.read() as tx:
        papers = {paper.id: paper for paper in newsletters.all_of(tx)}
        found = bounces.listed(tx, verdict=verdict, before=before, limit=limit)
    return [_line(bounce, papers.get(bounce.newsletter_id or 0)) for bounce in found]


def show(ctx: Place, number: int) -> BounceDetails:
    """Return a report, with how it came. Raises NotFound."""
    with ctx.db.read() as tx:
        bounce = bounces.get(tx, number)
        via = bounces.mail(tx, bounce.mail_id).via
        paper = newsletters.by_id(tx, bounce.newsletter_id) if bounce.newsletter_id else None
    return BounceDetails.of(_line(bounce, paper), via=via)


def original(ctx: Place, number: int) -> bytes:
    """Return the mail behind a report, as far as it is kept. Raises NotFound, or NothingToDo where it was forgotten."""
    with ctx.db.read() as tx:
        mail = bounces.mail(tx, bounces.get(tx, number).mail_id)
    if not mail.original:
        raise NothingToDo(f"the mail of report {number} is not kept any more")
    return zlib.decompress(mail.original)


def undo(ctx: Place, number: int) -> UndoneView:
    """Take back the effect of a report: the address may be mailed again, and a subscription that it ended goes on. Raises NotFound, NothingToDo."""
    with ctx.db.begin() as tx:
        bounce = bounces.get(tx, number)
        if bounce.effect not in HARMING:
            raise NothingToDo(f"report {number} has no effect that could be taken back: {bounce.effect}")
        undone = reports.take_back(ctx, tx, bounce)
        bounce.effect = Effect.UNDONE
        bounces.save(tx, bounce)
        events.record(ctx, tx, EventKind.BOUNCE_UNDONE, bounce, delivery=bounce.delivery_id)
    return undone


def forget_originals(ctx: Place) -> None:
    """Erase the originals of mails that are older than KEPT, a batch a transaction."""
    more = True
    while more:
        with ctx.db.begin() as tx:
            more = bounces.forget_originals(tx, before=ctx.clock() - KEPT)


def _line(bounce: Bounce, paper: Newsletter | None) -> BounceLine:
    return BounceLine.of(bounce, newsletter=paper.name if paper else None, timezone=paper.zone if paper else None)
