"""Tokens: who may have one, for what, and what becomes of it."""

import pytest

from digest.errors import BadInput, NotFound
from digest.model.account import Role
from digest.model.api import PREFIX, Scope
from digest.services import api_tokens, events
from digest.store import api
from tests.support.api import account
from tests.support.commands import Run
from tests.support.dumps import naming
from tests.support.place import Place


def test_a_secret_is_shown_once_and_stored_nowhere(place: Place) -> None:
    made = api_tokens.add(place.ctx, account(place), name="our  shop", scopes=[Scope.PEOPLE_LOOK])

    assert made.secret.startswith(PREFIX)
    assert len(made.secret) > 40
    assert naming(place.ctx, made.secret, made.secret.removeprefix(PREFIX)) == []
    [shown] = api_tokens.every(place.ctx)
    assert (shown.account, shown.name, shown.scopes, shown.used_at) == (
        "mara@ledger.example.org",
        "our shop",
        (Scope.PEOPLE_LOOK,),
        None,
    )
    assert (shown.expires_at - shown.made_at).days == 90


@pytest.mark.parametrize(
    ("role", "scope"),
    [(Role.VIEWER, Scope.CONTENT_EDIT), (Role.VIEWER, Scope.PEOPLE_EDIT), (Role.EDITOR, Scope.CONTENT_SEND)],
)
def test_no_token_is_made_for_what_its_account_may_not_do(place: Place, role: Role, scope: Scope) -> None:
    with pytest.raises(BadInput, match="may not do what"):
        api_tokens.add(place.ctx, account(place, role=role), name="x", scopes=[scope])


@pytest.mark.parametrize(("name", "scopes", "days"), [("", [Scope.CONTENT_LOOK], 1), ("x", [], 1), ("x", list(Scope), 367)])
def test_a_token_needs_a_name_a_scope_and_an_end(place: Place, name: str, scopes: list[Scope], days: int) -> None:
    with pytest.raises(BadInput):
        api_tokens.add(place.ctx, account(place), name=name, scopes=scopes, days=days)


def test_a_token_of_nobody_and_one_that_is_not_there_are_not_found(place: Place) -> None:
    with pytest.raises(NotFound):
        api_tokens.add(place.ctx, "nobody@example.org", name="x", scopes=[Scope.CONTENT_LOOK])
    with pytest.raises(NotFound):
        api_tokens.revoke(place.ctx, 7)


def test_tokens_that_come_and_go_are_recorded(place: Place) -> None:
    api_tokens.add(place.ctx, account(place), name="shop", scopes=[Scope.CONTENT_LOOK], days=7)
    api_tokens.revoke(place.ctx, 1)

    gone, came = events.listed(place.ctx, limit=2)
    assert (came.kind, came.facts) == (
        "api_token.added",
        {"account": 1, "name": "shop", "scopes": ["content:look"], "days": 7},
    )
    assert (gone.kind, gone.facts["name"]) == ("api_token.revoked", "shop")


def test_the_last_use_of_a_token_is_known_to_some_minutes(place: Place) -> None:
    secret = api_tokens.add(place.ctx, account(place), name="shop", scopes=[Scope.CONTENT_LOOK]).secret
    first = place.clock.now
    for _ in range(3):
        api_tokens.admit(place.ctx, secret, needs=Scope.CONTENT_LOOK, ip="")
        place.clock.turn(minutes=2)

    with place.ctx.db.read() as tx:
        assert api.get(tx, 1).used_at == first


def test_the_commands_make_show_and_end_a_token(paper: Run) -> None:
    assert paper("accounts", "add", "ann@example.org", "--role", "owner").code == 0
    made = paper("tokens", "add", "ann@example.org", "--name", "shop", "--scope", "people:look", "--scope", "people:edit")
    assert (made.code, made.out.startswith(PREFIX)) == (0, True)
    assert "not shown again" in made.err
    assert "people:look, people:edit" in paper("tokens", "list").out
    assert paper("tokens", "revoke", "1").code == 0
    gone = paper("tokens", "revoke", "1")
    assert (gone.code, "digest tokens list" in gone.err) == (2, True)
    assert paper("tokens", "list", "--json").json == []
