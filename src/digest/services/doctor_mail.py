"""Checks of the way to the readers: relays, the sender's domains, and what large providers ask of senders."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import partial
from typing import TYPE_CHECKING

from digest.errors import NothingToDo, TransportDown
from digest.model.finding import Finding, error, good, hint, warning
from digest.model.words import counted
from digest.services import trial_sends, warmup
from digest.services.context import Context, document, sender_domain
from digest.settings import variable
from digest.smtp.probe import Seen, probe
from digest.smtp.transport import Smtp
from digest.store import health, newsletters

if TYPE_CHECKING:
    from collections.abc import Callable

    from dns.resolver import Resolver

    from digest.smtp.dns import Sender

EXPIRES_SOON = timedelta(days=14)
LARGEST_MAIL = 100_000  #: octets that a mail of ours may have
#: What each check of a domain looks at, where it finds nothing.
_IN_ORDER: Mapping[str, str] = {
    "mx": "bounces to {envelope} can come back (MX)",
    "spf": "{envelope} has an SPF record that can be evaluated",
    "dkim": "the keys that we sign with are published for {domain}",
    "dmarc": "{domain} has a DMARC policy",
    "alignment": "From, envelope and signature are aligned for {domain}",
    "reverse-dns": "the sending addresses have names that lead back to them",
}


# --- relays -----------------------------------------------------------------------------------


def relays(ctx: Context) -> Iterator[Finding]:
    """Log in to each relay, and look at its certificate and its extensions."""
    for transport in ctx.transports:
        if not isinstance(transport, Smtp):
            remedy = f"set {variable('smtp_url')} when mail is to leave this machine"
            yield hint("outbox", "mail goes into files: no relay is set", remedy=remedy)
            continue
        try:
            seen = probe(transport)
        except TransportDown as problem:
            yield error("relay", str(problem), "RFC 5321", where=transport.name, remedy=f"see {variable('smtp_url')}")
            continue
        yield from _offers(transport, seen, ctx.clock())


def warm_ups(ctx: Context) -> Iterator[Finding]:
    """Say which relays are in their warm-up, and when that ends."""
    for one in warmup.under_way(ctx):
        today = f"on day {one.day} of {one.days}, and was given {one.given:,} of {one.allowed:,} messages today"
        ends = f"it ends after {counted(one.days - one.day + 1, 'day')} with mail, today among them"
        yield hint("warm-up", f"{one.relay} is in its warm-up, {today}; {ends}", where=one.relay)


def _offers(transport: Smtp, seen: Seen, now: datetime) -> Iterator[Finding]:
    name = transport.name
    if not seen.tls and not seen.is_local:
        remedy = f"use `smtp+starttls://` or `smtps://` in {variable('smtp_url')}"
        yield warning("tls", f"mail goes to {name} in clear text", "RFC 8314", where=name, remedy=remedy)
    yield from certificate(seen.certificate_ends, now, of=name)
    if 0 < seen.size < LARGEST_MAIL:
        said = f"{name} takes mails of at most {seen.size:,} octets, and an issue may have {LARGEST_MAIL:,}"
        yield error("size", said, "RFC 1870", where=name, remedy="raise its limit (`message_size_limit` of Postfix)")
    for keyword, use in (
        ("PIPELINING", "each mail waits for several replies"),
        ("SMTPUTF8", "addresses with other letters are refused"),
    ):
        if keyword not in seen.extensions:
            yield hint("extensions", f"{name} offers no {keyword}: {use}", where=name)
    secure = f"over {seen.tls}" if seen.tls else "in clear text on this machine" if seen.is_local else "in clear text"
    login = ", logged in" if transport.relay.user else ""
    yield good(
        "relay",
        f"{name} lets us in {secure}{login}; it offers {', '.join(sorted(seen.extensions)) or 'no extension'}",
        where=name,
    )


def certificate(ends: datetime | None, now: datetime, *, of: str) -> Iterator[Finding]:
    """Check that a certificate does not expire soon."""
    if ends is None:
        return
    said = f"the certificate of {of} expires on {ends:%Y-%m-%d}"
    yield (
        warning("certificate", said, "RFC 5280", where=of, remedy="see that it is renewed")
        if ends - now < EXPIRES_SOON
        else good("certificate", said, where=of)
    )


def test_copy(ctx: Context, address: str) -> Iterator[Finding]:
    """Send an address the mail of the first newsletter that has one, as readers would get it; its links change nothing."""
    with ctx.db.read() as tx:
        papers = newsletters.all_of(tx)
    for paper in papers:
        try:
            copy = trial_sends.test_copy(ctx, paper, address)
        except NothingToDo:
            continue
        reply = copy.reply or "the relay gave no reply"
        if not copy.taken:
            yield error("test-copy", f"the test copy for {copy.to} was not taken: {reply}", "RFC 5321", where=copy.to)
        else:
            look = "its field Authentication-Results should say dkim=pass, spf=pass and dmarc=pass"
            yield good("test-copy", f"a test copy of {paper.name} was taken for {copy.to} ({reply}); {look}", where=copy.to)
        return
    said = "no test copy was sent: no newsletter has a story yet"
    yield hint("test-copy", said, where=address, remedy="collect articles first")


# --- the sender's domains ---------------------------------------------------------------------


def sender(ctx: Context, sending: Sequence[str] = ()) -> "Sender":
    """Return the names and addresses that mail of this place is judged by."""
    from digest.smtp.dns import Sender  # as in `doctor`

    settings = ctx.settings
    domain = sender_domain(settings)
    bounces = parseaddr(settings.bounce_address)[1].rpartition("@")[2] or domain
    return Sender(
        domain=domain,
        envelope=bounces.encode("idna").decode("ascii") if not bounces.isascii() else bounces.lower(),
        keys={name: key.record for name, key in ctx.signer.keys.items()} if ctx.signer else {},
        signs=ctx.signer is not None,
        addresses=tuple(sending),
    )


def domain(ctx: Context, who: "Sender", found: Sequence[Finding], resolver: "Resolver | None") -> Iterator[Finding]:
    """Report the records of the sender's domains: `found` is what is wrong with those in the DNS; then what would be good to have."""
    if "." not in who.domain or not ctx.settings.sender:
        make = warning if ctx.repeatable else error
        yield make("sender", f"{variable('sender')} names no domain: mail has no sender", "", remedy=f"set {variable('sender')}")
        return
    yield from found
    wrong = {finding.rule for finding in found}
    if "dns" in wrong:
        return
    for rule, said in _IN_ORDER.items():
        applies = (rule != "dkim" or who.keys) and (rule != "reverse-dns" or who.addresses)
        if applies and rule not in wrong:
            yield good(rule, said.format(domain=who.domain, envelope=who.envelope), where=who.domain)
    if not who.signs:
        yield hint("signature", f"mails are not signed here: the relay must sign as {who.domain}", "RFC 6376")
    if not who.addresses:
        said = "the address that mail leaves from is not known: neither its reverse DNS nor SPF for it is checked"
        yield hint("sending-address", said)
    from digest.smtp import dns  # as in `doctor`

    yield from dns.extras(who, fetch=partial(document, ctx.fetcher), resolver=resolver)


# --- what providers ask of senders --------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Rules of a mail provider for those who send much, as of 2026."""

    family: str
    name: str
    source: str
    bulk: int  #: mails a day from which its rules for bulk senders hold
    needs: Mapping[str, str]  #: rule of a finding → what the provider asks


_BULK = {
    "spf": "SPF",
    "dkim": "DKIM",
    "dmarc": "DMARC, at least p=none",
    "alignment": "alignment of From with SPF or DKIM",
}
_ALL = {**_BULK, "reverse-dns": "reverse DNS of the sending address", "one-click": "one-click unsubscribe", "tls": "TLS"}
PROVIDERS = (
    Provider(family="gmail", name="Gmail", source="Gmail: email sender guidelines", bulk=5_000, needs=_ALL),
    Provider(family="yahoo", name="Yahoo", source="Yahoo: sender best practices", bulk=5_000, needs=_ALL),
    Provider(
        family="outlook", name="Outlook.com", source="Outlook.com: requirements for high-volume senders", bulk=5_000, needs=_BULK
    ),
)
COMPLAINTS_AIM, COMPLAINTS_MAX = 0.001, 0.003  #: Gmail and Yahoo: below the first, never at the second
COUNTED = timedelta(days=30)


def providers(ctx: Context, found: Sequence[Finding]) -> Iterator[Finding]:
    """Hold the list's share of each large provider against its rules for bulk senders, and complaints against its limits."""
    since = ctx.clock() - COUNTED
    with ctx.db.read() as tx:
        readers = _by_family(health.readers_by_domain(tx), ctx.pace.family)
        complaints = _by_family(health.complaints_by_domain(tx, since=since), ctx.pace.family)
        issues = health.count_issues(tx, since=since)
    lacking = {finding.rule for finding in found if finding.severity == "error"}
    if not ctx.base_url.startswith("https://"):
        lacking.add("one-click")
    for provider in PROVIDERS:
        yield from _provider(provider, readers[provider.family], lacking)
        yield from _complaints(provider, complaints[provider.family], readers[provider.family] * issues)


def _by_family(by_domain: Mapping[str, int], family: "Callable[[str], str]") -> Counter[str]:
    found: Counter[str] = Counter()
    for name, count in by_domain.items():
        found[family(name)] += count
    return found


def _provider(provider: Provider, readers: int, lacking: set[str]) -> Iterator[Finding]:
    if not readers:
        return
    share = f"{counted(readers, 'reader')} at {provider.name}"
    missing = [asked for rule, asked in provider.needs.items() if rule in lacking]
    is_bulk = readers >= provider.bulk
    if missing:
        said = f"{share}: it asks for {', '.join(missing)} of whoever sends {provider.bulk:,} mails a day"
        make = error if is_bulk else warning
        yield make("provider", said, provider.source, where=provider.name, remedy="see the findings above")
    elif is_bulk:
        yield good("provider", f"{share}: what it asks of bulk senders is there", where=provider.name)
    else:
        yield good(
            "provider",
            f"{share}, fewer than the {provider.bulk:,} mails a day of its rules for bulk senders; they are kept all the same",
            where=provider.name,
        )


def _complaints(provider: Provider, complaints: int, mails: int) -> Iterator[Finding]:
    if not complaints or not mails:
        return
    rate = complaints / mails
    said = f"{counted(complaints, 'complaint')} from readers at {provider.name} in {COUNTED.days} days, {rate:.2%} of about {mails:,} mails"
    if rate >= COMPLAINTS_MAX:
        yield error("complaints", f"{said}; {COMPLAINTS_MAX:.1%} is too much", provider.source, where=provider.name)
    elif rate >= COMPLAINTS_AIM:
        yield warning("complaints", f"{said}; below {COMPLAINTS_AIM:.1%} is asked for", provider.source, where=provider.name)
