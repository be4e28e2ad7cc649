"""Log-in by an OpenID provider on loopback: who is let in, and every response and token that lets nobody in."""

import base64
import hmac
import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from digest.model.account import FRESH, Role
from digest.model.event import EventKind
from digest.services import accounts, events
from digest.web import public
from digest.web.admin.provider import BACK
from tests.support.newsroom import ORIGIN, Browser, Person, browsers, enter, person
from tests.support.openid import SECRET, Claims, OpenId, honest, openid, rsa, with_provider
from tests.support.place import Place

pytestmark = pytest.mark.any_database

ANN = "ann@example.org"


@pytest.fixture
def provider(place: Place) -> Iterator[OpenId]:
    with openid(place.clock) as running:
        yield running


@pytest.fixture
def house(place: Place, provider: OpenId) -> Place:
    """The place with the provider, and Mara, whose address the provider has verified."""
    return with_provider(place, provider)


@pytest.fixture
def mara(house: Place) -> Person:
    return person(house)


@pytest.fixture
def three(house: Place) -> Iterator[list[Browser]]:
    with browsers(house) as made:
        yield made


@pytest.fixture
def browser(three: list[Browser]) -> Browser:
    return three[0]


def led_to(browser: Browser, path: str = "/admin/login/provider", page: str = "/admin/login", **fields: str) -> str:
    """Where the button leads."""
    answer = browser.send(path, page, **fields)
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.text)
    assert found is not None, answer.text
    return unescape(found[1])


def response(browser: Browser, provider: OpenId, **other: str) -> str:
    """The address of our own that the provider leads to, with other parameters in place of its own; an empty one is left out."""
    back = provider.authorize(led_to(browser))
    given = {**dict(parse_qsl(urlsplit(back).query)), **other}
    return f"{BACK}?{urlencode({name: value for name, value in given.items() if value})}"


def log_in(browser: Browser, provider: OpenId) -> httpx2.Response:
    return browser.open(response(browser, provider))


def is_inside(browser: Browser) -> bool:
    return browser.open("/admin/me").status_code == 200


def refused(browser: Browser, answer: httpx2.Response, said: str) -> None:
    assert (answer.status_code, said in answer.text) == (403, True), answer.text
    assert not is_inside(browser)


# --- who is let in ---------------------------------------------------------------------------


def test_a_verified_address_links_its_account_once_and_the_subject_logs_in_from_then_on(
    house: Place, mara: Person, provider: OpenId, three: list[Browser]
) -> None:
    first, second, _ = three
    before = first.token
    answer = log_in(first, provider)
    provider.claims = {"email": "another@example.org", "email_verified": False}
    again = log_in(second, provider)

    assert (answer.status_code, answer.headers["location"], again.status_code) == (303, "/admin/", 303)
    assert first.token not in ("", before)
    assert is_inside(first)
    assert is_inside(second)
    assert accounts.show(house.ctx, mara.address).identity == mara.address
    assert next(event.facts for event in events.listed(house.ctx, kind=EventKind.ACCOUNT_CHANGED)) == {"way": "provider"}
    assert events.listed(house.ctx, kind=EventKind.LOGGED_IN)[0].person == "Mara"


def test_the_log_in_leads_on_to_the_page_that_was_asked_for(mara: Person, provider: OpenId, browser: Browser) -> None:
    asked = browser.open("/admin/accounts").headers["location"]
    url = led_to(browser, page=asked)

    answer = browser.open(provider.authorize(url).removeprefix(ORIGIN))

    assert answer.headers["location"] == "/admin/accounts"
    assert is_inside(browser)


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "mara@ledger.example.org"},
        {"email": "mara@ledger.example.org", "email_verified": False},
        {"email": "mara@ledger.example.org", "email_verified": "true"},
        {"email": "stranger@example.org", "email_verified": True},
        {"email": "no address", "email_verified": True},
        {},
    ],
)
def test_nobody_gets_an_account_or_a_link_without_a_verified_address(
    house: Place, mara: Person, provider: OpenId, browser: Browser, claims: Claims
) -> None:
    provider.claims = claims

    refused(browser, log_in(browser, provider), "no account here is linked to you")
    assert len(accounts.every(house.ctx)) == 1
    assert accounts.show(house.ctx, mara.address).identity == ""


def test_the_address_may_stand_in_the_user_info_alone(mara: Person, provider: OpenId, browser: Browser) -> None:
    provider.claims, provider.user_info = {}, {"email": "MARA@ledger.example.org", "email_verified": True}

    assert log_in(browser, provider).status_code == 303
    assert is_inside(browser)


def test_user_info_of_another_subject_counts_for_nothing(mara: Person, provider: OpenId, browser: Browser) -> None:
    provider.claims = {}
    provider.user_info = {"sub": "another", "email": "mara@ledger.example.org", "email_verified": True}

    refused(browser, log_in(browser, provider), "no account here is linked to you")


def test_another_person_who_has_the_address_now_does_not_get_the_account(
    mara: Person, provider: OpenId, three: list[Browser]
) -> None:
    log_in(three[0], provider)
    provider.subject = "another person"

    refused(three[1], log_in(three[1], provider), "no account here is linked to you")


def test_the_role_is_that_of_the_account(house: Place, mara: Person, provider: OpenId, browser: Browser) -> None:
    person(house, ANN, role=Role.VIEWER)
    provider.claims = {"email": ANN, "email_verified": True, "role": "owner", "groups": ["owner", "admin"]}
    log_in(browser, provider)

    assert is_inside(browser)
    assert browser.open("/admin/accounts").status_code == 403


# --- links -----------------------------------------------------------------------------------


def test_one_links_ones_own_account_without_any_address_and_removes_the_link(
    house: Place, mara: Person, provider: OpenId, three: list[Browser]
) -> None:
    mine, other, third = three
    provider.claims = {}
    mine.log_in(house, mara)
    back = provider.authorize(led_to(mine, "/admin/me/provider", "/admin/me"))
    lead = mine.open(back.removeprefix(ORIGIN))
    linked = mine.open(lead.headers["location"])

    assert linked.headers["location"] == "/admin/me"
    assert "248289761001" in mine.open("/admin/me").text
    assert log_in(other, provider).status_code == 303
    mine.send("/admin/me/provider/remove", "/admin/me")
    assert not is_inside(other)
    assert is_inside(mine)
    refused(third, log_in(third, provider), "no account here is linked to you")


def test_after_a_link_was_removed_or_an_account_reset_the_address_links_nothing(
    house: Place, mara: Person, provider: OpenId, three: list[Browser]
) -> None:
    owner, theirs, again = three
    ann = person(house, ANN, role=Role.EDITOR)
    provider.claims = {"email": ANN, "email_verified": True}
    log_in(theirs, provider)
    owner.log_in(house, mara)
    owner.send(f"/admin/accounts/{ann.number}/unlink", f"/admin/accounts/{ann.number}")

    assert not is_inside(theirs)
    refused(again, log_in(again, provider), "no account here is linked to you")
    provider.claims = {"email": mara.address, "email_verified": True}
    accounts.reset(house.ctx, mara.address)
    refused(again, log_in(again, provider), "no account here is linked to you")


def test_a_person_who_is_linked_to_an_account_is_linked_to_no_other(
    house: Place, mara: Person, provider: OpenId, three: list[Browser]
) -> None:
    log_in(three[0], provider)
    three[1].log_in(house, person(house, ANN))
    back = provider.authorize(led_to(three[1], "/admin/me/provider", "/admin/me"))
    answer = three[1].open(three[1].open(back.removeprefix(ORIGIN)).headers["location"])

    assert (answer.status_code, "is linked to another account" in answer.text) == (409, True)


def test_the_only_way_in_stays(house: Place, mara: Person, provider: OpenId, browser: Browser) -> None:
    made = accounts.add(house.ctx, ANN, name="Ann", role=Role.EDITOR)
    provider.claims = {"email": ANN, "email_verified": True}
    log_in(browser, provider)
    answer = browser.send("/admin/me/provider/remove", "/admin/me")

    assert (answer.status_code, "only way to log in" in answer.text) == (409, True)
    assert accounts.show(house.ctx, str(made.account.id)).identity == ANN


def test_a_response_of_a_log_in_links_nothing(house: Place, mara: Person, provider: OpenId, browser: Browser) -> None:
    browser.log_in(house, mara)
    answer = browser.open(response(browser, provider).replace(BACK, "/admin/me/provider/back"))

    assert answer.status_code == 422
    assert accounts.show(house.ctx, mara.address).identity == ""


# --- forged tokens ---------------------------------------------------------------------------


def unsigned(claims: Claims, key: RSAKey) -> str:
    _head, body, _ = honest(claims, key).split(".")
    return f"eyJhbGciOiJub25lIn0.{body}."


def hs256(claims: Claims, secret: bytes, **head: str) -> str:
    """A token signed by a shared secret; joserfc refuses to make one of a public key."""
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", **head}, claims)]
    signed = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    mac = hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def by_public_key(claims: Claims, key: RSAKey) -> str:
    """The public key, which everybody has, as the secret."""
    return hs256(claims, key.as_pem(private=False), kid=str(key.kid))


def by_client_secret(claims: Claims, key: RSAKey) -> str:
    return hs256(claims, SECRET.encode())


def by_another_key(claims: Claims, key: RSAKey) -> str:
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, rsa("another"))


def with_its_own_key(claims: Claims, key: RSAKey) -> str:
    """A key in the header of the token that it signs."""
    own = rsa("another")
    return jwt.encode({"alg": "RS256", "kid": key.kid, "jwk": own.as_dict(private=False)}, claims, own)


def saying(**other: object) -> Callable[[Claims, RSAKey], str]:
    """An honestly signed token with other claims; None: without one."""
    return lambda claims, key: honest({n: v for n, v in {**claims, **other}.items() if v is not None}, key)


def swapped(claims: Claims, key: RSAKey) -> str:
    """The signature of one token under the claims of another."""
    head, _, signature = honest(claims, key).split(".")
    return ".".join((head, honest({**claims, "sub": "another"}, key).split(".")[1], signature))


LONG_AGO = 1_000_000_000
FORGED: dict[str, Callable[[Claims, RSAKey], str]] = {
    "unsigned": unsigned,
    "HS256 with the public key": by_public_key,
    "HS256 with the secret of the client": by_client_secret,
    "another key under the same name": by_another_key,
    "a key that it brings itself": with_its_own_key,
    "the signature of another token": swapped,
    "another issuer": saying(iss="https://evil.example"),
    "the issuer with a slash": lambda claims, key: honest({**claims, "iss": claims["iss"] + "/"}, key),
    "another audience": saying(aud="another client"),
    "several audiences and no authorized party": saying(aud=["another client", "digest"]),
    "another authorized party": saying(aud=["digest", "another client"], azp="another client"),
    "no audience": saying(aud=None),
    "another nonce": saying(nonce="another"),
    "no nonce": saying(nonce=None),
    "expired": saying(exp=LONG_AGO),
    "no end": saying(exp=None),
    "an end that never comes": saying(exp=True),
    "of the future": saying(iat=4_000_000_000),
    "not yet valid": saying(nbf=4_000_000_000),
    "for another access token": saying(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "no subject": saying(sub=None),
    "an empty subject": saying(sub=""),
    "a subject that is a list": saying(sub=["248289761001"]),
    "no token": lambda claims, key: "not.a.token",
    "an empty text": lambda claims, key: "",
}


def test_a_token_that_does_not_hold_lets_nobody_in(house: Place, mara: Person, provider: OpenId, browser: Browser) -> None:
    for kind, forged in FORGED.items():
        provider.sign = forged
        answer = log_in(browser, provider)

        assert (answer.status_code, "What The House said does not hold" in answer.text, is_inside(browser)) == (
            403,
            True,
            False,
        ), kind
    assert accounts.show(house.ctx, mara.address).identity == ""
    provider.sign = honest
    assert log_in(browser, provider).status_code == 303


def test_a_provider_that_signs_by_a_shared_secret_alone_lets_nobody_in(mara: Person, provider: OpenId, browser: Browser) -> None:
    provider.metadata = {"id_token_signing_alg_values_supported": ["HS256"]}

    refused(browser, log_in(browser, provider), "does not hold")


# --- responses -------------------------------------------------------------------------------


def test_a_response_works_once(mara: Person, provider: OpenId, browser: Browser) -> None:
    planted = browser.open("/admin/login") and browser.token
    back = response(browser, provider)
    first = browser.open(back)
    inside = browser.token
    again = browser.open(back)
    browser.client.cookies.set("__Host-digest", planted, domain="ledger.example.org")
    third = browser.open(back)

    assert (first.status_code, again.status_code) == (303, 403)
    assert "did not begin in this browser" in again.text
    refused(browser, third, "does not hold")  # the state is this browser's, but the code is used
    assert inside != planted


def test_a_response_of_another_browser_lets_nobody_in(mara: Person, provider: OpenId, three: list[Browser]) -> None:
    mine, theirs, _ = three
    theirs.open("/admin/login")
    asked = len(provider.asked)
    back = response(mine, provider)
    answer = theirs.open(back)

    refused(theirs, answer, "did not begin in this browser")
    assert "POST /token" not in provider.asked[asked:]


@pytest.mark.parametrize("state", ["", "x", "A" * 100, "ü", "%00"])
def test_a_state_that_is_not_ours_lets_nobody_in(mara: Person, provider: OpenId, browser: Browser, state: str) -> None:
    refused(browser, browser.open(response(browser, provider, state=state)), "did not begin in this browser")


def test_a_state_is_good_for_ten_minutes(house: Place, mara: Person, provider: OpenId, browser: Browser) -> None:
    back = response(browser, provider)
    house.clock.turn(minutes=11)

    refused(browser, browser.open(back), "did not begin in this browser")


@pytest.mark.parametrize("issuer", ["https://evil.example", ""])
def test_the_code_of_another_provider_is_shown_to_nobody(mara: Person, provider: OpenId, browser: Browser, issuer: str) -> None:
    refused(browser, browser.open(response(browser, provider, iss=issuer)), "does not hold")
    assert "POST /token" not in provider.asked


def test_a_code_that_was_given_to_another_request_is_refused(mara: Person, provider: OpenId, three: list[Browser]) -> None:
    """The verifier of PKCE follows from the state: the code of a stolen response is worth nothing elsewhere."""
    mine, theirs, _ = three
    stolen = dict(parse_qsl(urlsplit(provider.authorize(led_to(mine))).query))["code"]

    refused(theirs, theirs.open(response(theirs, provider, code=stolen)), "does not hold")


def test_who_changes_their_mind_at_the_provider_is_not_let_in(mara: Person, provider: OpenId, browser: Browser) -> None:
    nasty = "<script>alert(1)</script>"
    answer = browser.open(response(browser, provider, code="", error="access_denied", error_description=nasty))

    refused(browser, answer, "The House did not log you in.")
    assert "alert(1)" not in answer.text


def test_wrong_responses_of_a_network_are_counted(house: Place, mara: Person, provider: OpenId) -> None:
    with TestClient(public.app(house.ctx), base_url=ORIGIN, follow_redirects=False, client=("192.0.2.9", 1)) as client:
        back = response(Browser(client), provider, code="guess")
        said = [client.get(back).status_code for _ in range(101)]

    assert said == [403] * 100 + [429]


# --- the provider ----------------------------------------------------------------------------


def test_while_the_provider_is_down_the_page_says_so_and_other_ways_stay(
    house: Place, mara: Person, provider: OpenId, browser: Browser
) -> None:
    provider.broken = True
    answer = browser.send("/admin/login/provider", "/admin/login")
    page, asked = browser.open("/admin/login"), len(provider.asked)
    again = browser.send("/admin/login/provider", "/admin/login")

    assert (answer.status_code, "The House cannot be asked now" in answer.text) == (503, True)
    assert "The House did not answer a moment ago." in page.text
    assert (again.status_code, len(provider.asked)) == (503, asked)  # it is left alone for a while
    assert browser.log_in(house, mara).status_code == 303
    provider.broken = False
    house.clock.turn(minutes=1)
    assert "did not answer" not in browser.open("/admin/login").text
    assert led_to(browser).startswith(provider.issuer)


def test_a_provider_that_fails_in_the_middle_lets_nobody_in(mara: Person, provider: OpenId, browser: Browser) -> None:
    back = response(browser, provider)
    provider.broken = True
    answer = browser.open(back)

    assert (answer.status_code, "cannot be asked now" in answer.text) == (503, True)
    assert not is_inside(browser)


def test_a_key_that_is_new_is_fetched_and_the_discovery_document_is_kept(
    house: Place, mara: Person, provider: OpenId, three: list[Browser]
) -> None:
    log_in(three[0], provider)
    log_in(three[1], provider)
    before = provider.asked.count("GET /keys")
    provider.rotate()
    answer = log_in(three[2], provider)

    assert (before, answer.status_code, provider.asked.count("GET /keys")) == (1, 303, 2)
    assert provider.asked.count("GET /.well-known/openid-configuration") == 1


def test_a_key_that_was_taken_back_lets_nobody_in_an_hour_later(
    house: Place, mara: Person, provider: OpenId, browser: Browser
) -> None:
    log_in(browser, provider)
    old = provider.keys[-1]
    provider.rotate()
    provider.sign = lambda claims, _: honest(claims, old)
    house.clock.turn(hours=13)

    refused(browser, log_in(browser, provider), "does not hold")


@pytest.mark.parametrize(
    "other",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ],
)
def test_a_discovery_document_that_leads_astray_is_not_used(
    mara: Person, provider: OpenId, browser: Browser, other: Claims
) -> None:
    provider.metadata = other

    assert browser.send("/admin/login/provider", "/admin/login").status_code == 503


# --- how recent ------------------------------------------------------------------------------


def test_a_log_in_by_an_old_session_of_the_provider_changes_no_way_to_log_in(
    house: Place, mara: Person, provider: OpenId, browser: Browser
) -> None:
    provider.authenticated_at = (house.clock() - FRESH).timestamp() - 60
    log_in(browser, provider)
    stale = browser.open("/admin/accounts/new")
    url = led_to(browser, page=stale.headers["location"])
    browser.open(provider.authorize(url).removeprefix(ORIGIN))

    assert stale.headers["location"] == "/admin/login?next=/admin/accounts/new"
    assert "max_age=900" in url
    assert browser.open("/admin/accounts/new").status_code == 200


def test_without_a_provider_there_is_no_button_and_no_way(place: Place) -> None:
    who = person(place)
    with browsers(place) as (browser, *_):
        page = browser.open("/admin/login").text
        answer = browser.send("/admin/login/provider", "/admin/login")
        browser.client.cookies.set("__Host-digest", enter(place, who), domain="ledger.example.org")

        assert "provider" not in page
        assert answer.status_code == 404
        assert "provider" not in browser.open("/admin/me").text
