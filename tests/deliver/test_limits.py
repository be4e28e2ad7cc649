"""Relays that take fewer connections or fewer messages a connection than they are given: all mail goes, at once, and nobody is in doubt."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from digest.deliver import limits, worker
from digest.deliver.routes import Routes
from digest.model.relay import RelayLimits
from digest.model.states import DeliveryState, IssueState
from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp
from digest.store import deliveries, issues, relays
from tests.support.place import Place
from tests.support.servers import CHUNKING, PIPELINING, PLAIN, Mailbox, smtp_server

pytestmark = pytest.mark.any_database

D = DeliveryState
WAYS = {"one by one": PLAIN, "PIPELINING": PIPELINING, "CHUNKING": CHUNKING}


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server(Mailbox()) as box:
        yield box


def to_relay(place: Place, mailbox: Mailbox, *, readers: int, connections: int = 8, **more: int) -> Smtp:
    transport = Smtp(Relay(scheme="smtp", host="127.0.0.1", port=mailbox.port), helo="test", **more)
    settings = place.ctx.settings.model_copy(update={"smtp_connections": connections})
    place.ctx = replace(place.ctx, transports=(transport,), settings=settings)
    place.readers(*(f"r{i}@d{i % 7}.example.org" for i in range(readers)))
    place.drop("The harbour opens again")
    place.collect()
    return transport


def all_went(place: Place, mailbox: Mailbox, readers: int) -> None:
    """Everybody got one mail, in one send, without a doubt or a paused domain."""
    sent = place.send()

    assert sent.counts == {D.SENT: readers}
    assert sent.issue.state is IssueState.SENT
    assert len(mailbox.taken) == readers
    assert set(mailbox.taken.values()) == {1}
    assert not any(family.paused_until for family in place.ctx.pace._known.values())
    with place.ctx.db.read() as tx:
        assert max(row.tries for row in deliveries.listed(tx, limit=readers)) == 0


@pytest.mark.parametrize("refusal", ["421 banner", "554 banner", "421 EHLO", "421 MAIL", "452 MAIL", "no banner", "silence"])
@pytest.mark.parametrize("way", WAYS)
def test_a_relay_that_takes_fewer_connections_gets_all_mail_over_those(
    place: Place, mailbox: Mailbox, refusal: str, way: str
) -> None:
    mailbox.extensions, mailbox.delay_s = WAYS[way], 0.003
    mailbox.most_connections, mailbox.refusal = 3, refusal
    to_relay(place, mailbox, readers=120)

    all_went(place, mailbox, 120)

    with place.ctx.db.read() as tx:
        known = relays.known(tx, f"127.0.0.1:{mailbox.port}", since=place.clock())
    assert refusal == "silence" or (known is not None and known.connections == 3)


def test_a_relay_that_takes_one_connection_alone_gets_all_mail_over_it(place: Place, mailbox: Mailbox) -> None:
    mailbox.most_connections, mailbox.refusal, mailbox.delay_s = 1, "421 banner", 0.003
    to_relay(place, mailbox, readers=60)

    all_went(place, mailbox, 60)


def test_what_a_relay_took_is_remembered_for_two_days_and_then_tried_anew(place: Place, mailbox: Mailbox) -> None:
    mailbox.most_connections, mailbox.refusal, mailbox.delay_s = 2, "421 banner", 0.003
    to_relay(place, mailbox, readers=60)
    place.send()
    assert mailbox.refused > 0

    for days, refused in ((1, False), (2, True)):
        mailbox.refused = 0
        place.clock.turn(days=days)
        place.drop(f"News of {place.clock.now}")
        place.collect()
        assert place.send().counts == {D.SENT: 60}
        assert bool(mailbox.refused) is refused


def test_a_relay_that_refuses_every_connection_is_down(place: Place, mailbox: Mailbox) -> None:
    mailbox.most_connections, mailbox.refusal = 0, "421 banner"
    to_relay(place, mailbox, readers=20)

    sent = place.send()

    assert "421" in sent.tally.down
    assert sent.counts == {D.QUEUED: 20}
    with place.ctx.db.read() as tx:
        assert relays.known(tx, f"127.0.0.1:{mailbox.port}", since=place.clock()) is None


def test_a_relay_that_counts_a_closed_connection_for_a_moment_longer_is_waited_for(place: Place, mailbox: Mailbox) -> None:
    """It takes one connection, and so many messages over it; the next is refused until the first is forgotten."""
    mailbox.most_connections, mailbox.refusal, mailbox.forgets_after_s = 1, "421 banner", 0.3
    mailbox.messages, mailbox.enough = 10, "421 4.7.0 too many messages in this connection"
    to_relay(place, mailbox, readers=40)

    all_went(place, mailbox, 40)


ENOUGH = (
    "421 too many messages in this connection",
    "421 4.7.0 too many messages per connection",
    "452 4.5.3 too many messages on this connection",
    "451 4.7.0 Session message limit reached",
    "450 4.7.1 maximum number of emails per session exceeded",
    "421 4.3.2 closing now",
    "",  # it just closes the connection
)


@pytest.mark.parametrize("goes_on", [False, True])
@pytest.mark.parametrize("enough", ENOUGH)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("near", [2, 16])
def test_a_relay_that_takes_so_many_messages_a_connection_gets_all_over_the_next(
    place: Place, mailbox: Mailbox, way: str, enough: str, goes_on: bool, near: int
) -> None:
    mailbox.extensions, mailbox.messages, mailbox.enough, mailbox.goes_on = WAYS[way], 20, enough, goes_on
    mailbox.orderly = True
    to_relay(place, mailbox, readers=90, connections=2, near=near)

    all_went(place, mailbox, 90)


@pytest.mark.parametrize("enough", ["421 4.7.0 too many messages per connection", ""])
def test_the_number_of_messages_a_connection_takes_is_learned(place: Place, mailbox: Mailbox, enough: str) -> None:
    mailbox.extensions, mailbox.messages, mailbox.enough, mailbox.orderly = CHUNKING, 7, enough, True
    transport = to_relay(place, mailbox, readers=100, connections=1)

    all_went(place, mailbox, 100)

    assert transport.messages == 7
    assert sum(line == "QUIT" for line in mailbox.commands) >= 10  # we close it ourselves, before it has enough
    with place.ctx.db.read() as tx:
        known = relays.known(tx, transport.name, since=place.clock())
    assert known is not None
    assert known.messages == 7


def test_a_delivery_that_every_connection_refuses_is_deferred_in_the_end(place: Place, mailbox: Mailbox) -> None:
    mailbox.answers = {"RCPT r3@d3.example.org": "421 4.7.0 too many sessions"}
    to_relay(place, mailbox, readers=30)

    assert place.send().counts == {D.SENT: 29, D.DEFERRED: 1}
    assert sum("r3@d3" in line for line in mailbox.commands) == 1 + worker.AGAIN


def test_what_was_taken_behind_a_421_by_a_relay_that_goes_on_is_sent(place: Place, mailbox: Mailbox) -> None:
    """A 421 for one reader, and the others behind it are taken all the same: their answers are heard."""
    mailbox.extensions = CHUNKING
    mailbox.answers = {"RCPT r5@d5.example.org": "421 4.2.0 not this one"}
    to_relay(place, mailbox, readers=30, connections=1, near=16)

    assert place.send().counts == {D.SENT: 29, D.DEFERRED: 1}
    assert set(mailbox.taken.values()) == {1}
    assert len(mailbox.taken) == 29


def test_few_messages_are_in_doubt_where_the_round_trip_is_short(
    place: Place, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.smtp.pipeline.ROUND_TRIP_S", 1.0)  # whatever else the machine does, it is shorter than this
    mailbox.extensions, mailbox.silent = CHUNKING, "END"
    to_relay(place, mailbox, readers=60, connections=1)
    stop = threading.Event()
    from digest.services import sending

    running = threading.Thread(target=sending.send, args=(place.ctx, place.daily), kwargs={"stop": stop})
    running.start()
    while not any(line.startswith("BDAT") for line in mailbox.commands):
        stop.wait(0.02)
    stop.wait(0.3)
    [journal] = [file for file in place.ctx.journals.iterdir() if not file.name.startswith(".")]
    intents = sum(line.startswith("i ") for line in journal.read_text().splitlines())
    stop.set()
    mailbox.hang_up()
    running.join()

    assert 1 <= intents <= 3


def test_limits_are_kept_once_a_relay(place: Place) -> None:
    for connections in (3, 5):
        with place.ctx.db.begin() as tx:
            relays.keep(tx, RelayLimits(name="a:25", connections=connections, messages=0, seen_at=place.clock()))

    with place.ctx.db.read() as tx:
        known = relays.known(tx, "a:25", since=place.clock())
        assert issues.latest(tx) == []
    assert known is not None
    assert known.connections == 5


def test_what_a_relay_took_lately_limits_a_run_and_what_it_refused_is_kept(place: Place) -> None:
    small, large = (Smtp(Relay.parse(f"smtp://{name}.example.org"), helo="test") for name in ("small", "large"))
    with place.ctx.db.begin() as tx:
        relays.keep(tx, RelayLimits(name=small.name, connections=2, messages=50, seen_at=place.clock()))
    routes = Routes([small, large])

    before = limits.recall(place.ctx.db, routes, connections=8, now=place.clock())
    assert before == [(2, 50), (8, 0)]
    routes.all[0].connections, routes.all[1].connections = 1, 3
    routes.all[0].down = "away"  # what it refused before it failed is no limit
    limits.remember(place.ctx.db, routes, before, now=place.clock())

    with place.ctx.db.read() as tx:
        kept = {name: relays.known(tx, name, since=place.clock()) for name in (small.name, large.name)}
    assert [known and (known.connections, known.messages) for known in kept.values()] == [(2, 50), (3, 0)]
