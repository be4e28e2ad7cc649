"""The sender's records in the DNS, asked of a real server on loopback."""

import base64
import socket

import dns.resolver
import dns.reversename
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from digest.smtp import dns as sender_dns
from digest.smtp.dns import Sender
from tests.support.names import Records, name_server

GOOD = {
    ("ledger.example.org", "MX"): ["10 mail.ledger.example.org."],
    ("ledger.example.org", "TXT"): ['"v=spf1 include:relay.example.net ~all"', '"other"'],
    ("relay.example.net", "TXT"): ['"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 a:out.example.net/28 mx -all"'],
    ("relay.example.net", "MX"): ["10 in.example.net."],
    ("in.example.net", "A"): ["203.0.113.7"],
    ("out.example.net", "A"): ["198.51.100.17"],
    ("_dmarc.ledger.example.org", "TXT"): ['"v=DMARC1; p=none; rua=mailto:a@ledger.example.org"'],
    ("s1._domainkey.ledger.example.org", "TXT"): ['"v=DKIM1; k=rsa; p=MIIB"'],
}


def rules(records: Records, **more: object) -> list[tuple[str, str]]:
    sender = Sender(**{"domain": "ledger.example.org", "envelope": "ledger.example.org", "signs": True, **more})  # type: ignore[arg-type]
    with name_server(records) as resolver:
        return [(f.severity, f.rule) for f in sender_dns.check(sender, resolver=resolver)]


def test_a_domain_in_order_has_no_findings() -> None:
    assert rules(GOOD, keys={"s1": ""}) == []


def test_a_domain_without_records_lacks_each() -> None:
    assert rules({}, keys={"s1": ""}) == [("warning", "mx"), ("error", "spf"), ("error", "dmarc"), ("error", "dkim")]


@pytest.mark.parametrize(
    ("key", "values", "found"),
    [
        ("ledger.example.org", ['"v=spf1 -all"', '"v=spf1 ~all"'], ("error", "spf")),
        ("ledger.example.org", ['"v=spf1 ' + " ".join(f"include:r{i}.example" for i in range(11)) + ' -all"'], ("error", "spf")),
        ("ledger.example.org", ['"v=spf1 +all"'], ("warning", "spf")),
        ("_dmarc.ledger.example.org", ['"v=DMARC1; p=none"'], ("warning", "dmarc")),
        ("_dmarc.ledger.example.org", ['"v=DMARC1; rua=mailto:a@example.org"'], ("error", "dmarc")),
        ("s1._domainkey.ledger.example.org", ['"v=DKIM1; p="'], ("error", "dkim")),
    ],
)
def test_a_wrong_record_is_found(key: str, values: list[str], found: tuple[str, str]) -> None:
    assert rules({**GOOD, (key, "TXT"): values}, keys={"s1": ""}) == [found]


def test_the_policy_of_the_domain_above_counts() -> None:
    records = {k: v for k, v in GOOD.items() if not k[0].startswith("_dmarc")}

    assert rules({**records, ("_dmarc.example.org", "TXT"): GOOD["_dmarc.ledger.example.org", "TXT"]}) == []


def test_a_server_that_does_not_answer_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_dns, "SECONDS", 0.3)
    made = dns.resolver.Resolver(configure=False)
    made.nameservers = ["127.0.0.1"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        made.port = silent.getsockname()[1]

        found = list(sender_dns.check(Sender(domain="ledger.example.org", envelope="ledger.example.org"), resolver=made))

    assert [(f.severity, f.rule) for f in found] == [("warning", "dns")]


def test_a_published_key_that_is_not_ours_is_named_with_the_record_to_publish() -> None:
    published = {**GOOD, ("s1._domainkey.ledger.example.org", "TXT"): ['"v=DKIM1; k=rsa; p=AAAA BBBB"']}

    assert rules(published, keys={"s1": "v=DKIM1; k=rsa; p=AAAABBBB"}) == []
    assert rules(published, keys={"s1": "v=DKIM1; k=rsa; p=CCCC"}) == [("error", "dkim")]


@pytest.mark.parametrize(
    ("address", "passes"),
    [
        ("192.0.2.10", True),
        ("2001:db8::7", True),
        ("198.51.100.30", True),  # the network of its address
        ("198.51.100.32", False),
        ("203.0.113.7", True),
        ("203.0.113.8", False),
    ],
)
def test_spf_is_evaluated_for_the_sending_address(address: str, passes: bool) -> None:
    named = {
        (dns.reversename.from_address(address).to_text(omit_final_dot=True), "PTR"): ["mail.ledger.example.org."],
        ("mail.ledger.example.org", "AAAA" if ":" in address else "A"): [address],
    }

    assert rules({**GOOD, **named}, addresses=[address]) == ([] if passes else [("error", "spf")])


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 include:nobody.example -all",
        "v=spf1 ip4:300.1.1.1 -all",
        "v=spf1 all-of-us -all",
        "v=spf1 include:ledger.example.org -all",
        "v=spf1 redirect=nobody.example",
        "v=spf1 include: -all",
    ],
)
def test_a_record_that_receivers_cannot_evaluate_is_an_error(record: str) -> None:
    assert rules({**GOOD, ("ledger.example.org", "TXT"): [f'"{record}"']}) == [("error", "spf")]


def test_look_ups_of_included_records_count() -> None:
    wide = {(f"r{i}.example", "TXT"): ['"v=spf1 a mx include:leaf.example -all"'] for i in range(3)}
    records = {**GOOD, **wide, ("leaf.example", "TXT"): ['"v=spf1 -all"']}

    assert rules({**records, ("ledger.example.org", "TXT"): ['"v=spf1 include:r0.example include:r1.example -all"']}) == []
    three = ['"v=spf1 include:r0.example include:r1.example include:r2.example -all"']
    assert rules({**records, ("ledger.example.org", "TXT"): three}) == [("error", "spf")]


@pytest.mark.parametrize(
    ("envelope", "policy", "signs", "found"),
    [
        ("bounces.ledger.example.org", "", False, []),  # of the same organization
        ("bounces.ledger.example.org", "; aspf=s", False, [("error", "alignment")]),
        ("ledger.example.org", "; aspf=s", False, []),
        ("mail.other.example", "", False, [("error", "alignment")]),
        ("mail.other.example", "", True, [("hint", "alignment")]),
    ],
)
def test_dmarc_passes_where_envelope_or_signature_belongs_to_the_sender(
    envelope: str, policy: str, signs: bool, found: list[tuple[str, str]]
) -> None:
    records = {
        **GOOD,
        (envelope, "MX"): ["10 mail.example."],
        (envelope, "TXT"): ['"v=spf1 -all"'],
        ("_dmarc.ledger.example.org", "TXT"): [f'"v=DMARC1; p=none; rua=mailto:a@example.org{policy}"'],
    }

    assert rules(records, envelope=envelope, signs=signs) == found


def test_a_public_suffix_makes_no_organization() -> None:
    policy = ['"v=DMARC1; p=none; rua=mailto:a@example.org"']
    records = {
        **GOOD,
        ("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=reject; psd=y; rua=mailto:a@example.org"'],
        ("_dmarc.other.example.org", "TXT"): policy,
        ("other.example.org", "MX"): ["10 mail.example."],
        ("other.example.org", "TXT"): ['"v=spf1 -all"'],
    }

    assert rules(records, envelope="other.example.org", signs=False) == [("error", "alignment")]


@pytest.mark.parametrize(
    ("records", "found"),
    [
        ({}, ["mta-sts", "tls-rpt", "bimi"]),
        ({("_mta-sts.ledger.example.org", "TXT"): ['"v=STSv1; id=1"']}, ["mta-sts", "tls-rpt", "bimi"]),
        ({("default._bimi.ledger.example.org", "TXT"): ['"v=BIMI1; l=https://x/y.svg"']}, ["mta-sts", "tls-rpt", "bimi"]),
        (
            {
                ("_mta-sts.ledger.example.org", "TXT"): ['"v=STSv1; id=1"'],
                ("mta-sts.ledger.example.org", "A"): ["192.0.2.1"],
                ("_smtp._tls.ledger.example.org", "TXT"): ['"v=TLSRPTv1; rua=mailto:a@example.org"'],
                ("default._bimi.ledger.example.org", "TXT"): ['"v=BIMI1; l=https://x/y.svg"'],
                ("_dmarc.ledger.example.org", "TXT"): ['"v=DMARC1; p=reject"'],
            },
            [],
        ),
    ],
)
def test_what_would_be_good_to_have_is_named(records: Records, found: list[str]) -> None:
    with name_server({**GOOD, **records}) as resolver:
        sender = Sender(domain="ledger.example.org", envelope="ledger.example.org")
        policy = b"version: STSv1\nmode: testing\nmx: mail.ledger.example.org\nmax_age: 86400\n"
        checked = sender_dns.extras(sender, fetch=lambda _: policy, resolver=resolver)
        assert [finding.rule for finding in checked if finding.severity != "ok"] == found


#: A public key of 768 bits, which libraries refuse to make by now.
SHORT = "MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhAKpn5ctzf5q3I89cococ/NvzjASsg3fWH6yKx5ROmATHjJnAWKk1WtUARgMTllgskpxlxrXaUv1EFodLeqnVlUTNOtVRVFZo9+NclQztJ72jmj0/OMK58/EoUZBIurQnTwIDAQAB"


def public_key(bits: int) -> str:
    made = rsa.generate_private_key(65537, bits).public_key()
    return base64.b64encode(made.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


@pytest.mark.parametrize(("bits", "found"), [(768, [("error", "dkim")]), (1024, [("warning", "dkim")]), (2048, [])])
def test_a_short_key_is_named(bits: int, found: list[tuple[str, str]]) -> None:
    record = f"v=DKIM1; k=rsa; p={SHORT if bits == 768 else public_key(bits)}"
    cut = " ".join(f'"{record[i : i + 200]}"' for i in range(0, len(record), 200))

    assert rules({**GOOD, ("s1._domainkey.ledger.example.org", "TXT"): [cut]}, keys={"s1": ""}) == found
