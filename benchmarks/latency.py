"""
Messages a second over one connection to a relay that is far away, against `smtplib`.

    python -m benchmarks.latency [--n 64] [--round-trip 0.05]

The relay is a counting server on loopback behind a proxy that delays every octet by half the
round trip in each direction. `smtplib` says MAIL, RCPT, DATA and the content, each a round trip;
ours uses what is offered: PIPELINING, or CHUNKING with a window of 16.
"""

import argparse
import asyncio
import smtplib
import time

from tests.support.servers import CHUNKING, PIPELINING, Mailbox, delay_proxy, smtp_server

from digest.model.ports import Answer, Envelope
from digest.smtp.event_loop import new_event_loop
from digest.smtp.relay import Relay
from digest.smtp.transport import WINDOW, Smtp

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


async def with_ours(port: int, n: int) -> float:
    answers: list[Answer] = []
    relay = Relay(scheme="smtp", host="127.0.0.1", port=port)
    session = Smtp(relay, helo="bench").session(before_end=lambda _: True, on_answer=answers.append)
    await session.open()
    began = time.perf_counter()
    for envelope in envelopes(n):
        await session.send(envelope)
    await session.flush()
    seconds = time.perf_counter() - began
    await session.close()
    assert all(answer.reply is not None and answer.reply.code == 250 for answer in answers)
    return n / seconds


def on_our_loop(port: int, n: int) -> float:
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(with_ours(port, n))


def main() -> None:
    parser = argparse.ArgumentParser(description="One connection with a long round trip, against smtplib.")
    parser.add_argument("--n", type=int, default=64)
    parser.add_argument("--round-trip", type=float, default=0.05, metavar="SECONDS")
    given = parser.parse_args()
    rates = {}
    for name, extensions, send in (
        ("smtplib", PIPELINING, with_smtplib),
        ("PIPELINING", PIPELINING, on_our_loop),
        (f"CHUNKING, window {WINDOW}", CHUNKING, on_our_loop),
    ):
        with smtp_server(Mailbox(extensions=extensions)) as box, delay_proxy(box.port, one_way_s=given.round_trip / 2) as port:
            rates[name] = send(port, given.n)
            assert sum(box.taken.values()) == given.n
    for name, rate in rates.items():
        print(f"{name}: {rate:.1f} messages/s, {rate / rates['smtplib']:.1f} × smtplib")


if __name__ == "__main__":
    main()
