"""
The one way to make a mail: `merge(rendition, delivery) -> bytes`.

Pure. Everything that is the issue's is in the rendition, everything that is the reader's in
the delivery. Preview, web view, dry run, test copy, sending and re-rendering all call it.
"""

import html
import quopri
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from email.utils import format_datetime

from digest.compose import mime
from digest.compose.plan import Layout, arrange, derived_slots, shorten
from digest.model.delivery import DeliveryFacts
from digest.model.rendition import PartPlan, Piece, Rendition

SUBJECT_MAX = 70


def merge(rendition: Rendition, delivery: DeliveryFacts) -> bytes:
    """The whole message, CRLF line ends; the same bytes whenever it is made."""
    layout = layout_of(rendition, delivery)
    slots = slots_of(rendition, delivery, layout)
    boundary = rendition.header.boundary.encode("ascii")
    return b"".join(
        (
            _header(rendition, delivery, slots["SUBJECT"]),
            b"\r\n--" + boundary + b"\r\n",
            _part(rendition.plain, layout, rendition, slots, as_text),
            b"\r\n--" + boundary + b"\r\n",
            _part(rendition.html, layout, rendition, slots, html.escape),
            b"\r\n--" + boundary + b"--\r\n",
        )
    )


def layout_of(rendition: Rendition, delivery: DeliveryFacts) -> Layout:
    """Which stories the reader's mail has, and how."""
    links = 4 * (len(delivery.links.unsubscribe) + len(delivery.links.view))
    return arrange(rendition, delivery.picks, slot_bytes=links + 4 * (SUBJECT_MAX + 110))


def slots_of(rendition: Rendition, delivery: DeliveryFacts, layout: Layout) -> Mapping[str, str]:
    """Every slot's plain text, derived and personal; escaped where it is put."""
    picks = [rendition.picks[placed.index] for placed in layout.stories]
    slots = dict(derived_slots(rendition, picks, dropped=layout.dropped))
    slots["SUBJECT"] = shorten(mime.clean(slots["SUBJECT"]), SUBJECT_MAX)
    slots["NAME"] = mime.clean_name(delivery.name)
    slots["UNSUBSCRIBE"] = delivery.links.unsubscribe
    slots["VIEW"] = delivery.links.view
    return slots


def body(rendition: Rendition, delivery: DeliveryFacts, kind: str) -> str:
    """One body part as text, for looking at: `html` or `plain`."""
    layout = layout_of(rendition, delivery)
    slots = slots_of(rendition, delivery, layout)
    part, escape = (rendition.html, html.escape) if kind == "html" else (rendition.plain, as_text)
    raw = b"".join(_filled(_pieces(part, layout, rendition), slots, escape, part.encoding))
    if part.encoding == "base64":
        return raw.decode("utf-8")
    return quopri.decodestring(raw).decode("utf-8").replace("\r\n", "\n")


def as_text(value: str) -> str:
    """A slot in the text part: on one line."""
    return re.sub(r"\s+", " ", value)


def message_id(rendition: Rendition, delivery_id: int) -> str:
    """The Message-ID of a delivery's mail, with its angle brackets."""
    return f"<{delivery_id}.{rendition.header.nonce}@{rendition.header.message_domain}>"


def _header(rendition: Rendition, delivery: DeliveryFacts, subject: str) -> bytes:
    h = rendition.header
    fields = [
        mime.mailbox("From", h.sender_name, h.sender_address),
        mime.mailbox("To", mime.clean_name(delivery.name), delivery.address),
        *([mime.tokens("Reply-To", [h.reply_to])] if h.reply_to else []),
        mime.unstructured("Subject", subject),
        mime.tokens("Date", format_datetime(delivery.dated_at).split(" ")),
        mime.tokens("Message-ID", [message_id(rendition, delivery.delivery_id)]),
        mime.tokens("List-Id", h.list_id.split(" ")),
        mime.tokens("List-Unsubscribe", [f"<{delivery.links.unsubscribe}>"]),
        mime.tokens("List-Unsubscribe-Post", ["List-Unsubscribe=One-Click"]),
        mime.tokens("List-Post", ["NO"]),
        mime.tokens("Feedback-ID", [h.feedback_id]),
        mime.tokens("Auto-Submitted", ["auto-generated"]),
        mime.tokens("X-Digest-Delivery", [f"{delivery.delivery_id}.{h.nonce}"]),
        mime.tokens("MIME-Version", ["1.0"]),
        mime.tokens("Content-Type", ["multipart/alternative;", f'boundary="{h.boundary}"']),
    ]
    return b"".join(fields)


def _part(part: PartPlan, layout: Layout, rendition: Rendition, slots: Mapping[str, str], escape: Callable[[str], str]) -> bytes:
    head = f"Content-Type: text/{part.kind}; charset=utf-8\r\nContent-Transfer-Encoding: {part.encoding}\r\n\r\n"
    content = b"".join(_filled(_pieces(part, layout, rendition), slots, escape, part.encoding))
    return head.encode("ascii") + (mime.base64_body(content) if part.encoding == "base64" else content)


def _pieces(part: PartPlan, layout: Layout, rendition: Rendition) -> Iterable[Piece]:
    yield from part.head
    if layout.top:
        yield from part.stories[layout.top.index][0]
    section = -1
    for placed in layout.full:
        if rendition.picks[placed.index].section != section:
            section = rendition.picks[placed.index].section
            yield from part.sections[section]
        yield from part.stories[placed.index][1]
    if layout.briefs:
        yield from part.brief_head
        for placed in layout.briefs:
            yield from part.stories[placed.index][2]
        yield from part.brief_tail
    yield from part.middle
    for placed in layout.stories:
        yield from part.references[placed.index]
    yield from part.tail


def _filled(pieces: Iterable[Piece], slots: Mapping[str, str], escape: Callable[[str], str], encoding: str) -> Sequence[bytes]:
    encode = _raw if encoding == "base64" else mime.quoted_printable
    cache: dict[str, bytes] = {}
    out: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, bytes):
            out.append(piece)
            continue
        if piece not in cache:
            cache[piece] = encode(escape(slots[piece]))
        out.append(cache[piece])
    return out


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "replace")
