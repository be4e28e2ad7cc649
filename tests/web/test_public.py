"""Readers' pages: looking changes nothing, one POST unsubscribes, a forged link leads nowhere."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from digest.model.article import Article
from digest.model.states import SubscriptionState
from digest.model.subscriber import Suppression
from digest.model.tokens import Purpose, sign
from digest.store import articles, subscribers
from digest.web import outbox
from digest.web.public import app
from tests.support.pages import ONE_CLICK, links, send_first, subscription_states
from tests.support.place import Place

pytestmark = pytest.mark.any_database  # what the pages say; the tests of services try what they store


@pytest.fixture
def sent(place: Place) -> Place:
    return send_first(place, "ann@example.org", "bob@example.org")


def test_a_scanner_that_follows_every_link_changes_nothing(sent: Place, client: TestClient) -> None:
    paths = links(sent, "u") + links(sent, "view")

    for path in paths:
        assert client.get(path).status_code == client.head(path).status_code == 200
        for method in ("OPTIONS", "PUT", "DELETE", "PATCH"):
            assert client.request(method, path).status_code == 405
        assert client.post(path.replace("/u/", "/view/")).status_code in (404, 405)

    assert len(paths) == 4
    assert set(subscription_states(sent).values()) == {SubscriptionState.ACTIVE}


@pytest.mark.parametrize("multipart", [False, True])
def test_one_click_unsubscribes_without_a_cookie_and_again_does_no_harm(sent: Place, client: TestClient, multipart: bool) -> None:
    path = links(sent, "u")[0]
    body = {"files": {"List-Unsubscribe": (None, "One-Click")}} if multipart else {"data": ONE_CLICK}

    answers = [client.post(path, **body) for _ in range(2)]  # type: ignore[arg-type]

    assert [a.status_code for a in answers] == [200, 200]
    assert all("set-cookie" not in a.headers for a in answers)
    assert sorted(subscription_states(sent).values()) == [SubscriptionState.ACTIVE, SubscriptionState.UNSUBSCRIBED]
    assert "You have left The Morning Ledger." in client.get(path).text


def test_a_post_without_the_one_click_body_only_shows_the_form(sent: Place, client: TestClient) -> None:
    for data in ({}, {"List-Unsubscribe": "yes"}, {"x": "1"}):
        answer = client.post(links(sent, "u")[0], data=data)

        assert answer.status_code == 400
        assert "<form" in answer.text
    assert set(subscription_states(sent).values()) == {SubscriptionState.ACTIVE}


def test_the_form_of_the_page_does_what_it_says(sent: Place, client: TestClient) -> None:
    path = links(sent, "u")[0]
    page = client.get(path).text
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)"', page))

    assert client.post(path, data=fields).status_code == 200
    assert SubscriptionState.UNSUBSCRIBED in subscription_states(sent).values()


def test_the_next_issue_passes_by_who_left(sent: Place, client: TestClient) -> None:
    client.post(links(sent, "u")[0], data=ONE_CLICK)
    sent.clock.turn(days=1)
    sent.drop("Something new")
    sent.collect()

    assert sent.send().tally.sent == 1


def test_the_pages_name_the_newsletter_the_address_and_what_happens(sent: Place, client: TestClient) -> None:
    path = links(sent, "u")[0]

    asked, left = client.get(path).text, client.post(path, data=ONE_CLICK).text

    assert f"Leave {sent.daily.title}?" in asked
    assert re.search(r"(ann|bob)@example\.org", asked)
    assert "For 30 days you can come back with one click." in asked
    assert f"You have left {sent.daily.title}." in left
    assert "Until April 2, 2026 one click brings everything back as it was." in left


def test_who_leaves_and_comes_back_is_told_in_their_language(sent: Place, client: TestClient) -> None:
    path = links(sent, "u")[0]
    spoken = {"Accept-Language": "ar"}

    left = client.post(path, data=ONE_CLICK, headers=spoken).text
    back = client.post(path, data={"Return": "Yes"}, headers=spoken).text

    assert f"لقد غادرت {sent.daily.title}." in left
    assert "لقد عدت." in back
    assert "من جديد" in back
    assert ">تم<" in left


def test_who_left_by_mistake_is_back_with_one_click_and_keeps_the_evidence(sent: Place, client: TestClient) -> None:
    path = links(sent, "u")[0]
    page = client.post(path, data=ONE_CLICK).text
    sent.clock.turn(days=29)

    back = client.post(path, data=dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)"', page)))

    assert "You are back." in back.text
    assert set(subscription_states(sent).values()) == {SubscriptionState.ACTIVE}
    with sent.ctx.db.read() as tx:
        [tie] = [tie for _, tie, _ in subscribers.each(tx) if tie and "took it back" in tie.evidence]
    assert tie.left_at is None
    assert "left 2026-03-03 06:00 UTC" in tie.evidence


def test_after_thirty_days_or_where_nothing_may_be_mailed_there_is_no_way_back_by_the_link(
    sent: Place, client: TestClient
) -> None:
    first, second = links(sent, "u")
    for path in (first, second):
        client.post(path, data=ONE_CLICK)
    with sent.ctx.db.begin() as tx:
        people = {tie.id: person for person, tie, _ in subscribers.each(tx) if tie}
        subscribers.suppress(tx, Suppression(address_hmac=people[1].address_hmac, reason="complaint", made_at=sent.clock()))
    for path in (first, second):
        page = client.post(path, data={"Return": "Yes"}).text
        assert ("You are back." in page) != ("You have left" in page)
    sent.clock.turn(days=31)
    for path in (first, second):
        assert "put me back" not in client.get(path).text

    assert sorted(subscription_states(sent).values()) == [SubscriptionState.ACTIVE, SubscriptionState.UNSUBSCRIBED]


def test_looking_at_the_page_of_who_left_brings_nobody_back(sent: Place, client: TestClient) -> None:
    path = links(sent, "u")[0]
    client.post(path, data=ONE_CLICK)

    for answer in (client.get(path), client.head(path), client.post(path, data={"Return": "no"}), client.post(path)):
        assert answer.status_code in (200, 400)
    assert SubscriptionState.UNSUBSCRIBED in subscription_states(sent).values()


def test_the_web_view_can_be_passed_on(sent: Place, client: TestClient) -> None:
    page = client.get(links(sent, "view")[0]).text

    assert not any(link in page for kind in ("u", "view") for link in links(sent, kind))
    assert "Unsubscribe" not in page


def forged(place: Place) -> list[str]:
    good = links(place, "u")[0]
    view = links(place, "view")[0]
    strange = sign(1, Purpose.UNSUBSCRIBE, "another key of thirty-two letters")
    return [
        good[:-1],
        good + "A",
        good.swapcase(),
        "/u/" + view.removeprefix("/view/"),
        f"/u/{strange}",
        "/u/",
        "/u/..%2f",
        "/u/preview",
        "/nothing",
        "/u/" + "A" * 5000,
    ]


def test_forged_links_get_the_same_plain_page_and_change_nothing(sent: Place, client: TestClient) -> None:
    pages = set()
    for path in forged(sent):
        for answer in (client.get(path), client.post(path, data=ONE_CLICK)):
            assert answer.status_code in (404, 405, 307)
            if answer.status_code == 404:
                pages.add(answer.text)
    assert len(pages) == 1
    assert set(subscription_states(sent).values()) == {SubscriptionState.ACTIVE}


def test_the_web_view_is_the_readers_own_mail_and_runs_nothing(sent: Place, client: TestClient) -> None:
    answer = client.get(links(sent, "view")[0])

    assert "The harbour opens again" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


def test_pages_read_without_script_and_load_nothing(sent: Place, client: TestClient) -> None:
    page = client.get(links(sent, "u")[0]).text

    assert "<script" not in page
    assert "<style" not in page
    assert " style=" not in page
    assert re.findall(r'(?:src|href)="(/[a-z.]+)[^"]*"', page) == ["/pages.css", "/data", "/p"]
    assert "unsafe-inline" not in client.get(links(sent, "u")[0]).headers["content-security-policy"]
    style = client.get("/pages.css")
    assert style.headers["content-type"].startswith("text/css")
    assert "url(" not in style.text
    assert "<html lang=" in page


def test_health_says_whether_the_database_answers(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"ok": True}


def test_the_outbox_page_shows_mails_sandboxed_and_only_to_this_machine(sent: Place) -> None:
    with TestClient(outbox.app(sent.outbox)) as client:
        index = client.get("/").text
        [first, *_] = re.findall(r'href="(/\w+\.html)"', index)

        assert index.count("ann@example.org") == 1
        assert "sandbox" in client.get(first).headers["content-security-policy"]
        assert "The harbour opens again" in client.get(first).text
        assert client.get("/..%2f..%2f.env.html").status_code == 404
        assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_the_outbox_page_shows_the_demos_pictures_from_this_machine(sent: Place, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"picture")
    file = sent.mails()[0]
    file.write_bytes(file.read_bytes().replace(b"</html>", b'<img src=3D"https://demo.example/p/a.jpg"></html>'))

    with TestClient(outbox.app(sent.outbox, pictures={"https://demo.example/p/": tmp_path})) as client:
        page = client.get(f"/{file.stem}.html")

        assert 'src="/pictures/0/a.jpg"' in page.text
        assert "'self'" in page.headers["content-security-policy"]
        assert client.get("/pictures/0/a.jpg").content == b"picture"
        assert client.get("/pictures/0/..%2fexpected").status_code == 404


def test_secrets_stay_out_of_pages(sent: Place, client: TestClient, tmp_path: Path) -> None:
    assert client.get("/.env").status_code == 404


def stories(place: Place) -> list[str]:
    return sorted(set(re.findall(r"https://ledger\.example\.org(/view/[\w-]+/\d+)", whole(place))))


def whole(place: Place) -> str:
    return b"".join(path.read_bytes().replace(b"=\r\n", b"") for path in place.mails()).decode()


def test_a_dropped_text_without_an_address_is_read_on_the_base_url(dropped: Place) -> None:
    (path,) = stories(dropped)
    with TestClient(app(dropped.ctx)) as client:
        answer = client.get(path)
        again = client.get(path.rpartition("/")[0])

    assert answer.status_code == 200
    assert re.search(r"<h1[^>]*>Night ferry returns quietly</h1>", answer.text)
    assert "nobody announced it &lt;on purpose&gt;" in answer.text
    assert f'<p class="plate">{dropped.daily.title}</p>' in answer.text
    assert "coast.example · Ann Claes" in answer.text
    assert "the boat goes back to carrying gravel" in answer.text
    assert "script" not in answer.text
    assert path in again.text
    assert "Read the whole text" in whole(dropped)


def test_a_text_that_the_mail_prints_whole_has_no_page_and_no_reading_time(dropped: Place) -> None:
    base = stories(dropped)[0].rpartition("/")[0]
    with TestClient(app(dropped.ctx)) as client:
        answers = [client.get(f"{base}/{number}").status_code for number in ("1", "2", "3", "0", "x", "٣")]

    assert sorted(answers) == [200, 404, 404, 404, 404, 404]


def test_a_hidden_article_is_gone_from_its_page_at_once(dropped: Place) -> None:
    (path,) = stories(dropped)
    with dropped.ctx.db.begin() as tx:
        for article in articles.latest(tx, limit=10):
            tx.get_one(Article, article.id).hidden = True
    with TestClient(app(dropped.ctx)) as client:
        answer = client.get(path)

    assert (answer.status_code, "gravel" in answer.text) == (404, False)


def test_a_story_of_another_kind_or_a_forged_link_has_no_page(sent: Place, client: TestClient) -> None:
    view = links(sent, "view")[0]

    assert client.get(f"{view}/1").status_code == 404
    assert client.get("/view/forged/1").status_code == 404


# --- where redirects lead --------------------------------------------------------------------

ELSEWHERE = (
    "//evil.example",
    "/\\evil.example",
    "https:evil.example",
    "https://evil.example",
    "%2F%2Fevil.example",
    "%09evil.example",
)
PLACES = (
    "",
    "/",
    "/subscribe/",
    "/subscribe/readers/",
    "/waiting/",
    "/confirm/",
    "/p/",
    "/u/",
    "/view/",
    "/data/",
    "/archive/",
    "/archive//",
)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_link_of_ours_leads_elsewhere(sent: Place, client: TestClient, method: str) -> None:
    own = [path for kind in ("u", "p", "view") for path in links(sent, kind)]
    head = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Referer": "https://evil.example/"}
    asked = [place + where for place in (*PLACES, *(f"{path}/" for path in own)) for where in ("", *ELSEWHERE)]
    asked += [f"{path}?{name}={where}" for path in own for name in ("next", "url", "return") for where in ELSEWHERE]

    led = []
    for path in asked:
        answer = client.request(
            method, path, headers=head, data={"again": "yes", "next": "//evil.example"} if method == "POST" else None
        )
        led += [(path, answer.headers["location"])] if "location" in answer.headers else []

    assert [where for where in led if not re.match(r"/[^/\\]", where[1]) and where[1] != "/"] == []
