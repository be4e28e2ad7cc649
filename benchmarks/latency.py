"""
Messages a second over one connection to a relay that is far away, against `smtplib`.

    python -m benchmarks.latency [--n 64] [--round-trip 0.05]

The relay is a counting server on loopback behind a proxy that delays every octet by half the
round trip in each direction. `smtplib` says MAIL, RCPT, DATA and the content, each a round trip;
ours uses what is offered: PIPELINING, or CHUNKING with a window of 16.
"""

import argparse
import smtplib
import time

from tests.servers import CHUNKING, PIPELINING, Mailbox, delay_proxy, smtp_server

from digest.smtp.relay import Relay
from digest.smtp.transport import WINDOW, Smtp
from digest.deliver.talk import at_once
from digest.model.ports import Answer, Envelope

CONTENT = b"Subject: x\r\n\r\n" + b"x" * 74 + b"\r\n"
SIZE = 35_000


def envelopes(n: int) -> list[Envelope]:
    content = CONTENT + (b"y" * 74 + b"\r\n") * ((SIZE - len(CONTENT)) // 76)
    return [
        Envelope(delivery_id=i, sender="p@example.org", recipient=f"r{i}@example.org", message_id="", content=content, clean=True)
        for i in range(n)
    ]


def with_smtplib(port: int, n: int) -> float:
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.ehlo()
        began = time.perf_counter()
        for envelope in envelopes(n):
            smtp.sendmail(envelope.sender, [envelope.recipient], envelope.content)
        return n / (time.perf_counter() - began)


def with_ours(port: int, n: int) -> float:
    answers: list[Answer] = []
    line = Smtp(Relay(scheme="smtp", host="127.0.0.1", port=port), helo="bench").line(
        before_end=lambda _: True, heard=answers.append
    )
    at_once(line.open())
    began = time.perf_counter()
    for envelope in envelopes(n):
        at_once(line.hand(envelope))
    at_once(line.finish())
    seconds = time.perf_counter() - began
    at_once(line.close())
    assert all(answer.reply is not None and answer.reply.code == 250 for answer in answers)
    return n / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description="One connection with a long round trip, against smtplib.")
    parser.add_argument("--n", type=int, default=64)
    parser.add_argument("--round-trip", type=float, default=0.05, metavar="SECONDS")
    given = parser.parse_args()
    rates = {}
    for name, extensions, send in (
        ("smtplib", PIPELINING, with_smtplib),
        ("PIPELINING", PIPELINING, with_ours),
        (f"CHUNKING, window {WINDOW}", CHUNKING, with_ours),
    ):
        with smtp_server(Mailbox(extensions=extensions)) as box, delay_proxy(box.port, one_way_s=given.round_trip / 2) as port:
            rates[name] = send(port, given.n)
            assert sum(box.taken.values()) == given.n
    for name, rate in rates.items():
        print(f"{name}: {rate:.1f} messages/s, {rate / rates['smtplib']:.1f} × smtplib")


if __name__ == "__main__":
    main()
