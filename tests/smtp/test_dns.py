"""The sender's records in the DNS, asked of a real server on loopback."""

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence

import dns.message
import dns.resolver
import dns.rrset
import pytest

from digest.smtp import dns as sender_dns

GOOD = {
    ("ledger.example.org", "MX"): ["10 mail.ledger.example.org."],
    ("ledger.example.org", "TXT"): ['"v=spf1 include:relay.example.net ~all"', '"other"'],
    ("_dmarc.ledger.example.org", "TXT"): ['"v=DMARC1; p=none; rua=mailto:a@ledger.example.org"'],
    ("s1._domainkey.ledger.example.org", "TXT"): ['"v=DKIM1; k=rsa; p=MIIB"'],
}
Records = Mapping[tuple[str, str], Sequence[str]]


@pytest.fixture
def ask() -> Iterator[object]:
    """Starts a name server with these records and gives a resolver that asks it."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    records: dict[tuple[str, str], Sequence[str]] = {}

    def serve() -> None:
        while True:
            try:
                raw, peer = server.recvfrom(4096)
            except OSError:
                return
            if raw == b"end":
                return
            query = dns.message.from_wire(raw)
            question = query.question[0]
            key = (question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype))
            answer = dns.message.make_response(query)
            if found := records.get(key):
                answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", key[1], *found))
            server.sendto(answer.to_wire(), peer)

    thread = threading.Thread(target=serve)
    thread.start()

    def resolver(known: Records) -> dns.resolver.Resolver:
        records.update(known)
        made = dns.resolver.Resolver(configure=False)
        made.nameservers = ["127.0.0.1"]
        made.port = server.getsockname()[1]
        return made

    yield resolver
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ending:
        ending.sendto(b"end", server.getsockname())
    thread.join()
    server.close()


def rules(ask: object, records: Records, **more: Mapping[str, str]) -> list[tuple[str, str]]:
    made = ask(records)  # type: ignore[operator]
    return [(f.severity, f.rule) for f in sender_dns.check("ledger.example.org", resolver=made, **more)]


def test_a_domain_in_order_has_no_findings(ask: object) -> None:
    assert rules(ask, GOOD, keys={"s1": ""}) == []


def test_a_domain_without_records_lacks_each(ask: object) -> None:
    assert rules(ask, {}, keys={"s1": ""}) == [("warning", "mx"), ("error", "spf"), ("error", "dmarc"), ("error", "dkim")]


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
def test_a_wrong_record_is_found(ask: object, key: str, values: list[str], found: tuple[str, str]) -> None:
    assert rules(ask, {**GOOD, (key, "TXT"): values}, keys={"s1": ""}) == [found]


def test_the_policy_of_the_domain_above_counts(ask: object) -> None:
    records = {k: v for k, v in GOOD.items() if not k[0].startswith("_dmarc")}

    assert rules(ask, {**records, ("_dmarc.example.org", "TXT"): GOOD["_dmarc.ledger.example.org", "TXT"]}) == []


def test_a_server_that_does_not_answer_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_dns, "SECONDS", 0.3)
    made = dns.resolver.Resolver(configure=False)
    made.nameservers = ["127.0.0.1"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        made.port = silent.getsockname()[1]

        found = list(sender_dns.check("ledger.example.org", resolver=made))

    assert [(f.severity, f.rule) for f in found] == [("warning", "dns")]


def test_a_published_key_that_is_not_ours_is_named_with_the_record_to_publish(ask: object) -> None:
    published = {**GOOD, ("s1._domainkey.ledger.example.org", "TXT"): ['"v=DKIM1; k=rsa; p=AAAA BBBB"']}

    assert rules(ask, published, keys={"s1": "v=DKIM1; k=rsa; p=AAAABBBB"}) == []
    assert rules(ask, published, keys={"s1": "v=DKIM1; k=rsa; p=CCCC"}) == [("error", "dkim")]
