"""
The whole circle with a real Postfix: an issue goes out, what cannot be delivered comes back, and the next issue skips whom it was for.

Postfix takes every mail, finds 20 of 200 addresses unknown, and sends a report for each to the signed address of its delivery.
That mailbox is a Maildir, or one that a real Dovecot serves by IMAP.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from digest.model.bounce import Effect, Proof
from digest.model.states import DeliveryState, Skip
from digest.services import bounces, suppressions
from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp
from tests.mailbox import dovecot
from tests.path.test_bounces import command, environment
from tests.support import postfix
from tests.support.bounced import publish, rows
from tests.support.place import Place
from tests.support.workers import until

pytestmark = pytest.mark.any_database

READERS, MISSING = 200, 20
ADDRESSES = [f"r{number}@example.org" for number in range(READERS)]
UNKNOWN = sorted(ADDRESSES[:: READERS // MISSING])


@dataclass
class Circle:
    """A place whose relay is a Postfix, and the mailbox to which it sends what it cannot deliver."""

    place: Place
    arrived: Path  #: of the readers whose address is there
    returned: Path
    settings: dict[str, str]  #: how the place reads what is returned

    def process(self) -> dict[str, int]:
        """Run `digest bounces process`; return its counts, without those that are zero."""
        env = {**environment(), "DIGEST_DATABASE_URL": self.place.ctx.db.url, **self.settings}
        ran = subprocess.run(
            command("bounces", "process", "--json"), cwd=self.place.folder, env=env, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
        return {name: count for name, count in json.loads(ran.stdout).items() if count}

    def waits(self) -> int:
        return mails_in(self.returned)


def mails_in(maildir: Path) -> int:
    return sum(len(list((maildir / name).iterdir())) for name in ("new", "cur") if (maildir / name).is_dir())


@contextmanager
def open_folder(owner: str) -> Iterator[Path]:
    """A folder in which another user may write: that of a test is closed to all others."""
    folder = Path(tempfile.mkdtemp(prefix="circle-", dir="/tmp"))
    shutil.chown(folder, owner)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture(params=["maildir", "imaps"])
def circle(request: pytest.FixtureRequest, place: Place) -> Iterator[Circle]:
    with ExitStack() as stack:
        if request.param == "imaps":
            imap = stack.enter_context(dovecot.running())
            returned, owner = imap.root / "mail" / "Maildir", "dovenull"
            where = {"DIGEST_BOUNCE_MAILBOX": imap.url("imaps"), "DIGEST_CA_FILE": str(imap.root / "ca.pem")}
        else:
            returned, owner = stack.enter_context(open_folder("nobody")) / "returned", "nobody"
            where = {"DIGEST_BOUNCE_MAILBOX": f"maildir:{returned}"}
        arrived = returned.parent / "arrived"
        boxes = {address: arrived for address in ADDRESSES if address not in UNKNOWN}
        server = stack.enter_context(
            postfix.running(domains="example.org paper.example", boxes={**boxes, "bounces@paper.example": returned}, owner=owner)
        )
        relay = Smtp(Relay(scheme="smtp+starttls", host="localhost", port=server.port), helo="test", tls=server.tls)
        told = place.ctx.settings.model_copy(update={"bounce_address": "bounces@paper.example"})
        place.ctx = replace(place.ctx, settings=told, transports=(relay,))
        yield Circle(place=place, arrived=arrived, returned=returned, settings=where)


def test_what_came_back_is_recorded_once_and_the_next_issue_skips_it(circle: Circle) -> None:
    place = circle.place
    publish(place, *ADDRESSES)
    assert states(place) == {DeliveryState.SENT: READERS}  # Postfix has taken all of them

    until(lambda: (circle.waits(), mails_in(circle.arrived)) == (MISSING, READERS - MISSING), seconds=180)
    first = circle.process()

    assert first == {"mails": MISSING, "bounces": MISSING, "suppressed": MISSING}
    assert states(place) == {DeliveryState.SENT: READERS - MISSING, DeliveryState.BOUNCED: MISSING}
    assert sorted(row.address for row in rows(place).values() if row.state is DeliveryState.BOUNCED) == UNKNOWN
    reports = bounces.listed(place.ctx)
    assert sorted(report.address for report in reports) == UNKNOWN
    assert {(r.verdict, r.status, r.proof, r.effect) for r in reports} == {("hard", "5.1.1", Proof.SIGNED, Effect.SUPPRESSED)}
    assert sorted(str(entry.address) for entry in suppressions.every(place.ctx)) == UNKNOWN
    assert circle.waits() == 0

    place.clock.turn(days=1)
    publish(place)

    newest = rows(place)
    assert states(place) == {DeliveryState.SENT: READERS - MISSING, DeliveryState.SKIPPED: MISSING}
    assert {newest[address].reason for address in UNKNOWN} == {Skip.SUPPRESSED}
    until(lambda: mails_in(circle.arrived) == 2 * (READERS - MISSING), seconds=180)
    assert circle.waits() == 0


def states(place: Place) -> dict[DeliveryState, int]:
    """The newest delivery of each reader, by state."""
    found = [row.state for row in rows(place).values()]
    return {state: found.count(state) for state in set(found)}
