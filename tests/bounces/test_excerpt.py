"""What a person reads of a mail that came back."""

from hypothesis import given
from hypothesis import strategies as st

from digest.bounces.excerpt import PARTS, TEXT, excerpt
from digest.bounces.read import read
from tests.bounces.hostile import MAILS
from tests.bounces.samples import SAMPLES, Sample


def raw(sample: Sample) -> bytes:
    return f"{sample.head}\n{sample.body}".encode()


PLAIN = b"From: a@b.example\nSubject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\n\nhi\n"


def test_the_sentence_that_decided_is_marked_once_where_it_stands_first() -> None:
    found = excerpt(raw(SAMPLES[0]), sentence="550 5.1.1 <ann@example.org>: no")

    marked = [text for text in found.texts if text.sentence]
    assert [text.kind for text in found.texts] == ["text/plain", "message/delivery-status"]
    assert [(text.kind, text.sentence) for text in marked] == [("text/plain", "550 5.1.1\n    <ann@example.org>: no")]
    assert marked[0].before.endswith("host mx.example.org said: ")
    assert ("Subject", "Undelivered Mail Returned to Sender") in found.header
    assert excerpt(PLAIN, sentence="").header == [("From", "a@b.example"), ("Subject", "grüße")]


def test_most_sentences_are_found_in_their_mail() -> None:
    found = [any(t.sentence for t in excerpt(raw(s), sentence=read(raw(s)).recipients[0].sentence).texts) for s in SAMPLES]

    assert sum(found) >= len(SAMPLES) - 1  # one names nobody and says nothing but that it failed


def test_html_is_shown_where_no_text_says_the_same() -> None:
    both = b'Content-Type: multipart/alternative; boundary="b"\n\n--b\n\nplain\n--b\nContent-Type: text/html\n\n<p>rich\n--b--\n'

    assert [text.before for text in excerpt(both, sentence="").texts] == ["plain"]
    assert [text.before for text in excerpt(b"Content-Type: text/html\n\n<p>rich", sentence="").texts] == ["rich"]


def test_hostile_mails_stay_within_bounds() -> None:
    for mail in MAILS.values():
        found = excerpt(mail[:64_000], sentence="a b " * 500)

        assert len(found.texts) <= PARTS
        assert all(len(text.before) <= TEXT for text in found.texts)


@given(st.text(max_size=200), st.text(max_size=60))
def test_a_text_is_shown_whole_whatever_the_sentence_is(body: str, sentence: str) -> None:
    mail = b"Content-Type: text/plain; charset=utf-8\n\n" + body.encode("utf-8", "replace")

    with_it, without = excerpt(mail, sentence=sentence), excerpt(mail, sentence="")

    assert ["".join((t.before, t.sentence, t.after)) for t in with_it.texts] == [t.before for t in without.texts]
