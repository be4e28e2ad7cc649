"""What came back is sent again on purpose: once more, for two days, and to nobody who has left or is suppressed."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from digest.errors import Conflict
from digest.model.states import DeliveryState, IssueState
from digest.model.subscriber import Suppression
from digest.services import deliveries as delivery_services
from digest.services import issues as issue_services
from digest.services import sending
from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp
from digest.store import deliveries, issues, subscribers
from tests.support.place import Place
from tests.support.servers import Mailbox, smtp_server

D = DeliveryState
REFUSED = "550 5.7.513 access denied, denied by recipient"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server(Mailbox()) as box:
        yield box


@pytest.fixture
def bounced(place: Place, mailbox: Mailbox) -> int:
    """A sent issue: ann got it, bob and cy bounced."""
    transport = Smtp(Relay(scheme="smtp", host="127.0.0.1", port=mailbox.port), helo="test")
    place.ctx = replace(place.ctx, transports=(transport,))
    place.readers("ann@example.org", "bob@example.org", "cy@example.org")
    place.drop("The harbour opens again")
    place.collect()
    mailbox.answers = {f"RCPT {name}@example.org": REFUSED for name in ("bob", "cy")}
    sent = place.send()
    assert sent.counts == {D.SENT: 1, D.BOUNCED: 2}
    assert sent.issue.state is IssueState.SENT
    mailbox.answers = {}
    return sent.issue.id


def of(place: Place, issue_id: int) -> tuple[dict[DeliveryState, int], IssueState]:
    with place.ctx.db.read() as tx:
        return dict(deliveries.counts(tx, issue_id)), issues.get(tx, issue_id).state


def test_what_bounced_of_a_sent_issue_goes_once_more(place: Place, mailbox: Mailbox, bounced: int) -> None:
    done = delivery_services.retry(place.ctx, bounced)

    assert (done.queued, done.kept, done.newsletter) == (2, 0, "daily")
    assert of(place, bounced) == ({D.SENT: 1, D.QUEUED: 2}, IssueState.SENDING)
    again = place.send()
    assert again.resumed
    assert of(place, bounced) == ({D.SENT: 3}, IssueState.SENT)
    assert mailbox.taken == {"ann@example.org": 1, "bob@example.org": 1, "cy@example.org": 1}
    assert delivery_services.retry(place.ctx, bounced).queued == 0


def test_one_of_those_that_bounced_can_be_named(place: Place, mailbox: Mailbox, bounced: int) -> None:
    with place.ctx.db.read() as tx:
        [bob] = [row.id for row in deliveries.listed(tx) if row.address.startswith("bob")]
        [ann] = [row.id for row in deliveries.listed(tx) if row.address.startswith("ann")]

    assert delivery_services.retry(place.ctx, bounced, [ann]).queued == 0
    assert of(place, bounced)[1] is IssueState.SENT
    assert delivery_services.retry(place.ctx, bounced, [bob]).queued == 1
    place.send()

    assert mailbox.taken == {"ann@example.org": 1, "bob@example.org": 1}


def test_who_has_left_or_is_suppressed_stays_bounced(place: Place, mailbox: Mailbox, bounced: int) -> None:
    with place.ctx.db.begin() as tx:
        bob, cy = (subscribers.get(tx, f"{name}@example.org") for name in ("bob", "cy"))
        subscribers.leave(tx, subscribers.subscriptions_of(tx, bob.id)[0][0], at=place.clock())
        subscribers.suppress(
            tx, Suppression(address_hmac=cy.address_hmac, address=cy.address, reason="asked", made_at=place.clock())
        )

    done = delivery_services.retry(place.ctx, bounced)

    assert (done.queued, done.kept) == (0, 2)
    assert of(place, bounced) == ({D.SENT: 1, D.BOUNCED: 2}, IssueState.SENT)


def test_a_retry_has_two_days_of_its_own_however_old_the_issue_is(place: Place, mailbox: Mailbox, bounced: int) -> None:
    place.clock.turn(days=9)
    mailbox.answers = {"RCPT bob@example.org": "450 4.2.0 not now"}
    delivery_services.retry(place.ctx, bounced)

    [waiting] = issue_services.unfinished(place.ctx, place.daily)
    sending.finish(place.ctx, place.daily, waiting, resumed=True)
    assert of(place, bounced) == ({D.SENT: 2, D.DEFERRED: 1}, IssueState.SENDING)

    place.clock.turn(hours=49)
    [waiting] = issue_services.unfinished(place.ctx, place.daily)
    sending.finish(place.ctx, place.daily, waiting, resumed=True)
    assert of(place, bounced) == ({D.SENT: 2, D.BOUNCED: 1}, IssueState.SENT)


@pytest.mark.parametrize("state", [IssueState.HELD, IssueState.CANCELLED])
def test_an_issue_that_a_person_stopped_is_not_sent_again(place: Place, bounced: int, state: IssueState) -> None:
    with place.ctx.db.begin() as tx:
        issues.get(tx, bounced).state = state

    with pytest.raises(Conflict, match=f"is {state}"):
        delivery_services.retry(place.ctx, bounced)


def test_an_issue_that_is_still_sending_takes_back_what_bounced(place: Place, mailbox: Mailbox, bounced: int) -> None:
    with place.ctx.db.begin() as tx:
        issues.get(tx, bounced).state = IssueState.SENDING

    assert delivery_services.retry(place.ctx, bounced).queued == 2
    place.clock.turn(minutes=1)
    place.send()

    assert of(place, bounced) == ({D.SENT: 3}, IssueState.SENT)
