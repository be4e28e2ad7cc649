"""The preference page: what a reader sees, what one POST saves, and what a link that is not theirs does."""

import re
from datetime import timedelta
from random import Random

import pytest
from fastapi.testclient import TestClient

from digest.model.event import EventKind
from digest.model.states import ListAccess, SubscriptionState
from digest.model.subscriber import Suppression
from digest.model.tokens import Purpose, sign
from digest.services import events, notices, preferences
from digest.services import subscribers as people
from digest.store import claims, newsletters, sources, subscribers
from tests.deliver.making import queued
from tests.support.dumps import dump
from tests.support.pages import chosen_lists, forge, form, links, save, second_list
from tests.support.place import Place
from tests.support.signups import ANN, Post, opened, plain, read

pytestmark = pytest.mark.any_database


def path(place: Place) -> str:
    return links(place, "p")[0]


def suppress(place: Place) -> None:
    with place.ctx.db.begin() as tx:
        person = subscribers.get(tx, ANN)
        subscribers.suppress(tx, Suppression(address_hmac=person.address_hmac, reason="complaint", made_at=place.clock()))


# --- to see ----------------------------------------------------------------------------------


def test_the_mails_link_leads_to_what_the_reader_has_chosen(sent: Place, client: TestClient) -> None:
    answer = client.get(path(sent))

    assert answer.status_code == 200
    assert "<h1>Preferences</h1>" in answer.text
    assert "This link is yours alone" in answer.text
    assert ANN in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers


def test_looking_changes_nothing_and_neither_does_saving_what_is_shown(sent: Place, client: TestClient) -> None:
    before = dump(sent.ctx)

    client.get(path(sent))
    client.head(path(sent))
    page = save(client, path(sent))

    assert "Saved." in page
    assert dump(sent.ctx) == before


def test_a_single_list_is_not_offered_as_a_choice(sent: Place, client: TestClient) -> None:
    assert 'name="list-' not in client.get(path(sent)).text


def test_every_field_has_a_label_and_the_page_runs_no_script(sent: Place, client: TestClient) -> None:
    second_list(sent)
    page = client.get(path(sent)).text

    labelled = set(re.findall(r'<label[^>]* for="([\w-]+)"', page))
    own = {found[1] for found in re.finditer(r'<(?:input|select)[^>]* id="([\w-]+)"[^>]*>', page) if "aria-label" not in found[0]}
    assert own <= labelled
    assert "<script" not in page
    assert " style=" not in page
    assert client.get("/preferences.css").headers["content-type"].startswith("text/css")


# --- to save ---------------------------------------------------------------------------------


def test_name_and_language_are_saved_and_the_next_mail_has_them(sent: Place, client: TestClient) -> None:
    page = save(client, path(sent), name="Ann Ólafsdóttir", language="de")
    sent.clock.turn(days=1)
    sent.drop("Something new")
    sent.collect()
    post = Post(sent, {mail.name for mail in sent.mails()})
    sent.send()

    [mail] = post.new()
    assert "Gespeichert." in page
    assert "Die nächste Ausgabe kommt am" in page
    assert "Ann Ólafsdóttir" in str(mail["To"])
    assert "Abbestellen" in plain(mail)
    [event] = events.listed(sent.ctx, kind=EventKind.SUBSCRIBER_CHANGED)
    assert event.facts["changed"] == ["name", "language"]


def test_a_pause_lets_issues_pass_by_and_ends_by_itself(sent: Place, client: TestClient) -> None:
    [day, *_] = re.findall(r'value="(2026-\d\d-\d\d)"', client.get(path(sent)).text)
    told = save(client, path(sent), pause=day)
    counts = []
    for number in range(8):
        sent.clock.turn(days=1)
        sent.drop(f"News of day {number}")
        sent.collect()
        counts.append(dict(sent.send().counts))

    assert day == "2026-03-10"
    assert "The next issue comes on Tuesday, March 10, 2026 at 07:00 (CET)." in told
    assert [next(iter(count)).value for count in counts] == ["skipped"] * 6 + ["sent"] * 2
    assert "paused" in {delivery.reason for delivery in people.show(sent.ctx, ANN).deliveries}


def test_a_pause_that_begins_after_an_issue_was_queued_holds_for_it(sent: Place, client: TestClient) -> None:
    sent.clock.turn(days=1)
    issue = queued(sent, "bob@example.org")
    save(client, path(sent), pause="day", until="2026-03-20")

    with sent.ctx.db.begin() as tx:
        claimed, skipped = claims.claim(tx, issue, owner="me", now=sent.clock(), limit=10)

    assert ([one.address for one in claimed], skipped) == (["bob@example.org"], 1)


def test_a_pause_is_ended_by_the_reader_and_shown_until_then(sent: Place, client: TestClient) -> None:
    save(client, path(sent), pause="day", until="2026-03-20")
    paused = client.get(path(sent)).text
    stored = people.show(sent.ctx, ANN).paused_until
    save(client, path(sent))
    kept = people.show(sent.ctx, ANN).paused_until
    save(client, path(sent), pause="")

    assert "Paused, back on Friday, March 20, 2026" in paused
    assert stored == kept
    assert stored is not None
    assert stored.isoformat() == "2026-03-19T23:00:00+00:00"  # midnight in Berlin
    assert people.show(sent.ctx, ANN).paused_until is None
    kinds = [event.kind for event in events.listed(sent.ctx)][:2]
    assert kinds == [EventKind.SUBSCRIBER_WOKEN, EventKind.SUBSCRIBER_PAUSED]


def test_lists_are_joined_with_evidence_and_left(sent: Place, client: TestClient) -> None:
    second_list(sent)
    page = client.get(path(sent)).text
    save(client, path(sent), **{"list-weekend": "on"})
    joined = chosen_lists(sent)
    data = form(client.get(path(sent)).text)
    del data["list-readers"]
    client.post(path(sent), data=data)

    evidence = people.show(sent.ctx, ANN).consents[-1]
    assert "Mail me The Weekend Ledger until I unsubscribe." in page
    assert joined == {"readers": SubscriptionState.ACTIVE, "weekend": SubscriptionState.ACTIVE}
    assert chosen_lists(sent) == {"readers": SubscriptionState.UNSUBSCRIBED, "weekend": SubscriptionState.ACTIVE}
    assert (evidence.list, evidence.how, evidence.text) == (
        "weekend",
        "preferences",
        "Mail me The Weekend Ledger until I unsubscribe. One click in every mail ends it.",
    )


def test_a_closed_list_can_be_left_and_not_joined(sent: Place, client: TestClient) -> None:
    second_list(sent, ListAccess.CLOSED)
    assert "weekend" not in client.get(path(sent)).text

    client.post(path(sent), data={"lists": "readers,weekend", "list-readers": "on", "list-weekend": "on"})

    assert chosen_lists(sent) == {"readers": SubscriptionState.ACTIVE}


def test_who_left_comes_back_by_ticking_the_list(sent: Place, client: TestClient) -> None:
    opened(sent)
    people.change(sent.ctx, ANN, leave="readers")
    save(client, path(sent), **{"list-readers": "on"})

    [tie] = people.show(sent.ctx, ANN).subscriptions
    assert tie.state is SubscriptionState.ACTIVE
    assert "left 2026-03-03 06:00 UTC; ticked on the preference page 2026-03-03" in tie.evidence


def test_joining_a_list_ends_a_pause(sent: Place, client: TestClient) -> None:
    second_list(sent)
    save(client, path(sent), pause="2026-03-20")
    save(client, path(sent), **{"list-weekend": "on"})

    assert people.show(sent.ctx, ANN).paused_until is None


def test_a_pause_that_is_saved_together_with_a_new_list_is_kept(sent: Place, client: TestClient) -> None:
    second_list(sent)
    save(client, path(sent), pause="2026-03-20", **{"list-weekend": "on"})

    person = people.show(sent.ctx, ANN)
    assert person.paused_until is not None
    assert sorted(tie.list for tie in person.subscriptions) == ["readers", "weekend"]


def test_who_is_suppressed_can_choose_nothing(sent: Place, client: TestClient) -> None:
    suppress(sent)
    opened(sent)
    people.change(sent.ctx, ANN, leave="readers")

    page = client.get(path(sent)).text
    client.post(path(sent), data={"lists": "readers", "list-readers": "on"})

    assert "Nothing is mailed to this address any more." in page
    assert "<button" not in page
    assert chosen_lists(sent) == {"readers": SubscriptionState.UNSUBSCRIBED}


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"name": "see www.example.org"}, "name", "Please give a name alone"),
        ({"pause": "day", "until": ""}, "pause", "Choose a day after today."),
        ({"pause": "day", "until": "2026-03-03"}, "pause", "Choose a day after today."),
        ({"pause": "day", "until": "2031-01-01"}, "pause", "Choose a day within a year."),
        ({"pause": "day", "until": "soon"}, "pause", "Choose a day after today."),
        ({"pause": "0000-99-99"}, "pause", "Choose a day after today."),
    ],
)
def test_what_cannot_be_used_is_told_at_its_field_and_nothing_is_saved(
    sent: Place, client: TestClient, changed: dict[str, str], field: str, said: str
) -> None:
    before = dump(sent.ctx)
    data = {**form(client.get(path(sent)).text), "language": "fr", "name": "Ann", **changed}

    answer = client.post(path(sent), data=data)

    assert answer.status_code == 422
    assert "Not saved yet." in answer.text
    assert f'aria-describedby="wrong-{field}"' in answer.text
    assert re.search(rf'id="wrong-{field}">{said}', answer.text)
    assert f'value="{data["name"]}"' in answer.text
    assert '<option value="fr" lang="fr" selected>' in answer.text
    assert dump(sent.ctx) == before


def test_two_mistakes_are_told_at_once(sent: Place, client: TestClient) -> None:
    data = {**form(client.get(path(sent)).text), "name": "<b>", "pause": "day", "until": "2031-01-01"}

    page = client.post(path(sent), data=data).text

    assert 'id="wrong-name"' in page
    assert 'id="wrong-pause"' in page


# --- links -----------------------------------------------------------------------------------


def test_no_forged_truncated_or_swapped_link_shows_or_changes_anything(sent: Place, client: TestClient) -> None:
    genuine, before = path(sent).removeprefix("/p/"), dump(sent.ctx)
    key, dice = sent.ctx.settings.secret_keys[0], Random(5)
    others = [sign(n, purpose, key) for n in range(1, 4) for purpose in Purpose if purpose is not Purpose.PREFERENCES]
    pages = set()
    for _ in range(300):
        token = forge(dice, [genuine], others)
        if token == genuine:
            continue
        answer = client.post(f"/p/{token}", data={"name": "Mallory", "pause": "2026-12-24"})
        pages.add((answer.status_code, answer.text))

    assert [status for status, _ in pages] == [404]
    assert '<a href="/p">Mail me my link</a>' in next(iter(pages))[1]
    assert dump(sent.ctx) == before


def test_the_link_of_who_was_removed_leads_nowhere(sent: Place, client: TestClient) -> None:
    where = path(sent)
    people.remove(sent.ctx, ANN)

    assert client.get(where).status_code == client.post(where, data={"name": "x"}).status_code == 404


def test_the_web_view_leads_to_the_lost_link_and_has_none_of_its_reader(sent: Place, client: TestClient) -> None:
    page = client.get(links(sent, "view")[0]).text

    assert path(sent) not in page
    assert '<a href="/p">Preferences</a>' in page


# --- the lost link ---------------------------------------------------------------------------


def test_the_lost_link_is_mailed_to_whom_it_belongs_and_nobody_learns_who_that_is(sent: Place, client: TestClient) -> None:
    post = Post(sent, {mail.name for mail in sent.mails()})
    answers = [client.post("/p", data={"address": address}) for address in (ANN, "stranger@example.org")]
    handed_over = notices.send_due(sent.ctx)

    [mail] = post.new()
    [where] = re.findall(r"https://ledger\.example\.org(/p/[\w-]+)", plain(mail))
    assert {answer.status_code for answer in answers} == {200}
    assert answers[0].text == answers[1].text
    assert handed_over == 1
    assert ANN in str(mail["To"])
    assert mail["Subject"] == "Your link to The Morning Ledger"
    assert ANN in client.get(where).text
    assert notices.send_due(sent.ctx) == 0


def test_nobody_is_mailed_their_link_more_often_than_the_limit_allows(sent: Place, client: TestClient) -> None:
    for _ in range(4):
        client.post("/p", data={"address": ANN})
        notices.send_due(sent.ctx)

    assert len([mail for mail in sent.mails() if "Your link" in str(read(mail.read_bytes())["Subject"])]) == 2


def test_who_must_never_be_mailed_gets_no_link(sent: Place, client: TestClient) -> None:
    suppress(sent)
    client.post("/p", data={"address": ANN})

    assert [notices.send_due(sent.ctx) for _ in range(2)] == [0, 0]


def test_asking_too_often_or_for_no_address_is_told(sent: Place, client: TestClient) -> None:
    refused = client.post("/p", data={"address": "ann"})
    for n in range(100):
        preferences.mail_link(sent.ctx, f"reader{n}@example.org", ip="")
    too_many = client.post("/p", data={"address": "one-more@example.org"})
    other = client.post("/p", data={"address": "reader@example.net"})

    assert refused.status_code == 422
    assert 'aria-describedby="wrong"' in refused.text
    assert (too_many.status_code, other.status_code) == (429, 200)


def test_a_robot_in_the_trap_is_answered_like_anybody_and_mails_nobody(sent: Place, client: TestClient) -> None:
    answer = client.post("/p", data={"address": ANN, "website": "https://spam.example"})

    assert (answer.status_code, notices.send_due(sent.ctx)) == (200, 0)


# --- the command line's way ------------------------------------------------------------------


def test_an_admin_pauses_a_person_with_the_same_rules(sent: Place) -> None:
    day = sent.clock().date() + timedelta(days=3)
    people.change(sent.ctx, ANN, pause_until=day)
    paused = people.show(sent.ctx, ANN).paused_until
    people.change(sent.ctx, ANN, ends_pause=True)

    assert paused is not None
    assert paused.date() == day - timedelta(days=1)  # 23:00 UTC
    assert people.show(sent.ctx, ANN).paused_until is None
    with pytest.raises(ValueError, match="2026-03-03 is not after today"):
        people.change(sent.ctx, ANN, name="Ann", pause_until=sent.clock().date())
    assert people.show(sent.ctx, ANN).name == ""


# --- topics ----------------------------------------------------------------------------------


def topical(place: Place) -> None:
    """The list's newsletter has sources of two topics."""
    with place.ctx.db.begin() as tx:
        [first, *_] = sources.of_newsletter(tx, newsletters.get(tx, "daily").id)
        first.topic = 'Harbour & "quay"'
        tx.add(first)


def test_topics_are_not_shown_where_a_newsletter_has_none(sent: Place, client: TestClient) -> None:
    assert 'id="topics"' not in client.get(path(sent)).text
    assert "Fewer topics" not in client.get(links(sent, "u")[0]).text


def test_topics_are_chosen_on_the_page_and_shown_as_chosen(sent: Place, client: TestClient) -> None:
    topical(sent)
    people.change(sent.ctx, ANN, muted=["sport"])
    name = 'topic/readers/Harbour & "quay"'
    page = client.get(path(sent)).text
    again = save(client, path(sent), **{name: "wanted", "topic/readers/unknown": "wanted"})

    [tie] = people.show(sent.ctx, ANN).subscriptions
    assert '<legend><b dir="auto">sport</b></legend>' in page
    assert re.search(r'name="topic/readers/sport" value="muted" checked', page)
    assert (tie.wanted, tie.muted) == (('Harbour & "quay"',), ("sport",))
    assert re.search(r'name="topic/readers/Harbour &amp; &#34;quay&#34;" value="wanted" checked', again)
    assert "Fewer topics" in client.get(links(sent, "u")[0]).text


def test_saving_without_touching_the_topics_changes_nothing(sent: Place, client: TestClient) -> None:
    topical(sent)
    people.change(sent.ctx, ANN, wanted=['HARBOUR & "QUAY"', "weather"])
    before = dump(sent.ctx)

    save(client, path(sent))
    client.post(path(sent), data={"name": ""})

    assert dump(sent.ctx) == before
