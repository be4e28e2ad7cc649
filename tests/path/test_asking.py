"""How a source is asked for: its own User-Agent, headers, log-in and cookie, and whom they are not shown."""

import base64
import subprocess
import sys
from pathlib import Path

import pytest

from digest import settings
from digest.collect.asking import headers_text, reference, user_agent
from digest.collect.fetch import WebFetcher
from digest.errors import BadInput, Conflict, FetchError, SettingsError
from digest.model.ports import Fetched, Request
from digest.model.source import Source
from digest.services import collecting, discovery
from digest.services import sources as source_services
from digest.services.sources import Changes
from tests.support.collecting import ICE, added, feed, item, source, stored
from tests.support.place import Place
from tests.support.servers import Site, http_server

pytestmark = pytest.mark.any_database

LOGIN = "Basic " + base64.b64encode("ann:pa:ss wörd".encode()).decode()


def asked(place: Place, location: str, **asking: str) -> Source:
    return source_services.add_source(place.ctx, discovery.Asking(allow_private=True, **asking).apply(made(place, location)))


def made(place: Place, location: str) -> Source:
    from digest.model.states import SourceKind

    return source_services.new_source(place.ctx, kind=SourceKind.FEED, location=location, name="news")


def test_a_source_is_asked_for_in_its_own_way(place: Place, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    (place.folder / "login").write_text("ann:pa:ss wörd\n", encoding="utf-8")
    monkeypatch.setenv("NEWS_COOKIE", "session=7; seen=1")
    site.pages["/feed"] = (200, {}, feed(item("1", "Harbour opens", ICE)))
    headers = "X-Edition: 2\nX-Key: env:NEWS_COOKIE"
    asked(place, site.url("/feed"), user_agent="Mozilla/5.0", headers=headers, basic_auth="file:login", cookie="env:NEWS_COOKIE")

    place.collect()

    [(_, sent)] = site.asked
    assert sent["User-Agent"] == "Mozilla/5.0"
    assert (sent["X-Edition"], sent["X-Key"]) == ("2", "session=7; seen=1")
    assert (sent["Authorization"], sent["Cookie"]) == (LOGIN, "session=7; seen=1")
    assert len(stored(place)) == 1


def test_no_secret_goes_to_another_origin(place: Place, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWS_LOGIN", "ann:secret")
    with http_server(Site()) as other:
        other.pages["/feed"] = (200, {}, feed(item("1", "Harbour opens", ICE)))
        site.pages["/feed"] = (301, {"Location": "/there"}, b"")
        site.pages["/there"] = (301, {"Location": other.url("/feed")}, b"")
        asked(
            place,
            site.url("/feed"),
            user_agent="Mozilla/5.0",
            headers="X-Key: 7",
            basic_auth="env:NEWS_LOGIN",
            cookie="env:NEWS_LOGIN",
        )

        place.collect()

        assert all("Authorization" in sent and "Cookie" in sent for _, sent in site.asked)
        [(_, sent)] = other.asked
        assert sent["User-Agent"] == "Mozilla/5.0"
        assert not {"Authorization", "Cookie", "X-Key"} & set(sent)
        assert source(place).location == site.url("/feed")  # nor next time, though it has moved for good


def test_a_secret_that_is_not_there_fails_its_source_alone_and_is_named(place: Place, site: Site) -> None:
    site.pages["/feed"] = (200, {}, feed(item("1", "Harbour opens", ICE)))
    asked(place, site.url("/other"), basic_auth="env:NO_SUCH_LOGIN")
    added(place, site.url("/feed"))

    bad, good = collecting.collect(place.ctx, collecting.active_sources(place.ctx))

    assert bad.failed
    assert "env:NO_SUCH_LOGIN is not set" in bad.problems[0]
    assert good.added == 1
    assert [path for path, _ in site.asked] == ["/feed"]


def test_a_secret_may_stand_in_env(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    (place.folder / ".env").write_text("NEWS_LOGIN=ann:secret\n")
    monkeypatch.chdir(place.folder)

    assert settings.secret("env:NEWS_LOGIN", home=place.folder) == "ann:secret"
    with pytest.raises(BadInput, match="cannot be read"):
        settings.secret("file:nowhere", home=place.folder)


@pytest.mark.parametrize(
    "text", ["X-A: 1\r\nB: 2", "no colon", "Host: a.example", "Bad Name: 1", "Cookie: a=b", "Authorization: Basic x"]
)
def test_a_header_that_cannot_be_sent_or_writes_out_a_secret_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="--header"):
        headers_text([text])


def test_a_secret_itself_is_refused_and_not_repeated() -> None:
    with pytest.raises(BadInput, match="--basic-auth: a secret is not kept") as problem:
        reference("--basic-auth", "ann:hunter2")

    assert "hunter2" not in str(problem.value)
    with pytest.raises(BadInput):
        user_agent("a\nb")


def test_a_secret_of_several_lines_is_no_header(place: Place, site: Site) -> None:
    (place.folder / "cookie").write_text("a=1\r\nX-Evil: 1")
    asked(place, site.url("/feed"), cookie="file:cookie")

    [report] = collecting.collect(place.ctx, collecting.active_sources(place.ctx))

    assert "line break" in report.problems[0]
    assert site.asked == []


def test_a_source_is_changed_and_read_anew(place: Place, site: Site) -> None:
    site.pages["/feed"] = (200, {"ETag": '"1"'}, feed(item("1", "Harbour opens", ICE)))
    added(place, site.url("/feed"))
    place.collect()
    place.clock.turn(hours=1)

    source_services.change(place.ctx, "news", Changes(agent="Mozilla/5.0", topic="World", headers=("X-A: 1",)))
    place.collect()

    assert "If-None-Match" not in site.asked[-1][1]
    assert site.asked[-1][1]["User-Agent"] == "Mozilla/5.0"
    assert (source(place).topic, source(place).headers) == ("World", "X-A: 1")
    source_services.change(place.ctx, "news", Changes(agent="", headers=("",), name="news"))
    assert (source(place).user_agent, source(place).headers) == ("", "")


def test_a_source_moves_to_another_place_but_not_onto_another_source(place: Place, site: Site) -> None:
    added(place, site.url("/feed"))
    asked(place, site.url("/other"), user_agent="x")
    with pytest.raises(Conflict):
        source_services.change(place.ctx, site.url("/feed"), Changes(location=site.url("/other")))

    source_services.change(place.ctx, site.url("/feed"), Changes(location=site.url("/new")))

    with place.ctx.db.read() as tx:
        from digest.store import sources

        assert {s.location for s in sources.all_of(tx)} == {site.url("/new"), site.url("/other")}


def digest(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "digest", *words], cwd=folder, capture_output=True, text=True, check=False)


def test_the_commands_take_what_a_source_is_asked_with(tmp_path: Path, site: Site) -> None:
    site.pages["/feed"] = (200, {}, feed(item("1", "Harbour opens", ICE)))
    digest(tmp_path, "init")
    (tmp_path / "login").write_text("ann:secret")
    options = ("--allow-private", "--user-agent", "Mozilla/5.0", "--header", "X-A: 1", "--basic-auth", "file:login")

    said = digest(tmp_path, "sources", "add", site.url("/feed"), *options)

    assert said.returncode == 0, said.stderr
    assert "its log-in goes in clear" in said.stderr
    assert site.asked[0][1]["Authorization"] == "Basic " + base64.b64encode(b"ann:secret").decode()
    changed = digest(tmp_path, "sources", "set", "1", "--basic-auth", "", "--weight", "2", "--newsletter", "daily")
    assert changed.returncode == 0, changed.stderr
    shown = digest(tmp_path, "sources", "show", "1", "--json").stdout
    assert '"weight": 2.0' in shown
    assert "file:login" not in shown
    assert digest(tmp_path, "sources", "set", "1").returncode == 2
    refused = digest(tmp_path, "sources", "set", "1", "--cookie", "session=7")
    assert refused.returncode != 0
    assert "session=7" not in refused.stderr


@pytest.fixture
def authority(tmp_path: Path) -> tuple[Path, ...]:
    """A CA's certificate, and a certificate and key for 127.0.0.1 that it signed."""
    import trustme

    ca = trustme.CA()
    leaf = ca.issue_cert("127.0.0.1")
    files = tuple(tmp_path / name for name in ("ca.pem", "cert.pem", "key.pem"))
    ca.cert_pem.write_to_path(files[0])
    leaf.cert_chain_pems[0].write_to_path(files[1])
    leaf.private_key_pem.write_to_path(files[2])
    return files


def test_a_certificate_of_ones_own_ca_is_trusted_by_a_setting(authority: tuple[Path, ...]) -> None:
    import ssl
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    ca, cert, key = authority
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(cert, key)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"hi")

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    wanted = [Request(source_id=1, location=f"https://127.0.0.1:{server.server_address[1]}/", allow_private=True)]
    try:
        [(_, without)] = WebFetcher(user_agent="t").fetch_all(wanted)
        [(_, trusted)] = WebFetcher(user_agent="t", ca_file=ca).fetch_all(wanted)
    finally:
        server.shutdown()
        server.server_close()

    assert isinstance(without, FetchError)
    assert "certificate" in without.reason
    assert isinstance(trusted, Fetched)
    assert trusted.body == b"hi"


def test_a_file_that_is_no_certificate_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    for name, said in (("ca.pem", "holds no certificate"), ("nowhere.pem", "cannot be read")):
        (tmp_path / ".env").write_text(f"DIGEST_CA_FILE={name}\n")
        with pytest.raises(SettingsError, match=said):
            settings.read(tmp_path / ".env", {})
