"""Mails that come back for deliveries of a place."""

import itertools

from digest.model.delivery import Delivery
from digest.model.tokens import verp
from digest.services import bounces
from digest.services.views.bounces import BounceLine, ProcessedView
from digest.store import deliveries
from tests.support.place import Place
from tests.support.signups import read

KEY = "s" * 32
BOUNCES = "bounces@ledger.example.org"  #: DIGEST_BOUNCE_ADDRESS of the places that `returned` is for
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


def returned(mail: bytes, address: str, said: str, *, key: str) -> bytes:
    """
    A report with the whole mail in it, as a server sends it back to its envelope sender (RFC 3464).

    `said` is a reply that begins with its codes, `key` the secret key of the place.
    """
    to = verp(BOUNCES, int(str(read(mail)["Message-ID"]).strip("<").partition(".")[0]), key)
    head = (
        f"From: MAILER-DAEMON@mx.example.org\r\nTo: {to}\r\nSubject: Undelivered Mail\r\n"
        f"Message-ID: <{next(NUMBERS)}.{address.partition('@')[0]}@mx.example.org>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="back"\r\n\r\n'
        "--back\r\nContent-Type: text/plain\r\n\r\nI could not deliver it.\r\n"
        "--back\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: {said.split()[1]}\r\n"
        f"Diagnostic-Code: smtp; {said}\r\n\r\n--back\r\nContent-Type: message/rfc822\r\n\r\n"
    )
    return head.encode() + mail + b"\r\n--back--\r\n"


def process(place: Place, *mails: bytes) -> ProcessedView:
    folder = place.folder / f"mails{next(NUMBERS)}"
    folder.mkdir()
    for number, mail in enumerate(mails):
        (folder / f"{number:04}.eml").write_bytes(mail)
    return bounces.process(place.ctx, [str(folder)])


def newest(place: Place) -> BounceLine:
    return bounces.listed(place.ctx, limit=1)[0]
