"""Rules of DKIM signatures that can be checked in the bytes; `digest check --dns` compares them with the published key."""

import base64
import binascii
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from email.utils import getaddresses

from digest.compose.lint.reading import Mail
from digest.model.finding import Expected, Finding, error, warning

_NEEDED = ("v", "a", "b", "bh", "d", "h", "s")
_ALGORITHMS = frozenset({"rsa-sha256", "ed25519-sha256"})
_COVERED = ("from", "to", "subject", "date", "message-id", "mime-version", "content-type")
_LIST = ("list-unsubscribe", "list-unsubscribe-post")
_TWICE = ("from", "to", "subject", "date", *_LIST)
RSA_OCTETS = 256  #: of a signature by a key of 2048 bits


def check(mail: Mail, expected: Expected) -> Iterator[Finding]:
    """Run all rules for each signature; a missing one is reported only if it is expected."""
    found = mail.values("DKIM-Signature")
    if expected.signed and not found:
        yield error("dkim", "the mail is not signed, though there is a key", "RFC 6376", remedy="name the key in the settings")
    algorithms = set()
    for value in found:
        tags, doubled = _tags(value)
        algorithms.add(tags.get("a", ""))
        where = f"DKIM-Signature of {tags.get('s', '?')}"
        for finding in (*_form(tags, doubled), *_cover(mail, tags, expected), *_body(mail, tags), *_time(tags)):
            yield Finding(
                rule=finding.rule, severity=finding.severity, message=finding.message, source=finding.source, where=where
            )
    if found and "rsa-sha256" not in algorithms:
        yield error("dkim-algorithm", "no signature is rsa-sha256, which is all that some receivers know", "RFC 8301 3; RFC 8463")


def _tags(value: str) -> tuple[Mapping[str, str], bool]:
    """Parse the tags of a signature, without white space; the flag is True if one occurs twice."""
    pairs = [part.partition("=") for part in value.split(";") if part.strip()]
    names = [name.strip() for name, _, _ in pairs]
    return {name.strip(): re.sub(r"\s+", "", text) for name, _, text in pairs}, len(set(names)) < len(names)


def _form(tags: Mapping[str, str], doubled: bool) -> Iterator[Finding]:
    missing = [name for name in _NEEDED if not tags.get(name)]
    if missing or doubled or tags.get("v") != "1":
        said = f"lacks {', '.join(missing)}" if missing else "has a tag twice" if doubled else "is of another version"
        yield error("dkim-tags", f"the signature {said}", "RFC 6376 3.2, 3.5")
    if tags.get("a", "") not in _ALGORITHMS:
        yield error("dkim-algorithm", f"{tags.get('a', '')!r} is not to be used", "RFC 8301 3; RFC 8463")
    if tags.get("c", "simple/simple") != "relaxed/relaxed":
        yield warning("dkim-canonicalisation", "it is not relaxed/relaxed; a relay that folds a line breaks it", "RFC 6376 3.4")
    if "l" in tags:
        yield error("dkim-length", "l= lets anybody add to the body", "RFC 6376 8.2")
    signer, identity = tags.get("d", "").lower(), tags.get("i", "").rpartition("@")[2].lower()
    if identity and identity != signer and not identity.endswith(f".{signer}"):
        yield error("dkim-identity", f"i= {identity} does not lie in d= {signer}", "RFC 6376 3.5")
    if tags.get("a") == "rsa-sha256" and len(_decoded(tags.get("b", ""))) < RSA_OCTETS:
        yield error("dkim-key", "the RSA key has fewer than 2048 bits", "RFC 8301 3.2")


def _cover(mail: Mail, tags: Mapping[str, str], expected: Expected) -> Iterator[Finding]:
    signed = Counter(name.lower() for name in tags.get("h", "").split(":"))
    wanted = _COVERED if expected.system else (*_COVERED, *_LIST)
    if bare := [name for name in wanted if not signed[name] and mail.values(name)]:
        yield error("dkim-coverage", f"{', '.join(bare)} is not signed", "RFC 6376 5.4; RFC 8058 4")
    if open_ := [name for name in _TWICE if mail.values(name) and signed[name] <= len(mail.values(name))]:
        yield warning("dkim-oversigning", f"another {', '.join(open_)} could be added unseen", "RFC 6376 8.15")
    [(_, address), *_] = getaddresses([mail.value("From")]) or [("", "")]
    domain, signer = address.rpartition("@")[2].lower(), tags.get("d", "").lower()
    if not domain or not (domain == signer or domain.endswith(f".{signer}") or signer.endswith(f".{domain}")):
        yield error("dkim-alignment", f"d= {signer} does not align with From's {domain}", "RFC 9989; Gmail, Yahoo, Outlook")


def _body(mail: Mail, tags: Mapping[str, str]) -> Iterator[Finding]:
    if tags.get("c", "").endswith("relaxed") and _decoded(tags.get("bh", "")) != hashlib.sha256(_relaxed(mail.body)).digest():
        yield error("dkim-body", "bh= is not the hash of this body", "RFC 6376 3.7")


def _relaxed(body: bytes) -> bytes:
    """Return the body in relaxed canonicalisation (RFC 6376 3.4.4)."""
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    text = b"\r\n".join(lines).rstrip(b"\r\n")
    return text + b"\r\n" if text else b""


def _time(tags: Mapping[str, str]) -> Iterator[Finding]:
    said, until = tags.get("t", ""), tags.get("x", "")
    if not said.isdecimal() or (until.isdecimal() and int(until) <= int(said)):
        yield warning("dkim-time", "it does not say when it was made, or ends before it begins", "RFC 6376 3.5")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
