"""The page on which a reader leaves: what it offers instead, why they left, and the mail that says goodbye."""

import pytest
from fastapi.testclient import TestClient

from digest.audience.leaving import words
from digest.errors import NotFound
from digest.model.event import EventKind
from digest.model.leaving import TEXT_MAX, Reason
from digest.model.states import SubscriptionState
from digest.services import events, leaving, lists, notices
from digest.services import subscribers as people
from tests.support.dumps import dump
from tests.support.pages import ONE_CLICK, chosen_lists, links, second_list
from tests.support.place import Place
from tests.support.signups import ANN, Post

pytestmark = pytest.mark.any_database

EXPLAINED = {"explain": "yes", "reason": "too much", "text": "Every day is more than I read."}


def path(place: Place) -> str:
    return links(place, "u")[0]


# --- instead ---------------------------------------------------------------------------------


def test_a_pause_is_offered_below_the_button_and_leaves_nobody(sent: Place, client: TestClient) -> None:
    asked = client.get(path(sent)).text
    paused = client.post(path(sent), data={"pause": "yes"}).text

    stored = people.show(sent.ctx, ANN)
    assert asked.index(">Unsubscribe<") < asked.index("Back on Tuesday, March 31, 2026")
    assert "Paused, back on Tuesday, March 31, 2026" in paused
    assert '<a href="/p/' in paused
    assert chosen_lists(sent) == {"readers": SubscriptionState.ACTIVE}
    assert str(stored.paused_until) == "2026-03-30 22:00:00+00:00"  # midnight in Berlin, in summer time
    assert [event.kind for event in events.listed(sent.ctx, limit=1)] == [EventKind.SUBSCRIBER_PAUSED]


def test_one_click_leaves_whatever_else_stands_in_the_body(sent: Place, client: TestClient) -> None:
    client.post(path(sent), data={**ONE_CLICK, "pause": "yes", "explain": "yes", "return": "yes"})

    assert chosen_lists(sent) == {"readers": SubscriptionState.UNSUBSCRIBED}


def test_the_lists_that_a_reader_stays_on_are_named_with_the_way_out(sent: Place, client: TestClient) -> None:
    second_list(sent)
    before = client.get(path(sent)).text
    client.post(links(sent, "p")[0], data={"lists": "readers,weekend", "list-readers": "on", "list-weekend": "on"})

    asked, left = client.get(path(sent)).text, client.post(path(sent), data=ONE_CLICK).text

    assert "You stay on" not in before
    assert 'You stay on <b dir="auto">The Weekend Ledger</b>.' in asked
    assert 'You still get <b dir="auto">The Weekend Ledger</b>.' in left
    assert chosen_lists(sent) == {"readers": SubscriptionState.UNSUBSCRIBED, "weekend": SubscriptionState.ACTIVE}


# --- why -------------------------------------------------------------------------------------


def test_who_left_may_say_why_and_it_is_counted(sent: Place, client: TestClient) -> None:
    asked = client.post(path(sent), data=ONE_CLICK).text
    thanked = client.post(path(sent), data=EXPLAINED).text

    found = leaving.why(sent.ctx, "readers")
    assert 'type="radio" name="reason" value="too much"' in asked
    assert "Thank you. A person reads what you wrote." in thanked
    assert 'name="reason"' not in thanked
    assert (found.left, found.counts["too much"], sum(found.counts.values())) == (1, 1, 1)
    assert [(line.reason, line.text) for line in found.words] == [(Reason.TOO_MUCH, EXPLAINED["text"])]
    [event] = events.listed(sent.ctx, kind=EventKind.EXPLAINED)
    assert event.facts == {"subscriber": 1, "list": "readers", "reason": "too much"}


def test_a_reason_said_again_replaces_the_first_and_goes_when_its_reader_returns(sent: Place, client: TestClient) -> None:
    client.post(path(sent), data=ONE_CLICK)
    client.post(path(sent), data=EXPLAINED)
    client.post(path(sent), data={"explain": "yes", "reason": "something unknown", "text": "x"})
    second = leaving.why(sent.ctx, "readers")
    client.post(path(sent), data={"Return": "Yes"})

    assert (sum(second.counts.values()), second.counts["other"]) == (1, 1)
    assert sum(leaving.why(sent.ctx, "readers").counts.values()) == 0


def test_who_is_on_the_list_cannot_say_why_they_left(sent: Place, client: TestClient) -> None:
    before = dump(sent.ctx)

    client.post(path(sent), data=EXPLAINED)

    assert dump(sent.ctx) == before


def test_a_reason_is_erased_with_its_person(sent: Place, client: TestClient) -> None:
    client.post(path(sent), data=ONE_CLICK)
    client.post(path(sent), data=EXPLAINED)
    people.remove(sent.ctx, ANN)

    assert leaving.why(sent.ctx, "readers").words == ()


def test_words_are_one_line_of_bounded_length() -> None:
    assert words("  two\r\nlines\u202e and \x00 more ") == "two lines and more"
    assert len(words("a" * 10_000)) == TEXT_MAX


def test_reasons_of_no_list_are_told_so(place: Place) -> None:
    with pytest.raises(NotFound, match="there is no list nowhere"):
        leaving.why(place.ctx, "nowhere")


# --- goodbye ---------------------------------------------------------------------------------


def test_no_mail_says_goodbye_unless_the_list_wants_it(sent: Place, client: TestClient) -> None:
    client.post(path(sent), data=ONE_CLICK)

    assert notices.send_due(sent.ctx) == 0


def test_a_list_that_wants_it_says_goodbye_once(sent: Place, client: TestClient) -> None:
    lists.change(sent.ctx, "readers", goodbye=True)
    post = Post(sent, {mail.name for mail in sent.mails()})
    for _ in range(2):
        client.post(path(sent), data=ONE_CLICK)
    notices.send_due(sent.ctx)
    [mail] = post.new()

    assert mail["Subject"] == "You are unsubscribed from The Morning Ledger"
    assert ANN in str(mail["To"])
    assert notices.send_due(sent.ctx) == 0


def test_who_is_back_before_the_goodbye_gets_none(sent: Place, client: TestClient) -> None:
    lists.change(sent.ctx, "readers", goodbye=True)
    client.post(path(sent), data=ONE_CLICK)
    client.post(path(sent), data={"Return": "Yes"})

    assert notices.send_due(sent.ctx) == 0


def test_whom_an_admin_takes_off_a_list_is_not_mailed(sent: Place) -> None:
    lists.change(sent.ctx, "readers", goodbye=True)
    people.change(sent.ctx, ANN, leave="readers")

    assert notices.send_due(sent.ctx) == 0
