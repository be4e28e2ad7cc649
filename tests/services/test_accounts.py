"""Accounts: who is let in, by links that work once, and what is recorded of it."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from digest.errors import BadAddress, BadInput, Conflict, Forbidden, NotFound
from digest.model.account import FIRST_LINK_LASTS, LINK_LASTS, Permission, Role
from digest.model.event import EventKind, Person
from digest.services import accounts, events, login, retention, welcome
from digest.services.welcome import App, Applicant
from tests.support.commands import Run
from tests.support.newsroom import AT_HOME, ORIGIN, PASSWORD, code, enter, person
from tests.support.place import Place

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
MARA = Applicant(name="Mara", address="mara@ledger.example.org")


def token_of(link: str | None) -> str:
    assert link is not None
    return link.rpartition("/")[2]


def accept(place: Place, token: str, given: Applicant = MARA, *, password: str = PASSWORD) -> welcome.Accepted:
    app = App(secret=SECRET, code=code(place, SECRET))
    return welcome.by_password(place.ctx, token, given, password=password, app=app, visitor=AT_HOME)


# --- the first owner -------------------------------------------------------------------------


def test_the_first_link_makes_an_owner_who_is_logged_in(place: Place) -> None:
    link = accounts.first_link(place.ctx, ORIGIN)

    accepted = accept(place, token_of(link))

    found = accounts.every(place.ctx)
    who = login.admit(place.ctx, accepted.entered.token, needs=Permission.ACCOUNTS, ip="")
    assert link is not None
    assert link.startswith("https://ledger.example.org/admin/welcome/")
    assert [(one.address, one.role, one.sends) for one in found] == [("mara@ledger.example.org", Role.OWNER, True)]
    assert who.name == "Mara"
    assert len(set(accepted.recovery_codes)) == 10


def test_the_first_link_works_once(place: Place) -> None:
    token = token_of(accounts.first_link(place.ctx, ORIGIN))
    accept(place, token)

    with pytest.raises(NotFound):
        accept(place, token, Applicant(name="Eve", address="eve@example.org"))
    assert accounts.first_link(place.ctx, ORIGIN) is None


def test_a_new_first_link_ends_the_one_before(place: Place) -> None:
    old, new = (token_of(accounts.first_link(place.ctx, ORIGIN)) for _ in range(2))

    with pytest.raises(NotFound):
        welcome.look(place.ctx, old)
    assert welcome.look(place.ctx, new).is_first


def test_a_first_link_expires(place: Place) -> None:
    token = token_of(accounts.first_link(place.ctx, ORIGIN))
    place.clock.now += FIRST_LINK_LASTS

    with pytest.raises(NotFound):
        accept(place, token)
    assert not accounts.any_one(place.ctx)


def test_a_first_link_is_worth_nothing_once_a_command_has_made_an_account(place: Place) -> None:
    token = token_of(accounts.first_link(place.ctx, ORIGIN))
    accounts.add(place.ctx, "ann@example.org", name="Ann", role=Role.OWNER)

    with pytest.raises(NotFound):
        accept(place, token)


@pytest.mark.parametrize(
    ("given", "password", "refused"),
    [
        (Applicant(name="Mara", address="no address"), PASSWORD, "bad_address"),
        (Applicant(name="Mara\n", address="m@example.org"), "short", "password_short"),
        (Applicant(name="x" * 101, address="m@example.org"), PASSWORD, "bad_account_name"),
    ],
)
def test_what_cannot_be_used_uses_up_no_link(place: Place, given: Applicant, password: str, refused: str) -> None:
    token = token_of(accounts.first_link(place.ctx, ORIGIN))

    with pytest.raises((BadInput, BadAddress)) as problem:
        accept(place, token, given, password=password)
    assert problem.value.code == refused
    assert welcome.look(place.ctx, token).is_first
    assert not accounts.any_one(place.ctx)


def test_the_code_of_another_app_lets_nobody_in(place: Place) -> None:
    token = token_of(accounts.first_link(place.ctx, ORIGIN))
    app = App(secret=SECRET, code="000000")

    with pytest.raises(BadInput) as problem:
        welcome.by_password(place.ctx, token, MARA, password=PASSWORD, app=app, visitor=AT_HOME)
    assert problem.value.code == "wrong_app_code"


# --- accounts --------------------------------------------------------------------------------


def test_an_account_has_one_spelling_of_its_address(place: Place) -> None:
    accounts.add(place.ctx, "Ann@Example.org", name="Ann", role=Role.EDITOR)

    with pytest.raises(Conflict):
        accounts.add(place.ctx, "ann@example.org", name="Ann", role=Role.EDITOR)
    assert accounts.show(place.ctx, "ANN@example.ORG").name == "Ann"


def test_a_link_of_an_account_sets_its_log_in_and_nothing_else(place: Place) -> None:
    made = accounts.add(place.ctx, "ann@example.org", name="Ann", role=Role.VIEWER)

    accept(place, token_of(made.link), Applicant(name="Eve", address="eve@example.org"))

    (ann,) = accounts.every(place.ctx)
    assert (ann.name, ann.address, ann.role, ann.has_password) == ("Ann", "ann@example.org", Role.VIEWER, True)


def test_a_link_of_an_account_expires(place: Place) -> None:
    made = accounts.add(place.ctx, "ann@example.org", name="Ann", role=Role.VIEWER)
    place.clock.now += LINK_LASTS

    with pytest.raises(NotFound):
        accept(place, token_of(made.link))
    assert not accounts.show(place.ctx, "ann@example.org").is_invited


def test_the_last_owner_stays_an_owner(place: Place) -> None:
    owner = person(place)
    person(place, "ann@example.org", role=Role.EDITOR)

    with pytest.raises(Conflict, match="last owner"):
        accounts.remove(place.ctx, owner.address)
    with pytest.raises(Conflict, match="last owner"):
        accounts.change(place.ctx, owner.address, role=Role.VIEWER)
    accounts.change(place.ctx, "ann@example.org", role=Role.OWNER)
    accounts.remove(place.ctx, owner.address)
    assert [one.address for one in accounts.every(place.ctx)] == ["ann@example.org"]


@pytest.mark.parametrize("change", [{"role": Role.VIEWER}, {"sends": True}])
def test_another_role_ends_the_log_ins_of_an_account(place: Place, change: dict[str, object]) -> None:
    person(place)
    ann = person(place, "ann@example.org", role=Role.EDITOR)
    token = enter(place, ann)

    accounts.change(place.ctx, ann.address, **change)  # type: ignore[arg-type]

    with pytest.raises(Forbidden, match="nobody is logged in"):
        login.admit(place.ctx, token, needs=Permission.LOOK, ip="")


def test_another_name_ends_no_log_in(place: Place) -> None:
    ann = person(place)
    token = enter(place, ann)

    accounts.change(place.ctx, ann.address, name="Ann Lee")

    assert login.admit(place.ctx, token, needs=Permission.LOOK, ip="").name == "Ann Lee"


def test_a_viewer_cannot_be_one_who_sends(place: Place) -> None:
    person(place)
    with pytest.raises(BadInput):
        accounts.add(place.ctx, "ann@example.org", name="Ann", role=Role.VIEWER, sends=True)
    ann = person(place, "ann@example.org", role=Role.EDITOR, sends=True)

    assert not accounts.change(place.ctx, ann.address, role=Role.VIEWER).sends
    assert not accounts.change(place.ctx, ann.address, role=Role.EDITOR).sends


def test_a_reset_removes_every_way_in_at_once(place: Place) -> None:
    ann = person(place)
    token = enter(place, ann)

    made = accounts.reset(place.ctx, ann.address)

    with pytest.raises(Forbidden):
        login.admit(place.ctx, token, needs=Permission.LOOK, ip="")
    with pytest.raises(Forbidden):
        login.by_password(place.ctx, ann.address, PASSWORD, AT_HOME)
    accept(place, token_of(made.link), password="another one, long enough")
    assert not login.by_password(place.ctx, ann.address, "another one, long enough", AT_HOME).is_open


# --- what is recorded ------------------------------------------------------------------------


def test_each_change_says_who_made_it(place: Place) -> None:
    owner = person(place)
    who = login.admit(place.ctx, enter(place, owner), needs=Permission.ACCOUNTS, ip="192.0.2.7")
    ann = accounts.add(who.ctx, "ann@example.org", name="Ann", role=Role.EDITOR).account
    accounts.change(who.ctx, "ann@example.org", sends=True)
    accounts.reset(replace(place.ctx, person=Person(name="root")), "ann@example.org")
    accounts.remove(who.ctx, "ann@example.org")

    found = [event for event in events.listed(place.ctx) if event.noun_id == ann.id][::-1]
    by_page = ("account", "Mara", owner.number, "192.0.2.0/24")
    assert [(event.kind, event.actor, event.person, event.account_id, event.ip) for event in found] == [
        (EventKind.ACCOUNT_ADDED, *by_page),
        (EventKind.ACCOUNT_CHANGED, *by_page),
        (EventKind.ACCOUNT_RESET, "command line", "root", None, ""),
        (EventKind.ACCOUNT_REMOVED, *by_page),
    ]


def test_no_secret_is_recorded(place: Place) -> None:
    owner = person(place)
    enter(place, owner)

    told = str([event.model_dump() for event in events.listed(place.ctx)])
    assert all(secret not in told for secret in (PASSWORD, owner.secret, *owner.recovery_codes, owner.address))


@pytest.mark.parametrize("column", ["person", "actor", "kind", "facts", "at", "account_id", "ip"])
def test_the_database_refuses_to_change_what_an_event_says(place: Place, column: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), place.ctx.db.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE event SET {column} = NULL")


def test_facts_of_an_event_can_be_removed_and_not_changed(place: Place) -> None:
    accounts.add(replace(place.ctx, person=Person(name="root")), "ann@example.org", name="Ann", role=Role.OWNER)

    with pytest.raises(DBAPIError, match="append-only"), place.ctx.db.engine.begin() as connection:
        connection.exec_driver_sql("""UPDATE event SET facts = '{"role": "viewer"}'""")
    with place.ctx.db.engine.begin() as connection:
        connection.exec_driver_sql("""UPDATE event SET facts = '{"role": "owner"}' WHERE kind = 'account.added'""")

    assert events.listed(place.ctx, kind=EventKind.ACCOUNT_ADDED)[0].facts == {"role": "owner"}


def test_what_persons_did_is_kept_longer(place: Place) -> None:
    accounts.add(replace(place.ctx, person=Person(name="root")), "ann@example.org", name="Ann", role=Role.OWNER)
    place.clock.now += timedelta(days=place.ctx.settings.days_kept["events"] * 2)
    retention.apply(place.ctx)
    after_half_a_year = [event.kind for event in events.listed(place.ctx)]
    place.clock.now += timedelta(days=place.ctx.settings.days_kept["audit"])
    retention.apply(place.ctx)

    assert after_half_a_year == [EventKind.ACCOUNT_ADDED]
    assert events.listed(place.ctx) == []


# --- links to an OpenID provider -------------------------------------------------------------


def test_commands_show_and_remove_the_link_to_a_provider(run: Run, tmp_path: Path) -> None:
    assert run("init").code == 0
    run("accounts", "add", "ann@example.org", "--name", "Ann")
    with sqlite3.connect(tmp_path / "var" / "digest.db") as database:
        at = "2026-03-03 06:00:00.000000"
        database.execute(
            "INSERT INTO identity VALUES (1, 1, 'https://id.example.org', '2482', 'ann@house.example', ?, ?)", (at, at)
        )
    database.close()
    shown, listed = run("accounts", "show", "ann@example.org"), run("accounts", "list")
    as_json = run("accounts", "show", "ann@example.org", "--json").json
    done, again = (run("accounts", "unlink", "ann@example.org", "--yes") for _ in range(2))

    assert "at the OpenID provider as ann@house.example" in shown.out
    assert "OpenID provider" in listed.out
    assert isinstance(as_json, dict)
    assert as_json["identity"] == "ann@house.example"
    assert (done.code, again.code) == (0, 2)
    assert "`digest accounts list` shows how each logs in" in again.err
