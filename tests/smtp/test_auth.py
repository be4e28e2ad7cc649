"""Logging in to a relay: every mechanism, odd servers, any password; and nothing of a password where it does not belong."""

import base64
import hmac
import json
import ssl
import stat
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from scramp import ScramMechanism

from digest.errors import BadInput, SettingsError, TransportDown, TransportRefused
from digest.services import context
from digest.settings import read
from digest.smtp import oauth
from digest.smtp.blocking import hand_over
from digest.smtp.oauth import Command, Refresh, Tokens
from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp
from tests.support.envelopes import envelope
from tests.support.running import run
from tests.support.servers import Mailbox, smtp_server

pytestmark = pytest.mark.usefixtures("each_event_loop")

USER, PASSWORD = "bob@example.org", "pä/s#?@%&:=s, 3"
Ask = Callable[[str], str]
Server = Callable[[str, Ask], str]
WELCOME, WRONG = "235 2.7.0 welcome", "535 5.7.8 wrong"


def b64(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def plain(words: str, _ask: Ask) -> str:
    return WELCOME if words == f"PLAIN {b64(chr(0) + USER + chr(0) + PASSWORD)}" else WRONG


def plain_that_asks_again(_words: str, ask: Ask) -> str:
    return plain(f"PLAIN {ask('')}", ask)


def plain_that_asks_in_words(_words: str, ask: Ask) -> str:
    return plain(f"PLAIN {ask('go on')}", ask)


def login(user_prompt: str, password_prompt: str) -> Server:
    return lambda _words, ask: WELCOME if (ask(user_prompt), ask(password_prompt)) == (b64(USER), b64(PASSWORD)) else WRONG


def login_the_other_way_round(_words: str, ask: Ask) -> str:
    return WELCOME if (ask(b64("Password:")), ask(b64("User Name"))) == (b64(PASSWORD), b64(USER)) else WRONG


def cram(_words: str, ask: Ask) -> str:
    answer = base64.b64decode(ask(b64("<1896.697170952@postoffice>"))).decode()
    digest = hmac.new(PASSWORD.encode(), b"<1896.697170952@postoffice>", "md5").hexdigest()
    return WELCOME if answer == f"{USER} {digest}" else WRONG


def scram(name: str, *, last_word_with_235: bool = False, forged: bool = False) -> Server:
    mechanism = ScramMechanism(name)
    known = mechanism.make_auth_info(PASSWORD)

    def log_in(words: str, ask: Ask) -> str:
        server = mechanism.make_server(lambda user: known if user == USER else None)
        server.set_client_first(base64.b64decode(words.partition(" ")[2]).decode())
        server.set_client_final(base64.b64decode(ask(b64(server.get_server_first()))).decode())
        final = server.get_server_final()
        if last_word_with_235:
            return f"235 2.7.0 {b64(final)}"
        assert ask(b64("v=" + b64(b"\0" * 32) if forged else final)) == ""
        return WELCOME

    return log_in


def xoauth2(token: str) -> Server:
    def log_in(words: str, ask: Ask) -> str:
        if words == f"XOAUTH2 {b64(f'user={USER}{chr(1)}auth=Bearer {token}{chr(1)}{chr(1)}')}":
            return WELCOME
        assert ask(b64('{"status":"401","schemes":"bearer"}')) == ""
        return WRONG

    return log_in


def oauthbearer(token: str) -> Server:
    def log_in(words: str, ask: Ask) -> str:
        if words == f"OAUTHBEARER {b64(f'n,a={USER},{chr(1)}auth=Bearer {token}{chr(1)}{chr(1)}')}":
            return WELCOME
        assert ask(b64('{"status":"invalid_token"}')) == b64("\x01")
        return WRONG

    return log_in


def handed(box: Mailbox, *, password: str = PASSWORD, tokens: Tokens | None = None) -> None:
    relay = Relay(scheme="smtp", host="127.0.0.1", port=box.port, user=USER, password=password)
    [answer] = hand_over(Smtp(relay, helo="test", tokens=tokens), [envelope(1)])
    assert answer.reply is not None
    assert answer.reply.code == 250


@pytest.mark.parametrize(
    ("offered", "server"),
    [
        (("AUTH PLAIN",), plain),
        (("AUTH PLAIN LOGIN", "AUTH=NTLM"), plain),
        (("AUTH NTLM", "AUTH=PLAIN"), plain),
        (("auth plain",), plain),
        (("AUTH   =  PLAIN",), plain),
        (("AUTH PLAIN",), plain_that_asks_again),
        (("AUTH PLAIN",), plain_that_asks_in_words),
        (("=", "AUTH PLAIN"), plain),
        (("", "  ", "= AUTH", "8", "SIZE 1x", "AUTH PLAIN"), plain),
        (("AUTH LOGIN",), login("VXNlcm5hbWU6", "UGFzc3dvcmQ6")),
        (("AUTH=LOGIN",), login("VXNlcm5hbWU6", "UGFzc3dvcmQ6")),
        (("AUTH LOGIN",), login("", "")),
        (("AUTH LOGIN",), login("Username:", "Password:")),
        (("AUTH LOGIN",), login_the_other_way_round),
        (("AUTH CRAM-MD5",), cram),
        (("AUTH SCRAM-SHA-1",), scram("SCRAM-SHA-1")),
        (("AUTH SCRAM-SHA-256",), scram("SCRAM-SHA-256")),
        (("AUTH SCRAM-SHA-512 GSSAPI",), scram("SCRAM-SHA-512")),
        (("AUTH SCRAM-SHA-256",), scram("SCRAM-SHA-256", last_word_with_235=True)),
        (("AUTH PLAIN CRAM-MD5",), cram),  # without TLS what does not show the password comes first
        (("AUTH XOAUTH2",), xoauth2(PASSWORD)),  # a password where only tokens are taken is one
        (("AUTH OAUTHBEARER",), oauthbearer(PASSWORD)),
    ],
)
def test_every_mechanism_logs_in_with_any_password(offered: tuple[str, ...], server: Server) -> None:
    with smtp_server(Mailbox(extensions=offered, log_in=server)) as box:
        handed(box)

        assert sum(line.startswith("AUTH") for line in box.commands) == 1


@pytest.mark.parametrize(
    ("offered", "server", "said"),
    [
        (("AUTH PLAIN",), lambda _words, _ask: WRONG, "refuses the log-in: 535 5.7.8 wrong"),
        (("AUTH SCRAM-SHA-256",), scram("SCRAM-SHA-256", forged=True), "its side of the log-in is wrong"),
        (("AUTH SCRAM-SHA-256",), lambda _words, ask: ask("not base64!"), "its side of the log-in is wrong"),
        (("AUTH XOAUTH2",), xoauth2("another"), "refuses the log-in: 535"),
        (("AUTH OAUTHBEARER",), oauthbearer("another"), "refuses the log-in: 535"),
        (("AUTH GSSAPI NTLM",), plain, "it offers AUTH GSSAPI NTLM, of which none can be used with a password"),
        ((), plain, "it offers no AUTH"),
        (("AUTH PLAIN",), lambda words, _ask: f"500 5.5.1 command unrecognized: AUTH {words[:60]}", "does not understand"),
        (("AUTH PLAIN",), lambda _words, _ask: f"535 {PASSWORD} is not it: {b64(PASSWORD)}", "535 … is not it: …"),
    ],
)
def test_a_log_in_that_fails_needs_a_person_and_shows_nothing_of_the_password(
    offered: tuple[str, ...], server: Server, said: str
) -> None:
    with smtp_server(Mailbox(extensions=offered, log_in=server)) as box, pytest.raises(TransportRefused, match=said) as refused:
        handed(box)

    for secret in (PASSWORD, b64(PASSWORD), b64(chr(0) + USER + chr(0) + PASSWORD)[:20]):
        assert secret not in str(refused.value)


def test_a_server_that_asks_for_ever_is_left() -> None:
    def endless(_words: str, ask: Ask) -> str:
        while True:
            ask("")

    with smtp_server(Mailbox(extensions=("AUTH PLAIN",), log_in=endless)) as box, pytest.raises(TransportDown, match="334"):
        handed(box)


# --- in clear ---------------------------------------------------------------------------------


@dataclass
class Elsewhere:
    """A relay that is reached under an address that is not this machine's: loopback is taken for another."""

    monkeypatch: pytest.MonkeyPatch = field(repr=False)

    def __post_init__(self) -> None:
        from digest.smtp.connection import Connection

        self.monkeypatch.setattr(Connection, "is_local", property(lambda _self: False))


def certificates() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(server)
    authority.configure_trust(client)
    return server, client


def test_a_password_goes_over_tls_wherever_it_is_offered() -> None:
    server, client = certificates()
    with smtp_server(Mailbox(extensions=("AUTH PLAIN",), starttls=server, log_in=plain)) as box:
        relay = Relay(scheme="smtp", host="localhost", port=box.port, user=USER, password=PASSWORD)
        list(hand_over(Smtp(relay, helo="test", tls=client), [envelope(1)]))

    verbs = [line.split()[0] for line in box.commands]
    assert verbs.index("STARTTLS") < verbs.index("AUTH")


def test_a_password_does_not_go_in_clear_where_tls_cannot_be_verified() -> None:
    server, _ = certificates()
    with smtp_server(Mailbox(extensions=("AUTH PLAIN",), starttls=server, log_in=plain)) as box:
        relay = Relay(scheme="smtp", host="localhost", port=box.port, user=USER, password=PASSWORD)
        with pytest.raises(TransportRefused, match="certificate is not valid"):
            run(Smtp(relay, helo="test").dial())

    assert not any(line.startswith("AUTH") for line in box.commands)


@pytest.mark.parametrize("offered", ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", "XOAUTH2"])
def test_nobody_logs_in_without_tls_to_another_machine(monkeypatch: pytest.MonkeyPatch, offered: str) -> None:
    Elsewhere(monkeypatch)
    with smtp_server(Mailbox(extensions=(f"AUTH {offered}",))) as box:
        relay = Relay(scheme="smtp", host="127.0.0.1", port=box.port, user=USER, password=PASSWORD)
        with pytest.raises(TransportRefused, match=r"the password must not go in clear; use `smtps://`.*\?password=cleartext"):
            run(Smtp(relay, helo="test").dial())

    assert not any(line.startswith("AUTH") for line in box.commands)


@pytest.mark.parametrize("starttls", [False, True])
def test_a_password_goes_in_clear_where_the_url_says_so(monkeypatch: pytest.MonkeyPatch, starttls: bool) -> None:
    Elsewhere(monkeypatch)
    server, _ = certificates()
    with smtp_server(Mailbox(extensions=("AUTH PLAIN",), log_in=plain, starttls=server if starttls else None)) as box:
        relay = Relay.parse(f"smtp://{quote(USER)}:{quote(PASSWORD)}@localhost:{box.port}?password=cleartext")
        list(hand_over(Smtp(relay, helo="test"), [envelope(1)]))

    assert box.taken == {"r1@example.org": 1}


def test_mail_without_a_log_in_goes_as_the_scheme_says(monkeypatch: pytest.MonkeyPatch) -> None:
    Elsewhere(monkeypatch)
    with smtp_server(Mailbox()) as box:
        list(hand_over(Smtp(Relay(scheme="smtp", host="localhost", port=box.port), helo="test"), [envelope(1)]))

    assert box.taken == {"r1@example.org": 1}


# --- the address ------------------------------------------------------------------------------

CHARACTERS = [chr(code) for code in range(33, 127)]


@pytest.mark.parametrize("character", CHARACTERS)
def test_a_password_may_have_any_character(character: str) -> None:
    for password in (f"s3{character}cret", f"{character}s3cret", f"s3cret{character}", f"{character * 2}x/y"):
        relay = Relay.parse(f"smtp+starttls://bob@example.org:{password}@mail.example.org:587?rate=50&connections=2")

        assert (relay.user, relay.password) == ("bob@example.org", password)
        assert (relay.host, relay.port, relay.limits.rate, relay.limits.connections) == ("mail.example.org", 587, 50, 2)


@given(user=st.text(min_size=1, max_size=20), password=st.text(min_size=1, max_size=30))
def test_what_is_percent_encoded_is_read_back(user: str, password: str) -> None:
    if "\0" in user + password:
        return
    relay = Relay.parse(f"smtps://{quote(user, safe='')}:{quote(password, safe='')}@[::1]:465")

    assert (relay.user, relay.password, relay.host, relay.port) == (user, password, "::1", 465)


@pytest.mark.parametrize(
    ("login", "user", "password"),
    [
        ("bob:%41b%2Fc", "bob", "Ab/c"),
        ("bob%40example.org:x", "bob@example.org", "x"),
        ("bob:100%", "bob", "100%"),
        ("bob:50%&more", "bob", "50%&more"),
        ("bob:a:b:c", "bob", "a:b:c"),
        ("bob", "bob", ""),
        ("bob:", "bob", ""),
    ],
)
def test_a_login_is_read_as_it_must_be_meant(login: str, user: str, password: str) -> None:
    relay = Relay.parse(f"smtp://{login}@mail.example.org")

    assert (relay.user, relay.password) == (user, password)


@pytest.mark.parametrize(
    "url",
    [
        "smtp://bob:100%41%zs3cret@mail.example.org",
        "smtp://bob:s3cret%00@mail.example.org",
        "smtp://bob:s3cret%ff@mail.example.org",
        "smtp://bob:s3cret",
        "smtp://bob:s3cret@",
        "smtp://bob:s3cret@mail.example.org:port",
        "smtp://bob:s3cret@mail.example.org:99999",
        "smtp://bob:s3cret@mail.example.org?conections=4",
        "smtp://bob:s3cret@mail.example.org?rate=s3cret",
        "smtp://bob:pass?s3cret",
        "smtp://bob@mail.example.org?password=s3cret",
    ],
)
def test_an_address_that_cannot_be_meant_shows_nothing_of_its_password(url: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as problem:
        Relay.parse(url)

    assert "s3cret" not in str(problem.value)
    assert "s3cret" not in repr(Relay.parse("smtp://bob:s3cret@mail.example.org"))


def env(tmp_path: Path, *lines: str) -> Path:
    file = tmp_path / ".env"
    basic = (
        "DIGEST_FROM=Paper <paper@example.org>",
        "DIGEST_BASE_URL=https://example.org",
        "DIGEST_POSTAL_ADDRESS=1 Quay",
        f"DIGEST_SECRET_KEY={'s' * 32}",
        f"DIGEST_PEPPER={'p' * 32}",
    )
    file.write_text("\n".join([*basic, *lines]) + "\n", encoding="utf-8")
    return file


def test_a_limit_that_is_misspelt_is_named_by_what_it_should_be() -> None:
    with pytest.raises(BadInput, match="did you mean `connections`"):
        Relay.parse("smtp://mail.example.org?conections=4")


def test_a_space_in_a_password_is_explained_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="a space separates relays, and one in a password is written as %20") as problem:
        read(env(tmp_path, "DIGEST_SMTP_URL=smtp://bob:s3 cret@mail.example.org"), {})

    assert "cret" not in str(problem.value)


# --- tokens -----------------------------------------------------------------------------------


def fresh(token: str) -> Command:
    return Command(f"echo {token}")


@pytest.mark.parametrize(("offered", "server"), [("XOAUTH2", xoauth2("t0ken")), ("OAUTHBEARER XOAUTH2", oauthbearer("t0ken"))])
def test_a_command_gives_the_token(offered: str, server: Server) -> None:
    with smtp_server(Mailbox(extensions=(f"AUTH PLAIN {offered}",), log_in=server)) as box:
        handed(box, password="", tokens=Tokens(fresh("t0ken")))


def test_a_token_that_is_long_is_said_when_the_server_asks_for_it() -> None:
    token = "x" * 3000

    def server(words: str, ask: Ask) -> str:
        assert words == "XOAUTH2"
        return xoauth2(token)(f"XOAUTH2 {ask('')}", ask)

    with smtp_server(Mailbox(extensions=("AUTH XOAUTH2",), log_in=server)) as box:
        handed(box, password="", tokens=Tokens(fresh(token)))


def test_a_token_is_kept_and_made_anew_when_it_is_not_taken_any_more(tmp_path: Path) -> None:
    made = tmp_path / "made"
    tokens = Tokens(Command(f"sh -c 'echo x >> {made}; echo token$(wc -l < {made})'"))
    with smtp_server(Mailbox(extensions=("AUTH XOAUTH2",), log_in=xoauth2("token1"))) as box:
        handed(box, password="", tokens=tokens)
        handed(box, password="", tokens=tokens)
        assert made.read_text() == "x\n"

        box.log_in = xoauth2("token2")
        handed(box, password="", tokens=tokens)
        assert made.read_text() == "x\nx\n"

        box.log_in = xoauth2("another")
        with pytest.raises(TransportRefused, match="refuses the log-in"):
            handed(box, password="", tokens=tokens)
        assert made.read_text() == "x\nx\nx\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("false", "ended with status 1; run it by hand"),
        ("true", "did not print one token"),
        ("echo two words", "did not print one token"),
        ("no-such-program", "cannot be run: No such file"),
        ("echo 'x", "a quote is not closed"),
    ],
)
def test_a_command_that_gives_no_token_is_named(line: str, said: str) -> None:
    with pytest.raises(TransportRefused, match=said):
        Command(line).fetch()


def test_a_command_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth, "WITHIN_S", 0.2)
    with pytest.raises(TransportDown, match="did not end"):
        Command("sleep 30").fetch()


@dataclass
class TokenServer:
    """A token server over HTTPS that remembers what it was asked."""

    url: str = ""
    answer: tuple[int, dict[str, object]] = (200, {})
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    client: ssl.SSLContext | None = None


@pytest.fixture
def token_server() -> Iterator[TokenServer]:
    told = TokenServer()
    server_tls, told.client = certificates()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.forms.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            body = json.dumps(told.answer[1]).encode()
            self.send_response(told.answer[0])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = server_tls.wrap_socket(server.socket, server_side=True)
    told.url = f"https://localhost:{server.server_address[1]}/token"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


def refresh(told: TokenServer, folder: Path) -> Refresh:
    return Refresh(
        url=told.url,
        client_id="c",
        client_secret="s3",
        refresh_token="r0",
        scope="mail",
        tls=told.client,
        folder=folder / "tokens",
    )


def test_a_refresh_token_gives_tokens_and_may_be_replaced(token_server: TokenServer, tmp_path: Path) -> None:
    token_server.answer = (200, {"access_token": "a1", "expires_in": 3600, "refresh_token": "r1"})

    assert refresh(token_server, tmp_path).fetch() == ("a1", 3600)
    assert refresh(token_server, tmp_path).fetch() == ("a1", 3600)

    asked = {"grant_type": ["refresh_token"], "client_id": ["c"], "client_secret": ["s3"], "scope": ["mail"]}
    assert token_server.forms == [asked | {"refresh_token": ["r0"]}, asked | {"refresh_token": ["r1"]}]
    [kept] = (tmp_path / "tokens").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        ((400, {"error": "invalid_grant", "error_description": "r0 is old"}), TransportRefused, "invalid_grant"),
        ((401, {}), TransportRefused, "401"),
        ((503, {}), TransportDown, "503.*tried again later"),
        ((429, {}), TransportDown, "429.*tried again later"),
        ((200, {"expires_in": 1}), TransportRefused, "gave no token"),
    ],
)
def test_a_token_server_that_gives_none_is_named_and_no_secret_is(
    token_server: TokenServer, tmp_path: Path, answer: tuple[int, dict[str, object]], kind: type[TransportDown], said: str
) -> None:
    token_server.answer = answer

    with pytest.raises(kind, match=said) as problem:
        refresh(token_server, tmp_path).fetch()

    assert type(problem.value) is kind
    assert not {"r0", "s3"} & set(str(problem.value).split())


def test_a_token_server_that_is_not_there_is_asked_again_later(token_server: TokenServer, tmp_path: Path) -> None:
    token_server.client = None  # its certificate cannot be verified

    with pytest.raises(TransportDown, match="cannot be asked now"):
        refresh(token_server, tmp_path).fetch()


def test_a_token_is_good_until_a_minute_before_its_end() -> None:
    class Counting:
        asked = 0

        def fetch(self) -> tuple[str, float]:
            self.asked += 1
            return f"t{self.asked}", 100.0

    now = [0.0]
    tokens = Tokens(Counting(), clock=lambda: now[0])
    assert tokens.get() == ("t1", True)
    now[0] = 39.0
    assert tokens.get() == ("t1", False)
    now[0] = 41.0
    assert tokens.get() == ("t2", True)


# --- settings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("DIGEST_SMTP_URL=smtps://bob@mail.example.org",), "names a user and no password"),
        (("DIGEST_SMTP_URL=smtps://mail.example.org", "DIGEST_CA_FILE=missing.pem"), "missing.pem cannot be read: No such file"),
        (("DIGEST_SMTP_URL=smtps://mail.example.org", "DIGEST_CA_FILE=.env"), "holds no certificate in PEM form"),
        (("DIGEST_SMTP_REFRESH_TOKEN=x",), "DIGEST_SMTP_TOKEN_URL, DIGEST_SMTP_CLIENT_ID not set"),
        (("DIGEST_SMTP_TOKEN_COMMAND=x", "DIGEST_SMTP_REFRESH_TOKEN=x"), "are two ways to a token; keep one"),
        (("DIGEST_SMTP_TOKEN_URL=http://example.org",), "is not an https address"),
    ],
)
def test_settings_of_a_log_in_that_cannot_work_are_named(tmp_path: Path, lines: tuple[str, ...], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        context.build(read(env(tmp_path, *lines), {}), checked=False)


def test_secrets_of_a_log_in_come_from_files_too(tmp_path: Path) -> None:
    for name in ("secret", "token"):
        (tmp_path / name).write_text(f"{name} of the account\n")
    settings = read(
        env(
            tmp_path,
            "DIGEST_SMTP_URL=smtps://bob@mail.example.org",
            "DIGEST_SMTP_TOKEN_URL=https://example.org/token",
            "DIGEST_SMTP_CLIENT_ID=c",
            f"DIGEST_SMTP_CLIENT_SECRET_FILE={tmp_path}/secret",
            f"DIGEST_SMTP_REFRESH_TOKEN_FILE={tmp_path}/token",
        ),
        {},
    )

    assert (settings.smtp_client_secret, settings.smtp_refresh_token) == ("secret of the account", "token of the account")
    assert context.build(settings, checked=False).transports[0].name == "mail.example.org:465"


def test_an_own_authority_is_trusted_beside_the_systems(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "own.pem"))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    with smtp_server(Mailbox(tls=server)) as box:
        settings = read(env(tmp_path, f"DIGEST_SMTP_URL=smtps://localhost:{box.port}", "DIGEST_CA_FILE=own.pem"), {})
        ctx = context.build(settings, checked=False)
        list(hand_over(ctx.transports[0], [envelope(1)]))

    assert box.taken == {"r1@example.org": 1}
    assert len(context.trust(settings).get_ca_certs()) == len(ssl.create_default_context().get_ca_certs()) + 1
