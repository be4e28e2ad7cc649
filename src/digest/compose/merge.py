"""
The one way to make a mail: `merge(rendition, delivery) -> bytes`.

Pure. Everything that is the issue's is in the rendition, everything that is the reader's in
the delivery. Preview, web view, dry run, test copy, sending and re-rendering all call it.

What all readers of one selection share is joined once and remembered; a mail is then a join of
a dozen stretches and the reader's own slots.
"""

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from weakref import WeakKeyDictionary

from digest.compose import mime
from digest.compose.lines import derived
from digest.compose.plan import Layout, arrange, segments
from digest.compose.text import COLUMNS, columns, wrap
from digest.model.delivery import DeliveryFacts
from digest.model.rendition import PartPlan, Piece, Rendition

REMEMBERED = 512  #: selections of one rendition
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Joined:
    """What the mails of one selection share: stretches of bytes, and where the reader's own slots go."""

    header: bytes
    plain: Sequence[Piece]
    html: Sequence[Piece]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is remembered of a rendition."""

    own: Sequence[str]  #: the reader's slots that its HTML has
    joined: dict[tuple[object, ...], _Joined]


_remembered: WeakKeyDictionary[Rendition, _Known] = WeakKeyDictionary()


def merge(rendition: Rendition, delivery: DeliveryFacts) -> bytes:
    """The whole message, CRLF line ends; the same bytes whenever it is made."""
    own = own_slots(delivery)
    joined = _joined(rendition, delivery.picks, own)
    boundary = b"\r\n--" + rendition.header.boundary.encode("ascii")
    return b"".join(
        (
            _own_header(rendition, delivery, own),
            joined.header,
            boundary,
            b"\r\n",
            *_part(rendition.plain, joined.plain, own, as_text),
            boundary,
            b"\r\n",
            *_part(rendition.html, joined.html, own, html.escape),
            boundary,
            b"--\r\n",
        )
    )


def body(rendition: Rendition, delivery: DeliveryFacts, kind: str, *, bounded: bool = True) -> str:
    """One body part as text, for looking at: `html` or `plain`. Unbounded it leaves out no story for its size."""
    own = own_slots(delivery)
    layout = arrange(rendition, delivery.picks, own, bounded=bounded)
    values = {**own, **derived(rendition, layout.stories, dropped=layout.dropped)}
    part, escape = (rendition.html, html.escape) if kind == "html" else (rendition.plain, as_text)
    texts = [
        escape(values[piece]) if isinstance(piece, str) else mime.decoded(piece, part.encoding)
        for segment in segments(part, layout)
        for piece in segment.pieces
    ]
    return "".join(texts)


def subject(rendition: Rendition, delivery: DeliveryFacts) -> str:
    """The subject line of a mail, as text."""
    layout = arrange(rendition, delivery.picks, own_slots(delivery))
    return derived(rendition, layout.stories, dropped=layout.dropped)["SUBJECT"]


def own_slots(delivery: DeliveryFacts) -> Mapping[str, str]:
    """The reader's own slots as plain text; escaped where they are put."""
    return {
        "NAME": mime.clean_name(delivery.name),
        "UNSUBSCRIBE": delivery.links.unsubscribe,
        "VIEW": delivery.links.view,
        "ACTION": delivery.links.action,
    }


def as_text(value: str) -> str:
    """A slot in the text part: one paragraph of the width of a line."""
    return value if value.startswith("https://") or columns(value) <= COLUMNS else wrap(value)


def message_id(rendition: Rendition, delivery_id: int) -> str:
    """The Message-ID of a delivery's mail, with its angle brackets."""
    return f"<{delivery_id}.{rendition.header.nonce}@{rendition.header.message_domain}>"


# --- what a selection shares -----------------------------------------------------------------


def _joined(rendition: Rendition, picks: bytes, own: Mapping[str, str]) -> _Joined:
    """The shared stretches; the lengths of the reader's slots decide with the selection what fits."""
    known = _remembered.get(rendition)
    if known is None:
        known = _remembered[rendition] = _Known(own=[name for name in own if name in _slots(rendition.html)], joined={})
    key = (picks, *(_lengths(own[name]) for name in known.own))
    found = known.joined.get(key)
    if found is None:
        if len(known.joined) >= REMEMBERED:
            known.joined.clear()
        found = known.joined[key] = _join(rendition, arrange(rendition, picks, own))
    return found


def _slots(part: PartPlan) -> set[str]:
    """The slots that a part has anywhere."""
    whole = [
        part.head,
        part.middle,
        part.tail,
        part.list_head,
        part.list_tail,
        part.brief_head,
        part.brief_tail,
        part.more,
        part.nothing,
    ]
    every = [*whole, *part.sections, *part.references, *(segment for forms in part.stories for segment in forms)]
    return {piece for segment in every for piece in segment.pieces if isinstance(piece, str)}


def _lengths(value: str) -> tuple[int, int]:
    """What of a slot the size budget counts: its bytes in HTML, and as it is sent."""
    escaped = html.escape(value)
    return len(escaped.encode("utf-8", "replace")), len(mime.quoted_printable(escaped))


def _join(rendition: Rendition, layout: Layout) -> _Joined:
    values = derived(rendition, layout.stories, dropped=layout.dropped)
    return _Joined(
        header=_shared_header(rendition, values["SUBJECT"]),
        plain=_stretches(rendition.plain, layout, values, as_text),
        html=_stretches(rendition.html, layout, values, html.escape),
    )


def _stretches(part: PartPlan, layout: Layout, values: Mapping[str, str], escape: Callable[[str], str]) -> Sequence[Piece]:
    """The part's pieces with derived slots filled and neighbours joined; only the reader's own slots are left."""
    out: list[Piece] = []
    encode = _encoder(part.encoding)
    for piece in _pieces(part, layout):
        if isinstance(piece, str) and piece not in values:
            out.append(piece)
            continue
        filled = encode(escape(values[piece])) if isinstance(piece, str) else piece
        if out and isinstance(out[-1], bytes):
            out[-1] += filled
        else:
            out.append(filled)
    return out


def _pieces(part: PartPlan, layout: Layout) -> Iterable[Piece]:
    return (piece for segment in segments(part, layout) for piece in segment.pieces)


def _encoder(encoding: str) -> Callable[[str], bytes]:
    return mime.as_lines if encoding == "base64" else mime.quoted_printable


def _part(part: PartPlan, stretches: Sequence[Piece], own: Mapping[str, str], escape: Callable[[str], str]) -> Iterable[bytes]:
    head = f"Content-Type: text/{part.kind}; charset=utf-8\r\nContent-Transfer-Encoding: {part.encoding}\r\n\r\n"
    encode = _encoder(part.encoding)
    filled = {name: encode(escape(own[name])) for name in {piece for piece in stretches if isinstance(piece, str)}}
    content = [filled[piece] if isinstance(piece, str) else piece for piece in stretches]
    return (head.encode("ascii"), *([mime.base64_body(b"".join(content))] if part.encoding == "base64" else content))


# --- header fields ---------------------------------------------------------------------------


def _own_header(rendition: Rendition, delivery: DeliveryFacts, own: Mapping[str, str]) -> bytes:
    h = rendition.header
    fields = [
        mime.mailbox("To", own["NAME"], delivery.address),
        b"Date: " + _date(delivery.dated_at) + b"\r\n",
        mime.tokens("Message-ID", [message_id(rendition, delivery.delivery_id)]),
        mime.tokens("X-Digest-Delivery", [f"{delivery.delivery_id}.{h.nonce}"]),
    ]
    if h.list_id:
        fields.append(mime.tokens("List-Unsubscribe", [f"<{delivery.links.unsubscribe}>"]))
    return b"".join(fields)


def _shared_header(rendition: Rendition, subject: str) -> bytes:
    h = rendition.header
    fields = [
        mime.mailbox("From", h.sender_name, h.sender_address),
        *([mime.tokens("Reply-To", [h.reply_to])] if h.reply_to else []),
        mime.unstructured("Subject", subject),
        *(_list_fields(rendition) if h.list_id else []),
        mime.tokens("Auto-Submitted", ["auto-generated"]),
        mime.tokens("MIME-Version", ["1.0"]),
        mime.tokens("Content-Type", ["multipart/alternative;", f'boundary="{h.boundary}"']),
    ]
    return b"".join(fields)


def _list_fields(rendition: Rendition) -> Sequence[bytes]:
    h = rendition.header
    return (
        mime.tokens("List-Unsubscribe-Post", ["List-Unsubscribe=One-Click"]),
        mime.tokens("List-Id", h.list_id.split(" ")),
        mime.tokens("List-Post", ["NO"]),
        mime.tokens("Feedback-ID", [h.feedback_id]),
    )


@lru_cache(maxsize=64)  # a claim's mails have one date
def _date(instant: datetime) -> bytes:
    """RFC 5322 3.3, in UTC; names are English whatever the locale."""
    t = instant.astimezone(UTC)
    return f"{_DAYS[t.weekday()]}, {t.day:02d} {_MONTHS[t.month - 1]} {t.year:04d} {t:%H:%M:%S} +0000".encode("ascii")
