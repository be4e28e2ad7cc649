"""The doctor finds nothing in an installation that is in order, and names each thing that is broken in one that is not."""

import sqlite3
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from sqlmodel import select

from digest.cli.remedies import of_check
from digest.model.event import Event
from digest.model.newsletter import Newsletter
from digest.services import imports, keys
from digest.services.doctor import Examined, examine
from digest.services.views.doctor import CheckView
from digest.settings import Settings
from digest.smtp.dkim import read_key
from digest.web import public
from tests.support.commands import Run
from tests.support.documents import Documents
from tests.support.http import serving
from tests.support.names import name_server
from tests.support.openid import openid
from tests.support.place import Place
from tests.support.servers import PLAIN, Mailbox, Site, free_port, http_server, smtp_server, tls_front

pytestmark = pytest.mark.any_database

DOMAIN, ADDRESS = "ledger.example.org", "192.0.2.10"
OFFERS = (*PLAIN, "PIPELINING")
POLICY_URL = f"https://mta-sts.{DOMAIN}/.well-known/mta-sts.txt"
POLICY = f"version: STSv1\nmode: enforce\nmx: mail.{DOMAIN}\nmax_age: 86400\n".encode()


@dataclass
class Installation:
    """An installation with everything that it depends on."""

    place: Place
    settings: Settings
    records: dict[tuple[str, str], list[str]]
    relay: Mailbox
    sending: tuple[str, ...] = (ADDRESS,)
    documents: Documents = field(default_factory=lambda: Documents({POLICY_URL: POLICY}))

    def set(self, **changes: object) -> None:
        self.settings = self.settings.model_copy(update=changes)

    def examine(self, **more: object) -> list[CheckView]:
        with name_server(self.records) as resolver:
            what = Examined(
                settings=self.settings,
                clock=self.place.clock,
                sending=self.sending,
                resolver=resolver,
                fetcher=self.documents,
                **more,  # type: ignore[arg-type]
            )
            return list(examine(what))


@pytest.fixture
def sound(place: Place) -> Iterator[Installation]:
    """An installation in order: relay, name server, pages over TLS, key, sources and readers."""
    place.readers("ann@gmail.com", "bob@example.org")
    place.drop("The harbour opens again")
    keys.make(place.ctx.settings, "s1", ed25519=True, out=place.folder / "s1.pem")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(place.folder / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", not_after=place.clock() + timedelta(days=4000)).configure_cert(context)
    place.ctx.db.file and place.ctx.db.file.chmod(0o600)
    with (
        smtp_server(Mailbox(extensions=OFFERS)) as relay,
        serving(public.app(place.ctx)) as port,
        tls_front(port, context) as front,
    ):
        settings = place.ctx.settings.model_copy(
            update={
                "smtp_url": f"smtp://127.0.0.1:{relay.port}",
                "base_url": f"https://localhost:{front}",
                "bounce_address": f"bounces@{DOMAIN}",
                "dkim_keys": "s1=s1.pem",
                "ca_file": "ca.pem",
            }
        )
        yield Installation(place=place, settings=settings, records=records(place.folder), relay=relay)


def records(folder: Path) -> dict[tuple[str, str], list[str]]:
    key = read_key("s1", folder / "s1.pem").record
    return {
        (DOMAIN, "MX"): [f"10 mail.{DOMAIN}."],
        (DOMAIN, "TXT"): [f'"v=spf1 ip4:{ADDRESS} -all"'],
        (f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=reject; rua=mailto:a@example.org"'],
        (f"s1._domainkey.{DOMAIN}", "TXT"): [" ".join(f'"{key[i : i + 200]}"' for i in range(0, len(key), 200))],
        ("10.2.0.192.in-addr.arpa", "PTR"): [f"mail.{DOMAIN}."],
        (f"mail.{DOMAIN}", "A"): [ADDRESS],
        (f"_mta-sts.{DOMAIN}", "TXT"): ['"v=STSv1; id=1"'],
        (f"mta-sts.{DOMAIN}", "A"): [ADDRESS],
        (f"_smtp._tls.{DOMAIN}", "TXT"): ['"v=TLSRPTv1; rua=mailto:a@example.org"'],
        (f"default._bimi.{DOMAIN}", "TXT"): ['"v=BIMI1; l=https://x/y.svg"'],
    }


def faults(found: list[CheckView]) -> set[tuple[str, str]]:
    """What is an error or a warning."""
    return {(one.status, one.rule) for one in found if one.status in ("error", "warning")}


def test_an_installation_in_order_has_no_faults(sound: Installation) -> None:
    found = sound.examine()

    assert faults(found) == set()
    assert {one.rule for one in found if one.status == "ok"} >= {
        *("settings", "disk", "permissions", "database", "clock", "timetable", "relay", "certificate"),
        *("mx", "spf", "dkim", "dmarc", "alignment", "reverse-dns", "mta-sts", "base-url", "one-click", "provider"),
    }


Break = Callable[[Installation], None]


def record(name: str, kind: str, *values: str) -> Break:
    def act(one: Installation) -> None:
        one.records[f"{name}{DOMAIN}", kind] = list(values)

    return act


def without(name: str, kind: str) -> Break:
    return lambda one: one.records.pop((f"{name}{DOMAIN}", kind)) and None


def setting(**changes: object) -> Break:
    return lambda one: one.set(**changes)


def unaligned(one: Installation) -> None:
    one.set(bounce_address="b@mail.other.example", dkim_keys="")
    one.records |= {
        ("mail.other.example", "MX"): ["10 x.example."],
        ("mail.other.example", "TXT"): [f'"v=spf1 ip4:{ADDRESS} -all"'],
    }


def another_key(one: Installation) -> None:
    keys.make(one.place.ctx.settings, "s2", ed25519=True, out=one.place.folder / "s2.pem")
    one.set(dkim_keys="s1=s2.pem")


def no_name(one: Installation) -> None:
    del one.records["10.2.0.192.in-addr.arpa", "PTR"]


def readable(one: Installation) -> None:
    (one.place.folder / "s1.pem").chmod(0o644)


def clock_behind(one: Installation) -> None:
    with one.place.ctx.db.begin() as tx:
        last = tx.exec(select(Event)).all()[-1]
        tx.add(Event(**{**last.model_dump(exclude={"id"}), "at": one.place.clock() + timedelta(days=2)}))


def broken_theme(one: Installation) -> None:
    with one.place.ctx.db.begin() as tx:
        for paper in tx.exec(select(Newsletter)):
            paper.theme = "nowhere"


def policy(body: bytes | None) -> Break:
    def act(one: Installation) -> None:
        one.documents = Documents({POLICY_URL: body} if body is not None else {})

    return act


def refused(one: Installation) -> None:
    one.set(smtp_url=f"smtp://127.0.0.1:{free_port()}")


def small(one: Installation) -> None:
    one.relay.extensions = (*(offer for offer in OFFERS if not offer.startswith("SIZE")), "SIZE 50000")


def expiring(one: Installation) -> None:
    one.place.clock.turn(days=3990)


FAULTS: dict[str, tuple[Break, tuple[str, str]]] = {
    "no MX": (without("", "MX"), ("warning", "mx")),
    "a domain that takes no mail": (record("", "MX", "0 ."), ("warning", "mx")),
    "no SPF": (without("", "TXT"), ("error", "spf")),
    "two SPF records": (record("", "TXT", '"v=spf1 -all"', '"v=spf1 ~all"'), ("error", "spf")),
    "SPF of somebody else": (record("", "TXT", '"v=spf1 ip4:198.51.100.1 -all"'), ("error", "spf")),
    "SPF that includes nothing": (record("", "TXT", '"v=spf1 include:nobody.example -all"'), ("error", "spf")),
    "SPF for everybody": (record("", "TXT", '"v=spf1 +all"'), ("warning", "spf")),
    "no DMARC": (without("_dmarc.", "TXT"), ("error", "dmarc")),
    "DMARC without a policy": (record("_dmarc.", "TXT", '"v=DMARC1; rua=mailto:a@example.org"'), ("error", "dmarc")),
    "no DKIM key": (without("s1._domainkey.", "TXT"), ("error", "dkim")),
    "a DKIM key that was taken back": (record("s1._domainkey.", "TXT", '"v=DKIM1; p="'), ("error", "dkim")),
    "another DKIM key": (another_key, ("error", "dkim")),
    "an envelope of another domain": (unaligned, ("error", "alignment")),
    "no reverse DNS": (no_name, ("error", "reverse-dns")),
    "reverse DNS that does not lead back": (record("mail.", "A", "198.51.100.1"), ("error", "reverse-dns")),
    "a policy host without an address": (without("mta-sts.", "A"), ("warning", "mta-sts")),
    "a policy that is not served": (policy(None), ("warning", "mta-sts")),
    "a policy of another mail server": (policy(POLICY.replace(b"mail.", b"old.")), ("warning", "mta-sts")),
    "a policy in no known mode": (policy(POLICY.replace(b"enforce", b"strict")), ("warning", "mta-sts")),
    "a relay that is down": (refused, ("error", "relay")),
    "a relay that takes small mails": (small, ("error", "size")),
    "a certificate that ends soon": (expiring, ("warning", "certificate")),
    "a certificate of nobody": (setting(ca_file=""), ("error", "certificate")),
    "pages that cannot be reached": (lambda one: one.set(base_url=f"https://localhost:{free_port()}"), ("error", "unreachable")),
    "pages in clear": (lambda one: one.set(base_url=f"http://localhost:{free_port()}"), ("warning", "base-url")),
    "a key that others can read": (readable, ("error", "permissions")),
    "a clock that went back": (clock_behind, ("error", "clock")),
    "no backup in its folder": (setting(backup_dir="backups"), ("warning", "backup")),
    "a theme that is not there": (broken_theme, ("error", "theme")),
    "no sender": (setting(sender=""), ("error", "sender")),
    "no pepper": (setting(pepper=""), ("error", "secrets")),
    "no database": (setting(database_url="sqlite:///elsewhere.db"), ("error", "no_database")),
    "a data folder that cannot be written": (setting(data_dir="s1.pem/var"), ("error", "data-folder")),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_named(sound: Installation, name: str) -> None:
    damage, wanted = FAULTS[name]
    damage(sound)

    found = sound.examine()

    assert wanted in faults(found), faults(found)
    assert all(of_check(one.rule, one.where, one.remedy) or one.source for one in found if (one.status, one.rule) == wanted)


@pytest.mark.parametrize(("status", "headers"), [(403, {}), (302, {"Location": "https://localhost/login"}), (404, {}), (200, {})])
def test_a_proxy_that_does_not_pass_the_post_on_is_named(sound: Installation, status: int, headers: dict[str, str]) -> None:
    with http_server(Site()) as site:
        site.pages["/healthz"] = (200, {}, b'{"ok":true}')
        site.otherwise = (status, headers, b"robots?")
        sound.set(base_url=f"http://localhost:{site.port}")

        assert ("error", "one-click") in faults(sound.examine())


def test_a_large_share_at_a_provider_makes_its_rules_errors(sound: Installation) -> None:
    sound.records.pop((f"_dmarc.{DOMAIN}", "TXT"))
    assert ("warning", "provider") in faults(sound.examine())

    file = sound.place.folder / "many.csv"
    file.write_text("address\n" + "".join(f"r{number}@gmail.com\n" for number in range(5_000)))
    [part] = imports.parts_of(file, "readers")
    imports.import_file(sound.place.ctx, part)

    assert ("error", "provider") in faults(sound.examine())


def test_settings_that_cannot_be_used_are_reported_beside_everything_else(sound: Installation) -> None:
    found = sound.examine(problems=["DIGEST_SETTLE is not a whole number"])

    assert faults(found) == {("error", "settings")}
    assert any(one.rule == "relay" and one.status == "ok" for one in found)


def test_a_test_copy_is_the_next_mail_and_its_reply_is_told(sound: Installation) -> None:
    sound.place.collect()

    [copy] = [one for one in sound.examine(copy_to="ann@example.net") if one.rule == "test-copy"]

    assert copy.status == "ok"
    assert "ann@example.net" in copy.message
    [mail] = sound.relay.contents
    assert b"The harbour opens again" in mail
    sound.relay.answers["RCPT"] = "550 5.7.1 not from you"
    [refused] = [one for one in sound.examine(copy_to="ann@example.net") if one.rule == "test-copy"]
    assert (refused.status, "not from you" in refused.message) == ("error", True)


@pytest.mark.parametrize("address", ["nobody", "a@b@c"])
def test_a_test_copy_for_no_address_is_refused(sound: Installation, address: str) -> None:
    assert [one.status for one in sound.examine(copy_to=address) if one.area == "test copy"] == ["error"]


def test_a_provider_that_cannot_be_asked_who_logs_in_is_named(sound: Installation) -> None:
    with openid(sound.place.clock) as provider:
        sound.set(oidc_issuer=provider.issuer, oidc_client_id="digest")
        good = sound.examine()
        provider.broken = True
        bad = sound.examine()

    assert ("log-in", "ok", provider.issuer) in {(one.area, one.status, one.where) for one in good}
    assert faults(bad) - faults(good) == {("error", "openid")}


def test_offline_nobody_is_asked(sound: Installation) -> None:
    sound.set(smtp_url="smtp://192.0.2.1", base_url="https://192.0.2.1")

    found = sound.examine(offline=True)

    assert faults(found) == set()
    assert {one.area for one in found} == {"settings", "files", "database", "backup", "clock", "newsletters", "mail"}


def test_a_place_that_mails_into_files_is_told_so(sound: Installation) -> None:
    sound.set(smtp_url="outbox:var/outbox")

    assert [one.status for one in sound.examine() if one.rule == "outbox"] == ["hint"]


def test_the_command_prints_every_area_and_ends_with_1_on_an_error(run: Run) -> None:
    assert run("init").code == 0

    said = run("doctor", "--offline")
    told = run("doctor", "--offline", "--json")

    assert said.code == told.code == 0
    assert "  warning  daily has no readers" in said.out
    assert "`digest subscribers import FILE.csv --list readers`" in said.out
    assert {one["area"] for one in told.json["checks"]} == {
        "settings",
        "files",
        "database",
        "backup",
        "clock",
        "newsletters",
        "mail",
    }  # type: ignore[index]


def test_what_is_well_needs_no_remedy(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_BACKUP_DIR", str(tmp_path / "copies"))
    assert run("init").code == 0
    (tmp_path / "copies").mkdir()
    run("backup", str(tmp_path / "copies" / f"digest-{datetime.now(UTC):%Y-%m-%dT%H%MZ}.zip"))

    checks = run("doctor", "--offline", "--json").json["checks"]

    assert {one["status"] for one in checks if one["rule"] == "backup"} == {"ok"}  # type: ignore[index]
    assert [one for one in checks if one["status"] == "ok" and one["remedy"]] == []  # type: ignore[index]


def test_the_command_works_whatever_is_wrong_with_the_settings(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_SETTLE", "soon")
    monkeypatch.setenv("DIGEST_SMTP_URL", "nowhere")

    said = run("doctor", "--offline")

    assert said.code == 1
    assert "DIGEST_SETTLE is not a whole number" in said.out
    assert "DIGEST_SMTP_URL" in said.out
    assert "there is no database" in said.out


def test_a_damaged_database_file_is_named(sound: Installation) -> None:
    file = sound.place.ctx.db.file
    if file is None:
        pytest.skip("a server checks itself")
    sound.place.ctx.db.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    octets = bytearray(file.read_bytes())
    for page in range(20, len(octets) // 4096 - 2):
        octets[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    file.write_bytes(octets)

    found = examine(Examined(settings=sound.settings, offline=True, clock=sound.place.clock))

    assert {(one.status, one.area) for one in found} & {("error", "database")}
