"""
Reports: what a mail that came back, or a mail provider's event, does to the ledger and to its reader, and to take that back.

Each function works within the transaction of its caller, in which the mail or event is stored too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from digest.audience.address import parse
from digest.bounces import own, policy
from digest.bounces import rules as bounce_rules
from digest.bounces.report import Kind, Reason, Recipient, Report, Verdict
from digest.bounces.rules import Rules
from digest.errors import BadAddress
from digest.model.bounce import Bounce, Effect, Proof, ReturnedMail
from digest.model.delivery import Delivery
from digest.model.event import Actor, EventKind
from digest.model.states import SubscriptionState
from digest.model.subscriber import Suppression
from digest.model.tokens import address_hmac
from digest.services import events, pauses
from digest.services.context import Place
from digest.services.views.bounces import UndoneView
from digest.store import bounces, deliveries, issues, newsletters, subscribers
from digest.store import events as event_store

#: Kind of a mail, or of an event, by which a reader unsubscribes.
LEAVING = "unsubscribe"
ENDING = (Effect.UNSUBSCRIBED, Effect.LEFT)  #: effects that end a subscription
HARMING = (Effect.SUPPRESSED, *ENDING)  #: effects that can be taken back


@dataclass(frozen=True, slots=True, kw_only=True)
class Blamed:
    """A recipient of a report, and what of ours it is about."""

    recipient: Recipient
    address: str
    address_hmac: str
    proof: Proof
    delivery: Delivery | None = None
    subscription_id: int | None = None  #: that a complaint ends


# --- whom it blames --------------------------------------------------------------------------


def blamed(ctx: Place, tx: Session, report: Report, found: own.Own, *, vouched: bool = False) -> Sequence[Blamed]:
    """
    Return whom a report blames: the reader that a signature of ours in it names, else the recipients that it names.

    `vouched`: a provider whose signature was checked says so. The Message-ID of a delivery to that address is then as good
    as a signature, and whoever had no such delivery is not blamed at all.
    """
    for number in found.deliveries:
        if delivery := deliveries.find(tx, number):
            return [_signed(report, delivery.address, delivery.address_hmac, delivery.subscription_id, delivery)]
    # Whoever has a reader's link may unsubscribe them: enough for a complaint, and too little for a bounce.
    for number in found.subscriptions if report.kind is Kind.COMPLAINT and not vouched else ():
        if known := subscribers.subscription_by_id(tx, number):
            tie, _, person = known
            return [_signed(report, person.address, person.address_hmac, tie.id)]
    named = [delivery for number in found.named if (delivery := deliveries.find(tx, number))]
    everybody = [one for recipient in report.recipients if (one := _unsigned(ctx, recipient, named, vouched=vouched))]
    return [one for one in everybody if one.delivery] if vouched else everybody


def _signed(report: Report, address: str, hmac: str, subscription_id: int, delivery: Delivery | None = None) -> Blamed:
    """Return the reader whom a signature names; what is said of them is said under their address, else under the one they forward to."""
    key = address.lower()
    mine = [r for r in report.recipients if key in (r.address.lower(), r.original.lower())]
    nobody = Recipient(address=address, reason=Reason.SPAM, sentence="a complaint that names nobody")
    return Blamed(
        recipient=next(iter(mine or report.recipients), nobody),
        address=address,
        address_hmac=hmac,
        proof=Proof.SIGNED,
        delivery=delivery,
        subscription_id=subscription_id,
    )


def _unsigned(ctx: Place, recipient: Recipient, named: Sequence[Delivery], *, vouched: bool) -> Blamed | None:
    """Return whom a report without a signature of ours blames; None where the address cannot be one of a reader."""
    try:
        address = parse(recipient.original or recipient.address)
    except BadAddress:
        return None
    hmac = address_hmac(address.key, ctx.settings.pepper)
    delivery = next((d for d in named if d.address_hmac == hmac), None)
    return Blamed(
        recipient=recipient,
        address=address.text,
        address_hmac=hmac,
        proof=(Proof.SIGNED if vouched else Proof.NAMED) if delivery else Proof.NONE,
        delivery=delivery,
        subscription_id=delivery.subscription_id if delivery and vouched else None,
    )


# --- what it does ----------------------------------------------------------------------------


def apply(ctx: Place, tx: Session, mail: ReturnedMail, blamed: Blamed) -> Effect:
    """Store what a mail, or an event, says of one recipient, with its effect on the delivery and the reader."""
    recipient, delivery = blamed.recipient, blamed.delivery
    rules = _rules(tx, blamed)
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
        effect=_decided(tx, blamed, rules, mail),
        delivery_id=delivery.id if delivery else None,
        issue_id=delivery.issue_id if delivery else None,
        newsletter_id=delivery.newsletter_id if delivery else None,
    )
    bounces.add(tx, bounce)
    if delivery is not None and blamed.proof is Proof.SIGNED and bounce.effect is not Effect.REPEATED:
        _tell_ledger(ctx, tx, delivery, bounce)
    if bounce.effect is Effect.SUPPRESSED and _too_many(ctx, tx, bounce, rules):
        bounce.effect = Effect.HELD
    if bounce.effect in HARMING:
        harm(ctx, tx, bounce, subscription_id=blamed.subscription_id)
    bounces.save(tx, bounce)
    return bounce.effect


def leave(ctx: Place, tx: Session, subscription_id: int, *, actor: str = "") -> None:
    """End a subscription, because its reader, or their mail program or provider, asks for it."""
    known = subscribers.subscription_by_id(tx, subscription_id)
    if known and subscribers.leave(tx, known[0], at=ctx.clock()):
        tie, mlist, person = known
        events.record(ctx, tx, EventKind.UNSUBSCRIBED, tie, actor=actor, subscriber=person.id, list=mlist.name)


def _rules(tx: Session, blamed: Blamed) -> Rules:
    """Return the rules of the newsletter that a delivery is of; of a subscription alone, those that all newsletters of its list share."""
    if blamed.delivery is not None:
        return bounce_rules.parse(newsletters.by_id(tx, blamed.delivery.newsletter_id).bounce_rules)
    known = subscribers.subscription_by_id(tx, blamed.subscription_id) if blamed.subscription_id else None
    own = {paper.bounce_rules for paper in newsletters.of_list(tx, known[1].id)} if known else set()
    return bounce_rules.parse(own.pop()) if len(own) == 1 else bounce_rules.DEFAULT


def _decided(tx: Session, blamed: Blamed, rules: Rules, mail: ReturnedMail) -> Effect:
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
    return policy.effect(
        r.verdict, r.reason, proof=blamed.proof, delivery_id=delivery_id, earlier=earlier, now=mail.at, rules=rules
    )


def _tell_ledger(ctx: Place, tx: Session, delivery: Delivery, bounce: Bounce) -> None:
    """Move the delivery to `bounced`; where the sender was refused, pause what refuses it, or tell the admins once an issue."""
    if bounce.verdict in (Verdict.HARD, Verdict.SOFT, Verdict.BLOCKED):
        reply = bounce.sentence or f"{bounce.reply} {bounce.status}".strip()
        if bounces.bounce_delivery(tx, delivery.id, reason=f"came back: {bounce.reason}", reply=reply):
            event_store.add_bounced(tx, [delivery.id], at=bounce.at, actor=Actor(ctx.actor))
    if bounce.verdict != Verdict.BLOCKED or pauses.consider(ctx, tx, bounce, delivery):
        return
    told = (EventKind.ISSUE_REFUSED, EventKind.ISSUE_PAUSED)
    if not any(bounces.is_recorded(tx, kind, delivery.issue_id) for kind in told):
        reason = f"mail to {bounce.domain} came back ({bounce.reason}): {bounce.sentence}"
        events.record_issue(ctx, tx, issues.get(tx, delivery.issue_id), EventKind.ISSUE_REFUSED, tell=True, reason=reason)


def _too_many(ctx: Place, tx: Session, bounce: Bounce, rules: Rules) -> bool:
    """
    Return whether so many mails of the issue, or of it to the domain, came back that readers are not to be blamed.

    The first time the readers who were suppressed for it before are taken back, and the admins are told.
    """
    if bounce.issue_id is None or bounces.is_recorded(tx, EventKind.ISSUE_RELEASED, bounce.issue_id):
        return False
    for domain in ("", bounce.domain):
        hard = bounces.count_of_issue(tx, bounce.issue_id, verdict=Verdict.HARD, domain=domain)
        if hard < rules.alarm:
            continue
        of = bounces.handed_over(tx, bounce.issue_id, domain=domain)
        if policy.is_alarming(hard, of, domain=bool(domain), rules=rules):
            where = f"to {domain} " if domain else ""
            _alarm(ctx, tx, bounce.issue_id, domain, f"{hard} of {of} mails {where}came back as undeliverable")
            return True
    return False


def _alarm(ctx: Place, tx: Session, issue_id: int, domain: str, reason: str) -> None:
    for earlier in bounces.of_issue(tx, issue_id, effect=Effect.SUPPRESSED, domain=domain):
        take_back(ctx, tx, earlier)
        earlier.effect = Effect.HELD
        bounces.save(tx, earlier)
    if not bounces.is_recorded(tx, EventKind.ISSUE_BOUNCING, issue_id):
        said = f"{reason}; nobody was suppressed for it"
        events.record_issue(ctx, tx, issues.get(tx, issue_id), EventKind.ISSUE_BOUNCING, tell=True, reason=said)


def harm(ctx: Place, tx: Session, bounce: Bounce, *, subscription_id: int | None = None) -> None:
    """Do what the effect of a report says: suppress the address, end the subscription. What was so before stays when the report is undone."""
    found = subscribers.subscription_by_id(tx, subscription_id) if subscription_id else None
    if bounce.effect is not Effect.LEFT:
        word = "complained" if bounce.effect is Effect.UNSUBSCRIBED else "came back"
        reason = f"{word}: {bounce.sentence or bounce.reason}"[:300]
        entry = Suppression(address_hmac=bounce.address_hmac, address=bounce.address, reason=reason, made_at=bounce.at)
        if subscribers.suppress(tx, entry):
            facts: dict[str, Any] = {
                "subscriber": found[2].id if found else None,
                "delivery": bounce.delivery_id,
                "reason": reason,
            }
            events.record(ctx, tx, EventKind.SUPPRESSED, entry, tell=False, **facts)
        elif bounce.effect is Effect.SUPPRESSED:
            bounce.effect = Effect.NOTHING
    if found is None or bounce.effect not in ENDING:
        return
    tie, mlist, person = found
    if subscribers.leave(tx, tie, at=bounce.at):
        bounce.subscription_id = tie.id
        events.record(ctx, tx, EventKind.UNSUBSCRIBED, tie, subscriber=person.id, list=mlist.name)


def take_back(ctx: Place, tx: Session, bounce: Bounce) -> UndoneView:
    """Take back what a report did: to the address, and to a subscription that it ended."""
    now = bounce.undone_at = ctx.clock()
    entry = subscribers.suppression(tx, bounce.address_hmac)
    mailed = (
        entry is not None and bounce.effect is not Effect.LEFT and entry.made_at == bounce.at
    )  # what another report or an admin suppressed stays so
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
