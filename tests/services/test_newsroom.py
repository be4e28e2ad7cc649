"""Issues and deliveries as the admin pages show them: nobody is left out, whatever the size of a page."""

import csv
import io
from collections import Counter

import pytest

from digest.errors import BadAddress, NotFound
from digest.model.states import DeliveryState, IssueState
from digest.services import deliveries, newsletters, newsroom
from digest.services.newsletters import Changes
from digest.services.tallies import Tallies
from tests.support.deliveries import rows_of, set_states
from tests.support.place import Place

STATES = "sent deferred bounced skipped unsure cancelled queued"


@pytest.fixture
def sent(place: Place) -> Place:
    """The place after an issue to seven readers."""
    place.readers(*(f"r{n}@example.org" for n in range(7)))
    place.drop("The harbour opens again", "A bridge is closed")
    place.collect()
    place.send()
    return place


def publish(place: Place, issues: int) -> None:
    """Publish an issue a day, with a story each."""
    place.readers("a@example.org")
    for n in range(issues):
        place.drop(f"Story {n}")
        place.collect()
        place.send()
        place.clock.turn(days=1)


def everybody(place: Place) -> list[dict[str, str]]:
    text, after = newsroom.csv_of(place.ctx, 1, after=0)
    while after:
        more, after = newsroom.csv_of(place.ctx, 1, after=after)
        text += more
    return list(csv.DictReader(io.StringIO(text)))


def test_an_issue_accounts_for_everybody(sent: Place) -> None:
    set_states(sent, deliveries=STATES)

    found = newsroom.issue_detail(sent.ctx, Tallies(), 1)

    assert (found.total, found.waiting, len(found.picks)) == (7, 2, 2)
    assert {state.value: count for state, count in found.counts.items()} == Counter(STATES.split())
    assert sum(newsroom.skipped(sent.ctx, 1).values()) == found.counts[DeliveryState.SKIPPED]


def test_what_may_be_done_follows_the_state(sent: Place) -> None:
    acts = {}
    for issue, rows in (
        ("sent", "sent"),
        ("sending", STATES),
        ("held", "unsure queued"),
        ("cancelled", "cancelled"),
        ("sent", "bounced"),
    ):
        set_states(sent, issue=issue, deliveries=f"{rows} " + "sent " * (7 - len(rows.split())))
        acts[issue, rows] = list(newsroom.issue_detail(sent.ctx, Tallies(), 1).acts)

    assert list(acts.values()) == [
        [],
        ["hold", "settle", "retry", "cancel"],
        ["resume", "settle", "cancel"],
        ["reopen"],
        ["retry"],
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
@pytest.mark.parametrize("state", [None, DeliveryState.SENT, DeliveryState.QUEUED, DeliveryState.UNSURE])
def test_pages_show_each_delivery_once(
    sent: Place, monkeypatch: pytest.MonkeyPatch, size: int, state: DeliveryState | None
) -> None:
    set_states(sent, deliveries="sent sent queued sent bounced sent queued")
    with sent.ctx.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE delivery SET tries = id - 3 * (id / 3)")
    monkeypatch.setattr(newsroom, "DELIVERIES_SHOWN", size)
    seen: list[int] = []
    after: int | None = None
    while True:
        page = newsroom.delivery_page(sent.ctx, 1, state=state, after=after)
        seen += [row.id for row in page.rows]
        after = page.more_after
        if after is None:
            break

    assert sorted(seen) == [number for number, stored in rows_of(sent).items() if state is None or stored == state.value]


@pytest.mark.parametrize("batch", [1, 3, 7, 5000])
def test_the_file_has_everybody_once(sent: Place, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    set_states(sent, deliveries=STATES)
    monkeypatch.setattr(newsroom, "CSV_BATCH", batch)

    assert {int(row["delivery"]): row["state"] for row in everybody(sent)} == rows_of(sent)
    assert sorted(row["address"] for row in everybody(sent)) == [f"r{n}@example.org" for n in range(7)]


def test_a_cell_that_a_spreadsheet_would_run_is_quoted(sent: Place) -> None:
    with sent.ctx.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE delivery SET reply = '=HYPERLINK(\"https://evil.example\")' WHERE id = 1")

    assert everybody(sent)[0]["reply"].startswith("'=HYPERLINK")


def test_a_person_is_found_by_the_address_in_any_case(sent: Place) -> None:
    (found,) = newsroom.mails_to(sent.ctx, " R3@Example.org")

    assert (found.delivery.address, found.issue.number, found.paper.name) == ("r3@example.org", 1, "daily")
    assert newsroom.mails_to(sent.ctx, "nobody@example.org") == []
    with pytest.raises(BadAddress):
        newsroom.mails_to(sent.ctx, "r3")


def test_issues_are_listed_newest_first_a_page_at_a_time(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(place, 5)
    monkeypatch.setattr(newsroom, "ISSUES_SHOWN", 2)
    seen: list[tuple[int | None, str]] = []
    after: int | None = None
    while True:
        lines, after = newsroom.issue_lines(place.ctx, after=after)
        seen += [(line.issue.number, line.headline) for line in lines]
        if after is None:
            break

    assert [number for number, _ in seen] == sorted({number for number, _ in seen}, key=lambda n: -(n or 0))
    assert seen[0] == (len(seen), f"Story {len(seen) - 1}")


def test_issues_of_one_newsletter_or_in_one_state_are_listed(place: Place) -> None:
    publish(place, 3)
    newsletters.add(place.ctx, "weekend", Changes(mlist="readers", at="09:00", days="sat"))
    set_states(place, issue="held")

    def listed(newsletter: str = "", state: IssueState | None = None) -> list[int | None]:
        return [line.issue.number for line in newsroom.issue_lines(place.ctx, newsletter=newsletter, state=state)[0]]

    assert listed("daily") == listed() == [3, 2, 1]
    assert listed("weekend") == listed("daily", IssueState.CANCELLED) == []
    assert listed(state=IssueState.HELD) == [1]
    assert listed("daily", IssueState.SENT) == [3, 2]
    with pytest.raises(NotFound):
        listed("nothing")


def test_a_preview_names_no_reader(sent: Place) -> None:
    page = newsroom.preview(sent.ctx, 1)

    assert "The harbour opens again" in page
    assert "example.org/u/" not in page
    with pytest.raises(NotFound):
        newsroom.preview(sent.ctx, 99)


def test_the_mail_of_a_delivery_is_the_one_that_went_out(sent: Place) -> None:
    found = newsroom.delivery(sent.ctx, 1)

    assert deliveries.mail(sent.ctx, found.delivery.id) in [path.read_bytes() for path in sent.mails()]
