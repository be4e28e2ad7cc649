"""What persons write to the bounce address goes to the editor once; what programs write goes nowhere."""

import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage

import pytest

from digest.services import bounces, personal, replies
from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp
from tests.bounces.ordinary import mails
from tests.support.bounced import dsn, process, publish, rows
from tests.support.place import Place

LETTER = (
    "From: Ann <ann@example.net>\nTo: bounces@paper.example\nSubject: Re: =?utf-8?Q?Caf=C3=A9?=\nMessage-ID: <1@example.net>\n"
)


@pytest.fixture
def editor(place: Place) -> Place:
    """A place whose editor gets replies."""
    told = place.ctx.settings.model_copy(
        update={"bounce_address": "bounces@paper.example", "replies_to": "editor@ledger.example.org"}
    )
    place.ctx = replace(place.ctx, settings=told)
    return place


def letter(text: str = "Lovely.\n", **fields: str) -> bytes:
    more = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items())
    return f"{LETTER}{more}\n{text}".encode()


def forwarded(place: Place) -> list[EmailMessage]:
    found = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in place.mails()]
    return [mail for mail in found if str(mail["Message-ID"]).startswith("<reply.")]


def test_a_letter_is_forwarded_once_with_its_original_and_its_writers_address(editor: Place) -> None:
    raw = letter("Lovely. «Merci»\n")
    process(editor, raw)

    assert (replies.forward_due(editor.ctx), replies.forward_due(editor.ctx)) == (1, 0)
    process(editor, raw)
    assert replies.forward_due(editor.ctx) == 0

    [mail] = forwarded(editor)
    assert (mail["To"], mail["Reply-To"], mail["Subject"]) == ("editor@ledger.example.org", "ann@example.net", "Fwd: Re: Café")
    assert (mail["Auto-Submitted"], mail["X-Loop"]) == ("auto-generated", "bounces@paper.example")
    text, original = mail.iter_parts()
    assert text.get_content() == "Lovely. «Merci»\n"
    assert original.get_content() == raw


@pytest.mark.parametrize(
    "raw",
    [
        letter(Auto_Submitted="auto-replied"),
        letter(Precedence="bulk"),
        letter(List_Id="<friends.example>"),
        letter(Return_Path="<>"),
        letter(X_Loop="bounces@paper.example"),
        letter().replace(b"ann@example.net", b"no-reply@example.net"),
        letter().replace(b"ann@example.net", b"editor@ledger.example.org"),
        letter().replace(b"ann@example.net", b"PAPER@ledger.example.org"),
        letter().replace(b"From: Ann <ann@example.net>\n", b""),
    ],
    ids=["automatic", "bulk", "list", "null sender", "loop", "program", "editor", "ourselves", "nobody"],
)
def test_what_no_person_wrote_to_us_is_not_forwarded(editor: Place, raw: bytes) -> None:
    process(editor, raw)

    assert replies.forward_due(editor.ctx) == 0


def test_a_forwarded_mail_that_comes_back_is_not_forwarded_again(editor: Place) -> None:
    process(editor, letter())
    replies.forward_due(editor.ctx)
    [mail] = [path.read_bytes() for path in editor.mails()]

    process(editor, mail.replace(b"From: The Morning Ledger <paper@ledger.example.org>", b"From: x@example.org"))

    assert replies.forward_due(editor.ctx) == 0


def test_no_bounce_is_forwarded(editor: Place) -> None:
    publish(editor, "ann@example.org")
    process(editor, dsn(rows(editor)["ann@example.org"]))

    assert replies.forward_due(editor.ctx) == 0


def test_one_sender_is_forwarded_ten_times_a_day(editor: Place) -> None:
    process(editor, *(letter(f"{number}\n") for number in range(15)))
    assert replies.forward_due(editor.ctx) == 10

    editor.clock.turn(days=1, minutes=1)
    process(editor, letter("tomorrow\n"))

    assert replies.forward_due(editor.ctx) == 1


@pytest.mark.any_database
def test_of_ordinary_mails_the_letters_and_replies_of_persons_go_on(editor: Place) -> None:
    named = [(name, mail) for name, mail in mails() if name.startswith("en-")]
    process(editor, *(mail.replace(b"ann@example.net", f"ann{n}@example.net".encode()) for n, (_, mail) in enumerate(named)))

    count = replies.forward_due(editor.ctx)

    letters = [
        name for name, _ in named if name.split("-")[1] in ("reply", "letter", "undelivered", "quoting", "html", "forward")
    ]
    assert count >= len(letters)
    assert [mail for mail in forwarded(editor) if "Out of office" in str(mail["Subject"])] == []


def test_what_cannot_go_now_goes_later_and_not_for_ever(editor: Place) -> None:
    process(editor, letter())
    nowhere = Smtp(Relay(scheme="smtp", host="127.0.0.1", port=9), helo="test")
    down = replace(editor.ctx, transports=(nowhere,))

    assert replies.forward_due(down) == 0
    assert replies.forward_due(editor.ctx) == 0  # not before a minute is over
    editor.clock.turn(minutes=2)
    assert replies.forward_due(editor.ctx) == 1

    process(editor, letter("again\n"))
    editor.clock.turn(days=3)
    assert replies.forward_due(down) == 0
    editor.clock.turn(days=3)
    assert replies.forward_due(editor.ctx) == 0


def test_a_claim_that_a_killed_process_left_behind_runs_out(editor: Place) -> None:
    process(editor, letter())
    replies._claimed(editor.ctx)

    assert replies.forward_due(editor.ctx) == 0
    editor.clock.turn(minutes=11)
    assert replies.forward_due(editor.ctx) == 1


def test_without_an_editor_nothing_waits(place: Place) -> None:
    done = process(place, letter())

    assert (done.others, replies.forward_due(place.ctx)) == (1, 0)


def test_an_erasure_takes_what_the_person_wrote(editor: Place) -> None:
    publish(editor, "ann@example.net")
    process(editor, letter())

    personal.erase(editor.ctx, "ann@example.net")

    assert replies.forward_due(editor.ctx) == 0
    assert bounces.listed(editor.ctx) == []
