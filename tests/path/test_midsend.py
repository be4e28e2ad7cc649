"""A send that is killed, corrected and killed again: everybody has one mail, and who got the wrong words one correction."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.model.delivery import Delivery
from digest.model.issue import Issue
from digest.model.states import DeliveryState, IssueState
from digest.services import amending, context, issues
from digest.services import deliveries as delivery_services
from digest.store import deliveries
from tests.support.midsend import RIGHT, WRONG, queued, story
from tests.support.place import Hands, Place, new_place
from tests.support.servers import PIPELINING, Mailbox, smtp_server
from tests.support.workers import SETTINGS, until

pytestmark = pytest.mark.any_database

D = DeliveryState
READERS = 120


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server(Mailbox(extensions=PIPELINING, delay_s=0.01)) as box:
        yield box


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Place]:
    """A place whose clock is the real one, as that of the processes is."""
    made = new_place(tmp_path, Hands(context.now()), database_url, ticking=context.now)
    yield made
    made.ctx.db.close()


def process(place: Place, mailbox: Mailbox, *words: str) -> "subprocess.Popen[bytes]":
    """A `digest` command that mails through the server."""
    environment = {
        **os.environ,
        **SETTINGS,
        "DIGEST_DATABASE_URL": place.ctx.settings.database_url,
        "DIGEST_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}",
    }
    with (place.folder / "log.txt").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "digest", *words], cwd=place.folder, env=environment, stdout=log, stderr=log
        )


def killed(place: Place, mailbox: Mailbox, *words: str, after: int) -> None:
    """Run a command and kill it once so many more messages have gone."""
    before = len(mailbox.contents)
    running = process(place, mailbox, *words)
    until(lambda: len(mailbox.contents) >= before + after or running.poll() is not None)
    running.kill()
    running.wait(20)
    assert len(mailbox.contents) >= before + after, (place.folder / "log.txt").read_text()


def done(place: Place, mailbox: Mailbox, *words: str) -> None:
    """Run a command to its end; it ends with 1 where something is unsure."""
    assert process(place, mailbox, *words).wait(60) in (0, 1), (place.folder / "log.txt").read_text()


def rows(place: Place, issue_id: int) -> list[Delivery]:
    with place.ctx.db.read() as tx:
        return list(deliveries.listed(tx, issue_id=issue_id, limit=None))


def settled(place: Place, issue_id: int) -> None:
    """Nobody knows whether what is unsure arrived: it is taken for sent."""
    unsure = [row.id for row in rows(place, issue_id) if row.state is D.UNSURE]
    if unsure:
        delivery_services.settle(place.ctx, unsure, as_sent=True)


def test_who_got_which_words_is_known_whatever_is_killed(here: Place, mailbox: Mailbox) -> None:
    issue: Issue = queued(here, *(f"r{n}@example.org" for n in range(READERS)))
    killed(here, mailbox, "send", "--no-collect", "--yes", after=25)
    issues.hold(here.ctx, issue.id, reason="three?")
    amending.rewrite(here.ctx, issue.id, story(here, issue), headline=RIGHT, summary="Two came.")
    issues.resume(here.ctx, issue.id)
    killed(here, mailbox, "send", "--no-collect", "--yes", after=25)
    done(here, mailbox, "send", "--no-collect", "--yes")
    settled(here, issue.id)

    mailed = rows(here, issue.id)
    assert {row.state for row in mailed} == {D.SENT}
    assert max(mailbox.taken.values()) == 1
    versions = Counter(row.version for row in mailed)
    assert set(versions) == {1, 2}
    assert versions.total() == READERS
    taken = set(mailbox.contents)
    for row in mailed:
        mail = delivery_services.mail(here.ctx, row.id)
        assert mail in taken or row.reply == ""  # in doubt
        assert (RIGHT if row.version == 2 else WRONG).encode() in mail.replace(b"=\r\n", b"")

    wrong = {row.subscriber_id for row in mailed if row.version == 1}
    mailbox.taken.clear()
    killed(here, mailbox, "issues", "correct", str(issue.number), "--yes", after=5)
    done(here, mailbox, "issues", "correct", str(issue.number), "--yes")
    [correction] = [one for one in issues.listed(here.ctx, limit=5) if one.corrects_id == issue.id]
    settled(here, correction.id)

    told = rows(here, correction.id)
    assert {row.subscriber_id for row in told} == wrong
    assert len(told) == len(wrong)
    assert {row.state for row in told} == {D.SENT}
    assert max(mailbox.taken.values()) == 1
    assert issues.details(here.ctx, correction.id).state is IssueState.SENT
