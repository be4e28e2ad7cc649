"""DKIM signatures are what other people's verifiers want, for every message and both kinds of keys."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import dkim
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.cli import digest as program
from digest.cli.remedies import worded
from digest.compose.lint import check
from digest.errors import BadInput, ComposeError
from digest.services import context, messages
from digest.services.preflight import expected
from digest.services.selection import prepare
from digest.smtp.dkim import Key, Signer, new_key, read_key, relaxed_body, relaxed_field
from digest.store import deliveries
from tests.support.place import TUESDAY, Place

pytestmark = pytest.mark.any_database

DOMAIN = "ledger.example.org"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Key]:
    folder = tmp_path_factory.mktemp("keys")
    return [new_key("r1", folder / "r1.pem", ed25519_key=False), new_key("e1", folder / "e1.pem", ed25519_key=True)]


@pytest.fixture
def signing(place: Place, keys: Sequence[Key]) -> Place:
    place.ctx = replace(place.ctx, signer=Signer(DOMAIN, keys))
    place.readers("ann@example.org", "bob@example.org")
    place.drop("The harbour opens again", "The bridge is closed")
    place.collect()
    return place


def verified(message: bytes, keys: Sequence[Key]) -> list[bool]:
    """What dkimpy says of each signature, from the top."""
    records = {f"{key.selector}._domainkey.{DOMAIN}.".encode(): key.record.encode() for key in keys}
    count = len(re.findall(rb"(?im)^DKIM-Signature:", message.partition(b"\r\n\r\n")[0]))
    return [dkim.DKIM(message).verify(idx=i, dnsfunc=lambda name, timeout=5: records.get(name)) for i in range(count)]


def test_every_mail_of_an_issue_verifies_with_both_keys(signing: Place, keys: Sequence[Key]) -> None:
    signing.send()

    for file in signing.mails():
        assert verified(file.read_bytes(), keys) == [True, True]


def test_our_own_check_finds_nothing_and_each_of_its_rules_can_fail(signing: Place) -> None:
    signing.send()
    raw = signing.mails()[0].read_bytes()
    rules = expected(signing.ctx)
    broken = {
        "dkim": re.sub(rb"(?s)DKIM-Signature:.*?(?=\r\n[A-CE-Z])\r\n", b"", raw),
        "dkim-body": raw.replace(b"harbour", b"harboor"),
        "dkim-tags": raw.replace(b"v=1;", b"v=2;"),
        "dkim-algorithm": raw.replace(b"rsa-sha256", b"rsa-sha1"),
        "dkim-canonicalisation": raw.replace(b"relaxed/relaxed", b"simple/relaxed"),
        "dkim-length": raw.replace(b"v=1;", b"v=1; l=10;"),
        "dkim-alignment": raw.replace(f"d={DOMAIN}".encode(), b"d=elsewhere.example"),
        "dkim-identity": raw.replace(b"v=1;", b"v=1; i=@elsewhere.example;"),
        "dkim-coverage": raw.replace(b"Message-ID:MIME", b"MIME").replace(b"message-id:", b""),
        "dkim-oversigning": raw.replace(b"From: ", b"From: a@b.example\r\nFrom: ", 1),
        "dkim-time": re.sub(rb" t=\d+;", b"", raw),
    }

    assert [f.rule for f in check(raw, rules).findings if f.rule.startswith("dkim")] == []
    for rule, changed in broken.items():
        assert changed != raw, rule
        assert rule in {f.rule for f in check(changed, rules).findings}, rule


def test_a_mail_is_signed_the_same_whenever_it_is_made(signing: Place) -> None:
    signing.send()
    sent = {file.read_bytes() for file in signing.mails()}
    signing.clock.turn(days=3)

    with signing.ctx.db.read() as tx:
        assert {messages.remake(signing.ctx, row) for row in deliveries.listed(tx)} == sent


def test_a_key_that_was_taken_away_is_asked_for(signing: Place) -> None:
    signing.send()
    with signing.ctx.db.read() as tx:
        row = deliveries.listed(tx)[0]

    with pytest.raises(ComposeError) as refused:
        messages.remake(replace(signing.ctx, signer=None), row)
    assert "DIGEST_DKIM_KEYS" in worded(refused.value)
    with pytest.raises(ComposeError, match="the DKIM key 'r1', which the issue is signed with, is not at hand"):
        messages.remake(replace(signing.ctx, signer=Signer(DOMAIN, [])), row)


@pytest.mark.parametrize(
    "changed", [b"From: Somebody <x@example.net>\r\n", b"List-Unsubscribe: <https://evil.example/>\r\n", b"Subject: buy\r\n"]
)
def test_a_field_that_is_added_breaks_the_signature(signing: Place, keys: Sequence[Key], changed: bytes) -> None:
    signing.send()
    message = signing.mails()[0].read_bytes()
    at = message.index(b"\r\nTo:") + 2

    assert verified(message[:at] + changed + message[at:], keys) == [False, False]


def test_header_and_signature_fit_their_lines(signing: Place) -> None:
    signing.send()
    head = signing.mails()[0].read_bytes().partition(b"\r\n\r\n")[0]

    assert max(map(len, head.split(b"\r\n"))) <= 78
    assert head.index(b"a=rsa-sha256") < head.index(b"a=ed25519-sha256")
    for name in (b"From", b"List-Unsubscribe-Post"):
        assert re.sub(rb"\s", b"", head).count(b":" + name + b":") + re.sub(rb"\s", b"", head).count(b"=" + name + b":") >= 2


@settings(max_examples=200)
@given(
    subject=st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=60),
    body=st.lists(
        st.text(st.characters(codec="ascii", include_characters="\t ", exclude_characters="\r\n"), max_size=60), max_size=12
    ),
)
def test_any_message_verifies(keys: Sequence[Key], subject: str, body: list[str]) -> None:
    message = (
        f"From: a@{DOMAIN}\r\nTo: b@example.org\r\nSubject: {subject}\r\nDate: Tue, 03 Mar 2026 06:00:00 +0000\r\n\r\n".encode()
    )
    message += "".join(f"{line}\r\n" for line in body).encode()

    assert verified(Signer(DOMAIN, keys).sign(message, ["r1", "e1"], at=TUESDAY), keys) == [True, True]


def test_canonical_forms_are_those_of_the_standard() -> None:
    # RFC 6376 3.4.5
    assert relaxed_field(b"A: X") == b"a:X\r\n"
    assert relaxed_field(b"B : Y\t\r\n\tZ  ") == b"b:Y Z\r\n"
    assert relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n") == b" C\r\nD E\r\n"
    assert relaxed_body(b"\r\n\r\n") == b""


def test_opendkim_verifies_both_signatures_and_not_those_of_a_changed_mail(
    signing: Place, keys: Sequence[Key], tmp_path: Path
) -> None:
    program = shutil.which("opendkim", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        pytest.skip("opendkim is not installed; Debian's package opendkim has it")
    signing.send()
    message = signing.mails()[0].read_bytes()
    records = "".join(f"{key.selector}._domainkey.{DOMAIN} {key.record}\n" for key in keys)
    (tmp_path / "dns.txt").write_text(records)
    (tmp_path / "conf").write_text(f"Mode v\nTestDNSData file:{tmp_path}/dns.txt\nSyslog no\n")

    def said(octets: bytes) -> str:
        (tmp_path / "mail.eml").write_bytes(octets)
        command = [program or "", "-x", str(tmp_path / "conf"), "-t", str(tmp_path / "mail.eml"), "-vvv"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    assert said(message).count("dkim=pass") == 2
    assert said(message.replace(b"harbour", b"airport")).count("dkim=fail") == 2


def test_weak_foreign_and_broken_keys_are_refused(tmp_path: Path) -> None:
    def pem(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> Path:
        file = tmp_path / "k.pem"
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(private.private_bytes(*form))
        return file

    with pytest.raises(BadInput, match="has 1024 bits, and receivers want 2048"):
        read_key("s", pem(rsa.generate_private_key(65537, 1024)))
    with pytest.raises(BadInput, match="neither RSA nor Ed25519"):
        read_key("s", pem(ec.generate_private_key(ec.SECP256R1())))
    (tmp_path / "x.pem").write_text("no key")
    with pytest.raises(BadInput, match="is no private key in PEM"):
        read_key("s", tmp_path / "x.pem")
    with pytest.raises(BadInput, match="cannot be read"):
        read_key("s", tmp_path / "nothing.pem")
    with pytest.raises(BadInput, match="is no selector"):
        read_key("a.b", tmp_path / "x.pem")


def test_a_new_key_is_private_printed_as_a_record_and_never_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(
        f"DIGEST_FROM=Ledger <paper@{DOMAIN}>\nDIGEST_SECRET_KEY={'s' * 32}\nDIGEST_PEPPER={'p' * 32}\n"
    )
    runner = CliRunner()

    made = runner.invoke(program, ["dkim", "new", "paper2026"])
    again = runner.invoke(program, ["dkim", "new", "paper2026"])

    assert made.exit_code == 0, made.output
    file = tmp_path / "var" / "dkim" / "paper2026.pem"
    assert file.stat().st_mode & 0o077 == 0
    strings = re.findall(r'"([^"]*)"', made.stdout)
    assert "".join(strings) == read_key("paper2026", file).record
    assert all(len(string) <= 255 for string in strings)
    assert made.stdout.startswith(f"paper2026._domainkey.{DOMAIN}. IN TXT ")
    assert "DIGEST_DKIM_KEYS=paper2026=var/dkim/paper2026.pem" in made.stderr
    assert isinstance(again.exception, BadInput)
    with (tmp_path / ".env").open("a") as env:
        env.write("DIGEST_DKIM_KEYS=paper2026=var/dkim/paper2026.pem\n")
    from digest import settings as setting

    ctx = context.build(setting.read(tmp_path / ".env", {}), checked=False)
    assert ctx.signer is not None
    assert (ctx.signer.domain, list(ctx.signer.keys)) == (DOMAIN, ["paper2026"])


def test_the_preview_of_an_issue_is_signed_as_it_will_be(signing: Place, keys: Sequence[Key]) -> None:
    prepared = prepare(signing.ctx, signing.daily, signing.daily.timetable.today(signing.clock()), now=signing.clock())
    for envelope in messages.would_send(
        signing.ctx, signing.daily, lambda _language: prepared.renditions[0], prepared.picks, now=signing.clock()
    ):
        assert verified(envelope.content, keys) == [True, True]
