"""Mailboxes on a real Dovecot, by IMAP and POP3: nothing is lost, what was not understood is kept."""

import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from digest.errors import BadInput, FetchError
from digest.mailbox.location import Account, parse, xoauth2
from digest.mailbox.opening import open_mailbox
from digest.mailbox.ports import Mailbox
from tests.mailbox import dovecot
from tests.mailbox.dovecot import Dovecot

SCHEMES = ("imaps", "imap+starttls", "pop3s", "pop3+starttls")


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot.running() as running:
        yield running


@pytest.fixture
def box(server: Dovecot) -> Dovecot:
    """The server, its mailbox empty."""
    server.inbox.clear()
    for folder in server.inbox.list_folders():
        server.inbox.get_folder(folder).clear()
    return server


def opened(box: Dovecot, url: str, unclear: Path, token: str = "") -> Mailbox:
    where = parse(url)
    assert isinstance(where, Account)
    return open_mailbox(where, tls=lambda: box.tls, unclear=unclear, token=(lambda: token) if token else None)


def mails(count: int) -> list[bytes]:
    return [f"Subject: {number}\n\n{'x' * 3_000}\n".encode() for number in range(count)]


def subjects(raws: list[bytes]) -> list[int]:
    return sorted(int(raw.split(b"\r\n")[0].removeprefix(b"Subject: ")) for raw in raws)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_mails_are_handed_out_and_stay_until_they_are_put_away(box: Dovecot, tmp_path: Path, scheme: str) -> None:
    box.deliver(*mails(3))

    for _ in range(2):
        with closing(opened(box, box.url(scheme), tmp_path)) as mailbox:
            assert subjects([message.raw for message in mailbox.messages()]) == [0, 1, 2]

    assert len(box.inbox) == 3


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_was_understood_is_deleted_and_the_rest_kept_aside(box: Dovecot, tmp_path: Path, scheme: str) -> None:
    box.deliver(*mails(5))

    with closing(opened(box, box.url(scheme), tmp_path / "unclear")) as mailbox:
        for message in mailbox.messages():
            mailbox.put_away(message, understood=b"Subject: 2" not in message.raw)

    assert len(box.inbox) == 0
    if scheme.startswith("imap"):
        kept = [bytes(mail) for mail in box.inbox.get_folder("digest-unclear")]
    else:
        kept = [path.read_bytes() for path in (tmp_path / "unclear").iterdir()]
    assert [mail.splitlines()[0] for mail in kept] == [b"Subject: 2"]


def test_a_mailbox_of_several_batches_is_read_to_its_end(box: Dovecot, tmp_path: Path) -> None:
    box.deliver(*mails(1_100))

    with closing(opened(box, box.url("imaps"), tmp_path)) as mailbox:
        seen = []
        for message in mailbox.messages():
            seen.append(message.raw)
            mailbox.put_away(message, understood=True)

    assert subjects(seen) == list(range(1_100))
    assert len(box.inbox) == 0


def test_a_server_without_move_and_uidplus_and_with_a_prefix_does_as_well(tmp_path: Path) -> None:
    with dovecot.running(prefix="INBOX.", capability="IMAP4rev1 NAMESPACE STARTTLS AUTH=PLAIN") as plain:
        plain.deliver(*mails(600))

        with closing(opened(plain, plain.url("imaps"), tmp_path)) as mailbox:
            for message in mailbox.messages():
                mailbox.put_away(message, understood=b"Subject: 7\r" not in message.raw)

        assert len(plain.inbox) == 0
        assert len(plain.inbox.get_folder("digest-unclear")) == 1


def test_another_folder_can_be_read(box: Dovecot, tmp_path: Path) -> None:
    box.inbox.add_folder("Returned").add(b"Subject: 9\n\n\n")
    box.own()

    with closing(opened(box, box.url("imaps", "Returned"), tmp_path)) as mailbox:
        assert subjects([message.raw for message in mailbox.messages()]) == [9]


def test_a_folder_that_is_not_there_is_said(box: Dovecot, tmp_path: Path) -> None:
    with (
        closing(opened(box, box.url("imaps", "Nowhere"), tmp_path)) as mailbox,
        pytest.raises(FetchError, match="has no folder Nowhere"),
    ):
        list(mailbox.messages())


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_wrong_password_is_said_and_not_shown(box: Dovecot, tmp_path: Path, scheme: str) -> None:
    with pytest.raises(FetchError, match=f"{scheme.replace('+', '.')}://localhost") as refused:
        opened(box, box.url(scheme, password=":wr0ng"), tmp_path)

    assert "wr0ng" not in str(refused.value)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_certificate_of_another_authority_is_refused_before_the_password(box: Dovecot, tmp_path: Path, scheme: str) -> None:
    where = parse(box.url(scheme))
    assert isinstance(where, Account)

    with pytest.raises(FetchError, match="CERTIFICATE_VERIFY_FAILED"):
        open_mailbox(where, tls=ssl.create_default_context, unclear=tmp_path)


@pytest.mark.parametrize("scheme", ["imaps", "pop3s"])
def test_an_access_token_logs_in_where_there_is_no_password(box: Dovecot, tmp_path: Path, scheme: str) -> None:
    box.deliver(*mails(1))

    with closing(opened(box, box.url(scheme, password=""), tmp_path, token="s3cr3t@word")) as mailbox:
        assert len(list(mailbox.messages())) == 1
    with pytest.raises(FetchError, match="failed"):
        opened(box, box.url(scheme, password=""), tmp_path, token="another")


def test_the_response_of_xoauth2_is_as_google_documents_it() -> None:
    assert xoauth2("ann@example.org", "vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg==") == (
        b"user=ann@example.org\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg==\x01\x01"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("imap://a:b@mail.example.org", "would send the password in clear"),
        ("pop3://a:b@mail.example.org", "write `pop3s://` or `pop3.starttls://`"),
        ("imaps://mail.example.org", "is not like"),
        ("imaps://a:b#c@mail.example.org", "is not like"),
        ("imaps://a:b@mail.example.org:x", "is not like"),
        ("ftp://a:b@mail.example.org", "is not like"),
    ],
)
def test_a_location_that_cannot_be_used_is_refused_without_its_password(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as refused:
        parse(text)

    assert "a:b" not in str(refused.value)


def test_a_location_has_user_password_port_and_folder() -> None:
    where = parse("imaps://ann%40example.org:p%2Fw@mail.example.org:1993/Returned%20mail")

    assert where == Account(
        scheme="imaps", host="mail.example.org", port=1993, user="ann@example.org", password="p/w", folder="Returned mail"
    )
    assert "p/w" not in repr(where)
    assert parse("maildir:var/M", home=Path("/x")) == Path("/x/var/M")
