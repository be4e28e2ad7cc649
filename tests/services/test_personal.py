"""What is held about a person: one file of it, and its erasure from every table, for good."""

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

from digest.errors import BadAddress, Conflict, Gone, NotFound, NothingToDo
from digest.model.delivery import Delivery, Result
from digest.model.event import EventKind
from digest.model.ports import Reply, Stage
from digest.model.signup import How
from digest.model.states import DeliveryState, SubscriptionState
from digest.model.tokens import address_hmac
from digest.services import (
    context,
    deliveries,
    events,
    issues,
    messages,
    personal,
    signup,
    subscribers,
    subscriptions,
    suppressions,
)
from digest.store import claims, tables
from digest.store import deliveries as ledger
from tests.audience.lists import people, take
from tests.support.dumps import dump, naming
from tests.support.place import Place
from tests.support.servers import Mailbox, smtp_server
from tests.support.signups import ANN, Post, ask, by, code_in, opened

WORDS = (ANN, "ann@", "a***@", "Annabel", "192.0.2.0")
HMAC = address_hmac(ANN, "p" * 32)


@pytest.fixture
def known(place: Place) -> Place:
    """A place that knows Ann in every way: she signed up, was sent an issue, and was refused the next one; she asks for it again."""
    post = Post(opened(place))
    token = ask(place, name="Annabel")
    [mail] = post.send()
    signup.confirm_by_code(place.ctx, token, code_in(mail), by(How.CODE))
    place.readers("zoe@example.org")
    place.drop("The harbour opens again")
    place.collect()
    place.send()
    refuse(place, "The bridge is closed")
    ask(place, name="Annabel")
    return place


def refuse(place: Place, headline: str) -> None:
    """An issue that a relay refuses Ann, naming her."""
    place.clock.turn(days=1)
    place.drop(headline)
    place.collect()
    reply = f"550 5.1.1 <{ANN}>: Annabel is unknown in virtual mailbox table"
    with smtp_server(Mailbox(answers={f"RCPT {ANN}": reply})) as mailbox:
        settings = place.ctx.settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{mailbox.port}"})
        relayed = context.build(settings, clock=place.clock)
        replace(place, ctx=relayed).send()
        relayed.db.close()


def counts(place: Place) -> list[dict[DeliveryState, int]]:
    with place.ctx.db.read() as tx:
        return [dict(ledger.counts(tx, number)) for number in (1, 2)]


# --- erasure ---------------------------------------------------------------------------------


def test_after_an_erasure_no_table_names_the_person(known: Place) -> None:
    tables = {table for table, _ in naming(known.ctx, *WORDS)}

    done = personal.erase(known.ctx, ANN)

    assert {"subscriber", "signup", "consent", "suppression", "delivery", "attempt", "event"} <= tables
    assert naming(known.ctx, *WORDS) == []
    assert [table for table, _ in naming(known.ctx, HMAC)] == ["suppression", "rate_count"]
    assert (done.subscriptions, done.consents, done.signups, done.deliveries, done.attempts) == (1, 3, 2, 2, 1)


def test_an_erasure_leaves_the_ledgers_counts_and_everybody_else_as_they_were(known: Place) -> None:
    before, zoe = counts(known), personal.export(known.ctx, "zoe@example.org")

    personal.erase(known.ctx, ANN)

    assert counts(known) == before
    assert personal.export(known.ctx, "zoe@example.org") == zoe


@pytest.mark.file_only
def test_after_an_erasure_the_database_file_does_not_name_the_person(known: Place) -> None:
    file = known.ctx.db.file
    assert file is not None
    assert ANN.encode() in b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))

    personal.erase(known.ctx, ANN)

    assert ANN.encode() not in b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))


def test_an_erasure_is_recorded_without_naming_the_person(known: Place) -> None:
    number = subscribers.show(known.ctx, ANN).id

    personal.erase(known.ctx, ANN)

    [event] = events.listed(known.ctx, kind=EventKind.SUBSCRIBER_ERASED)
    assert (event.noun_id, event.facts) == (number, {"deliveries": 2})


@pytest.mark.any_database
def test_a_second_erasure_finds_nothing_and_changes_nothing(known: Place) -> None:
    personal.erase(known.ctx, ANN)
    before = dump(known.ctx)

    with pytest.raises(NothingToDo, match="but the keyed hash"):
        personal.erase(known.ctx, ANN)

    assert dump(known.ctx) == before


@pytest.mark.any_database
def test_who_was_erased_can_be_neither_imported_nor_added_nor_mailed_a_code(known: Place) -> None:
    personal.erase(known.ctx, ANN)
    known.clock.turn(days=2)

    report = take(known, f"address,name\n{ANN},Annabel\n")
    with pytest.raises(Conflict):
        subscriptions.add(known.ctx, ANN, mlist="readers")
    ask(known)

    assert (report.counts["suppressed"], ANN in people(known)) == (1, False)
    assert Post(known, seen={path.name for path in known.mails()}).send() == []


@pytest.mark.any_database
def test_an_address_that_is_only_suppressed_is_reduced_to_its_hash(place: Place) -> None:
    suppressions.add(place.ctx, ANN, reason="Annabel called")

    personal.erase(place.ctx, ANN)

    [entry] = suppressions.every(place.ctx)
    assert (entry.address, entry.reason, entry.address_hmac) == (None, "erased", HMAC)


@pytest.mark.any_database
def test_who_was_removed_before_is_erased_from_the_ledger(known: Place) -> None:
    subscribers.remove(known.ctx, ANN)
    assert {table for table, _ in naming(known.ctx, ANN)} >= {"delivery"}

    done = personal.erase(known.ctx, ANN)

    assert (done.deliveries, naming(known.ctx, *WORDS)) == (2, [])


@pytest.mark.any_database
def test_nothing_is_stored_about_an_address_of_which_nothing_is_held(place: Place) -> None:
    before = dump(place.ctx)

    with pytest.raises(NothingToDo, match="nothing is held"):
        personal.erase(place.ctx, ANN)
    with pytest.raises(BadAddress):
        personal.erase(place.ctx, "no address")

    assert dump(place.ctx) == before


def test_what_waits_for_an_erased_reader_is_skipped_and_counted(place: Place) -> None:
    from digest.services import freezing, sending
    from digest.services.selection import prepare

    place.readers(ANN, "zoe@example.org")
    place.drop("The harbour opens again")
    place.collect()
    slot = place.daily.timetable.today(place.clock())
    taken = issues.take_slot(place.ctx, place.daily, slot)
    issue = freezing.freeze(place.ctx, taken, prepare(place.ctx, place.daily, slot, now=place.clock()))
    sending.queue(place.ctx, issue, place.daily)

    personal.erase(place.ctx, ANN)
    place.send()

    assert [path for path in place.mails() if ANN.encode() in path.read_bytes()] == []
    with place.ctx.db.read() as tx:
        assert ledger.counts(tx, issue.id) == {DeliveryState.SENT: 1, DeliveryState.SKIPPED: 1}


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.BOUNCED, DeliveryState.DEFERRED])
def test_the_result_of_a_mail_in_flight_is_recorded_without_what_the_server_wrote(known: Place, state: DeliveryState) -> None:
    with known.ctx.db.begin() as tx:
        [row, *_] = tx.exec(select(Delivery).where(Delivery.address == ANN)).all()
        row.state, row.owner = DeliveryState.SENDING, "0123456789abcdef"
        tx.add(row)
    personal.erase(known.ctx, ANN)
    result = Result(
        delivery_id=row.id,
        state=state,
        reply=Reply(code=550, enhanced="5.1.1", text=f"<{ANN}> Annabel is unknown"),
        reason=f"<{ANN}> is unknown",
        at=known.clock(),
        stage=Stage.RCPT,
        attempt=state is not DeliveryState.SENT,
        suppresses=True,
    )

    with known.ctx.db.begin() as tx:
        written = claims.record(tx, [result], owner="0123456789abcdef")

    assert written == 1
    assert deliveries.show(known.ctx, row.id).state is state
    assert naming(known.ctx, *WORDS) == []
    assert len(suppressions.every(known.ctx)) == 1


def test_the_mail_of_an_erased_reader_cannot_be_made_again(known: Place) -> None:
    personal.erase(known.ctx, ANN)
    with known.ctx.db.read() as tx:
        [number, *_] = tx.exec(select(Delivery.id).where(Delivery.address == "")).all()

    with pytest.raises(Gone, match="its reader was erased"):
        deliveries.mail(known.ctx, number)
    with pytest.raises(NotFound):
        messages.page(known.ctx, number)


def test_every_column_that_may_name_a_person_is_known_to_an_erasure() -> None:
    """A new table fails here until `store/held.py` knows it, or it is said to be about staff alone."""
    about = ("address", "subscriber_id", "subscription_id", "signup_id", "delivery_id", "name_of", "ip", "email")
    found = {
        table.name
        for table in (model.__table__ for model in tables.ALL)
        if any(column.name.startswith(about) for column in table.columns if column.name != "ip_policy")
    }

    staff = {
        "account",
        "approval_request",
        "identity",
        "login",
        "event",
    }  # who may log in; an event names readers by number, and `held` empties its facts
    assert found - staff == {
        "attempt",
        "bounce",
        "consent",
        "data_request",
        "delivery",
        "import_change",
        "leave_reason",
        "move",
        "notice",
        "signup",
        "subscriber",
        "subscription",
        "suppression",
    }


# --- one file --------------------------------------------------------------------------------


@pytest.mark.any_database
def test_the_file_of_a_person_has_every_row_about_them(known: Place) -> None:
    found = personal.export(known.ctx, ANN)

    assert found.person is not None
    assert (found.person.address, found.person.name) == (ANN, "Annabel")
    assert [tie.state for tie in found.subscriptions] == [SubscriptionState.ACTIVE]
    assert [(c.step, c.how, c.ip) for c in found.consents] == [
        ("asked", "embedded form", "192.0.2.0/24"),
        ("confirmed", "code", "192.0.2.0/24"),
        ("asked", "embedded form", "192.0.2.0/24"),
    ]
    assert "until I unsubscribe" in found.consents[0].text
    assert [d.state for d in found.deliveries] == [DeliveryState.SENT, DeliveryState.BOUNCED]
    assert [(a.code, a.enhanced) for a in found.attempts] == [(550, "5.1.1")]
    assert [e.kind for e in found.events] == ["subscription.started", "suppression.added", "delivery.bounced"]
    assert found.suppression is not None
    assert len(found.signups) == 2


@pytest.mark.any_database
def test_the_file_says_which_file_a_person_was_imported_from(place: Place) -> None:
    take(place, f"address\n{ANN}\n", name="old.csv")

    [tie] = personal.export(place.ctx, ANN).subscriptions

    assert tie.file is not None
    assert Path(tie.file).name == "old.csv"
    assert "line 2" in tie.evidence


@pytest.mark.any_database
def test_there_is_no_file_of_somebody_who_is_not_known(place: Place) -> None:
    with pytest.raises(NotFound):
        personal.export(place.ctx, ANN)


@pytest.mark.any_database
def test_evidence_cannot_be_changed(known: Place) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), known.ctx.db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE consent SET text = 'other'"))
