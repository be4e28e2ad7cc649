"""Findings: the rules that a mail breaks, by name, and the expectations that depend on its destination."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One broken rule."""

    rule: str
    severity: (
        str  #: error: breaks a standard or a promise to readers; warning: costs delivery or looks; hint: could be better; ok
    )
    message: str
    source: str
    where: str = ""  #: the field, part or element
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Size of a mail, and its findings."""

    size_bytes: int
    html_bytes: int
    findings: Sequence[Finding]

    @property
    def ok(self) -> bool:
        """True if no finding is an error."""
        return not any(finding.severity == "error" for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Purpose and destination of a mail, which some rules depend on."""

    system: bool = False  #: about a subscription or an issue: no list fields, no unsubscribe link
    outbox: bool = False  #: it stays in a folder: sender, base URL and postal address may be an example's
    relay: str = ""  #: the host that mail is handed to
    signed: bool = False  #: there is a DKIM key: the mail must be signed
    postal: str = ""  #: the sender's postal address, which must stand in both parts; empty: it is not looked for


def error(rule: str, message: str, source: str, *, where: str = "", remedy: str = "") -> Finding:
    """Make a finding that a standard or a promise is broken."""
    return Finding(rule=rule, severity="error", message=message, source=source, where=where, remedy=remedy)


def warning(rule: str, message: str, source: str, *, where: str = "", remedy: str = "") -> Finding:
    """Make a finding that harms delivery or appearance."""
    return Finding(rule=rule, severity="warning", message=message, source=source, where=where, remedy=remedy)


def hint(rule: str, message: str, source: str = "", *, where: str = "", remedy: str = "") -> Finding:
    """Make a finding that something could be better, or is not known."""
    return Finding(rule=rule, severity="hint", message=message, source=source, where=where, remedy=remedy)


def good(rule: str, message: str, *, where: str = "") -> Finding:
    """Make a finding that something is in order."""
    return Finding(rule=rule, severity="ok", message=message, source="", where=where)
