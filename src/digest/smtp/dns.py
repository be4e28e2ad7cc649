"""DNS checks of the sender's domains: the records for replies, and those that authenticate its mail."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import dns.exception
import dns.resolver
import dns.reversename
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from digest.model.finding import Finding, error, hint, warning
from digest.smtp import mta_sts, spf
from digest.smtp.spf import BadRecord, Result

SECONDS = 10.0  #: for one question
BITS_MIN, BITS = 1024, 2048  #: of an RSA key (RFC 8301 3.2)
_WALKED = 7  #: labels from which a tree walk goes up, of names that have more (RFC 9989 4.10)
_UNREACHABLE = (dns.exception.Timeout, dns.resolver.NoNameservers, dns.resolver.NoResolverConfiguration, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Names and addresses that a message is judged by."""

    domain: str  #: of From, in A-labels
    envelope: str  #: of the address that bounces come back to
    keys: Mapping[str, str] = field(
        default_factory=dict
    )  #: selector → the record that must be published, empty where any will do
    signs: bool = False  #: we sign, in the name of the domain of From
    addresses: Sequence[str] = ()  #: IP addresses that mail leaves from, as far as they are known


def check(sender: Sender, *, resolver: dns.resolver.Resolver | None = None) -> Iterator[Finding]:
    """Check MX, SPF, DKIM keys, DMARC with alignment, and the names of the sending addresses."""
    asked = _Asked(resolver or dns.resolver.Resolver())
    try:
        yield from _mx(asked, sender.envelope)
        yield from _spf(asked, sender)
        yield from _dmarc(asked, sender)
        for selector, record in sender.keys.items():
            yield from _dkim(asked, f"{selector}._domainkey.{sender.domain}", record)
        for address in sender.addresses:
            yield from _reverse(asked, address)
    except _UNREACHABLE as problem:
        yield _unreachable(sender.domain, problem)


def extras(sender: Sender, *, fetch: mta_sts.Fetch, resolver: dns.resolver.Resolver | None = None) -> Iterator[Finding]:
    """Check what is good to have: MTA-STS with its policy, reports on TLS, a logo."""
    asked = _Asked(resolver or dns.resolver.Resolver())
    try:
        yield from mta_sts.check(asked, sender.envelope, fetch)
        yield from _tls_rpt(asked, sender.envelope)
        yield from _bimi(asked, sender.domain)
    except _UNREACHABLE as problem:
        yield _unreachable(sender.domain, problem)


def _unreachable(domain: str, problem: Exception) -> Finding:
    return warning("dns", f"the DNS could not be asked about {domain}: {problem}", "RFC 1035", where=domain)


@dataclass(slots=True)
class _Asked:
    """A resolver that asks each question once."""

    resolver: dns.resolver.Resolver
    known: dict[tuple[str, str], Sequence[str]] = field(default_factory=dict)

    def __call__(self, name: str, kind: str) -> Sequence[str]:
        if (name, kind) not in self.known:
            self.known[name, kind] = self._answers(name, kind)
        return self.known[name, kind]

    def _answers(self, name: str, kind: str) -> Sequence[str]:
        try:
            answer = self.resolver.resolve(name, kind, lifetime=SECONDS)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.SyntaxError, dns.name.LabelTooLong, dns.name.EmptyLabel, dns.name.NameTooLong):
            return ()  # a record names something that is no name
        if kind != "TXT":
            return [str(record) for record in answer]
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]


def _mx(asked: _Asked, domain: str) -> Iterator[Finding]:
    found = asked(domain, "MX")
    if not found:
        yield warning("mx", f"{domain} has no MX: answers and bounces cannot come back", "RFC 5321 5.1", where=domain)
    elif any(record.split()[-1] == "." for record in found):
        yield warning("mx", f"{domain} says that it takes no mail: bounces cannot come back", "RFC 7505", where=domain)


def _spf(asked: _Asked, sender: Sender) -> Iterator[Finding]:
    domain = sender.envelope
    texts = spf.records(asked, domain)
    if len(texts) != 1:
        fault = "no SPF record" if not texts else f"{len(texts)} SPF records, and one is allowed"
        yield error(
            "spf",
            f"{domain} has {fault}",
            "RFC 7208 3.2",
            where=domain,
            remedy="publish a TXT record such as `v=spf1 include:your-relay.example ~all`",
        )
        return
    try:
        record, count = spf.parse(texts[0]), spf.look_ups(asked, domain)
        results = {address: spf.result(asked, domain, address) for address in sender.addresses}
    except BadRecord as problem:
        yield error("spf", f"the SPF record of {domain} is broken: {problem}", "RFC 7208 4.6", where=domain)
        return
    if count > spf.LOOKUPS_MAX:
        yield error(
            "spf", f"the SPF record asks for {count} look-ups, at most {spf.LOOKUPS_MAX} are made", "RFC 7208 4.6.4", where=domain
        )
    if any(term.name == "all" and term.sign in ("", "+") for term in record.terms):
        yield warning("spf", "the SPF record lets everybody send in this name (`+all`)", "RFC 7208 5.1", where=domain)
    for address, result in results.items():
        if result not in (Result.PASS, Result.UNKNOWN):
            kind = "ip6" if ":" in address else "ip4"
            yield error(
                "spf",
                f"the SPF record of {domain} does not let {address} send ({result})",
                "RFC 7208 4",
                where=domain,
                remedy=f"add `{kind}:{address}` to it, before `all`",
            )


# --- DMARC (RFC 9989) -------------------------------------------------------------------------


def _tags(text: str) -> Mapping[str, str]:
    pairs = (tag.strip().partition("=") for tag in text.split(";") if "=" in tag)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _policies(asked: _Asked, domain: str) -> Sequence[Mapping[str, str]]:
    texts = asked(f"_dmarc.{domain}", "TXT")
    return [_tags(text) for text in texts if text.replace(" ", "").lower().startswith("v=dmarc1")]


def _upwards(domain: str) -> Iterator[str]:
    """Yield the names of a tree walk (4.10): the domain and those above it, leaving out the middle of very long ones."""
    labels = domain.split(".")
    yield domain
    for start in range(max(1, len(labels) - _WALKED), len(labels)):
        yield ".".join(labels[start:])


def _organization(asked: _Asked, domain: str) -> str:
    """Return the organizational domain (4.10.2): the highest one with a policy record, unless one says otherwise."""
    highest, below = domain, domain
    for name in _upwards(domain):
        found = _policies(asked, name)
        if len(found) == 1:
            kind = found[0].get("psd", "u").lower()
            if kind == "n":
                return name
            if kind == "y":
                return below if name != domain else domain
            highest = name
        below = name
    return highest


def _dmarc(asked: _Asked, sender: Sender) -> Iterator[Finding]:
    domain, organization = sender.domain, _organization(asked, sender.domain)
    name, found = next(((name, got) for name in (domain, organization) if (got := _policies(asked, name))), (domain, []))
    where = f"_dmarc.{name}"
    if len(found) != 1:
        yield error(
            "dmarc",
            f"{where} has {'no DMARC record' if not found else 'more than one DMARC record'}",
            "RFC 9989",
            where=where,
            remedy="publish a TXT record such as `v=DMARC1; p=none; rua=mailto:you@example.org`",
        )
        return
    tags = found[0]
    if tags.get("p", "").lower() not in ("none", "quarantine", "reject"):
        yield error("dmarc", "the DMARC record has no policy (`p=`)", "RFC 9989", where=where)
    if "rua" not in tags:
        yield warning("dmarc", "the DMARC record asks for no reports (`rua=`)", "RFC 9989", where=where)
    yield from _alignment(asked, sender, tags, organization)


def _alignment(asked: _Asked, sender: Sender, tags: Mapping[str, str], organization: str) -> Iterator[Finding]:
    """Check that SPF or DKIM can pass in the name of From: our signatures always do, the envelope where its domain belongs to it."""
    strict = tags.get("aspf", "r").lower() == "s"
    same = sender.envelope == sender.domain
    aligned = same or (not strict and _organization(asked, sender.envelope) == organization)
    if aligned or sender.signs:
        if not aligned:
            said = (
                f"bounces go to {sender.envelope}, which is not aligned with {sender.domain}: DMARC passes by the signature alone"
            )
            yield hint("alignment", said, "RFC 9989 4.4", where=sender.envelope)
        return
    yield error(
        "alignment",
        f"mail from {sender.domain} is not signed here, and its envelope is of {sender.envelope}"
        f"{' (the record wants it to be exactly the same)' if strict else ''}: DMARC fails unless the relay signs as {sender.domain}",
        "RFC 9989 4.4",
        where=sender.envelope,
        remedy=f"sign with a key of {sender.domain}, or use a bounce address of it",
    )


# --- DKIM -------------------------------------------------------------------------------------


def _dkim(asked: _Asked, name: str, record: str) -> Iterator[Finding]:
    keys = [text for text in asked(name, "TXT") if re.search(r"(?:^|;)\s*p=", text)]
    remedy = f"publish `{record}`" if record else ""
    if not keys:
        yield error("dkim", f"{name} has no DKIM key", "RFC 6376 3.6.1", where=name, remedy=remedy)
    elif any(re.search(r"(?:^|;)\s*p=\s*(?:;|$)", key) for key in keys):
        yield error("dkim", f"the DKIM key at {name} was taken back", "RFC 6376 3.6.1", where=name)
    elif record and _public(record) not in map(_public, keys):
        yield error(
            "dkim", f"the DKIM key at {name} is not the one that we sign with", "RFC 6376 3.6.1", where=name, remedy=remedy
        )
    elif (bits := min(map(_bits, keys))) < BITS:
        make = error if bits < BITS_MIN else warning
        yield make(
            "dkim",
            f"the DKIM key at {name} has {bits} bits, and {BITS} are wanted",
            "RFC 8301 3.2",
            where=name,
        )


def _public(record: str) -> str:
    """Return the value of `p=`, whatever the white space and the other tags."""
    found = re.search(r"(?:^|;)\s*p=([^;]*)", record)
    return re.sub(r"\s", "", found[1]) if found else ""


def _bits(record: str) -> int:
    """Return the size of an RSA key; BITS where it is of another kind, or cannot be read."""
    try:
        key = serialization.load_der_public_key(base64.b64decode(_public(record), validate=True))
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        return BITS
    return key.key_size if isinstance(key, rsa.RSAPublicKey) else BITS


# --- sending addresses, and what is good to have ------------------------------------------------


def _reverse(asked: _Asked, address: str) -> Iterator[Finding]:
    """Check that an address has a name, and the name the address."""
    names = [name.rstrip(".") for name in asked(str(dns.reversename.from_address(address)), "PTR")]
    kind = "AAAA" if ":" in address else "A"
    if not names:
        yield error(
            "reverse-dns",
            f"{address} has no name (PTR): Gmail and others refuse mail from it",
            "RFC 8499; Gmail's sender guidelines",
            where=address,
            remedy="have the host of the server set its reverse DNS",
        )
    elif not any(address in asked(name, kind) for name in names):
        yield error(
            "reverse-dns",
            f"{address} is called {names[0]}, which does not have that address",
            "RFC 8499; Gmail's sender guidelines",
            where=address,
            remedy=f"publish `{names[0]}. {kind} {address}`",
        )


def _tls_rpt(asked: _Asked, domain: str) -> Iterator[Finding]:
    if not any(text.replace(" ", "").lower().startswith("v=tlsrptv1") for text in asked(f"_smtp._tls.{domain}", "TXT")):
        remedy = f'publish `_smtp._tls.{domain}. TXT "v=TLSRPTv1; rua=mailto:you@{domain}"`'
        yield hint(
            "tls-rpt", f"nobody reports to {domain} when TLS fails on the way to it", "RFC 8460", where=domain, remedy=remedy
        )


def _bimi(asked: _Asked, domain: str) -> Iterator[Finding]:
    texts = [text for text in asked(f"default._bimi.{domain}", "TXT") if text.replace(" ", "").lower().startswith("v=bimi1")]
    if not texts:
        yield hint(
            "bimi",
            f"{domain} publishes no logo for its mail",
            "BIMI (draft-brand-indicators-for-message-identification)",
            where=domain,
        )
        return
    found = _policies(asked, domain) or _policies(asked, _organization(asked, domain))
    if not found or found[0].get("p", "").lower() not in ("quarantine", "reject"):
        said = f"the logo of {domain} is not shown while its DMARC policy is neither `quarantine` nor `reject`"
        yield warning("bimi", said, "BIMI (draft-brand-indicators-for-message-identification)", where=domain)
