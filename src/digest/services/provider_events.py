"""
Hooks: events that mail providers post, each checked as its provider documents it, and taken like a mail that came back.

An event is stored once, by the provider's own number of it, so that to post it again changes nothing. What is about no
delivery of ours is not stored: the account at the provider may serve others too.
"""

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import islice

from sqlmodel import Session

from digest import log
from digest.bounces import own
from digest.bounces.providers import brevo, mailgun, postmark, sendgrid, sns, standard
from digest.bounces.providers.posted import Event, Posted
from digest.errors import Forbidden, NotFound
from digest.model.bounce import ORIGINAL, ReturnedMail
from digest.model.event import NOBODY, Actor
from digest.model.ports import Fetcher
from digest.services import reports
from digest.services.context import Context, document, sender_domain
from digest.services.reports import LEAVING
from digest.services.views.bounces import PostedView
from digest.store import bounces

SES = "ses"
GROUP = 32  #: events a transaction: a writer never holds SQLite for half a second


@dataclass(frozen=True, slots=True, kw_only=True)
class _Provider:
    """A provider whose events are checked with a secret or a key that is set."""

    setting: str
    read: Callable[..., Iterator[Event]]


_PROVIDERS: Mapping[str, _Provider] = {
    "brevo": _Provider(setting="hook_brevo", read=brevo.read),
    "mailgun": _Provider(setting="hook_mailgun", read=mailgun.read),
    "postmark": _Provider(setting="hook_postmark", read=postmark.read),
    "sendgrid": _Provider(setting="hook_sendgrid", read=sendgrid.read),
    "standard": _Provider(setting="hook_standard", read=standard.read),
}


def check_known(ctx: Context, provider: str) -> None:
    """Check that the webhook of a provider is set up. Raises NotFound."""
    setting = "hook_ses" if provider == SES else _PROVIDERS[provider].setting if provider in _PROVIDERS else ""
    if not setting or not getattr(ctx.settings, setting):
        raise NotFound("webhook", provider)


def take(ctx: Context, provider: str, *, headers: Mapping[str, str], body: bytes) -> PostedView:
    """
    Check what a provider posted, and do what its events say. Header names are in lower case.

    Raises:
        NotFound: the webhook of this provider is not set up.
        Forbidden: the provider did not post it, or long ago.
        BadInput: it cannot be read.
        FetchError: the certificate that shows who posted it cannot be fetched.
    """
    check_known(ctx, provider)
    posted = Posted(headers=headers, body=body)
    try:
        events = _of_ses(ctx, posted) if provider == SES else _of_others(ctx, provider, posted, now=ctx.clock())
        counts = _take_all(replace(ctx, actor=Actor.PROVIDER, person=NOBODY), provider, events)
    except Forbidden as problem:
        log.get().warning("hook.refused", provider=provider, error=str(problem))
        raise
    if counts:  # not for each click that a provider reports
        log.get().info("hook.taken", provider=provider, **counts)
    return PostedView.model_validate({name: counts[name] for name in PostedView.model_fields})


def _of_others(ctx: Context, provider: str, posted: Posted, *, now: datetime) -> Iterator[Event]:
    found = _PROVIDERS[provider]
    return found.read(posted, getattr(ctx.settings, found.setting), now=now)


# --- Amazon SES ------------------------------------------------------------------------------


def _of_ses(ctx: Context, posted: Posted) -> Iterator[Event]:
    """Return the events of a message of SNS; a subscription of the topic that is set is confirmed."""
    found = sns.message(posted, ctx.settings.topics, now=ctx.clock())
    certificate = _certificate(ctx.fetcher, found.certificate_url)  # type: ignore[arg-type]  # a fetcher is hashable
    sns.check(found, certificate, now=ctx.clock())
    if found.confirmation_url:
        document(ctx.fetcher, found.confirmation_url)
        log.get().info("hook.confirmed", topic=found.fields["TopicArn"])
    return sns.read(found)


@lru_cache(maxsize=16)  # SNS changes its certificate about once a year; a failure is not kept
def _certificate(fetcher: Fetcher, url: str) -> bytes:
    return document(fetcher, url)


# --- events ----------------------------------------------------------------------------------


def _take_all(ctx: Context, provider: str, events: Iterator[Event]) -> Counter[str]:
    """Take events, some a transaction: one for each would wait for the disk as often."""
    counts: Counter[str] = Counter()
    while group := list(islice(events, GROUP)):
        with ctx.db.begin() as tx:
            done = [_take(ctx, tx, provider, event) for event in group]
        counts.update(done)
        counts["events"] += len(done)
    return counts


def _take(ctx: Context, tx: Session, provider: str, event: Event) -> str:
    """Store an event and do what it says; return what it is counted as."""
    digest = hashlib.sha256(f"{provider}\0{event.key}".encode()).hexdigest()
    found = own.find(event.report, keys=ctx.settings.secret_keys, domain=sender_domain(ctx.settings))
    original = zlib.compress(json.dumps(event.original, ensure_ascii=False).encode("utf-8", "replace")[:ORIGINAL])
    kind = LEAVING if event.leaves else event.report.kind.value
    if bounces.is_known(tx, digest):
        return "known"
    blamed = reports.blamed(ctx, tx, event.report, found, vouched=True)
    if not blamed:
        return "foreign"
    mail = ReturnedMail(digest=digest, via=provider, at=ctx.clock(), kind=kind, original=original)
    bounces.add_mail(tx, mail)
    for one in blamed:
        if not event.leaves:
            reports.apply(ctx, tx, mail, one)
        elif one.subscription_id is not None:
            reports.leave(ctx, tx, one.subscription_id)
    return "taken"
