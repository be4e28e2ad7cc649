"""DNS checks of the sender's domain: the records for replies, and those that authenticate its mail."""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import dns.exception
import dns.resolver

from digest.model.finding import Finding, error, warning

SECONDS = 10.0  #: for one question
LOOKUPS_MAX = 10  #: RFC 7208 4.6.4
_LOOKUP = re.compile(r"[+?~-]?(?:include:|exists:|redirect=|a\b|mx\b|ptr\b)", re.IGNORECASE)


def check(
    domain: str, *, keys: Mapping[str, str] = MappingProxyType({}), resolver: dns.resolver.Resolver | None = None
) -> Iterator[Finding]:
    """Check MX, SPF, DMARC, and the DKIM keys: selector → the record that must be published, empty where any will do."""
    asked = resolver or dns.resolver.Resolver()
    try:
        yield from _mx(asked, domain)
        yield from _spf(asked, domain)
        yield from _dmarc(asked, domain)
        for selector, record in keys.items():
            yield from _dkim(asked, f"{selector}._domainkey.{domain}", record)
    except (dns.exception.Timeout, dns.resolver.NoNameservers, dns.resolver.NoResolverConfiguration, OSError) as problem:
        yield warning("dns", f"the DNS could not be asked about {domain}: {problem}", "RFC 1035", where=domain)


def _answers(resolver: dns.resolver.Resolver, name: str, kind: str) -> Sequence[str]:
    try:
        answer = resolver.resolve(name, kind, lifetime=SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
    if kind != "TXT":
        return [str(record) for record in answer]
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]


def _mx(resolver: dns.resolver.Resolver, domain: str) -> Iterator[Finding]:
    if not _answers(resolver, domain, "MX"):
        yield warning("mx", f"{domain} has no MX: answers and bounces cannot come back", "RFC 5321 5.1", where=domain)


def _spf(resolver: dns.resolver.Resolver, domain: str) -> Iterator[Finding]:
    records = [text for text in _answers(resolver, domain, "TXT") if text.lower().startswith("v=spf1")]
    if len(records) != 1:
        fault = "no SPF record" if not records else f"{len(records)} SPF records, and one is allowed"
        yield error(
            "spf",
            f"{domain} has {fault}",
            "RFC 7208 3.2",
            where=domain,
            remedy="publish a TXT record such as `v=spf1 include:your-relay.example ~all`",
        )
        return
    terms = records[0].split()[1:]
    if (count := sum(bool(_LOOKUP.match(term)) for term in terms)) > LOOKUPS_MAX:
        yield error(
            "spf", f"the SPF record asks for {count} look-ups, at most {LOOKUPS_MAX} are made", "RFC 7208 4.6.4", where=domain
        )
    if any(re.fullmatch(r"\+?all", term, re.IGNORECASE) for term in terms):
        yield warning("spf", "the SPF record lets everybody send in this name (`+all`)", "RFC 7208 5.1", where=domain)


def _dmarc(resolver: dns.resolver.Resolver, domain: str) -> Iterator[Finding]:
    name = f"_dmarc.{domain}"
    records = [text for text in _answers(resolver, name, "TXT") if text.replace(" ", "").lower().startswith("v=dmarc1")]
    if not records and domain.count(".") > 1:
        yield from _dmarc(resolver, domain.partition(".")[2])
        return
    if len(records) != 1:
        yield error(
            "dmarc",
            f"{name} has {'no DMARC record' if not records else 'more than one DMARC record'}",
            "RFC 9989",
            where=name,
            remedy="publish a TXT record such as `v=DMARC1; p=none; rua=mailto:you@example.org`",
        )
        return
    tags = dict(tag.strip().partition("=")[::2] for tag in records[0].split(";") if "=" in tag)
    if tags.get("p", "").strip().lower() not in ("none", "quarantine", "reject"):
        yield error("dmarc", "the DMARC record has no policy (`p=`)", "RFC 9989", where=name)
    if "rua" not in tags:
        yield warning("dmarc", "the DMARC record asks for no reports (`rua=`)", "RFC 9989", where=name)


def _dkim(resolver: dns.resolver.Resolver, name: str, record: str) -> Iterator[Finding]:
    keys = [text for text in _answers(resolver, name, "TXT") if re.search(r"(?:^|;)\s*p=", text)]
    if not keys:
        yield error("dkim", f"{name} has no DKIM key", "RFC 6376 3.6.1", where=name)
    elif any(re.search(r"(?:^|;)\s*p=\s*(?:;|$)", key) for key in keys):
        yield error("dkim", f"the DKIM key at {name} was taken back", "RFC 6376 3.6.1", where=name)
    elif record and _public(record) not in map(_public, keys):
        yield error(
            "dkim",
            f"the DKIM key at {name} is not the one that we sign with",
            "RFC 6376 3.6.1",
            where=name,
            remedy=f"publish `{record}`",
        )


def _public(record: str) -> str:
    """Return the value of `p=`, whatever the white space and the other tags."""
    found = re.search(r"(?:^|;)\s*p=([^;]*)", record)
    return re.sub(r"\s", "", found[1]) if found else ""
