"""The archive and the front page: what is public can be read and kept, nothing in it is a reader's, what is not is not there."""

import http.client
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

import feedparser
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlmodel import select

from digest.errors import Conflict
from digest.model.article import Article
from digest.model.signup import Consent, How
from digest.model.states import ArchiveAccess, ListAccess
from digest.services import archive as service
from digest.services import issues as issue_services
from digest.services import lists, newsletters, offers
from digest.services.newsletters import Changes
from digest.store import articles, issues, subscribers
from digest.web import archive
from digest.web.public import app
from digest.web.threads import Threads
from tests.support.commands import Run
from tests.support.http import serving
from tests.support.pages import hidden, links
from tests.support.place import Hands, Place, new_place

pytestmark = pytest.mark.any_database

FEEDS = ("rss.xml", "atom.xml", "feed.json")
PAGES = ("/", "/archive/daily", "/archive/daily/1", "/archive/daily/2026-03", "/sitemap.xml")
PERSONAL = ("ann@example.org", "Ann Claes", "bob@example.org", "/u/", "/view/", "X-Digest")
HOSTILE = (
    "&lt;script&gt;alert(1)&lt;/script&gt; Harbour opens",
    "&lt;/head&gt;&lt;body onload=alert(2)&gt; Ferries run again",
    "&lt;img src=x onerror=alert(3)&gt; Bridge is closed",
    "]]&gt;&lt;/item&gt;&lt;/channel&gt; Grid holds all winter",
    "{{ 7 * 7 }} {% raw %} Moss survives on a balloon",
)


def opened(place: Place, access: ArchiveAccess = ArchiveAccess.PUBLIC) -> Place:
    newsletters.change(place.ctx, "daily", Changes(archive=access))
    return place


def publish(place: Place, *headlines: str) -> None:
    place.drop(*headlines)
    place.collect()
    place.send()


def later(place: Place, days: int = 1) -> None:
    place.clock.turn(days=days)


@pytest.fixture
def published(place: Place) -> Place:
    place.readers("ann@example.org", "bob@example.org")
    publish(place, "The harbour opens again", "Night ferries return to the strait")
    return opened(place)


@pytest.fixture
def client(published: Place) -> Iterator[TestClient]:
    with TestClient(app(published.ctx), follow_redirects=False) as made:
        yield made


def token(place: Place) -> str:
    return links(place, "view")[0].removeprefix("/view/")


@dataclass(frozen=True)
class Answer:
    """What a running server answered."""

    status: int
    headers: Message
    body: bytes


def fetch(port: int, method: str, path: str, **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    with closing(connection):
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())


@pytest.mark.parametrize("path", PAGES)
def test_a_public_page_is_there_for_get_and_head_and_changes_nothing(client: TestClient, path: str) -> None:
    got, head = client.get(path), client.head(path)

    assert got.status_code == head.status_code == 200
    assert head.content == b""
    assert got.headers["etag"] == head.headers["etag"]
    assert "set-cookie" not in got.headers
    assert client.post(path).status_code == 405


def test_an_issue_is_the_mails_own_web_version(client: TestClient) -> None:
    page = client.get("/archive/daily/1").text

    assert "The harbour opens again" in page
    assert "Night ferries return to the strait" in page
    assert '<meta property="og:title" content="Night ferries return to the strait">' in page
    assert '<meta property="og:url" content="https://ledger.example.org/archive/daily/1">' in page
    assert '<link rel="canonical" href="https://ledger.example.org/archive/daily/1">' in page
    assert page.index("og:title") < page.index("</head>") < page.index("dg-bar") < page.index("dg-end") < page.index("</body>")


def test_nothing_that_anybody_may_read_is_of_a_reader(published: Place, client: TestClient) -> None:
    own = {path.rpartition("/")[2] for kind in ("u", "view") for path in links(published, kind)}
    for path in (*PAGES, *(f"/archive/daily/{feed}" for feed in FEEDS)):
        text = client.get(path).text

        assert [word for word in (*PERSONAL, *own) if word in text] == [], path


@pytest.mark.parametrize("path", [*PAGES, *(f"/archive/daily/{feed}" for feed in FEEDS)])
def test_what_a_client_has_is_not_sent_again(client: TestClient, path: str) -> None:
    first = client.get(path)
    tag = first.headers["etag"]

    for tags in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get(path, headers={"If-None-Match": tags})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    if path != "/":
        since = first.headers["last-modified"]
        assert client.get(path, headers={"If-Modified-Since": since}).status_code == 304
        assert client.get(path, headers={"If-Modified-Since": since, "If-None-Match": '"other"'}).status_code == 200
    for wrong in ("yesterday", "Tue, 03 Mar 1998 06:00:00 GMT", ""):
        assert client.get(path, headers={"If-Modified-Since": wrong}).status_code == 200


def test_a_new_issue_changes_the_tag_and_the_date(published: Place, client: TestClient) -> None:
    before = client.get("/archive/daily")
    later(published)
    publish(published, "A river wins a lawsuit")

    after = client.get("/archive/daily", headers={"If-None-Match": before.headers["etag"]})

    assert after.status_code == 200
    assert "A river wins a lawsuit" in after.text
    assert after.headers["last-modified"] != before.headers["last-modified"]


@pytest.mark.parametrize("path", ["/archive/daily", "/archive/daily/1", "/archive/daily/rss.xml", "/archive/daily/1/1"])
def test_an_archive_that_is_off_is_not_there(published: Place, client: TestClient, path: str) -> None:
    opened(published, ArchiveAccess.OFF)
    absent = client.get(path.replace("daily", "nobody"))

    found = client.get(path)

    assert found.status_code == absent.status_code == 404
    assert found.text == absent.text


def test_no_newsletter_has_an_archive_unless_somebody_asks_for_one(place: Place) -> None:
    place.readers("ann@example.org")
    publish(place, "The harbour opens again")
    with TestClient(app(place.ctx)) as client:
        assert [client.get(path).status_code for path in PAGES] == [404, 404, 404, 404, 200]
        assert "<loc>" not in client.get("/sitemap.xml").text
        assert client.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize(
    "key", ["2", "0", "01", "-1", "x", "٣", "9" * 30, "2026-13", "2026-02", "..%2f1", "1/2", "1/x", "2026-03/1"]
)
def test_an_issue_or_month_that_is_not_there_is_not_found(client: TestClient, key: str) -> None:
    assert client.get(f"/archive/daily/{key}").status_code == 404


def test_a_withdrawn_issue_is_gone_from_page_index_feeds_and_sitemap(published: Place, client: TestClient) -> None:
    later(published)
    publish(published, "A river wins a lawsuit")
    with published.ctx.db.read() as tx:
        first = issues.by_key(tx, published.daily, "1")

    issue_services.withdraw(published.ctx, first.id)

    gone = client.get("/archive/daily/1")
    assert gone.status_code == 410
    assert 'href="/archive/daily"' in gone.text
    assert "harbour" not in gone.text
    for path in ("/", "/archive/daily", "/archive/daily/2", "/sitemap.xml", *(f"/archive/daily/{feed}" for feed in FEEDS)):
        text = client.get(path).text
        assert "harbour opens" not in text, path
        assert "/archive/daily/1" not in text, path


def test_what_has_not_gone_out_cannot_be_withdrawn(published: Place) -> None:
    later(published)
    slot = issue_services.take_slot(published.ctx, published.daily, published.daily.timetable.today(published.clock()))

    with pytest.raises(Conflict):
        issue_services.withdraw(published.ctx, slot.id)


def test_a_hidden_story_is_out_of_the_archive_at_once(published: Place, client: TestClient) -> None:
    before = client.get("/archive/daily/1")
    with published.ctx.db.begin() as tx:
        for article in articles.latest(tx, limit=10, matching="harbour"):
            tx.get_one(Article, article.id).hidden = True

    dated = {"If-Modified-Since": before.headers["last-modified"]}
    page = client.get("/archive/daily/1", headers=dated)

    assert page.status_code == 200
    assert "The harbour opens again" not in page.text
    assert "1 story was taken down after this issue went out." in page.text
    for path in ("/", "/archive/daily", *(f"/archive/daily/{feed}" for feed in FEEDS)):
        text = client.get(path, headers=dated).text
        assert "The harbour opens again" not in text
        assert "Night ferries" in text


# --- for subscribers -------------------------------------------------------------------------


def test_an_archive_for_subscribers_says_to_others_how_they_get_in(published: Place, client: TestClient) -> None:
    opened(published, ArchiveAccess.SUBSCRIBERS)

    for path in ("/archive/daily", "/archive/daily/1", "/archive/daily/atom.xml", "/view/forged/archive/daily"):
        answer = client.get(path)
        assert answer.status_code == 403
        assert "View online" in answer.text
        assert "harbour" not in answer.text
    front = client.get("/")
    assert (front.status_code, "Nothing is published here" in front.text) == (404, True)
    assert "link is not one of ours" not in front.text
    assert "<loc>" not in client.get("/sitemap.xml").text


def test_a_subscriber_comes_to_the_archive_from_the_web_view_of_a_mail(published: Place, client: TestClient) -> None:
    opened(published, ArchiveAccess.SUBSCRIBERS)
    view = f"/view/{token(published)}"

    assert f'href="{view}/archive/daily"' in client.get(view).text
    index = client.get(f"{view}/archive/daily")
    page = client.get(f"{view}/archive/daily/1")

    assert (index.status_code, page.status_code) == (200, 200)
    assert index.headers["cache-control"] == page.headers["cache-control"] == "private, no-store"
    paths = re.findall(r'href="(/(?:view|archive)[^"]*)"', index.text + page.text)
    assert all(path.startswith(f"{view}/archive/daily") for path in paths)
    assert {client.get(path).status_code for path in paths} == {200}


def test_who_left_or_reads_another_newsletter_does_not_get_in(published: Place, client: TestClient) -> None:
    opened(published, ArchiveAccess.SUBSCRIBERS)
    newsletters.add(published.ctx, "weekly", Changes(archive=ArchiveAccess.SUBSCRIBERS))
    views = links(published, "view")
    for path in links(published, "u"):
        client.post(path, data={"List-Unsubscribe": "One-Click"})

    assert {client.get(f"{view}/archive/daily").status_code for view in views} == {403}
    assert {client.get(f"{view}/archive/weekly").status_code for view in views} == {403}


# --- feeds -----------------------------------------------------------------------------------


@pytest.mark.parametrize("feed", ["rss.xml", "atom.xml"])
def test_a_feed_has_what_its_specification_requires(client: TestClient, feed: str) -> None:
    found = feedparser.parse(client.get(f"/archive/daily/{feed}").content)

    assert not found.bozo
    assert found.version == {"rss.xml": "rss20", "atom.xml": "atom10"}[feed]
    assert found.feed.title == "The Morning Ledger"
    assert found.feed.link == "https://ledger.example.org/archive/daily"
    [entry] = found.entries
    assert entry.title == "Night ferries return to the strait"
    assert entry.link == "https://ledger.example.org/archive/daily/1"
    assert entry.id.startswith("urn:uuid:")
    published = parsedate_to_datetime(entry.published) if feed == "rss.xml" else datetime.fromisoformat(entry.published)
    assert published.astimezone(UTC) == datetime(2026, 3, 3, 6, tzinfo=UTC)
    assert "The harbour opens again" in entry.content[0].value


def test_rss_has_its_required_elements(client: TestClient) -> None:
    channel = ET.fromstring(client.get("/archive/daily/rss.xml").content).find("channel")

    assert channel is not None
    assert all(channel.findtext(name) for name in ("title", "link", "description"))
    itself = channel.find("{http://www.w3.org/2005/Atom}link")
    assert itself is not None
    assert itself.get("href") == "https://ledger.example.org/archive/daily/rss.xml"
    [item] = channel.findall("item")
    guid = item.find("guid")
    assert guid is not None
    assert guid.get("isPermaLink") == "false"


def test_atom_has_its_required_elements(client: TestClient) -> None:
    name = "{http://www.w3.org/2005/Atom}"
    feed = ET.fromstring(client.get("/archive/daily/atom.xml").content)

    assert all(feed.findtext(f"{name}{one}") for one in ("id", "title", "updated"))
    assert feed.findtext(f"{name}author/{name}name")
    assert [link.get("rel") for link in feed.findall(f"{name}link")] == ["self", "alternate"]
    for entry in feed.findall(f"{name}entry"):
        assert all(entry.findtext(f"{name}{one}") for one in ("id", "title", "updated", "summary", "content"))


def test_json_feed_has_its_required_members(client: TestClient) -> None:
    answer = client.get("/archive/daily/feed.json")
    feed = json.loads(answer.content)

    assert answer.headers["content-type"].startswith("application/feed+json")
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"] == "The Morning Ledger"
    assert feed["feed_url"] == "https://ledger.example.org/archive/daily/feed.json"
    [item] = feed["items"]
    assert item["id"].startswith("urn:uuid:")
    assert item["content_html"]
    assert item["date_published"].startswith("2026-03-03T06:00")


def test_an_empty_feed_is_valid_too(place: Place) -> None:
    opened(place)
    with TestClient(app(place.ctx)) as client:
        for feed in ("rss.xml", "atom.xml"):
            found = feedparser.parse(client.get(f"/archive/daily/{feed}").content)
            assert (found.bozo, len(found.entries)) == (False, 0)
        assert json.loads(client.get("/archive/daily/feed.json").content)["items"] == []
        assert "The next one comes on Wednesday, March 4, 2026." in client.get("/archive/daily").text


def test_the_ids_of_a_feed_outlive_a_change_of_address_and_title(published: Place, client: TestClient) -> None:
    before = feedparser.parse(client.get("/archive/daily/atom.xml").content)
    newsletters.change(published.ctx, "daily", Changes(title="Another title"))

    after = feedparser.parse(client.get("/archive/daily/atom.xml").content)

    assert after.feed.title == "Another title"
    assert (after.feed.id, after.entries[0].id) == (before.feed.id, before.entries[0].id)


def test_a_hostile_headline_is_text_everywhere(place: Place) -> None:
    place.readers("ann@example.org")
    place.drop(*HOSTILE)
    place.collect()
    place.send()
    opened(place)
    with TestClient(app(place.ctx)) as client:
        for path in PAGES:
            page = client.get(path)
            assert re.findall(r"<(?:script|img[^>]*onerror|body[^>]*onload)", page.text) == [], path
            assert "script-src" not in page.headers.get("content-security-policy", "")
        assert "{{ 7 * 7 }}" in client.get("/archive/daily/1").text
        for feed in ("rss.xml", "atom.xml"):
            found = feedparser.parse(client.get(f"/archive/daily/{feed}").content, sanitize_html=False)
            assert not found.bozo
            assert len(found.entries) == 1
            assert "<script" not in found.entries[0].content[0].value
        assert "<script" not in json.loads(client.get("/archive/daily/feed.json").content)["items"][0]["content_html"]


def test_markup_in_what_is_stored_is_text_too(published: Place, client: TestClient) -> None:
    """As if cleaning had let it through."""
    bad = "\"'></title><script>alert(1)</script><img src=x onerror=alert(2)>]]>\x0b"
    with published.ctx.db.begin() as tx:
        for row in issues.picks(tx, issues.by_key(tx, published.daily, "1").id):
            said = dict.fromkeys(("headline", "summary", "publisher", "section"), bad)
            row.snapshot = {**(row.snapshot or {}), **said, "image": "https://x.example/a.png", "image_info": {"alt": bad}}
            tx.add(row)

    for path in ("/", "/archive/daily", "/archive/daily/1"):
        page = client.get(path).text
        assert "&lt;script&gt;alert(1)" in page
        assert "<script" not in page
        assert "<img src=x" not in page
    for feed in ("rss.xml", "atom.xml"):
        found = feedparser.parse(client.get(f"/archive/daily/{feed}").content, sanitize_html=False)
        assert not found.bozo
        assert "<script" not in found.entries[0].content[0].value
        assert "&lt;script&gt;" in found.entries[0].content[0].value
    assert "<script" not in json.loads(client.get("/archive/daily/feed.json").content)["items"][0]["content_html"]


# --- the index, the sitemap and the front page -----------------------------------------------


@given(gaps=st.lists(st.integers(min_value=1, max_value=45), min_size=1, max_size=4), withdrawn=st.integers(0, 4))
@hypothesis_settings(max_examples=8)
def test_every_public_issue_is_in_exactly_one_month(
    tmp_path_factory: pytest.TempPathFactory, gaps: list[int], withdrawn: int
) -> None:
    place = opened(new_place(tmp_path_factory.mktemp("place"), Hands(), "sqlite:///var/digest.db"))
    place.readers("ann@example.org")
    for days in gaps:
        later(place, days)
        publish(place, f"Something new on day {place.clock.now:%Y %m %d}")
    with place.ctx.db.begin() as tx:
        every = issues.latest(tx, place.daily.id)
        for issue in every[withdrawn : withdrawn + 1]:
            issue.withdrawn_at = place.clock()
    whole = service.index(place.ctx, "daily")
    by_month = {month: service.index(place.ctx, "daily", month=month).entries for month in whole.months}
    found = [entry.number for entries in by_month.values() for entry in entries]

    assert len(every) == len(gaps)
    assert sorted(found) == sorted(one.number or 0 for one in every if one.withdrawn_at is None)
    assert {month: len(entries) for month, entries in by_month.items()} == whole.months
    assert all(entry.month == month for month, entries in by_month.items() for entry in entries)
    place.ctx.db.close()


def test_the_sitemap_names_every_page_that_may_be_found(published: Place, client: TestClient) -> None:
    names = re.findall("<loc>([^<]+)</loc>", client.get("/sitemap.xml").text)

    assert names == [f"https://ledger.example.org{path}" for path in ("/", "/archive/daily", "/archive/daily/1")]
    assert {client.get(name.removeprefix("https://ledger.example.org")).status_code for name in names} == {200}
    robots = client.get("/robots.txt").text
    assert "Sitemap: https://ledger.example.org/sitemap.xml" in robots
    assert "Disallow: /view/" in robots


def test_links_name_the_base_url_whatever_host_is_asked(client: TestClient) -> None:
    for path in (*PAGES, *(f"/archive/daily/{feed}" for feed in FEEDS)):
        headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}

        assert "evil.example" not in client.get(path, headers=headers).text


def test_a_search_finds_issues_by_all_words_of_one_headline_whatever_their_case(published: Place, client: TestClient) -> None:
    later(published)
    publish(published, "A river wins a lawsuit", "Élections in the upper TOWN", "100% of the moss survives")

    def found(words: str) -> list[str]:
        return re.findall(r'<h3><a href="(/archive/daily/\d+)">', client.get("/archive/daily", params={"q": words}).text)

    assert found("RIVER lawsuit") == ["/archive/daily/2"]
    assert found("élections town") == ["/archive/daily/2"]
    assert found("river town") == []  # of two stories
    assert found("0%") == found("100%") == ["/archive/daily/2"]
    assert found("1%") == found("_oss") == found("'; --") == []
    assert found(" ") == ["/archive/daily/2", "/archive/daily/1"]


def test_a_search_names_the_stories_that_it_found_and_what_it_did_not_find(published: Place, client: TestClient) -> None:
    later(published)
    publish(published, "A river wins a lawsuit", "The choir sings")
    hit = client.get("/archive/daily?q=choir")
    none = client.get("/archive/daily", params={"q": "<script>alert(1)</script>"})
    again = client.get("/archive/daily?q=choir", headers={"If-None-Match": hit.headers["etag"]})

    assert "The newest issue with “choir” in a headline." in hit.text
    assert '<p class="small">The choir sings</p>' in hit.text
    assert "No headline has “&lt;script&gt;alert(1)&lt;/script&gt;”." in none.text
    assert "No issue yet" not in none.text
    assert '<a href="/archive/daily">All issues</a>' in none.text
    assert (hit.status_code, none.status_code, again.status_code) == (200, 200, 304)
    assert hit.headers["x-robots-tag"] == "noindex"


def test_a_hidden_story_is_not_found(published: Place, client: TestClient) -> None:
    with published.ctx.db.begin() as tx:
        [article] = articles.latest(tx, limit=10, matching="ferries")
        tx.get_one(Article, article.id).hidden = True

    assert "No headline has “ferries”." in client.get("/archive/daily?q=ferries").text


def test_the_front_page_shows_the_newest_issue_and_the_earlier_ones(published: Place, client: TestClient) -> None:
    later(published)
    publish(published, "A river wins a lawsuit")

    page = client.get("/").text

    assert '<h1 class="nameplate">The Morning Ledger</h1>' in page
    assert '<a href="/archive/daily/2">A river wins a lawsuit</a>' in page
    assert re.search(r'<a href="/archive/daily/1"[^>]*>Night ferries return to the strait</a>', page)
    assert "/subscribe" not in page


def test_the_front_page_has_a_form_that_signs_up_and_that_a_cache_may_keep(published: Place) -> None:
    lists.change(published.ctx, "readers", access=ListAccess.PUBLIC)
    with TestClient(app(published.ctx), follow_redirects=False) as client:
        page = client.get("/")
        answer = client.post("/subscribe/readers", data={**hidden(page.text), "address": "zoe@example.org"})
        published.clock.turn(minutes=30)
        again = client.get("/", headers={"If-None-Match": page.headers["etag"]})

    with published.ctx.db.read() as tx:
        evidence = tx.exec(select(Consent)).one()
    assert (answer.status_code, again.status_code) == (303, 304)
    assert (evidence.how, evidence.version) == (How.FORM, hidden(page.text)["shown"])
    assert evidence.text in page.text


def test_sign_up_is_offered_where_anybody_may_join_the_list(published: Place) -> None:
    newsletters.add(published.ctx, "weekly", Changes(title="The Week", mlist="readers"))
    lists.add(published.ctx, "staff")
    newsletters.add(published.ctx, "memo", Changes(title="The Memo", mlist="staff"))
    lists.change(published.ctx, "readers", access=ListAccess.PUBLIC)
    open_to_readers, threads = FastAPI(), Threads(2, name="page", timeout_s=5)
    archive.add_routes(open_to_readers, published.ctx, threads, open_lists=lambda ctx: {"readers": offers.get(ctx, "readers")})
    with TestClient(open_to_readers) as client:
        front = client.get("/").text
        for path in ("/", "/archive/daily", "/archive/daily/1"):
            assert '="/subscribe/readers"' in client.get(path).text, path
    threads.close()

    assert "The Week" in front
    assert "/archive/weekly" not in front
    assert "The Memo" not in front


def test_a_dropped_text_is_read_in_the_archive(dropped: Place) -> None:
    opened(dropped)
    with TestClient(app(dropped.ctx)) as client:
        issue = client.get("/archive/daily/1").text
        [path] = set(re.findall(r"https://ledger\.example\.org(/archive/daily/1/\d)", issue))
        page = client.get(path)
        feed = client.get("/archive/daily/feed.json").text

    assert "the boat goes back to carrying gravel" in page.text
    assert 'href="/archive/daily/1"' in page.text
    assert page.headers["cache-control"] == "public, no-cache"
    assert f"https://ledger.example.org{path}" in feed


@pytest.mark.file_only
def test_the_command_line_opens_an_archive_and_withdraws_an_issue(published: Place, run: Run) -> None:
    (published.folder / ".env").write_text(f"DIGEST_SECRET_KEY={'s' * 32}\nDIGEST_PEPPER={'p' * 32}\n")

    opens = run("newsletters", "set", "daily", "--archive", "subscribers")
    asks = run("issues", "withdraw", "1")
    withdraws = run("issues", "withdraw", "1", "--yes")

    assert (opens.code, asks.code, withdraws.code) == (0, 2, 0)
    assert published.daily.archive is ArchiveAccess.SUBSCRIBERS
    assert "subscribers" in run("newsletters", "show", "daily").out
    assert issue_services.show(published.ctx, newsletter="daily", key="1").withdrawn_at is not None
    assert run("newsletters", "set", "daily", "--archive", "open").code == 2


def test_pages_need_no_script_and_no_inline_style(client: TestClient) -> None:
    for path in ("/", "/archive/daily", "/archive/daily/2026-03"):
        answer = client.get(path)
        assert "<script" not in answer.text
        assert "<style" not in answer.text
        assert " style=" not in answer.text
        assert "unsafe" not in answer.headers["content-security-policy"]
    for style in ("/pages.css", "/paper.css", "/issue.css", "/themes/ledger.css"):
        assert client.get(style).headers["content-type"].startswith("text/css")
    for wrong in ("/themes/none.css", "/themes/..%2fledger.css"):
        assert client.get(wrong).status_code == 404


def test_pages_are_in_the_visitor_s_language_and_an_issue_in_one_that_it_was_rendered_in(
    published: Place, client: TestClient
) -> None:
    asked = {"Accept-Language": "ar,de;q=0.9"}
    front = client.get("/", headers=asked).text
    assert '<html lang="ar" dir="rtl"' in front
    assert re.search(r'<div lang="en" dir="ltr"><h2>', front)
    assert '<html lang="pt-BR"' not in client.get("/", headers={"Accept-Language": "pt-BR"}).text  # digest has no Portuguese
    with published.ctx.db.begin() as tx:
        for person, _, _ in subscribers.page(tx):
            person.language = "ar"
    later(published)
    publish(published, "A river wins a lawsuit")

    for path in ("/", "/archive/daily", "/archive/daily/2"):
        answer = client.get(path, headers=asked)
        assert re.search(r'<html lang="ar" dir="rtl"', answer.text), path
        assert answer.headers["content-language"] == "ar"
        assert answer.headers["vary"] == "Accept-Language"
        assert '<html lang="en"' in client.get(path).text
    assert '<html lang="en"' in client.get("/archive/daily/1", headers=asked).text


@pytest.mark.file_only
def test_a_locked_database_is_a_503_that_no_cache_keeps(published: Place) -> None:
    published.ctx.db.close()
    holder = sqlite3.connect(published.ctx.db.file or "", isolation_level=None)
    holder.execute("PRAGMA journal_mode=DELETE")
    holder.execute("BEGIN EXCLUSIVE")
    with serving(app(published.ctx)) as port:
        locked = [fetch(port, "GET", path) for path in ("/", "/archive/daily/1")]
        holder.execute("ROLLBACK")
        holder.close()
        free = fetch(port, "GET", "/archive/daily/1")

    assert {answer.status for answer in locked} == {503}
    assert {answer.headers["cache-control"] for answer in locked} == {"no-store"}
    assert free.status == 200


def test_a_real_server_answers_get_head_and_conditional_requests(published: Place) -> None:
    with serving(app(published.ctx)) as port:
        for path in PAGES:
            got, head = fetch(port, "GET", path), fetch(port, "HEAD", path)
            known = fetch(port, "GET", path, **{"If-None-Match": got.headers["etag"]})

            assert (got.status, head.status, known.status) == (200, 200, 304)
            assert len(got.body) == int(got.headers["content-length"]) == int(head.headers["content-length"])
            assert head.body == known.body == b""
