"""
From a sound installation to a mail that its receiver calls authentic.

A real Postfix with OpenDKIM and OpenDMARC before its mailboxes, and the records of the sender on a name server of the test.
"""

import re
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import pytest

from digest.services import context, keys
from digest.services.doctor import Examined, examine
from digest.services.views.doctor import CheckView
from digest.smtp.dkim import read_key
from digest.web import public
from tests.support.documents import Documents
from tests.support.http import serving
from tests.support.milters import NAMES_AT, receiver
from tests.support.names import name_server
from tests.support.place import Place
from tests.support.postfix import Postfix, running
from tests.support.servers import tls_front

pytestmark = [pytest.mark.file_only, pytest.mark.any_database]

DOMAIN = "ledger.example.org"
#: Bounces go to another domain, so that DMARC passes by the signature alone: to OpenDMARC mail of loopback always passes SPF.
BOUNCES = "mail.other.example"
AT = "127.0.0.1"


@pytest.fixture
def records(place: Place) -> dict[tuple[str, str], list[str]]:
    keys.make(place.ctx.settings, "s1", ed25519=False, out=place.folder / "s1.pem")
    key = read_key("s1", place.folder / "s1.pem").record
    return {
        (BOUNCES, "MX"): [f"10 mail.{DOMAIN}."],
        (BOUNCES, "TXT"): [f'"v=spf1 ip4:{AT} -all"'],
        (f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=reject; rua=mailto:a@example.org"'],
        (f"s1._domainkey.{DOMAIN}", "TXT"): [" ".join(f'"{key[i : i + 200]}"' for i in range(0, len(key), 200))],
        ("1.0.0.127.in-addr.arpa", "PTR"): [f"mail.{DOMAIN}."],
        (f"mail.{DOMAIN}", "A"): [AT],
    }


@pytest.fixture
def postfix(tmp_path: Path, records: dict[tuple[str, str], list[str]]) -> Iterator[Postfix]:
    with name_server(records, at=NAMES_AT), receiver(tmp_path) as milters, running(milters=milters) as found:
        yield found


def checked(place: Place, records: dict[tuple[str, str], list[str]]) -> list[CheckView]:
    """What the examination finds wrong."""
    with name_server(records) as resolver:
        what = Examined(settings=place.ctx.settings, clock=place.clock, sending=(AT,), resolver=resolver, fetcher=Documents({}))
        return [one for one in examine(what) if one.status in ("error", "warning")]


def arrived(postfix: Postfix) -> bytes:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for file in postfix.mails.iterdir() if postfix.mails.is_dir() else ():
            return file.read_bytes()
        time.sleep(0.1)
    pytest.fail("the mail has not arrived")


def verdicts(raw: bytes) -> dict[str, str]:
    """What the receiver says of a mail: method → result."""
    said = " ".join(message_from_bytes(raw).get_all("Authentication-Results", []))
    return dict(re.findall(r"\b(dkim|spf|dmarc)=(\w+)", said))


def mailed(place: Place, postfix: Postfix, records: dict[tuple[str, str], list[str]]) -> tuple[set[str], dict[str, str]]:
    """Send an issue through the receiver: the rules of what the examination finds wrong, and the receiver's verdicts."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    postfix.authority.cert_pem.write_to_path(str(place.folder / "ca.pem"))
    postfix.authority.issue_cert("localhost").configure_cert(server)
    place.ctx.db.file and place.ctx.db.file.chmod(0o600)
    place.readers("ann@example.org")
    place.drop("The harbour opens again")
    with serving(public.app(place.ctx)) as port, tls_front(port, server) as front:
        changes = {
            "smtp_url": f"smtp+starttls://localhost:{postfix.port}",
            "base_url": f"https://localhost:{front}",
            "bounce_address": f"b@{BOUNCES}",
            "dkim_keys": "s1=s1.pem",
            "ca_file": "ca.pem",
        }
        settings = place.ctx.settings.model_copy(update=changes)
        place.ctx = replace(context.build(settings, clock=place.clock), fetcher=place.ctx.fetcher)
        place.collect()
        wrong = checked(place, records)
        assert place.send().counts["sent"] == 1
        return {one.rule for one in wrong}, verdicts(arrived(postfix))


def test_mail_of_a_sound_installation_is_authentic_to_its_receiver(
    place: Place, postfix: Postfix, records: dict[tuple[str, str], list[str]]
) -> None:
    assert mailed(place, postfix, records) == (set(), {"dkim": "pass", "spf": "pass", "dmarc": "pass"})


def test_what_the_examination_finds_wrong_fails_at_the_receiver(
    place: Place, postfix: Postfix, records: dict[tuple[str, str], list[str]]
) -> None:
    records[f"s1._domainkey.{DOMAIN}", "TXT"] = ['"v=DKIM1; p="']

    wrong, said = mailed(place, postfix, records)

    assert wrong == {"dkim"}
    assert said["dmarc"] == "fail"
    assert said["dkim"] != "pass"
