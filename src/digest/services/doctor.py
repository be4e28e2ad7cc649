"""
Examination of an installation: everything that mail depends on, each with the remedy.

It works whatever is wrong: a setting that cannot be used is reported, and the rest is examined with its default.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from ipaddress import ip_address
from typing import TYPE_CHECKING

from digest.errors import BadInput, DigestError
from digest.model.finding import Finding, error, hint
from digest.model.ports import Clock, Fetcher
from digest.services import doctor_mail, doctor_place, doctor_site
from digest.services.context import Context, build, now
from digest.services.views.doctor import CheckView
from digest.settings import Settings

if TYPE_CHECKING:
    from dns.resolver import Resolver

Area = tuple[str, Callable[[], Iterator[Finding]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """An installation to examine."""

    settings: Settings  #: with the default where one cannot be used
    problems: Sequence[str] = ()  #: of the settings
    clock: Clock = now
    sending: Sequence[str] = ()  #: IP addresses that mail leaves from, where they are not those of the relay
    copy_to: str = ""  #: an address that a test copy is sent to
    offline: bool = False  #: nothing is asked of relays, name servers and web servers
    resolver: "Resolver | None" = None  #: None: the system's
    fetcher: Fetcher | None = None  #: None: that of the place


def addresses(given: Sequence[str]) -> Sequence[str]:
    """Return IP addresses as they are written. Raises BadInput."""
    for text in given:
        try:
            ip_address(text)
        except ValueError as problem:
            raise BadInput(f"{text} is no IP address", code="no_ip") from problem
    return tuple(given)


def examine(what: Examined) -> Iterator[CheckView]:
    """Run every check, area by area, and yield each result as soon as it is there."""
    for area, check in _areas(what):
        try:
            yield from (_view(area, finding) for finding in check())
        except DigestError as problem:
            yield _view(area, error(problem.code, str(problem), ""))


def _areas(what: Examined) -> Iterator[Area]:
    settings = what.settings
    yield "settings", partial(doctor_place.settings, settings, what.problems)
    yield "files", partial(doctor_place.files, settings)
    yield "database", partial(doctor_place.database, settings)
    yield "backup", partial(doctor_place.backup, settings, what.clock())
    yield "clock", partial(doctor_place.clock, settings, what.clock())
    ctx, unfit = _context(what)
    if ctx is None:
        yield "newsletters", lambda: iter([hint("not-checked", f"not checked, since {unfit}")])
        return
    yield "newsletters", partial(doctor_place.newsletters, ctx)
    yield "warm-up", partial(doctor_mail.warm_ups, ctx)
    if what.offline:
        yield "mail", lambda: iter([hint("not-checked", "relays, domains and pages are not checked: offline")])
        return
    who = doctor_mail.sender(ctx, what.sending)

    @cache
    def of_dns() -> Sequence[Finding]:
        from digest.smtp import dns  # some megabytes that an idle server has no use for

        return list(dns.check(who, resolver=what.resolver))

    yield "relay", partial(doctor_mail.relays, ctx)
    if what.copy_to:
        yield "test copy", partial(doctor_mail.test_copy, ctx, what.copy_to)
    yield "domain", lambda: doctor_mail.domain(ctx, who, of_dns(), what.resolver)
    yield "pages", partial(doctor_site.pages, ctx)
    yield "log-in", partial(doctor_site.provider, ctx)
    yield "providers", lambda: doctor_mail.providers(ctx, of_dns())


def _context(what: Examined) -> tuple[Context | None, str]:
    """Build the context of what can be used; None, and why, where the database or a secret is missing."""
    try:
        ctx = build(what.settings, clock=what.clock)
        return (replace(ctx, fetcher=what.fetcher) if what.fetcher else ctx), ""
    except DigestError as problem:
        return None, str(problem)


def _view(area: str, finding: Finding) -> CheckView:
    facts = asdict(finding)
    return CheckView(area=area, status=facts.pop("severity"), **facts)
