"""The pages of API tokens: an owner makes one, sees it once, and revokes it."""

import re
from collections.abc import Iterator

import pytest

from digest.errors import Forbidden
from digest.model.account import Role
from digest.model.api import Scope
from digest.services import accounts, api_tokens
from tests.support.newsroom import Browser, browsers, person
from tests.support.place import Place

pytestmark = pytest.mark.any_database


@pytest.fixture
def browser(place: Place) -> Iterator[Browser]:
    """A browser that an owner is logged in with."""
    who = person(place)
    with browsers(place) as [made, *_]:
        made.log_in(place, who)
        yield made


def owner(place: Place) -> str:
    return str(accounts.every(place.ctx)[0].id)


def test_a_token_is_made_shown_once_used_and_revoked(place: Place, browser: Browser) -> None:
    assert "No program has a token yet" in browser.open("/admin/tokens").text
    fields = {"name": "our shop", "account": owner(place), "days": "30", "people:look": "on"}
    shown = browser.send("/admin/tokens/new", **fields)
    [secret] = re.findall(r'value="(digest_[^"]+)"', shown.text)
    [made] = api_tokens.every(place.ctx)
    admitted = api_tokens.admit(place.ctx, secret, needs=Scope.PEOPLE_LOOK, ip="192.0.2.7")
    listed = browser.open("/admin/tokens").text
    asked = browser.open(f"/admin/tokens/{made.id}/revoke").text
    browser.send(f"/admin/tokens/{made.id}/revoke")

    assert (made.name, made.scopes, (made.expires_at - made.made_at).days) == ("our shop", (Scope.PEOPLE_LOOK,), 30)
    assert admitted.token_id == made.id
    assert ("our shop" in listed, "people:look" in listed, secret in listed) == (True, True, False)
    assert "Revoke 1 token" in asked
    with pytest.raises(Forbidden):
        api_tokens.admit(place.ctx, secret, needs=Scope.PEOPLE_LOOK, ip="192.0.2.7")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"days": "400"}, "up to 366"),
        ({"days": "many"}, "up to 366"),
        ({"name": " "}, "Give a name"),
        ({"people:look": None}, "Tick what it may do"),
        ({"account": "987654"}, "There is no such account"),
    ],
)
def test_what_makes_no_token_comes_back_with_what_was_typed(
    place: Place, browser: Browser, given: dict[str, str | None], said: str
) -> None:
    fields = {"name": "our shop", "account": owner(place), "days": "30", "people:look": "on"} | given
    answer = browser.send("/admin/tokens/new", **{name: value for name, value in fields.items() if value is not None})

    assert (answer.status_code, said in answer.text, 'value="content:look"' in answer.text) == (422, True, False)
    assert api_tokens.every(place.ctx) == []


def test_a_token_for_another_account_allows_no_more_than_that_may(place: Place, browser: Browser) -> None:
    viewer = person(place, "vic@example.org", role=Role.VIEWER)
    refused = browser.send("/admin/tokens/new", name="x", account=str(viewer.number), days="30", **{"people:edit": "on"})

    assert (refused.status_code, "may not do all of that itself" in refused.text) == (422, True)
