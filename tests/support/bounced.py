"""Mails that come back for deliveries of a place."""

import itertools

from digest.model.delivery import Delivery
from digest.model.tokens import verp
from digest.services import bounces
from digest.services.views.bounces import BounceLine, ProcessedView
from digest.store import deliveries
from tests.support.place import Place

KEY = "s" * 32
NUMBERS = itertools.count()


def publish(place: Place, *addresses: str) -> None:
    place.readers(*addresses)
    place.drop(f"Harbour opens {next(NUMBERS)}")
    place.collect()
    place.send()


def rows(place: Place) -> dict[str, Delivery]:
    """The newest delivery of each address."""
    with place.ctx.db.read() as tx:
        return {row.address: row for row in reversed(deliveries.listed(tx, limit=None))}


def dsn(
    delivery: Delivery, *, to: str = "", status: str = "5.1.1", text: str = "550 5.1.1 user unknown", message_id: str = ""
) -> bytes:
    """A report that comes back to the delivery's signed address."""
    to = to or verp("bounces@paper.example", delivery.id, KEY)
    return (
        f"From: MAILER-DAEMON@mx.example.org\nTo: {to}\nSubject: Undelivered Mail\nDate: {next(NUMBERS)}\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n\nsorry\n--b\n'
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
        f"Final-Recipient: rfc822; {delivery.address}\nAction: failed\nStatus: {status}\nDiagnostic-Code: smtp; {text}\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {message_id or '<x@y>'}\n\n--b--\n"
    ).encode()


def process(place: Place, *mails: bytes) -> ProcessedView:
    folder = place.folder / f"mails{next(NUMBERS)}"
    folder.mkdir()
    for number, mail in enumerate(mails):
        (folder / f"{number:04}.eml").write_bytes(mail)
    return bounces.process(place.ctx, [str(folder)])


def newest(place: Place) -> BounceLine:
    return bounces.listed(place.ctx, limit=1)[0]
