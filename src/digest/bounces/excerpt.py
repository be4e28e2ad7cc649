"""Excerpt of a mail that came back, for a person to read: header, words of the server, report, with the deciding sentence found in them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from digest.bounces.mime import Mail, Part, parse

PARTS, TEXT = 6, 12_000  #: parts that are shown, and characters of each
WORDS = 40  #: of the sentence that are looked for
HEADER = ("From", "To", "Subject", "Date")
_READABLE = ("message/delivery-status", "message/global-delivery-status", "message/feedback-report", "text/rfc822-headers")
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A part of a mail; the sentence is empty where the part does not have it, and then all of the text stands before it."""

    kind: str
    before: str
    sentence: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """The fields of a mail that a person reads, and its texts."""

    header: Sequence[tuple[str, str]]
    texts: Sequence[Text]


def excerpt(raw: bytes, *, sentence: str) -> Excerpt:
    """Return what a person reads of a mail; the sentence is marked once, where it stands first."""
    mail = parse(raw)
    header = [(name, _clean(value)) for name in HEADER if (value := mail.first(name.lower()))]
    texts = []
    for part in _readable(mail):
        found = _marked(part.kind, _clean(part.text.strip())[:TEXT], sentence)
        sentence = "" if found.sentence else sentence
        texts.append(found)
    return Excerpt(header=header, texts=texts)


def _readable(mail: Mail) -> Sequence[Part]:
    """Return the parts that are texts, in their order; HTML only where no text says the same."""
    plain = any(part.kind == "text/plain" for part in mail.parts)
    kinds = (*_READABLE, "text/plain" if plain else "text/html")
    return [part for part in mail.parts if part.kind in kinds and part.text.strip()][:PARTS]


def _marked(kind: str, text: str, sentence: str) -> Text:
    """Find a sentence, which is kept on one line, in a text that may break it anywhere."""
    words = sentence.split()[:WORDS]
    match = re.search(r"\s+".join(map(re.escape, words)), text) if words else None
    if match is None:
        return Text(kind=kind, before=text)
    return Text(kind=kind, before=text[: match.start()], sentence=match[0], after=text[match.end() :])


def _clean(text: str) -> str:
    """Remove what is no character to read, and the signs that change the direction of a text."""
    return _UNFIT.sub("", text)
