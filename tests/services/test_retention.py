"""Personal data goes when its time is over, and what a promise needs stays."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from digest.errors import Conflict
from digest.model.delivery import Attempt, Delivery
from digest.model.event import Actor, EventKind
from digest.model.retention import Kind
from digest.model.signup import How
from digest.model.states import DeliveryState, ListAccess, SubscriptionState
from digest.services import events, lists, retention, signup, subscribers, subscriptions, suppressions
from digest.services.signup import Verdict
from digest.settings import Settings, checks
from tests.audience.lists import people, take
from tests.support.dumps import dump, naming
from tests.support.place import Place
from tests.support.signups import ANN, Post, ask, by, code_in, link_in, opened

DAYS = Settings().days_kept


def applied(place: Place) -> Mapping[str, int]:
    """What a run removes; kinds of which nothing is old are left out."""
    return {line.what.value: line.rows for line in retention.apply(place.ctx) if line.rows}


def joined(place: Place) -> Post:
    """Ann has signed up and confirmed."""
    post = Post(opened(place))
    token = ask(place)
    [mail] = post.send()
    signup.confirm_by_code(place.ctx, token, code_in(mail), by(How.CODE))
    post.send()
    return post


def leave(place: Place, address: str = ANN) -> None:
    subscriptions.unsubscribe(place.ctx, subscribers.show(place.ctx, address).subscriptions[0].id, by="reader")


def attempts(place: Place) -> int:
    with place.ctx.db.read() as tx:
        return len(tx.exec(select(Attempt)).all())


# --- each kind -------------------------------------------------------------------------------


@pytest.mark.any_database
def test_nothing_goes_before_its_time(place: Place) -> None:
    joined(place)
    leave(place)
    take(place, "address,status\nbob@example.org,unconfirmed\n")
    before = dump(place.ctx)

    assert applied(place) == {}
    assert dump(place.ctx) == before


def test_ip_addresses_go_from_evidence_which_stays(place: Place) -> None:
    joined(place)
    place.clock.turn(days=DAYS["ips"] + 1)

    first, again = applied(place), applied(place)

    assert (first["ips"], again) == (2, {})
    assert [(c.step, c.ip, bool(c.text)) for c in subscribers.show(place.ctx, ANN).consents] == [
        ("asked", "", True),
        ("confirmed", "", True),
    ]


@pytest.mark.parametrize(
    "change", ["text = 'x'", "ip = '198.51.100.0/24'", "ip = '', at = '2020-01-01'", "ip = '', how = 'link'"]
)
def test_evidence_can_lose_its_ip_address_and_change_in_no_other_way(place: Place, change: str) -> None:
    joined(place)

    with pytest.raises(sa.exc.DBAPIError, match="append-only"), place.ctx.db.engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE consent SET {change}"))


def test_old_attempts_go_and_their_deliveries_stay(place: Place) -> None:
    place.readers(ANN)
    place.drop("The harbour opens again")
    place.collect()
    place.send()
    with place.ctx.db.begin() as tx:
        number = tx.exec(select(Delivery.id)).one()
        for days in (0, 30):
            at = place.clock() + timedelta(days=days)
            tx.add(Attempt(delivery_id=number, at=at, stage="RCPT", code=450, text="greylisted"))
    place.clock.turn(days=DAYS["attempts"] + 10)

    assert applied(place)["attempts"] == 1
    assert attempts(place) == 1


def test_who_was_imported_unconfirmed_and_never_confirmed_goes_without_a_trace(place: Place) -> None:
    take(place, "address,status\nbob@example.org,unconfirmed\nzoe@example.org,subscribed\n")
    place.clock.turn(days=DAYS["pending"] + 1)

    assert applied(place)["pending"] == 1
    assert people(place) == {"zoe@example.org": "active"}
    assert naming(place.ctx, "bob@example.org") == []
    assert suppressions.every(place.ctx) == []


def test_of_who_left_every_list_a_keyed_hash_stays_and_nothing_else(place: Place) -> None:
    joined(place)
    place.readers("zoe@example.org")
    place.drop("The harbour opens again")
    place.collect()
    place.send()
    leave(place)
    place.clock.turn(days=DAYS["departed"] + 1)

    assert applied(place)["departed"] == 1
    assert naming(place.ctx, ANN) == []
    assert [(s.address, s.may_return) for s in suppressions.every(place.ctx)] == [(None, True)]
    assert people(place) == {"zoe@example.org": "active"}
    with place.ctx.db.read() as tx:
        assert len(tx.exec(select(Delivery).where(Delivery.state == DeliveryState.SENT)).all()) == 2


@pytest.mark.any_database
def test_who_left_one_list_and_is_on_another_stays_with_what_they_left(place: Place) -> None:
    lists.add(place.ctx, "other")
    place.readers(ANN)
    subscriptions.add(place.ctx, ANN, mlist="other")
    subscribers.change(place.ctx, ANN, leave="readers")
    place.clock.turn(days=5 * 365)

    retention.apply(place.ctx)

    assert [tie.state for tie in subscribers.show(place.ctx, ANN).subscriptions] == [
        SubscriptionState.ACTIVE,
        SubscriptionState.UNSUBSCRIBED,
    ]


@pytest.mark.any_database
def test_what_is_not_named_is_kept_for_ever(place: Place) -> None:
    from dataclasses import replace

    joined(place)
    kept = place.ctx.settings.model_copy(update={"retention": "events=90"})
    place.clock.turn(days=20 * 365)

    done = retention.apply(replace(place.ctx, settings=kept))

    assert {line.what.value for line in done if line.rows} == {"events"}
    assert [line.days for line in done] == [None, None, None, None, 90, None]


# --- promises --------------------------------------------------------------------------------


def forgotten(place: Place) -> Post:
    """Ann left, and was forgotten when her time was over."""
    post = joined(place)
    leave(place)
    place.clock.turn(days=DAYS["departed"] + 1)
    retention.apply(place.ctx)
    return post


def test_who_left_and_was_forgotten_is_brought_back_by_no_import_and_no_admin(place: Place) -> None:
    forgotten(place)

    take(place, f"address\n{ANN}\n")

    assert people(place) == {}
    with pytest.raises(Conflict):
        subscriptions.add(place.ctx, ANN, mlist="readers")


def test_who_left_and_was_forgotten_returns_by_confirming(place: Place) -> None:
    post = forgotten(place)
    ask(place)
    [mail] = post.send()

    done = signup.confirm_by_link(place.ctx, link_in(mail), by(How.LINK))

    assert done.verdict is Verdict.RIGHT
    assert people(place) == {ANN: "active"}
    assert suppressions.every(place.ctx) == []
    [event] = events.listed(place.ctx, kind=EventKind.UNSUPPRESSED)
    assert event.actor == Actor.READER


@pytest.mark.any_database
def test_single_opt_in_asks_who_left_and_was_forgotten_to_confirm(place: Place) -> None:
    post = forgotten(place)
    lists.change(place.ctx, "readers", access=ListAccess.SINGLE)
    ask(place)

    [mail] = post.send()

    assert people(place) == {}
    assert link_in(mail)


@pytest.mark.any_database
def test_who_was_suppressed_when_their_time_was_over_cannot_return_by_themselves(place: Place) -> None:
    post = joined(place)
    leave(place)
    suppressions.add(place.ctx, ANN, reason="complaint")
    place.clock.turn(days=DAYS["departed"] + 1)
    retention.apply(place.ctx)
    ask(place)

    assert post.send() == []


@pytest.mark.any_database
def test_each_removal_is_recorded_in_its_transaction(place: Place) -> None:
    forgotten(place)

    [event, *_] = [e for e in events.listed(place.ctx, kind=EventKind.RETENTION_APPLIED) if e.facts["what"] == "departed"]
    assert event.facts == {"what": "departed", "rows": 1}
    assert len(events.listed(place.ctx, kind=EventKind.SUBSCRIBER_ERASED)) == 1


@pytest.mark.any_database
def test_a_plan_counts_what_a_run_removes(place: Place) -> None:
    joined(place)
    leave(place)
    place.clock.turn(days=DAYS["departed"] + 1)
    planned = {line.what.value: line.rows for line in retention.plan(place.ctx) if line.rows}
    untouched = dump(place.ctx)
    assert untouched == dump(place.ctx)

    done = applied(place)

    # The IP addresses of who is forgotten go first; the event of that is younger than any that goes.
    assert done == planned


@pytest.mark.any_database
def test_a_run_goes_on_in_short_transactions_until_nothing_old_is_left(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PEOPLE", 2)
    take(place, "address,unsubscribed_at\n" + "".join(f"p{n}@example.org,2020-01-0{n + 1}\n" for n in range(5)))

    assert applied(place)["departed"] == 5
    sizes = [e.facts["rows"] for e in events.listed(place.ctx, kind=EventKind.RETENTION_APPLIED)]
    assert sizes == [1, 2, 2]


# --- settings --------------------------------------------------------------------------------


def test_every_kind_has_a_default_and_a_least() -> None:
    assert set(DAYS) == set(checks.FEWEST_DAYS) == {kind.value for kind in Kind}
    assert all(DAYS[name] >= least for name, least in checks.FEWEST_DAYS.items())


@given(st.sampled_from(list(Kind)), st.integers(min_value=-5, max_value=2000))
def test_what_a_promise_needs_cannot_be_kept_for_too_short(kind: Kind, days: int) -> None:
    text = f"{kind.value}={days}"

    if days < checks.FEWEST_DAYS[kind.value]:
        with pytest.raises(ValueError):
            checks.retention(text)
    else:
        assert checks.retention(text) == text


@pytest.mark.parametrize("text", ["attempts", "attempts=", "attempts=x", "people=30", "ips=1.5"])
def test_what_is_no_retention_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not like"):
        checks.retention(text)
