"""A reader's mail goes to another address: both confirm it, and nobody learns who has an address."""

import re

import pytest
from fastapi.testclient import TestClient

from digest.model.event import EventKind
from digest.model.subscriber import Suppression
from digest.model.tokens import address_hmac
from digest.services import events, moving, notices
from digest.services import subscribers as people
from digest.store import signups, subscribers
from tests.support.dumps import dump
from tests.support.pages import form, save, second_list, send_first
from tests.support.place import Place
from tests.support.signups import ANN, Post, plain

pytestmark = pytest.mark.any_database

NEW = "ann@example.net"


@pytest.fixture
def sent(place: Place) -> Place:
    return send_first(place, ANN, "bob@example.org")


def anns(place: Place) -> str:
    """The path of Ann's page."""
    texts = [plain(mail) for mail in Post(place).new() if ANN in str(mail["To"])]
    return next(found[1] for text in texts if (found := re.search(r"https://ledger\.example\.org(/p/[\w-]+)", text)))


def asked(place: Place, client: TestClient, new: str = NEW) -> dict[str, str]:
    """Ask for a move; return the paths of its links, by whom they were mailed to."""
    where, post = anns(place), Post(place, {mail.name for mail in place.mails()})
    save(client, where, address=new)
    notices.send_due(place.ctx)
    found = {str(mail["To"]): re.search(r"https://ledger\.example\.org(/address/[\w-]+)", plain(mail)) for mail in post.new()}
    return {to: match[1] for to, match in found.items() if match}


def test_the_mail_goes_to_the_new_address_once_both_have_confirmed(sent: Place, client: TestClient) -> None:
    links = asked(sent, client)
    shown = client.get(links[NEW]).text
    first = client.post(links[NEW], data={"confirm": "yes"}).text
    between = people.show(sent.ctx, ANN).address
    second = client.post(links[ANN], data={"confirm": "yes"}).text
    sent.clock.turn(days=1)
    sent.drop("Something new")
    sent.collect()
    post = Post(sent, {mail.name for mail in sent.mails()})
    sent.send()

    assert set(links) == {ANN, NEW}
    assert f'What goes to <b dir="auto">{ANN}</b> would go to <b dir="auto">{NEW}</b>.' in shown
    assert "The other address has to confirm it too" in first
    assert between == ANN
    assert "The mail goes to the new address from now on." in second
    assert {str(mail["To"]) for mail in post.new()} == {NEW, "bob@example.org"}
    [event] = events.listed(sent.ctx, kind=EventKind.SUBSCRIBER_CHANGED)
    assert event.facts == {"changed": ["address"]}


def test_looking_and_a_body_of_another_kind_confirm_nothing(sent: Place, client: TestClient) -> None:
    links = asked(sent, client)
    before = dump(sent.ctx)
    for where in links.values():
        client.get(where)
        client.head(where)
        assert client.post(where, data={"List-Unsubscribe": "One-Click"}).status_code == 400

    assert dump(sent.ctx) == before


@pytest.mark.parametrize("who", [ANN, NEW])
def test_either_address_can_stop_it(sent: Place, client: TestClient, who: str) -> None:
    links = asked(sent, client)
    client.post(links[NEW], data={"confirm": "yes"})
    stopped = client.post(links[who], data={"stop": "yes"}).text

    assert "It is stopped. Nothing was changed." in stopped
    assert client.post(links[ANN], data={"confirm": "yes"}).status_code == 404
    assert people.show(sent.ctx, ANN).address == ANN


def test_one_address_cannot_confirm_for_both(sent: Place, client: TestClient) -> None:
    links = asked(sent, client)
    for _ in range(3):
        client.post(links[NEW], data={"confirm": "yes"})

    assert people.show(sent.ctx, ANN).address == ANN


def test_an_address_that_somebody_has_or_that_must_never_be_mailed_gets_the_same_page(sent: Place, client: TestClient) -> None:
    hmac = address_hmac("never@example.net", sent.ctx.settings.pepper)
    with sent.ctx.db.begin() as tx:
        subscribers.suppress(tx, Suppression(address_hmac=hmac, reason="complaint", made_at=sent.clock()))
    pages, mailed = [], []
    for new in (NEW, "bob@example.org", "never@example.net"):
        sent.clock.turn(days=2)
        where, post = anns(sent), Post(sent, {mail.name for mail in sent.mails()})
        pages.append(save(client, where, address=new).replace(new, "X"))
        notices.send_due(sent.ctx)
        mailed.append({str(mail["To"]): str(mail["Subject"]) for mail in post.new()})

    assert len({re.sub(r"\w+day, \w+ \d+, \d{4}|\d{4}-\d\d-\d\d", "", page) for page in pages}) == 1
    assert mailed[0] == {ANN: "Another address for The Morning Ledger", NEW: "Another address for The Morning Ledger"}
    assert mailed[1] == {ANN: mailed[0][ANN], "bob@example.org": "Your link to The Morning Ledger"}
    assert mailed[2] == {ANN: mailed[0][ANN]}


def test_an_address_that_somebody_took_meanwhile_is_not_taken_from_them(sent: Place, client: TestClient) -> None:
    links = asked(sent, client)
    sent.readers(NEW)
    client.post(links[ANN], data={"confirm": "yes"})
    refused = client.post(links[NEW], data={"confirm": "yes"}).text

    assert "This address cannot be used. Nothing was changed." in refused
    assert people.show(sent.ctx, ANN).address == ANN


def test_a_move_expires_and_a_new_one_replaces_it(sent: Place, client: TestClient) -> None:
    links = asked(sent, client)
    newer = asked(sent, client, "ann@example.com")
    replaced = client.get(links[NEW]).status_code
    page = client.get(anns(sent)).text
    sent.clock.turn(days=8)
    expired = client.get(newer["ann@example.com"]).status_code
    moving.tidy(sent.ctx)

    assert (replaced, expired) == (404, 404)
    assert 'Your mail goes to <b dir="auto">ann@example.com</b> as soon as' in page
    assert dump(sent.ctx)["move"] == []


@pytest.mark.parametrize(
    ("address", "said"), [("ann", "That is not an e-mail address."), ("ann@mailinator.com", "disposable addresses")]
)
def test_an_address_that_cannot_be_used_is_told_at_its_field(sent: Place, client: TestClient, address: str, said: str) -> None:
    where = anns(sent)
    answer = client.post(where, data={**form(client.get(where).text), "address": address})

    assert answer.status_code == 422
    assert re.search(rf'id="wrong-address">[^<]*{said}', answer.text)
    assert dump(sent.ctx)["move"] == []


def test_the_evidence_of_consent_follows_and_goes_with_the_person(sent: Place, client: TestClient) -> None:
    second_list(sent)
    save(client, anns(sent), **{"list-weekend": "on"})
    for where in asked(sent, client).values():
        client.post(where, data={"confirm": "yes"})
    kept = people.show(sent.ctx, NEW).consents
    people.remove(sent.ctx, NEW)

    assert [consent.list for consent in kept] == ["weekend"]
    with sent.ctx.db.read() as tx:
        assert signups.consents(tx, address_hmac(ANN, sent.ctx.settings.pepper)) == []


def test_the_present_address_is_no_move(sent: Place, client: TestClient) -> None:
    assert asked(sent, client, "ANN@example.org") == {}
