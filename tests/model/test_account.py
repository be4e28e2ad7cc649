"""What each role may do, and which passwords will do."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.model.account import (
    LOGIN_IDLE,
    LOGIN_LASTS,
    PERMISSIONS,
    Account,
    Login,
    Permission,
    Role,
    browser_of,
    is_live,
    password_problem,
)

NOW = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)
LOOK, EDIT, SEND, ACCOUNTS = Permission.LOOK, Permission.EDIT, Permission.SEND, Permission.ACCOUNTS


@pytest.mark.parametrize(
    ("role", "sends", "may"),
    [
        (Role.OWNER, False, {LOOK, EDIT, SEND, ACCOUNTS}),
        (Role.EDITOR, False, {LOOK, EDIT}),
        (Role.EDITOR, True, {LOOK, EDIT, SEND}),
        (Role.VIEWER, False, {LOOK}),
        (Role.VIEWER, True, {LOOK}),
    ],
)
def test_a_role_grants_these_permissions(role: Role, sends: bool, may: set[Permission]) -> None:
    account = Account(address="a@example.org", address_key="a@example.org", name="A", role=role, sends=sends, made_at=NOW)

    assert account.permissions == may


def test_the_table_names_every_role() -> None:
    assert set(PERMISSIONS) == set(Role)


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("short", "password_short"),
        ("x" * 1001, "password_long"),
        ("aaaaaaaaaaaaaaaa", "password_known"),
        ("abababababababab", "password_known"),
        ("I am ann@example.org", "password_known"),
        ("a sentence of my own", ""),
        ("dès lors, été à Sète", ""),
    ],
)
def test_a_password_is_refused_for_these_reasons_alone(password: str, problem: str) -> None:
    assert password_problem(password, address="Ann@example.org") == problem


def test_a_log_in_is_over_when_it_was_not_used_for_long_or_is_old() -> None:
    def login(*, seen: timedelta) -> Login:
        ends = NOW + LOGIN_LASTS
        return Login(
            account_id=1, token_hash="h", is_open=True, made_at=NOW, seen_at=NOW + seen, expires_at=ends, ip="", browser=""
        )

    fresh = login(seen=timedelta(0))

    assert is_live(fresh, NOW + LOGIN_IDLE - timedelta(seconds=1))
    assert not is_live(fresh, NOW + LOGIN_IDLE)
    assert not is_live(login(seen=LOGIN_LASTS), NOW + LOGIN_LASTS)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18 Safari/605.1.15", "Safari, macOS"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140 Mobile Safari/537.36 EdgA/140", "Edge, Android"),
        ("curl/8.5.0", ""),
        ("", ""),
    ],
)
def test_a_browser_has_a_short_name(said: str, name: str) -> None:
    assert browser_of(said) == name
