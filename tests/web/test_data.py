"""A reader sees what is held about them: a code by mail, and a file; a link alone shows nothing."""

import io
import json
import re
import zipfile

import pytest
from fastapi.testclient import TestClient

from digest.languages import shipped
from digest.model.event import Actor, EventKind
from digest.services import context, data_requests, events, personal, subscribers, suppressions
from digest.services.data_requests import Verdict
from digest.web import data as pages
from tests.audience.lists import take
from tests.support.dumps import dump
from tests.support.place import Place
from tests.support.servers import Mailbox, smtp_server
from tests.support.signups import ANN, code_in, read, wrong

pytestmark = pytest.mark.any_database


@pytest.fixture
def ann(sent: Place) -> Place:
    return sent


@pytest.fixture
def page(ann: Place) -> str:
    return f"/data/{token(ann)}"


def token(place: Place) -> str:
    return data_requests.link(place.ctx, subscribers.show(place.ctx, ANN).subscriptions[0].id)


def mailed(place: Place) -> str:
    """The code of the newest mail."""
    before = set(place.mails())
    data_requests.send_due(place.ctx)
    [path] = set(place.mails()) - before
    return code_in(read(path.read_bytes()))


def unpacked(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


# --- a walk ----------------------------------------------------------------------------------


def test_from_the_link_of_a_mail_to_the_file(ann: Place, client: TestClient) -> None:
    mail = ann.mails()[0].read_text()
    found = re.search(r"https://ledger\.example\.org(/u/[\w-]+)", mail.replace("=\n", ""))
    assert found is not None
    own = re.search(r'href="(/data/[\w-]+)"', client.get(found[1]).text)
    assert own is not None

    asked = client.post(own[1], data={"ask": "yes"})
    code = mailed(ann)
    answer = client.post(own[1], data={"code": code})

    assert (asked.status_code, asked.headers["location"]) == (303, own[1])
    assert "We sent a six-digit code" in client.get(own[1]).text or answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="data.zip"'
    assert answer.headers["cache-control"] == "no-store"
    files = unpacked(answer.content)
    held = json.loads(files["data.json"])
    assert (held["address"], [d["state"] for d in held["deliveries"]]) == (ANN, ["sent"])
    assert held == personal.export(ann.ctx, ANN).model_dump(mode="json") | {"events": held["events"]}
    assert "Your subscriptions, and where each came from" in files["data.html"]
    assert "a test" in files["data.html"]
    [event] = events.listed(ann.ctx, kind=EventKind.SUBSCRIBER_EXPORTED)
    assert event.actor == Actor.READER


def test_the_page_shows_nothing_that_is_held_but_the_address(ann: Place, client: TestClient, page: str) -> None:
    shown = client.get(page)

    assert shown.status_code == 200
    assert "harbour" not in shown.text
    assert "a test" not in shown.text


# --- codes -----------------------------------------------------------------------------------


@pytest.mark.any_database
def test_a_code_works_once(ann: Place) -> None:
    own = token(ann)
    data_requests.ask(ann.ctx, own)
    code = mailed(ann)

    first, again = data_requests.open_file(ann.ctx, own, code), data_requests.open_file(ann.ctx, own, code)

    assert (first[0], again) == (Verdict.RIGHT, (Verdict.EXPIRED, None))


def test_a_code_works_for_fifteen_minutes(ann: Place) -> None:
    own = token(ann)
    data_requests.ask(ann.ctx, own)
    code = mailed(ann)
    ann.clock.turn(minutes=15)

    assert data_requests.open_file(ann.ctx, own, code) == (Verdict.EXPIRED, None)


def test_after_five_wrong_codes_the_right_one_is_refused_and_a_new_one_is_not(ann: Place) -> None:
    own = token(ann)
    data_requests.ask(ann.ctx, own)
    code = mailed(ann)
    guesses = [data_requests.open_file(ann.ctx, own, wrong(code))[0] for _ in range(5)]

    locked = data_requests.open_file(ann.ctx, own, code)
    ann.clock.turn(minutes=2)
    data_requests.ask(ann.ctx, own)

    assert guesses == [Verdict.WRONG] * 5
    assert locked == (Verdict.LOCKED, None)
    assert data_requests.open_file(ann.ctx, own, mailed(ann))[0] is Verdict.RIGHT


@pytest.mark.any_database
def test_one_person_is_mailed_five_codes_a_day(ann: Place, client: TestClient, page: str) -> None:
    for _ in range(5):
        assert client.post(page, data={"ask": "yes"}).status_code == 303
        mailed(ann)
        ann.clock.turn(minutes=2)

    refused = client.post(page, data={"ask": "yes"})
    ann.clock.turn(days=1)

    assert refused.status_code == 429
    assert client.post(page, data={"ask": "yes"}).status_code == 303


@pytest.mark.any_database
def test_asking_twice_in_a_minute_mails_once(ann: Place, client: TestClient, page: str) -> None:
    client.post(page, data={"ask": "yes"})
    client.post(page, data={"ask": "yes"})
    mailed(ann)
    client.post(page, data={"ask": "yes"})

    assert data_requests.send_due(ann.ctx) == 0


@pytest.mark.any_database
@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "000000", "0" * 5000])
def test_what_is_no_code_opens_nothing(ann: Place, client: TestClient, page: str, typed: str) -> None:
    client.post(page, data={"ask": "yes"})
    code = mailed(ann)

    assert client.post(page, data={"code": typed}).status_code == (422 if typed != code else 200)


@pytest.mark.any_database
def test_a_code_of_somebody_else_opens_nothing(ann: Place) -> None:
    ann.readers("zoe@example.org")
    other = data_requests.link(ann.ctx, subscribers.show(ann.ctx, "zoe@example.org").subscriptions[0].id)
    data_requests.ask(ann.ctx, token(ann))
    code = mailed(ann)
    data_requests.ask(ann.ctx, other)

    assert data_requests.open_file(ann.ctx, other, code)[1] is None


@pytest.mark.any_database
def test_a_request_is_forgotten_after_a_day(ann: Place) -> None:
    data_requests.ask(ann.ctx, token(ann))
    ann.clock.turn(days=1)

    data_requests.tidy(ann.ctx)

    assert dump(ann.ctx)["data_request"] == []


# --- what changes nothing --------------------------------------------------------------------


@pytest.mark.any_database
def test_reading_and_foreign_bodies_change_nothing(ann: Place, client: TestClient, page: str) -> None:
    before = dump(ann.ctx)

    for method in ("GET", "HEAD"):
        assert client.request(method, page).status_code == 200
    for body in (b"", b"List-Unsubscribe=One-Click", b"{}", b"\x00\xff", b"ask=no"):
        assert client.post(page, content=body).status_code in (400, 422)
    assert client.post(page, json={"ask": "yes"}).status_code == 400

    assert dump(ann.ctx) == before


@pytest.mark.any_database
@pytest.mark.parametrize("token_of", ["u", "v", "forged", ""])
def test_no_other_token_leads_to_the_page(ann: Place, client: TestClient, token_of: str) -> None:
    from digest.model.tokens import Purpose, sign

    key = ann.ctx.settings.secret_keys[0]
    other = sign(1, Purpose(token_of), key) if token_of in ("u", "v") else "AAAA" + token(ann)[4:] if token_of else "x"

    assert client.get(f"/data/{other}").status_code == 404
    assert client.post(f"/data/{other}", data={"ask": "yes"}).status_code == 404


def test_the_page_of_an_erased_reader_says_plainly_that_there_is_nothing(ann: Place, client: TestClient, page: str) -> None:
    paths = [page, page.replace("/data/", "/u/")]
    personal.erase(ann.ctx, ANN)

    assert [client.get(path).status_code for path in paths] == [404, 404]
    assert "There is nothing here" in client.get(page).text


@pytest.mark.any_database
def test_nobody_is_mailed_a_code_who_must_not_be_mailed(ann: Place, client: TestClient, page: str) -> None:
    suppressions.add(ann.ctx, ANN, reason="complaint")

    answer = client.post(page, data={"ask": "yes"})

    assert answer.status_code == 409
    assert "paper@ledger.example.org" in answer.text
    assert data_requests.send_due(ann.ctx) == 0


# --- the mail --------------------------------------------------------------------------------


@pytest.mark.any_database
def test_a_code_waits_for_a_relay_that_is_down_and_then_goes_out_with_a_fresh_one(ann: Place) -> None:
    with smtp_server(Mailbox(banner="421 not now")) as mailbox:
        settings = ann.ctx.settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{mailbox.port}"})
        relayed = context.build(settings, clock=ann.clock)
        data_requests.ask(relayed, token(ann))
        taken = data_requests.send_due(relayed)
        relayed.db.close()

    late = data_requests.access(ann.ctx, token(ann)).is_late
    ann.clock.turn(minutes=1)

    assert (taken, late) == (0, True)
    assert data_requests.open_file(ann.ctx, token(ann), mailed(ann))[0] is Verdict.RIGHT


@pytest.mark.any_database
@pytest.mark.parametrize("code", shipped())
def test_page_and_mail_and_file_speak_the_readers_language(ann: Place, client: TestClient, page: str, code: str) -> None:
    from digest.languages import load

    subscribers.change(ann.ctx, ANN, language=code)
    spoken = load(code)

    shown = client.get(page, headers={"Accept-Language": "en"}).text
    client.post(page, data={"ask": "yes"})
    before = set(ann.mails())
    data_requests.send_due(ann.ctx)
    [path] = set(ann.mails()) - before
    mail = read(path.read_bytes())
    files = unpacked(client.post(page, data={"code": code_in(mail)}).content)

    assert f'lang="{code}" dir="{spoken.direction}"' in shown
    assert spoken.gettext("Mail me a code") in shown
    assert mail["Subject"] == spoken.gettext("Your code for your data at %(title)s") % {"title": "The Morning Ledger"}
    assert spoken.gettext("Mails to you") in files["data.html"]


@pytest.mark.any_database
def test_what_a_person_typed_cannot_run_in_the_file(place: Place) -> None:
    take(place, 'address,name\nann@example.org,"<script>alert(1)</script>"\n')
    from digest.languages import load

    made = unpacked(pages.packed(personal.export(place.ctx, ANN), load("en")))

    assert "<script" not in made["data.html"]
    assert "&lt;script&gt;" in made["data.html"]
