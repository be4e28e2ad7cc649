"""
Merge a rendition and a delivery into a mail, the only way to make one: `merge(rendition, delivery) -> bytes`.

Pure. All data of the issue is in the rendition, all data of the reader in
the delivery. Preview, web view, dry run, test copy, sending and re-rendering all call it.

The part that all readers of one selection share is joined once and cached; a mail is then a join of
a dozen byte strings and the reader's own slots.
"""

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import lru_cache
from weakref import WeakKeyDictionary

from digest.compose import mime
from digest.compose.layout import Layout
from digest.compose.lines import derived
from digest.compose.plan import arrange, segments
from digest.compose.text import COLUMNS, columns, wrap
from digest.model.delivery import DeliveryFacts
from digest.model.rendition import PartPlan, Piece, Rendition, Segment
from digest.model.subscriber import in_mail

REMEMBERED = 512  #: cached selections of one rendition
OWN = ("NAME", "UNSUBSCRIBE", "VIEW", "PREFERENCES", "ACTION")  #: the reader's own slots
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(slots=True)
class _Slots:
    """Neighbouring places of one slot in one part: every second stretch. An issue links the reader's view in each story."""

    name: str
    in_html: bool
    first: int  #: which stretch
    count: int = 1

    def fill(self, pieces: list[bytes], value: bytes) -> None:
        """Put the reader's value into all of them."""
        pieces[self.first : self.first + 2 * self.count : 2] = [value] * self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class _Joined:
    """Shared part of the mails of one selection: stretches of bytes, and the positions of the reader's own values between them."""

    stretches: Sequence[bytes]  #: the first is the reader's own header fields
    slots: Sequence["_Slots"]
    parts: Sequence[tuple[int, PartPlan, Sequence[Piece]]]  #: which stretch is a part in base64, which is encoded for each reader


@dataclass(frozen=True, slots=True, kw_only=True)
class _CachedRendition:
    """Cached data of a rendition."""

    own: Sequence[str]  #: the reader's slots that its HTML has
    joined: dict[tuple[object, ...], _Joined]


_cache: WeakKeyDictionary[Rendition, _CachedRendition] = WeakKeyDictionary()


def merge(rendition: Rendition, delivery: DeliveryFacts) -> bytes:
    """Return the whole message with CRLF line ends; deterministic."""
    own = own_slots(delivery)
    known = _cache.get(rendition) or _cached(rendition)
    escaped = {name: html.escape(own[name]) for name in known.own}
    quoted = {text: mime.quoted_printable(text) for text in escaped.values()}
    # The lengths of the reader's slots, in HTML and encoded, decide together with the selection which stories fit.
    lengths = [(len(text.encode("utf-8", "replace")), len(quoted[text])) for text in escaped.values()]
    key = (delivery.picks, *lengths)
    joined = known.joined.get(key)
    if joined is None:
        if len(known.joined) >= REMEMBERED:
            known.joined.clear()
        joined = known.joined[key] = _join(rendition, arrange(rendition, delivery.picks, own))
    pieces = list(joined.stretches)
    pieces[0] = _own_header(rendition, delivery, own)
    for slots in joined.slots:
        text = escaped[slots.name] if slots.in_html else as_text(own[slots.name])
        slots.fill(pieces, quoted[text] if text in quoted else mime.quoted_printable(text))
    for at, part, stretches in joined.parts:
        pieces[at] = _in_base64(part, stretches, own)
    return b"".join(pieces)


def body(rendition: Rendition, delivery: DeliveryFacts, kind: str) -> str:
    """Return one body part as text for display: `html` or `plain`."""
    layout = arrange(rendition, delivery.picks, own_slots(delivery))
    return _text(rendition, layout, kind, own_slots(delivery))


def web_view(rendition: Rendition, picks: bytes, *, view: str) -> str:
    """
    Return the HTML of these picks as a public page: every story, whatever the size, and nothing of
    a reader: no name, and no link that acts for one. `view` is its own URL, which its stories' pages are under.
    """
    nobody = dict.fromkeys(OWN, rendition.header.base_url) | {"NAME": "", "VIEW": view}
    return _text(rendition, arrange(rendition, picks, nobody, bounded=False), "html", nobody, shared=True)


def _text(rendition: Rendition, layout: Layout, kind: str, own: Mapping[str, str], *, shared: bool = False) -> str:
    values = {**own, **derived(rendition, layout)}
    part, escape = (rendition.html, html.escape) if kind == "html" else (rendition.plain, as_text)
    texts = [
        escape(values[piece]) if isinstance(piece, str) else mime.decoded(piece, part.encoding)
        for segment in segments(part, layout, shared=shared)
        for piece in segment.pieces
    ]
    return "".join(texts)


def subject(rendition: Rendition, delivery: DeliveryFacts) -> str:
    """Return the subject line of a mail, as text."""
    layout = arrange(rendition, delivery.picks, own_slots(delivery))
    return derived(rendition, layout)["SUBJECT"]


def own_slots(delivery: DeliveryFacts) -> Mapping[str, str]:
    """Return the reader's own slots as plain text; they are escaped where they are inserted."""
    links = delivery.links
    values = (mime.clean_name(delivery.name), links.unsubscribe, links.view, links.preferences, links.action)
    return dict(zip(OWN, values, strict=True))


def as_text(value: str) -> str:
    """Fold a slot of the text part to the width of a line."""
    return value if value.startswith("https://") or columns(value) <= COLUMNS else wrap(value)


def message_id(rendition: Rendition, delivery_id: int) -> str:
    """Return the Message-ID of a delivery's mail, with its angle brackets."""
    return f"<{delivery_id}.{rendition.header.nonce}@{rendition.header.message_domain}>"


# --- what a selection shares -----------------------------------------------------------------


def _cached(rendition: Rendition) -> _CachedRendition:
    slots = _slots(rendition.html)
    known = _cache[rendition] = _CachedRendition(own=[name for name in OWN if name in slots], joined={})
    return known


def _slots(part: PartPlan) -> set[str]:
    """Return all slots of a part."""
    values = [getattr(part, field.name) for field in fields(part)]
    every = [segment for value in values for segment in _segments(value)]
    return {piece for segment in every for piece in segment.pieces if isinstance(piece, str)}


def _segments(value: object) -> Iterable[Segment]:
    """Flatten a segment, or lists of them at any depth."""
    if isinstance(value, Segment):
        return [value]
    return [segment for part in value for segment in _segments(part)] if isinstance(value, list | tuple) else []


def _join(rendition: Rendition, layout: Layout) -> _Joined:
    values = derived(rendition, layout)
    boundary = b"\r\n--" + rendition.header.boundary.encode("ascii")
    stretches = [b"", _shared_header(rendition, values["SUBJECT"])]
    slots: list[_Slots] = []
    parts: list[tuple[int, PartPlan, Sequence[Piece]]] = []
    for part in (rendition.plain, rendition.html):
        stretches[-1] += boundary + b"\r\n" + _part_header(part)
        pieces = _stretches(part, layout, values)
        if part.encoding == "base64":
            parts.append((len(stretches), part, pieces))
            pieces = [b""]
        for piece in pieces:
            if isinstance(piece, str):
                _add_slot(slots, _Slots(piece, part.kind == "html", len(stretches)))
            stretches.append(b"" if isinstance(piece, str) else piece)
        stretches.append(b"")
    stretches[-1] += boundary + b"--\r\n"
    return _Joined(stretches=stretches, slots=slots, parts=parts)


def _add_slot(slots: list[_Slots], slot: _Slots) -> None:
    """Add a slot: to its neighbours, if they are of its kind."""
    last = slots[-1] if slots else slot
    if (last.name, last.in_html, last.first + 2 * last.count) == (slot.name, slot.in_html, slot.first):
        last.count += 1
    else:
        slots.append(slot)


def _stretches(part: PartPlan, layout: Layout, values: Mapping[str, str]) -> Sequence[Piece]:
    """Return the part's pieces with derived slots filled and adjacent text joined; only the reader's own slots remain."""
    out: list[Piece] = []
    encode, escape = _encoder(part.encoding), _escape(part)
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


def _escape(part: PartPlan) -> Callable[[str], str]:
    return html.escape if part.kind == "html" else as_text


def _part_header(part: PartPlan) -> bytes:
    head = f"Content-Type: text/{part.kind}; charset=utf-8\r\nContent-Transfer-Encoding: {part.encoding}\r\n\r\n"
    return head.encode("ascii")


def _in_base64(part: PartPlan, stretches: Sequence[Piece], own: Mapping[str, str]) -> bytes:
    escape = _escape(part)
    text = [mime.as_lines(escape(own[piece])) if isinstance(piece, str) else piece for piece in stretches]
    return mime.base64_body(b"".join(text))


# --- header fields ---------------------------------------------------------------------------


def _own_header(rendition: Rendition, delivery: DeliveryFacts, own: Mapping[str, str]) -> bytes:
    h = rendition.header
    # Single words, which are never folded, or words with lines of their own: written at once, since these fields are built for each reader.
    number = message_id(rendition, delivery.delivery_id)
    words = f"Message-ID: {number}\r\nX-Digest-Delivery: {delivery.delivery_id}.{h.nonce}\r\n"
    for echo in h.echoes:
        words += f"{echo % number}\r\n"
    if h.list_id:
        words += f"List-Unsubscribe: {_ways_to_leave(delivery)}\r\n"
    to = mime.mailbox("To", own["NAME"], in_mail(delivery.address))
    return b"".join((to, b"Date: ", _date(delivery.dated_at), b"\r\n", words.encode()))


def _ways_to_leave(delivery: DeliveryFacts) -> str:
    """Return the URIs of List-Unsubscribe, a line each: the https way first, since some clients use the first one alone (RFC 2369 3.2)."""
    page, address = f"<{delivery.links.unsubscribe}>", delivery.links.leave_address
    return f"{page},\r\n <mailto:{address}?subject=unsubscribe>" if address else page


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


@lru_cache(maxsize=64)  # the mails of a claim share one date
def _date(instant: datetime) -> bytes:
    """Format a date (RFC 5322 3.3) in UTC; names are English whatever the locale."""
    t = instant.astimezone(UTC)
    return f"{_DAYS[t.weekday()]}, {t.day:02d} {_MONTHS[t.month - 1]} {t.year:04d} {t:%H:%M:%S} +0000".encode("ascii")
