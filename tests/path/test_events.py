"""What changes is recorded as an event in the same transaction, and can be read on from any number."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from digest.audience import importer
from digest.audience.files import ListFile
from digest.errors import Conflict, NothingToDo
from digest.model.delivery import Result
from digest.model.event import Actor, EventKind
from digest.model.issue import Note
from digest.model.ports import Reply
from digest.model.states import DeliveryState, IssueState, ListAccess, RuleKind
from digest.runtime import jobs
from digest.services import (
    articles,
    deliveries,
    editing,
    events,
    imports,
    issues,
    lists,
    newsletters,
    notes,
    retention,
    sections,
    sources,
    subscribers,
    subscriptions,
    suppressions,
    undo,
)
from digest.services.views.events import EventView
from digest.store import claims, owners
from digest.store import deliveries as ledger
from digest.store import sources as source_rows
from digest.store import subscribers as subscriber_rows
from tests.support.deliveries import queued
from tests.support.events import Stopped, nothing_committed
from tests.support.place import Place

KEPT = timedelta(days=90)

K = EventKind


def recorded(place: Place, *kinds: EventKind, after: int = 0) -> list[EventView]:
    return list(events.since(place.ctx, after, kinds=kinds, limit=1_000))


def newest(place: Place) -> int:
    found = events.listed(place.ctx, limit=1)
    return found[0].id if found else 0


def made_source(place: Place) -> int:
    place.drop("The harbour opens again")
    with place.ctx.db.read() as tx:
        return source_rows.all_of(tx)[0].id


def article(place: Place) -> int:
    made_source(place)
    place.collect()
    return articles.latest(place.ctx, limit=1)[0].id


def subscription(place: Place, address: str = "ann@example.org") -> int:
    subscriptions.add(place.ctx, address, mlist="readers")
    found = recorded(place, K.SUBSCRIBED)[-1].noun_id
    assert found is not None
    return found


def left(place: Place) -> int:
    number = subscription(place)
    subscriptions.unsubscribe(place.ctx, number, by="reader")
    return number


def csv(place: Place, text: str = "email\na@example.org\nb@example.org\nnobody\n") -> Path:
    path = place.folder / "people.csv"
    path.write_text(text, encoding="utf-8")
    return path


def readers(path: Path) -> imports.Part:
    return imports.Part(file=ListFile(path), mlist="readers")


def imported(place: Place) -> int:
    found = imports.import_file(place.ctx, readers(csv(place))).import_id
    assert found is not None
    return found


def rule(place: Place) -> int:
    return sections.add_rule(place.ctx, RuleKind.BOOST, words="harbour").id


def issue(place: Place) -> int:
    return queued(place, "ann@example.org").id


def cancelled(place: Place) -> int:
    number = issue(place)
    issues.cancel(place.ctx, number, reason="a slip")
    return number


def drafted(place: Place) -> int:
    return issues.take_slot(place.ctx, place.daily, place.daily.timetable.today(place.clock())).id


def failing(place: Place) -> None:
    made_source(place)
    (place.folder / "feed1.xml").rename(place.folder / "gone.xml")


#: What a use case does to what was prepared, and what is recorded of it.
CASES: dict[str, tuple[Callable[[Place], object], Callable[[Place, int], object], list[EventKind]]] = {
    "list": (lambda _: 0, lambda p, _: lists.add(p.ctx, "staff"), [K.LIST_ADDED]),
    "list opened": (lambda _: 0, lambda p, _: lists.change(p.ctx, "readers", access=ListAccess.PUBLIC), [K.LIST_CHANGED]),
    "list gone": (lambda p: lists.add(p.ctx, "staff"), lambda p, _: lists.remove(p.ctx, "staff"), [K.LIST_REMOVED]),
    "source": (lambda _: 0, lambda p, _: made_source(p), [K.SOURCE_ADDED]),
    "source set": (made_source, lambda p, n: sources.change(p.ctx, str(n), sources.Changes(name="x")), [K.SOURCE_CHANGED]),
    "source paused": (made_source, lambda p, n: sources.pause(p.ctx, str(n), paused=True), [K.SOURCE_CHANGED]),
    "source gone": (made_source, lambda p, n: sources.remove(p.ctx, n), [K.SOURCE_REMOVED]),
    "source fails": (failing, lambda p, _: p.collect(), [K.SOURCE_FAILING]),
    "article hidden": (article, lambda p, n: articles.hide(p.ctx, n, hidden=True), [K.ARTICLE_CHANGED]),
    "article pinned": (article, lambda p, n: articles.pin(p.ctx, n, pinned=True), [K.ARTICLE_CHANGED]),
    "newsletter": (lambda _: 0, lambda p, _: newsletters.add(p.ctx, "weekly", newsletters.Changes()), [K.NEWSLETTER_ADDED]),
    "newsletter set": (
        lambda _: 0,
        lambda p, _: newsletters.change(p.ctx, "daily", newsletters.Changes(title="The Ledger")),
        [K.NEWSLETTER_CHANGED],
    ),
    "newsletter gone": (lambda _: 0, lambda p, _: newsletters.remove(p.ctx, "daily"), [K.NEWSLETTER_REMOVED]),
    "section": (lambda _: 0, lambda p, _: sections.add(p.ctx, "World"), [K.NEWSLETTER_CHANGED]),
    "section gone": (
        lambda p: sections.add(p.ctx, "World"),
        lambda p, _: sections.remove(p.ctx, "daily", "World"),
        [K.NEWSLETTER_CHANGED],
    ),
    "rule": (lambda _: 0, lambda p, _: rule(p), [K.NEWSLETTER_CHANGED]),
    "rule gone": (rule, lambda p, n: sections.remove_rule(p.ctx, n), [K.NEWSLETTER_CHANGED]),
    "note": (lambda _: 0, lambda p, _: notes.open_next(p.ctx, p.daily, Note(text="Hello")), [K.NEWSLETTER_CHANGED]),
    "subscribed": (lambda _: 0, lambda p, _: subscription(p), [K.SUBSCRIBED]),
    "left": (subscription, lambda p, n: subscriptions.unsubscribe(p.ctx, n, by="reader"), [K.UNSUBSCRIBED]),
    "returned": (left, lambda p, n: subscriptions.resume(p.ctx, n), [K.RESUBSCRIBED]),
    "person": (
        subscription,
        lambda p, _: subscribers.change(p.ctx, "ann@example.org", name="Ann", leave="readers"),
        [K.SUBSCRIBER_CHANGED, K.UNSUBSCRIBED],
    ),
    "person gone": (subscription, lambda p, _: subscribers.remove(p.ctx, "ann@example.org"), [K.SUBSCRIBER_REMOVED]),
    "suppressed": (lambda _: 0, lambda p, _: suppressions.add(p.ctx, "a@example.org", reason="asked"), [K.SUPPRESSED]),
    "unsuppressed": (
        lambda p: suppressions.add(p.ctx, "a@example.org", reason="asked"),
        lambda p, _: suppressions.remove(p.ctx, "a@example.org"),
        [K.UNSUPPRESSED],
    ),
    "suppressions": (
        lambda _: 0,
        lambda p, _: suppressions.import_file(p.ctx, csv(p), columns={}),
        [K.SUPPRESSIONS_IMPORTED],
    ),
    "import": (lambda _: 0, lambda p, _: imported(p), [K.IMPORT_STARTED, K.IMPORT_FINISHED]),
    "import undone": (imported, lambda p, n: undo.undo(p.ctx, n), [K.IMPORT_UNDONE]),
    "slot": (lambda _: 0, lambda p, _: drafted(p), [K.ISSUE_DRAFTED]),
    "issue noted": (drafted, lambda p, n: notes.open_issue(p.ctx, n, Note(text="Hello")), [K.ISSUE_CHANGED]),
    "held": (issue, lambda p, n: issues.hold(p.ctx, n, reason="a slip"), [K.ISSUE_HELD]),
    "story withdrawn": (issue, lambda p, n: issues.withdraw_story(p.ctx, n, 1), [K.ISSUE_WITHDRAWN]),
    "withdrawn": (issue, lambda p, n: issues.withdraw(p.ctx, n), [K.ISSUE_WITHDRAWN]),
    "reopened": (cancelled, lambda p, n: issues.reopen(p.ctx, n), [K.ISSUE_REOPENED]),
    "edited": (article, lambda p, _: editing.take_out(p.ctx, p.daily, 1, editing.Seen()), [K.ISSUE_DRAFTED, K.ISSUE_EDITED]),
    "cancelled": (issue, lambda p, n: issues.cancel(p.ctx, n, reason="a slip"), [K.ISSUE_CANCELLED]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_use_case_records_what_it_did(place: Place, case: str) -> None:
    prepare, change, kinds = CASES[case]
    prepared = prepare(place)
    before = newest(place)

    change(place, prepared if isinstance(prepared, int) else 0)

    assert [event.kind for event in recorded(place, after=before)] == kinds


@pytest.mark.parametrize("case", CASES)
def test_what_is_rolled_back_leaves_no_event(place: Place, case: str) -> None:
    prepare, change, _ = CASES[case]
    prepared = prepare(place)
    before = newest(place)

    with nothing_committed(place.ctx.db), pytest.raises(Stopped):
        change(place, prepared if isinstance(prepared, int) else 0)

    assert recorded(place, after=before) == []


def test_an_issue_that_goes_the_whole_path_is_told_step_by_step(place: Place) -> None:
    place.readers("ann@example.org")
    place.drop("The harbour opens again")
    place.collect()
    before = newest(place)

    sent = place.send()

    steps = recorded(place, after=before)
    assert [event.kind for event in steps] == [K.ISSUE_DRAFTED, K.ISSUE_FROZEN, K.ISSUE_QUEUED, K.ISSUE_SENT]
    assert {(event.noun, event.noun_id, event.newsletter, event.actor) for event in steps} == {
        ("issue", sent.issue.id, "daily", Actor.COMMAND_LINE)
    }
    assert [event.facts["number"] for event in steps] == [None, 1, 1, 1]


def test_a_held_issue_that_goes_on_is_resumed(place: Place) -> None:
    number = issue(place)
    issues.hold(place.ctx, number, reason="a slip")
    before = newest(place)

    issues.resume(place.ctx, number)

    assert [(e.kind, e.facts["state"]) for e in recorded(place, after=before)] == [(K.ISSUE_RESUMED, IssueState.SENDING)]


def test_a_slot_with_too_little_to_say_and_its_second_try(place: Place) -> None:
    place.readers("ann@example.org")
    with pytest.raises(NothingToDo):
        place.send()
    with pytest.raises(NothingToDo):
        place.send()

    kinds = [event.kind for event in recorded(place) if event.noun == "issue"]
    assert kinds == [K.ISSUE_DRAFTED, K.ISSUE_SKIPPED, K.ISSUE_DRAFTED, K.ISSUE_SKIPPED]


def test_a_source_that_goes_on_failing_is_told_once_and_recovers_once(place: Place) -> None:
    failing(place)
    before = newest(place)
    place.collect()
    place.collect()
    (place.folder / "gone.xml").rename(place.folder / "feed1.xml")
    place.collect()
    place.collect()

    assert [(event.kind, event.facts.get("failures")) for event in recorded(place, after=before)] == [
        (K.SOURCE_FAILING, None),
        (K.SOURCE_RECOVERED, 2),
    ]


def test_a_change_that_is_refused_leaves_no_event(place: Place) -> None:
    subscription(place)
    before = newest(place)

    with pytest.raises(Conflict):
        subscriptions.add(place.ctx, "ann@example.org", mlist="readers")
    subscriptions.unsubscribe(place.ctx, 999, by="reader")

    assert recorded(place, after=before) == []


def test_leaving_twice_is_one_event_by_the_reader(place: Place) -> None:
    number = left(place)
    subscriptions.unsubscribe(place.ctx, number, by="reader")

    [event] = recorded(place, K.UNSUBSCRIBED)
    assert (event.noun, event.noun_id, event.actor) == ("subscription", number, Actor.READER)


def test_no_event_names_a_person_by_address(place: Place) -> None:
    number = left(place)
    subscriptions.resume(place.ctx, number)
    subscribers.change(place.ctx, "ann@example.org", name="Ann Example")
    suppressions.add(place.ctx, "ann@example.org", reason="asked by ann@example.org")
    subscribers.remove(place.ctx, "ann@example.org")
    imported(place)

    told = json.dumps([event.facts for event in recorded(place)])
    assert "ann@" not in told
    assert "Ann" not in told


def test_an_import_of_many_batches_is_two_events_with_all_counts(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importer, "BATCH", 3)
    text = "email\n" + "".join(f"r{i}@example.org\n" for i in range(9)) + "nobody\n"
    imports.import_file(place.ctx, readers(csv(place, text)))

    started, finished = recorded(place, K.IMPORT_STARTED, K.IMPORT_FINISHED)
    assert started.noun_id == finished.noun_id
    assert (finished.facts["lines"], finished.facts["added"], finished.facts["rejected"]) == (10, 9, 1)


def test_an_import_that_only_looks_records_nothing(place: Place) -> None:
    imports.import_file(place.ctx, readers(csv(place)), imports.Options(dry_run=True))

    assert recorded(place, K.IMPORT_STARTED, K.IMPORT_FINISHED) == []


# --- deliveries ------------------------------------------------------------------------------


def claimed(place: Place, *addresses: str) -> list[int]:
    """Deliveries that an owner has claimed."""
    number = queued(place, *addresses).id
    with place.ctx.db.begin() as tx:
        owners.begin(tx, "owner", place="here", now=place.clock())
        found, _ = claims.claim(tx, number, owner="owner", now=place.clock(), limit=99)
    return [one.delivery_id for one in found]


def refused(place: Place, number: int, *, suppresses: bool = False) -> Result:
    reply = Reply(code=550, enhanced="5.1.1", text="<a@example.org>: no such mailbox")
    return Result(
        delivery_id=number,
        state=DeliveryState.BOUNCED,
        reply=reply,
        reason="address",
        at=place.clock(),
        attempt=True,
        suppresses=suppresses,
    )


def test_each_bounce_is_an_event_of_the_transaction_that_records_it(place: Place) -> None:
    first, second, third = claimed(place, "a@example.org", "b@example.org", "c@example.org")
    before = newest(place)
    sent = Result(delivery_id=third, state=DeliveryState.SENT, reply=Reply(code=250, enhanced="", text="ok"), at=place.clock())

    with place.ctx.db.begin() as tx:
        claims.record(tx, [refused(place, first, suppresses=True), refused(place, second), sent], owner="owner")

    suppressed, *bounced = recorded(place, after=before)
    assert (suppressed.kind, suppressed.facts["delivery"]) == (K.SUPPRESSED, first)
    assert [(event.kind, event.noun_id, event.actor) for event in bounced] == [
        (K.BOUNCED, first, Actor.RELAY),
        (K.BOUNCED, second, Actor.RELAY),
    ]
    assert bounced[0].newsletter == "daily"
    assert "<a***@example.org>: no such mailbox" in bounced[0].facts["reply"]
    assert "a@example.org" not in json.dumps([event.facts for event in (suppressed, *bounced)])


def test_a_bounce_that_is_not_the_owners_any_more_is_no_event(place: Place) -> None:
    [number] = claimed(place, "a@example.org")
    before = newest(place)

    with place.ctx.db.begin() as tx:
        claims.record(tx, [refused(place, number)], owner="another")

    assert recorded(place, after=before) == []


def test_deliveries_that_are_given_up_bounce(place: Place) -> None:
    number = issue(place)
    before = newest(place)
    with place.ctx.db.begin() as tx:
        assert ledger.give_up(tx, number, at=place.clock()) == 1

    [event] = recorded(place, after=before)
    assert (event.kind, event.actor, event.facts["issue"]) == (K.BOUNCED, Actor.SCHEDULER, number)


def test_settling_and_retrying_are_told_of_their_issue(place: Place) -> None:
    unsure, refused_one = claimed(place, "a@example.org", "b@example.org")
    with place.ctx.db.begin() as tx:
        claims.record(
            tx,
            [Result(delivery_id=unsure, state=DeliveryState.UNSURE, at=place.clock()), refused(place, refused_one)],
            owner="owner",
        )
        number = ledger.get(tx, unsure).issue_id
    before = newest(place)

    deliveries.settle(place.ctx, [unsure], as_sent=True)
    deliveries.retry(place.ctx, number)

    assert [(e.kind, e.facts.get("deliveries")) for e in recorded(place, after=before)] == [
        (K.ISSUE_SETTLED, 1),
        (K.ISSUE_SENT, None),
        (K.ISSUE_RETRIED, 1),
    ]


# --- to read ---------------------------------------------------------------------------------


def test_events_are_read_on_from_a_number_a_page_at_a_time(place: Place) -> None:
    for name in ("one", "two", "three"):
        lists.add(place.ctx, name)
    after, names = 0, []
    while page := events.since(place.ctx, after, kinds=[K.LIST_ADDED], limit=2):
        names += [event.facts["name"] for event in page]
        after = page[-1].id

    assert names == ["readers", "one", "two", "three"]


def test_whoever_reads_on_waits_for_an_event_that_is_not_yet_committed(place: Place) -> None:
    if not place.ctx.db.shared:
        pytest.skip("a file has one writer at a time")
    number = subscription(place)
    before = newest(place)
    with ThreadPoolExecutor(1) as pool, place.ctx.db.begin(shared=True) as tx:
        tie, _, _ = subscriber_rows.subscription_by_id(tx, number) or pytest.fail("it is gone")
        events.record(place.ctx, tx, K.RESUBSCRIBED, tie)
        reading = pool.submit(events.since, place.ctx, before)
        with pytest.raises(TimeoutError):
            reading.result(timeout=0.3)
        tx.commit()
        assert [event.kind for event in reading.result(timeout=10)] == [K.RESUBSCRIBED]


def test_newest_events_of_a_newsletter_or_a_kind(place: Place) -> None:
    newsletters.add(place.ctx, "weekly", newsletters.Changes())
    drafted(place)

    assert [e.kind for e in events.listed(place.ctx, newsletter="daily")] == [K.ISSUE_DRAFTED, K.NEWSLETTER_ADDED]
    assert [e.newsletter for e in events.listed(place.ctx, kind=K.NEWSLETTER_ADDED)] == ["weekly", "daily"]


def test_old_events_are_forgotten_and_others_stay(place: Place) -> None:
    lists.add(place.ctx, "old")
    place.clock.turn(days=1)
    lists.add(place.ctx, "young")
    place.clock.now = place.clock.now + KEPT - timedelta(hours=1)

    jobs.apply_retention(place.ctx)

    assert [event.facts["name"] for event in recorded(place)] == ["young"]


def test_forgetting_goes_on_until_nothing_old_is_left(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "ROWS", 2)
    for number in range(5):
        lists.add(place.ctx, f"list-{number}")
    place.clock.now = place.clock.now + KEPT + timedelta(seconds=1)

    jobs.apply_retention(place.ctx)

    assert recorded(place) == []
