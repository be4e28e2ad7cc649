"""Evaluation of SPF records (RFC 7208): the look-ups that a record costs, and the result for a sending address."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

LOOKUPS_MAX = 10  #: 4.6.4
MX_MAX = 10  #: names of one `mx` (4.6.4)
Ask = Callable[[str, str], Sequence[str]]  #: name and kind → the records; empty where there are none
_TERM = re.compile(
    r"(?P<sign>[+?~-]?)(?P<name>all|include|exists|ptr|mx|ip4|ip6|a)(?:[:=](?P<value>[^/\s]+))?(?P<prefix>(?:/\d{1,3})?(?://\d{1,3})?)",
    re.IGNORECASE,
)
_REDIRECT = re.compile(r"redirect=(\S+)", re.IGNORECASE)
_MODIFIER = re.compile(r"[a-z][a-z0-9_.-]*=\S*", re.IGNORECASE)


class Result(StrEnum):
    """Result of an evaluation (2.6); UNKNOWN where it depends on the macros of a message."""

    PASS = "pass"  # noqa: S105  a result of RFC 7208
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    NONE = "none"
    BROKEN = "permerror"
    UNKNOWN = "unknown"


_OF_SIGN = {"": Result.PASS, "+": Result.PASS, "-": Result.FAIL, "~": Result.SOFTFAIL, "?": Result.NEUTRAL}


class BadRecord(Exception):
    """The record, or one that it includes, cannot be evaluated (permerror)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One mechanism of a record."""

    sign: str
    name: str
    value: str
    prefixes: tuple[int | None, int | None]  #: for IPv4 and for IPv6

    @property
    def asks(self) -> bool:
        """True if it costs a look-up."""
        return self.name not in ("all", "ip4", "ip6")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A parsed record."""

    terms: tuple[Term, ...]
    redirect: str


def records(ask: Ask, domain: str) -> Sequence[str]:
    """Return the SPF records of a domain; one is allowed."""
    return [text for text in ask(domain, "TXT") if re.match(r"v=spf1(?: |$)", text, re.IGNORECASE)]


def parse(text: str) -> Record:
    """Parse a record. Raises BadRecord."""
    terms, redirect = [], ""
    for word in text.split()[1:]:
        if found := _TERM.fullmatch(word):
            terms.append(_term(found, word))
        elif found := _REDIRECT.fullmatch(word):
            redirect = found[1].lower()
        elif not _MODIFIER.fullmatch(word):
            raise BadRecord(f"`{word}` is no term of SPF")
    return Record(terms=tuple(terms), redirect=redirect if not any(term.name == "all" for term in terms) else "")


def _term(found: re.Match[str], word: str) -> Term:
    name, value = found["name"].lower(), (found["value"] or "").lower()
    if name in ("include", "exists") and not value:
        raise BadRecord(f"`{word}` names no domain")
    if name in ("ip4", "ip6"):
        try:
            ip_network(value + found["prefix"], strict=False)
        except ValueError as problem:
            raise BadRecord(f"`{word}` is no network") from problem
    narrow, _, wide = found["prefix"].partition("//")
    prefixes = (int(narrow[1:]) if narrow else None, int(wide) if wide else None)
    return Term(sign=found["sign"], name=name, value=value + (narrow if name in ("ip4", "ip6") else ""), prefixes=prefixes)


def look_ups(ask: Ask, domain: str) -> int:
    """Count the look-ups that the record of a domain costs if no mechanism matches, included ones in it. Raises BadRecord."""
    return sum(1 for _ in _look_ups(ask, domain, ()))


def _look_ups(ask: Ask, domain: str, above: tuple[str, ...]) -> Iterator[str]:
    if domain in above:
        raise BadRecord(f"{domain} includes itself")
    record = _of(ask, domain, included=bool(above))
    for term in record.terms:
        if term.asks:
            yield term.name
        if term.name == "include" and "%{" not in term.value:
            yield from _look_ups(ask, term.value, (*above, domain))
    if record.redirect:
        yield "redirect"
        if "%{" not in record.redirect:
            yield from _look_ups(ask, record.redirect, (*above, domain))


def _of(ask: Ask, domain: str, *, included: bool) -> Record:
    found = records(ask, domain)
    if len(found) != 1:
        count = f"{len(found)} SPF records" if found else "no SPF record"
        raise BadRecord(f"{domain}, which is included, has {count}" if included else f"{domain} has {count}")
    return parse(found[0])


def result(ask: Ask, domain: str, address: str, *, _depth: int = 0) -> Result:
    """Evaluate the record of a domain for a sending address (4). Raises BadRecord."""
    if _depth > LOOKUPS_MAX:
        raise BadRecord(f"{domain} is included too deep")
    ip = ip_address(address)
    record = _of(ask, domain, included=_depth > 0)
    for term in record.terms:
        if "%{" in term.value or term.name == "ptr":
            return Result.UNKNOWN
        if term.name == "include":
            inner = result(ask, term.value, address, _depth=_depth + 1)
            if inner is Result.UNKNOWN:
                return inner
            matches = inner is Result.PASS
        else:
            matches = _matches(ask, term, domain, ip)
        if matches:
            return _OF_SIGN[term.sign]
    if record.redirect:
        return Result.UNKNOWN if "%{" in record.redirect else result(ask, record.redirect, address, _depth=_depth + 1)
    return Result.NEUTRAL


def _matches(ask: Ask, term: Term, domain: str, ip: IPv4Address | IPv6Address) -> bool:
    if term.name == "all":
        return True
    if term.name in ("ip4", "ip6"):
        return ip in ip_network(term.value, strict=False)
    if term.name == "exists":
        return bool(ask(term.value, "A"))
    name = term.value or domain
    hosts = [name] if term.name == "a" else [answer.split()[-1].rstrip(".") for answer in ask(name, "MX")[:MX_MAX]]
    length = term.prefixes[ip.version == 6]
    length = ip.max_prefixlen if length is None else length
    return any(
        ip in ip_network(f"{found}/{length}", strict=False)
        for host in hosts
        for found in ask(host, "A" if ip.version == 4 else "AAAA")
    )
