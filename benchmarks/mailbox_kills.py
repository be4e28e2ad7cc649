"""
`kill -9` at random instants of `digest bounces process` in a large mailbox: each mail is counted once.

    python -m benchmarks.mailbox_kills [--mails 50000] [--kills 100] [--readers 500] [--imap] [--seed 1]

The mailbox, a Maildir or one that Dovecot serves by IMAP, has a signed report for each reader, reports on strangers, some on two
of them, notices of absence and mails of persons. A process reads it and is killed, and another one goes on, until the mailbox is
empty. Then rows are counted: mails, reports, suppressions, and the mails that were put aside. At last the time that reading took,
beside that of the standard library's `email` package for the same mails alone.
"""

import argparse
import email
import os
import random
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import col
from tests.mailbox import dovecot
from tests.support.bounced import dsn, publish, rows
from tests.support.place import Hands, Place, new_place
from tests.support.workers import SETTINGS

from digest.model.bounce import Bounce, ReturnedMail
from digest.model.subscriber import Suppression

HARD = 20  #: of so many reports on readers one is hard; more than one in ten would be an alarm
BACK = "bounces@paper.example"
STRANGER = """From: MAILER-DAEMON@mx.example.net
To: {back}
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b

This is the mail system at host mx.example.net.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

{groups}--b
Content-Type: message/rfc822

Message-ID: <{number}@elsewhere.example>
Subject: The daily

{filling}
--b--
"""
GROUP = "Final-Recipient: rfc822; {address}\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 mailbox full\n\n"
ABSENCE = "From: p{number}@example.org\nTo: {back}\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nBack on Monday.\n"
PERSON = "From: p{number}@example.org\nTo: {back}\nSubject: Re: The daily\n\nThank you, number {number}.\n"


@dataclass(frozen=True)
class Sums:
    """What must be counted, or was."""

    mails: int
    reports: int
    suppressions: int
    aside: int


def fill(place: Place, maildir: Path, count: int) -> Sums:
    """Put so many mails into a Maildir; return what they come to."""
    for name in ("new", "cur", "tmp"):
        (maildir / name).mkdir(parents=True, exist_ok=True)
    found = list(rows(place).values())
    hard = found[::HARD]
    signed = [*map(dsn, hard), *(dsn(r, status="5.2.2", text="552 5.2.2 mailbox full") for r in found if r not in hard)]
    reports = aside = 0
    for number in range(count):
        if number < len(signed):
            raw, reports = signed[number], reports + 1
        elif number % 10 == 1:
            raw = ABSENCE.format(back=BACK, number=number).encode()
        elif number % 10 == 2:
            raw, aside = PERSON.format(back=BACK, number=number).encode(), aside + 1
        else:
            named = [f"s{number}@far.example", f"t{number}@far.example"][: 1 + (number % 10 == 3)]
            groups = "".join(GROUP.format(address=address) for address in named)
            raw = STRANGER.format(back=BACK, groups=groups, number=number, filling="x" * 2_000).encode()
            reports += len(named)
        (maildir / "new" / f"{number:06}.m").write_bytes(raw)
    return Sums(mails=count, reports=reports, suppressions=len(hard), aside=aside)


def counted(place: Place, maildir: Path) -> Sums:
    """Return what is in the database, and in the folder for mails that were put aside."""
    with place.ctx.db.read() as tx:
        mails, reports = (
            int(tx.execute(sa.select(sa.func.count(col(table.id)))).scalar_one()) for table in (ReturnedMail, Bounce)
        )
        suppressions = int(tx.execute(sa.select(sa.func.count()).select_from(Suppression)).scalar_one())
    aside = sum(len(waiting(maildir / folder)) for folder in (".unclear", ".digest-unclear") if (maildir / folder).is_dir())
    return Sums(mails=mails, reports=reports, suppressions=suppressions, aside=aside)


def waiting(maildir: Path) -> list[Path]:
    return [path for name in ("new", "cur") if (maildir / name).is_dir() for path in (maildir / name).iterdir()]


def count_waiting(maildir: Path) -> int:
    """Return how many mails wait, without making a path of each: the one who looks must not outweigh the one who works."""
    return sum(len(os.listdir(maildir / name)) for name in ("new", "cur"))


def start(folder: Path, settings: dict[str, str]) -> "subprocess.Popen[bytes]":
    """Start reading; what it prints goes nowhere, so that it is not killed for it."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("DIGEST_")}
    env = {**own, **SETTINGS, "DIGEST_BOUNCE_ADDRESS": BACK, **settings}
    command = [sys.executable, "-m", "digest", "bounces", "process"]
    return subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def empty(place: Place, maildir: Path, settings: dict[str, str], *, kills: int, chance: random.Random) -> tuple[int, float]:
    """Read the mailbox to its end, killed so often at random instants; return the kills of a process at work, and its CPU seconds."""
    done, left = 0, count_waiting(maildir)
    before = os.times()
    while done < kills and left:
        process = start(place.folder, settings)
        share = left / (kills - done + 1)  # so that the kills spread over the whole mailbox
        until = left - chance.uniform(0.1, 1.8) * share
        while process.poll() is None and count_waiting(maildir) > until:
            time.sleep(0.05 + 0.1 * chance.random())
        if process.poll() is None:
            process.kill()
            done += 1
        process.wait()
        left = count_waiting(maildir)
    while count_waiting(maildir):
        if start(place.folder, settings).wait() not in (0, 1):
            raise SystemExit("the last process ended with an error")
    after = os.times()
    return done, after.children_user + after.children_system - before.children_user - before.children_system


def standard_library(raws: list[bytes]) -> float:
    """Return the CPU seconds in which the `email` package parses these mails, all parts decoded."""
    begun = time.process_time()
    for raw in raws:
        for part in email.message_from_bytes(raw).walk():
            part.get_payload(decode=True)
    return time.process_time() - begun


def main() -> None:
    """Print the figures; end with an error where a mail was counted twice or not at all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().split("\n\n")[0])
    parser.add_argument("--mails", type=int, default=50_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--readers", type=int, default=2000)
    parser.add_argument("--imap", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        place = new_place(folder, Hands(), "sqlite:///var/digest.db")
        place.ctx = replace(place.ctx, settings=place.ctx.settings.model_copy(update={"bounce_address": BACK}))
        publish(place, *(f"r{n}@d{n % 97}.example" for n in range(given.readers)))
        imap = stack.enter_context(dovecot.running()) if given.imap else None
        maildir = imap.root / "mail" / "Maildir" if imap else folder / "Maildir"
        settings = {"DIGEST_BOUNCE_MAILBOX": f"maildir:{maildir}"}
        if imap:
            settings = {"DIGEST_BOUNCE_MAILBOX": imap.url("imaps"), "DIGEST_CA_FILE": str(imap.root / "ca.pem")}
        wanted = fill(place, maildir, given.mails)
        if imap:
            imap.own()
        reference = standard_library([path.read_bytes() for path in waiting(maildir)])
        begun = time.monotonic()
        kills, cpu = empty(place, maildir, settings, kills=given.kills, chance=random.Random(given.seed))
        took = time.monotonic() - begun
        found = counted(place, maildir)
    print(f"{kills} kills; wanted {wanted}, counted {found}")
    print(f"{given.mails / took * 60:,.0f} mails a minute, {given.mails / cpu * 60:,.0f} a minute of CPU, starts included")
    print(f"CPU: {cpu / given.mails * 1e6:.0f} µs a mail; the email package alone {reference / given.mails * 1e6:.0f} µs")
    if found != wanted:
        raise SystemExit("a mail was counted twice, or not at all")


if __name__ == "__main__":
    main()
