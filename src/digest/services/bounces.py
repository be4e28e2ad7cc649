"""Bounces: read what came back, decide what it does to its reader, and take that back where it was wrong."""

import hashlib
import zlib
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import partial
from pathlib import Path

from sqlmodel import Session

from digest import log
from digest.audience.address import parse
from digest.bounces import own, policy
from digest.bounces.read import read
from digest.bounces.report import Kind, Reason, Recipient, Report, Verdict
from digest.errors import BadAddress, BadInput, NothingToDo
from digest.mailbox.location import Account, Token
from digest.mailbox.location import parse as parse_location
from digest.mailbox.opening import open_mailbox
from digest.mailbox.ports import Mailbox
from digest.model.bounce import ORIGINAL, Bounce, Effect, Proof, ReturnedMail
from digest.model.delivery import Delivery
from digest.model.event import Actor, EventKind
from digest.model.newsletter import Newsletter
from digest.model.states import SubscriptionState
from digest.model.subscriber import Suppression
from digest.model.tokens import address_hmac
from digest.services import events
from digest.services.context import Place, sender_domain, trust
from digest.services.views.bounces import BounceLine, ProcessedView, UndoneView
from digest.store import bounces, deliveries, issues, newsletters, subscribers
from digest.store import events as event_store

FORWARDED = 10  #: mails of one sender that are forwarded in a day, so that no loop can fill a mailbox
KEPT = timedelta(days=90)  #: how long the original of a mail is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class _Blamed:
    """A recipient of a report, and what of ours it is about."""

    recipient: Recipient
    address: str
    address_hmac: str
    proof: Proof
    delivery: Delivery | None = None
    subscription_id: int | None = None  #: that a complaint ends


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
    counts: Counter[str] = Counter()
    for one in where:
        tls, unclear = partial(trust, ctx.settings), ctx.settings.data_path / "unclear-mails"
        with closing(open_mailbox(one, tls=tls, unclear=unclear, token=_token(ctx))) as mailbox:
            _process(ctx, mailbox, counts)
    return ProcessedView.model_validate({name: counts[name] for name in ProcessedView.model_fields})


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
    for letter in mailbox.letters():
        kind = _take_in(ctx, letter.raw, counts)
        mailbox.put_away(letter.key, understood=kind != Kind.NONE)


def _take_in(ctx: Place, raw: bytes, counts: Counter[str]) -> str:
    """Store what a mail says, in one transaction, and return its kind; a mail that is known changes nothing."""
    report = read(raw)
    found = own.find(report, keys=ctx.settings.secret_keys, domain=sender_domain(ctx.settings))
    kind = LEAVING if found.leaving and report.kind is not Kind.BOUNCE else report.kind.value
    counts["mails"] += 1
    digest = hashlib.sha256(raw).hexdigest()
    with ctx.db.begin() as tx:
        if bounces.is_known(tx, digest):
            counts["known"] += 1
            return kind
        mail = ReturnedMail(digest=digest, at=ctx.clock(), kind=kind, original=zlib.compress(raw[:ORIGINAL]))
        if report.kind not in (Kind.BOUNCE, Kind.COMPLAINT):
            mail.sender_hmac = _sender_hmac(ctx, report.sender)
        if kind == Kind.NONE and _goes_on(ctx, tx, report, mail):
            mail.forward_at = mail.at
        bounces.add_mail(tx, mail)
        effects = []
        if kind == LEAVING:
            _leave(ctx, tx, found)
        elif report.kind in (Kind.BOUNCE, Kind.COMPLAINT):
            effects = [_apply(ctx, tx, mail, blamed) for blamed in _blamed(ctx, tx, report, found)]
    counts[_COUNTED[kind]] += 1
    for effect in effects:
        counts[_COUNTED_EFFECTS.get(effect, "")] += 1
    log.get().info("bounce.read", kind=kind, effects=", ".join(sorted(set(effects))))
    return kind


#: A mail that a reader, or their mail program, writes to the signed address of List-Unsubscribe.
LEAVING = "unsubscribe"
_COUNTED = {
    Kind.BOUNCE.value: "bounces",
    Kind.COMPLAINT.value: "complaints",
    Kind.AUTO_REPLY.value: "auto_replies",
    Kind.NONE.value: "others",
    LEAVING: "requests",
}
_COUNTED_EFFECTS = {Effect.SUPPRESSED: "suppressed", Effect.UNSUBSCRIBED: "unsubscribed", Effect.HELD: "held_back"}


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


def _leave(ctx: Place, tx: Session, found: own.Own) -> None:
    """End the subscriptions whose signed address to unsubscribe a mail was sent to (RFC 2369); whoever sent it."""
    for number in found.leaving:
        known = subscribers.subscription_by_id(tx, number)
        if known and subscribers.leave(tx, known[0], at=ctx.clock()):
            tie, mlist, person = known
            events.record(ctx, tx, EventKind.UNSUBSCRIBED, tie, actor=Actor.READER, subscriber=person.id, list=mlist.name)


def _blamed(ctx: Place, tx: Session, report: Report, found: own.Own) -> Sequence[_Blamed]:
    """Return whom a report blames: the reader that a signature of ours in it names, else the recipients that it names."""
    for number in found.deliveries:
        if delivery := deliveries.find(tx, number):
            return [_signed(report, delivery.address, delivery.address_hmac, delivery.subscription_id, delivery)]
    # Whoever has a reader's link may unsubscribe them: enough for a complaint, and too little for a bounce.
    for number in found.subscriptions if report.kind is Kind.COMPLAINT else ():
        if known := subscribers.subscription_by_id(tx, number):
            tie, _, person = known
            return [_signed(report, person.address, person.address_hmac, tie.id)]
    named = [delivery for number in found.named if (delivery := deliveries.find(tx, number))]
    return [blamed for recipient in report.recipients if (blamed := _unsigned(ctx, recipient, named))]


def _signed(report: Report, address: str, hmac: str, subscription_id: int, delivery: Delivery | None = None) -> _Blamed:
    """Return the reader whom a signature names; what is said of them is said under their address, else under the one they forward to."""
    key = address.lower()
    mine = [r for r in report.recipients if key in (r.address.lower(), r.original.lower())]
    nobody = Recipient(address=address, reason=Reason.SPAM, sentence="a complaint that names nobody")
    return _Blamed(
        recipient=next(iter(mine or report.recipients), nobody),
        address=address,
        address_hmac=hmac,
        proof=Proof.SIGNED,
        delivery=delivery,
        subscription_id=subscription_id,
    )


def _unsigned(ctx: Place, recipient: Recipient, named: Sequence[Delivery]) -> _Blamed | None:
    """Return whom a report without a signature blames; None where the address cannot be one of a reader."""
    try:
        address = parse(recipient.original or recipient.address)
    except BadAddress:
        return None
    hmac = address_hmac(address.key, ctx.settings.pepper)
    delivery = next((d for d in named if d.address_hmac == hmac), None)
    proof = Proof.NAMED if delivery else Proof.NONE
    return _Blamed(recipient=recipient, address=address.text, address_hmac=hmac, proof=proof, delivery=delivery)


# --- what it does to the reader --------------------------------------------------------------


def _apply(ctx: Place, tx: Session, mail: ReturnedMail, blamed: _Blamed) -> Effect:
    recipient, delivery = blamed.recipient, blamed.delivery
    bounce = Bounce(
        mail_id=mail.id,
        at=mail.at,
        address=blamed.address,
        address_hmac=blamed.address_hmac,
        domain=blamed.address.rpartition("@")[2].lower(),
        verdict=recipient.verdict.value,
        reason=recipient.reason.value,
        status=recipient.status,
        reply=recipient.reply,
        action=recipient.action,
        sentence=recipient.sentence,
        proof=blamed.proof,
        effect=_decided(tx, blamed, now=mail.at),
        delivery_id=delivery.id if delivery else None,
        issue_id=delivery.issue_id if delivery else None,
        newsletter_id=delivery.newsletter_id if delivery else None,
    )
    bounces.add(tx, bounce)
    if delivery is not None and blamed.proof is Proof.SIGNED and bounce.effect is not Effect.REPEATED:
        _tell_ledger(ctx, tx, delivery, bounce)
    if bounce.effect is Effect.SUPPRESSED and _too_many(ctx, tx, bounce):
        bounce.effect = Effect.HELD
    if bounce.effect in (Effect.SUPPRESSED, Effect.UNSUBSCRIBED):
        _suppress(ctx, tx, bounce, blamed)
    bounces.save(tx, bounce)
    return bounce.effect


def _decided(tx: Session, blamed: _Blamed, *, now: datetime) -> Effect:
    earlier = [
        policy.Earlier(
            at=b.at,
            verdict=Verdict(b.verdict),
            reason=Reason(b.reason),
            proof=b.proof,
            delivery_id=b.delivery_id,
            is_undone=b.effect is Effect.UNDONE,
        )
        for b in bounces.of_address(tx, blamed.address_hmac)
    ]
    delivery_id = blamed.delivery.id if blamed.delivery else None
    r = blamed.recipient
    return policy.effect(r.verdict, r.reason, proof=blamed.proof, delivery_id=delivery_id, earlier=earlier, now=now)


def _tell_ledger(ctx: Place, tx: Session, delivery: Delivery, bounce: Bounce) -> None:
    """Move the delivery to `bounced`, and tell the admins once an issue where the sender was refused."""
    if bounce.verdict in (Verdict.HARD, Verdict.SOFT, Verdict.BLOCKED):
        reply = bounce.sentence or f"{bounce.reply} {bounce.status}".strip()
        if bounces.bounce_delivery(tx, delivery.id, reason=f"came back: {bounce.reason}", reply=reply):
            event_store.add_bounced(tx, [delivery.id], at=bounce.at, actor=Actor.MAILBOX)
    if bounce.verdict == Verdict.BLOCKED and not bounces.is_recorded(tx, EventKind.ISSUE_REFUSED, delivery.issue_id):
        reason = f"mail to {bounce.domain} came back ({bounce.reason}): {bounce.sentence}"
        events.record_issue(ctx, tx, issues.get(tx, delivery.issue_id), EventKind.ISSUE_REFUSED, tell=True, reason=reason)


def _too_many(ctx: Place, tx: Session, bounce: Bounce) -> bool:
    """
    Return whether so many mails of the issue, or of it to the domain, came back that readers are not to be blamed.

    The first time the readers who were suppressed for it before are taken back, and the admins are told.
    """
    if bounce.issue_id is None:
        return False
    for domain in ("", bounce.domain):
        hard = bounces.count_of_issue(tx, bounce.issue_id, verdict=Verdict.HARD, domain=domain)
        if hard < policy.MANY:
            continue
        of = bounces.handed_over(tx, bounce.issue_id, domain=domain)
        if policy.is_alarming(hard, of, domain=bool(domain)):
            _alarm(
                ctx,
                tx,
                bounce.issue_id,
                domain,
                f"{hard} of {of} mails {f'to {domain} ' if domain else ''}came back as undeliverable",
            )
            return True
    return False


def _alarm(ctx: Place, tx: Session, issue_id: int, domain: str, reason: str) -> None:
    for earlier in bounces.of_issue(tx, issue_id, effect=Effect.SUPPRESSED, domain=domain):
        _take_back(ctx, tx, earlier)
        earlier.effect = Effect.HELD
        bounces.save(tx, earlier)
    if not bounces.is_recorded(tx, EventKind.ISSUE_BOUNCING, issue_id):
        said = f"{reason}; nobody was suppressed for it"
        events.record_issue(ctx, tx, issues.get(tx, issue_id), EventKind.ISSUE_BOUNCING, tell=True, reason=said)


def _suppress(ctx: Place, tx: Session, bounce: Bounce, blamed: _Blamed) -> None:
    """Suppress the address; after a complaint, end the subscription too. What was so before stays when the report is undone."""
    found = subscribers.subscription_by_id(tx, blamed.subscription_id) if blamed.subscription_id else None
    word = "complained" if bounce.effect is Effect.UNSUBSCRIBED else "came back"
    reason = f"{word}: {bounce.sentence or bounce.reason}"[:300]
    entry = Suppression(address_hmac=bounce.address_hmac, address=bounce.address, reason=reason, made_at=bounce.at)
    if subscribers.suppress(tx, entry):
        facts = {"subscriber": found[2].id if found else None, "delivery": bounce.delivery_id, "reason": reason}
        events.record(ctx, tx, EventKind.SUPPRESSED, entry, tell=False, actor=Actor.MAILBOX, **facts)
    elif bounce.effect is Effect.SUPPRESSED:
        bounce.effect = Effect.NOTHING
    if found is None or bounce.effect is not Effect.UNSUBSCRIBED:
        return
    tie, mlist, person = found
    if subscribers.leave(tx, tie, at=bounce.at):
        bounce.subscription_id = tie.id
        events.record(ctx, tx, EventKind.UNSUBSCRIBED, tie, actor=Actor.MAILBOX, subscriber=person.id, list=mlist.name)


# --- to look at, and to take back ------------------------------------------------------------


def listed(ctx: Place, *, verdict: str = "", before: int | None = None, limit: int | None = None) -> Sequence[BounceLine]:
    """Return reports, newest first; of one verdict, with a number below `before`."""
    with ctx.db.read() as tx:
        papers = {paper.id: paper for paper in newsletters.all_of(tx)}
        found = bounces.listed(tx, verdict=verdict, before=before, limit=limit)
    return [_line(bounce, papers.get(bounce.newsletter_id or 0)) for bounce in found]


def show(ctx: Place, number: int) -> BounceLine:
    """Return a report. Raises NotFound."""
    with ctx.db.read() as tx:
        bounce = bounces.get(tx, number)
        paper = newsletters.by_id(tx, bounce.newsletter_id) if bounce.newsletter_id else None
    return _line(bounce, paper)


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
        if bounce.effect not in (Effect.SUPPRESSED, Effect.UNSUBSCRIBED):
            raise NothingToDo(f"report {number} has no effect that could be taken back: {bounce.effect}")
        undone = _take_back(ctx, tx, bounce)
        bounce.effect = Effect.UNDONE
        bounces.save(tx, bounce)
        events.record(ctx, tx, EventKind.BOUNCE_UNDONE, bounce, delivery=bounce.delivery_id)
    return undone


def _take_back(ctx: Place, tx: Session, bounce: Bounce) -> UndoneView:
    now = bounce.undone_at = ctx.clock()
    entry = subscribers.suppression(tx, bounce.address_hmac)
    mailed = entry is not None and entry.made_at == bounce.at  # what another report or an admin suppressed stays so
    if entry is not None and mailed:
        subscribers.unsuppress(tx, bounce.address_hmac)
        events.record(ctx, tx, EventKind.UNSUPPRESSED, entry)
    found = subscribers.subscription_by_id(tx, bounce.subscription_id) if bounce.subscription_id else None
    again = False
    if found and found[0].state is SubscriptionState.UNSUBSCRIBED:
        tie, mlist, _ = found
        subscribers.reinstate(tx, tie, at=now, why=f"an admin took back what report {bounce.id} did")
        events.record(ctx, tx, EventKind.RESUBSCRIBED, tie, subscriber=tie.subscriber_id, list=mlist.name)
        again = True
    return UndoneView(address=bounce.address, mailed_again=mailed, subscribed_again=again)


def forget_originals(ctx: Place) -> None:
    """Erase the originals of mails that are older than KEPT, a batch a transaction."""
    more = True
    while more:
        with ctx.db.begin() as tx:
            more = bounces.forget_originals(tx, before=ctx.clock() - KEPT)


def _line(bounce: Bounce, paper: Newsletter | None) -> BounceLine:
    return BounceLine.of(bounce, newsletter=paper.name if paper else None, timezone=paper.zone if paper else None)
