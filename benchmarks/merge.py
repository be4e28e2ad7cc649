"""
Personal mails a second on one core, and what compiling an issue costs.

    python -m benchmarks.merge [--seconds 3]

Merges an issue of 40 stories, its mail about 34 KB, for readers with their own names and links:
all with one selection, then each with one of 100 selections. The reference, measured in the same
run, is the standard library: the same texts put into an `EmailMessage` and written out. Then 60
stories are compiled in each language, and premailer's share of that is told.
"""

import argparse
import random
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP

from tests.compose.making import PAPER, facts, picks, rendition

from digest.compose import inline as inlining
from digest.compose import render as rendering
from digest.compose.merge import body, merge
from digest.languages import shipped
from digest.model.delivery import DeliveryFacts, Links, all_picks
from digest.model.rendition import Rendition

SUMMARY = "It says in two sentences what the headline leaves open. The second one is here, and it ends soon."


def readers(count: int, selections: list[bytes]) -> Iterator[DeliveryFacts]:
    """Readers who differ in name, address, links and, if there are several, selection."""
    base = facts(count)
    for number in range(1_000_000_000):
        token = secrets.token_urlsafe(20)
        yield replace(
            base,
            delivery_id=number,
            address=f"reader{number}@example.org",
            name=f"Reader Number {number}",
            picks=selections[number % len(selections)],
            links=Links(
                unsubscribe=f"https://ledger.example.org/u/{token}",
                view=f"https://ledger.example.org/view/{token}",
                preferences=f"https://ledger.example.org/p/{token}",
            ),
        )


def rate(make: Callable[[DeliveryFacts], bytes], people: Iterator[DeliveryFacts], seconds: float) -> tuple[float, float]:
    """Mails a second of CPU, and their mean size; making the readers is not counted."""
    spent = size = done = 0.0
    while spent < seconds:
        batch = [next(people) for _ in range(200)]
        start = time.process_time()
        size += sum(len(make(one)) for one in batch)
        spent += time.process_time() - start
        done += len(batch)
    return done / spent, size / done


def by_library(made: Rendition) -> Callable[[DeliveryFacts], bytes]:
    """The standard library's way to the same mail."""
    plain, page = (body(made, facts(len(made.picks)), kind) for kind in ("plain", "html"))
    own = facts(len(made.picks)).links

    def make(one: DeliveryFacts) -> bytes:
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Subject"] = (
            "The Morning Ledger <paper@ledger.example.org>",
            f"{one.name} <{one.address}>",
            "News",
        )
        for kind, text in (("plain", plain), ("html", page)):
            filled = text.replace(own.unsubscribe, one.links.unsubscribe).replace(own.view, one.links.view)
            message.set_content(filled) if kind == "plain" else message.add_alternative(filled, subtype="html")
        return message.as_bytes()

    return make


def compiling(rounds: int) -> str:
    """Milliseconds to compile 60 stories: median of rounds, in one language and in all; premailer's share."""
    sixty, spent = picks(60, summary=SUMMARY * 2), []
    inner = inlining.inline

    def timed(document: str) -> str:
        start = time.perf_counter()
        try:
            return inner(document)
        finally:
            spent.append(time.perf_counter() - start)

    inlining.inline = timed  # measured from outside: no clock in the path
    try:
        one, all_ = [], []
        for _ in range(rounds):
            start = time.perf_counter()
            rendition(sixty)
            one.append(time.perf_counter() - start)
        share = statistics.median(spent) / statistics.median(one)
        for _ in range(max(1, rounds // 3)):
            start = time.perf_counter()
            rendering.render_in(PAPER, sixty, shipped())
            all_.append(time.perf_counter() - start)
    finally:
        inlining.inline = inner
    return (
        f"60 stories compiled in {statistics.median(one) * 1000:.0f} ms, of which premailer {share:.0%}; "
        f"in {len(shipped())} languages {statistics.median(all_) * 1000:.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0)
    wanted = parser.parse_args()
    made = rendition(picks(40, summary=SUMMARY))
    chance = random.Random(1)
    many = [bytes(chance.getrandbits(8) | 0x81 for _ in range(5)) for _ in range(100)]
    whole, size = rate(lambda one: merge(made, one), readers(40, [all_picks(40)]), wanted.seconds)
    print(f"one selection: {whole:,.0f} mails/s of CPU, {size / 1000:.1f} KB each")
    chosen, size = rate(lambda one: merge(made, one), readers(40, many), wanted.seconds)
    print(f"100 selections: {chosen:,.0f} mails/s of CPU, {size / 1000:.1f} KB each")
    library, size = rate(by_library(made), readers(40, [all_picks(40)]), wanted.seconds)
    print(f"reference, email.message: {library:,.0f} mails/s of CPU, {size / 1000:.1f} KB each; ratio {whole / library:,.0f}")
    print(compiling(9))


if __name__ == "__main__":
    main()
