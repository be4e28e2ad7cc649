"""A configuration is one file: what commands made is exported, compared, and applied whole or not at all."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.errors import Conflict, NothingToDo
from digest.model.account import Role
from digest.model.event import EventKind
from digest.model.states import ApprovalPolicy, ArchiveAccess, ListAccess, RuleKind, Silence, SourceKind
from digest.services import accounts, config_file, config_settings, configuration, events, lists, newsletters, sections, sources
from digest.services.config_settings import Noun
from digest.services.discovery import Asking
from digest.services.newsletters import Changes
from digest.services.views.configuration import ConfigView
from tests.support.place import Hands, Place, new_place


def export(place: Place) -> str:
    return configuration.export(place.ctx)


def apply(place: Place, text: str, *, prune: bool = False) -> ConfigView:
    planned = configuration.plan(place.ctx, text.encode(), prune=prune)
    return configuration.apply(place.ctx, text.encode(), planned, prune=prune)


def said(place: Place, text: str, *, prune: bool = False) -> list[str]:
    """The problems of a file."""
    found = configuration.plan(place.ctx, text.encode(), prune=prune).problems
    return [f"{one.line}: {one.where}: {one.problem}" for one in found]


def done(view: ConfigView) -> list[str]:
    return [f"{one.action} {one.noun} {one.name}" for one in view.changes]


def add_source(place: Place, location: str, *papers: str, **values: object) -> None:
    made = sources.new_source(place.ctx, kind=SourceKind.FEED, location=location, **{"name": location, **values})  # type: ignore[arg-type]
    sources.add_source(place.ctx, made, papers)


# --- the file --------------------------------------------------------------------------------


def test_a_configuration_is_written_by_name_one_setting_a_line_and_without_defaults(place: Place) -> None:
    add_source(place, "https://news.example.org/feed.xml", name="News", topic="World")
    sections.add(place.ctx, "World", topic="World", words="united nations", size=6)
    sections.add_rule(place.ctx, RuleKind.MUTE, words="horoscope")
    accounts.add(place.ctx, "ann@example.org", name="Ann Lee", role=Role.OWNER)

    assert export(place) == config_file.HEAD + (
        "\n[lists.readers]\n"
        'title = "Readers"\n'
        "\n[newsletters.daily]\n"
        'title = "The Morning Ledger"\n'
        'list = "readers"\n'
        'zone = "Europe/Berlin"\n'
        "\n[[newsletters.daily.sections]]\n"
        'name = "World"\n'
        'topic = "World"\n'
        'words = "united nations"\n'
        "size = 6\n"
        "\n[[newsletters.daily.rules]]\n"
        'kind = "mute"\n'
        'words = "horoscope"\n'
        '\n[accounts."ann@example.org"]\n'
        'role = "owner"\n'
        'name = "Ann Lee"\n'
        "\n[[sources]]\n"
        'location = "https://news.example.org/feed.xml"\n'
        'name = "News"\n'
        'topic = "World"\n'
        "newsletters = [\n"
        '    "daily",\n'
        "]\n"
    )


def test_what_was_just_exported_changes_nothing(place: Place) -> None:
    with pytest.raises(NothingToDo):
        apply(place, export(place))


def test_every_setting_of_the_commands_is_in_the_file() -> None:
    in_file = {setting.name for setting in config_settings.SETTINGS[Noun.NEWSLETTER]} | {"sections", "rules"}
    elsewhere = {"mlist": "list", "join": "sources", "part": "sources", "pause": "paused", "until": "paused_until"}
    of_source = {setting.name for setting in config_settings.SETTINGS[Noun.SOURCE]}

    assert {elsewhere.get(name, name) for name in Changes.__dataclass_fields__} <= in_file | {"sources"}
    assert {name.replace("agent", "user_agent") for name in sources.Changes.__dataclass_fields__} <= of_source


# --- to apply --------------------------------------------------------------------------------


def test_a_thing_is_as_the_file_says_and_what_it_leaves_out_has_its_default(place: Place) -> None:
    newsletters.change(place.ctx, "daily", Changes(max_stories=8, at="06:30"))
    text = '[newsletters.daily]\nlist = "readers"\nzone = "Europe/Berlin"\ntitle = "The Ledger"\nat = "7:15, 18:00"  # twice\n'

    view = apply(place, text)

    [change] = view.changes
    assert {one.name: (one.before, one.after) for one in change.settings} == {
        "title": ("The Morning Ledger", "The Ledger"),
        "at": ("06:30", "07:15,18:00"),
        "max_stories": (8, 20),
    }
    assert (place.daily.title, place.daily.at, place.daily.max_stories) == ("The Ledger", "07:15,18:00", 20)
    assert [f"{one.noun} {one.name}" for one in view.unnamed] == []  # lists are not spoken of


def test_what_is_not_named_stays_unless_it_is_pruned(place: Place) -> None:
    lists.add(place.ctx, "friends")
    add_source(place, "https://a.example.org/", "daily")
    add_source(place, "https://b.example.org/", "daily")
    sections.add(place.ctx, "World", topic="World")
    sections.add_rule(place.ctx, RuleKind.MUTE, words="horoscope")
    accounts.add(place.ctx, "ann@example.org", name="", role=Role.OWNER)
    text = (
        '[lists.readers]\ntitle = "Readers"\n[newsletters.daily]\ntitle = "The Morning Ledger"\nlist = "readers"\n'
        '[[sources]]\nlocation = "https://a.example.org/"\nnewsletters = ["daily"]\n[accounts]\n'
    )
    planned = configuration.plan(place.ctx, text.encode())

    view = apply(place, text, prune=True)

    left = ["list friends", "source https://b.example.org/", "section World", "rule mute words 'horoscope'"]
    assert [f"{one.noun} {one.name}" for one in planned.unnamed if one.noun != "account"] == left
    assert done(planned) == []
    assert done(view) == [
        "remove rule mute words 'horoscope'",
        "remove section World",
        "remove source https://b.example.org/",
        "remove list friends",
    ]
    assert [one.address for one in accounts.every(place.ctx)] == ["ann@example.org"]


def test_what_readers_depend_on_is_never_removed(place: Place) -> None:
    place.readers("ann@example.org")
    lists.add(place.ctx, "friends")

    problems = said(place, "[lists.friends]\n[newsletters]\n", prune=True)

    assert len(problems) == 1
    assert "list readers" in problems[0]
    assert [one.name for one in newsletters.every(place.ctx)] == ["daily"]


def test_sections_take_the_order_of_the_file_and_those_in_place_stay(place: Place) -> None:
    for name in ("World", "Sport", "Culture"):
        sections.add(place.ctx, name, topic=name)
    text = export(place)
    tables = dict(zip(("World", "Sport", "Culture"), text.split("[[newsletters.daily.sections]]")[1:], strict=True))
    new = '\nname = "Science"\ntopic = "Science"\n'
    order = ["", tables["Culture"], new, tables["World"], tables["Sport"].replace('"Sport"\n', '"Sport"\nsize = 3\n', 1)]

    view = apply(place, text.partition("\n[[newsletters")[0] + "\n[[newsletters.daily.sections]]".join(order))

    assert [section.name for section in sections.every(place.ctx, "daily").sections] == ["Culture", "Science", "World", "Sport"]
    assert sorted(done(view)) == ["add section Science", "change section Culture", "change section Sport"]
    assert [one.name for one in view.changes if one.moved] == ["Culture"]


def test_an_account_that_is_new_gets_a_link_and_one_that_is_there_another_role(place: Place) -> None:
    accounts.add(place.ctx, "ann@example.org", name="Ann", role=Role.OWNER)
    accounts.add(place.ctx, "bob@example.org", name="", role=Role.VIEWER)
    text = '[accounts."bob@example.org"]\nrole = "editor"\nsends = true\n[accounts."Cy@Example.org"]\nrole = "viewer"\n'

    view = apply(place, text)

    assert [(one.address, "/admin/welcome/" in one.link) for one in view.invitations] == [("Cy@example.org", True)]
    assert {one.address: (one.role, one.sends) for one in accounts.every(place.ctx)} == {
        "ann@example.org": (Role.OWNER, True),
        "Cy@example.org": (Role.VIEWER, False),
        "bob@example.org": (Role.EDITOR, True),
    }
    assert configuration.plan(place.ctx, text.encode()).changes == ()


def test_each_change_is_recorded_as_its_command_records_it(place: Place) -> None:
    text = (
        '[lists.friends]\n[newsletters.weekly]\nlist = "friends"\ndays = "sat"\n[[newsletters.weekly.sections]]\nname = "World"\n'
    )

    configuration.plan(place.ctx, text.encode())
    before = [one.kind for one in events.listed(place.ctx)]
    apply(place, text)

    kinds = [one.kind for one in events.listed(place.ctx)]
    assert kinds[: len(kinds) - len(before)] == [EventKind.NEWSLETTER_CHANGED, EventKind.NEWSLETTER_ADDED, EventKind.LIST_ADDED]


def test_a_pause_that_is_over_is_none(place: Place) -> None:
    text = '[newsletters.daily]\ntitle = "The Morning Ledger"\nlist = "readers"\npaused_until = "2026-03-10"\n'
    apply(place, text)
    paused = place.daily.is_paused(place.clock())

    place.clock.turn(days=8)

    assert paused
    assert configuration.plan(place.ctx, text.encode()).changes == ()
    assert "paused" not in export(place)


def test_a_plan_that_is_no_longer_true_is_not_carried_out(place: Place) -> None:
    text = export(place).replace('"The Morning Ledger"\nlist', '"The Evening Ledger"\nlist')
    planned = configuration.plan(place.ctx, text.encode())
    newsletters.change(place.ctx, "daily", Changes(max_stories=9))

    with pytest.raises(Conflict, match="changed since it was planned"):
        configuration.apply(place.ctx, text.encode(), planned)
    assert place.daily.title == "The Morning Ledger"


# --- problems --------------------------------------------------------------------------------


def test_all_problems_are_said_at_once_each_with_its_line_and_nothing_is_changed(place: Place) -> None:
    text = """\
[lists.friends]
acess = "public"

[newsletters.weekly]
list = "freinds"

[newsletters.daily]
list = "readers"
zone = "Europe/Berln"
max_stories = 1000
[[newsletters.daily.sections]]
name = "World"
size = 2
min_size = 3

[[sources]]
name = "no location"

[[sources]]
location = "nothing/here"
headers = ["X-Words: many",
  "Authorization: a secret"]

[people]
"""
    before = export(place)

    problems = said(place, text)

    assert problems == [
        "2: lists.friends.acess: is no setting; did you mean access?",
        "4: newsletter weekly: there is no list freinds; there is friends, readers",
        "9: newsletters.daily.zone: cannot be used: 'Europe/Berln' is no time zone; write one like Europe/Berlin",
        "10: newsletters.daily.max_stories: is not a whole number from 1 to 100",
        "11: section World of daily: at least 3 stories and at most 2 cannot both be",
        "16: sources.1: has no location; it must have one",
        f"19: source nothing/here: {place.folder}/nothing/here is not there; give an http(s) address, a feed file, a page file or a folder",
        "21: sources.2.headers: cannot be used: --header Authorization: a secret is not kept in the database;"
        " give `Authorization: env:NAME` or `Authorization: file:PATH`",
        "24: people: is no setting; there are lists, newsletters, accounts, sources",
    ]
    assert export(place) == before


def test_one_problem_keeps_everything_from_being_changed(place: Place) -> None:
    view = apply(place, '[lists.friends]\n[newsletters.weekly]\nlist = "nobody"\n')

    assert (view.applied, len(view.problems), len(view.changes)) == (False, 1, 2)
    assert [one.name for one in lists.every(place.ctx)] == ["readers"]


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b'[lists.a]\ntitle = "a\n', "2: : this is no TOML"),
        (b"[lists.a]\n[lists.a]\n", "2: : this is no TOML"),
        (b'[lists.a]\ntitle = "\xff"\n', "2: : the file is not UTF-8"),
        (b"lists = 3\n", "1: lists: is no table"),
        (b"sources = [1]\n", "1: sources: is no array of tables"),
        (
            b'[[sources]]\nlocation = "https://a.example.org/"\n[[sources]]\nlocation = "https://a.example.org/"\n',
            "3: sources.2: is the source",
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_where(place: Place, raw: bytes, problem: str) -> None:
    [found] = configuration.plan(place.ctx, raw).problems

    assert f"{found.line}: {found.where}: {found.problem}".startswith(problem)


def test_lines_are_those_of_the_text_whatever_stands_between() -> None:
    text = '# a\n\n[[a]]\nx = """\n[b]\ny = 1\n"""\n[[a]]\nx = [\n  "1",  # one\n]\n[[a.c]]\n"odd key" = 1\n[a.d]\ne.f = 1\n'

    assert dict(config_file.lines_of(text)) == {
        ("a", 0): 3,
        ("a", 0, "x"): 4,
        ("a", 1): 8,
        ("a", 1, "x"): 9,
        ("a", 1, "c", 0): 12,
        ("a", 1, "c", 0, "odd key"): 13,
        ("a", 1, "d"): 14,
        ("a", 1, "d", "e"): 15,
        ("a", 1, "d", "e", "f"): 15,
    }


# --- the whole circle ------------------------------------------------------------------------

WORDS = (
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters=","), min_size=1, max_size=12)
    .map(str.strip)
    .filter(bool)
)
NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
PAPER = st.fixed_dictionaries(
    {},
    optional={
        "title": WORDS,
        "at": st.sampled_from(["07:00", "6:05,18:30"]),
        "days": st.sampled_from(["daily", "mon-fri", "1,15,last"]),
        "zone": st.sampled_from(["Asia/Tokyo", "europe/berlin"]),
        "language": st.sampled_from(["de", "ar"]),
        "theme": st.sampled_from(["gazette", "ledger"]),
        "max_stories": st.integers(10, 100),
        "min_stories": st.integers(1, 9),
        "archive": st.sampled_from(ArchiveAccess),
        "bounces": st.sampled_from(["default", "score=3,half-life=14d"]),
        "max_age": st.sampled_from(["auto", "36h", "2d"]),
        "max_lateness": st.sampled_from(["90m", "1d"]),
        "welcome_issue": st.booleans(),
        "approval": st.sampled_from(ApprovalPolicy),
        "approval_min": st.integers(0, 1440),
        "approval_silence": st.sampled_from(Silence),
        "approvers": st.sampled_from(["", "ann@example.org, Bob@example.org"]),
    },
)
ASKED = st.sampled_from(
    [{}, {"agent": "Reader/1"}, {"headers": ["X-A: 1", "Cookie: env:C"]}, {"basic_auth": "env:A", "cookie": "file:b c"}]
)
SECTION = st.fixed_dictionaries(
    {"topic": st.just("") | WORDS, "words": st.just("") | WORDS, "size": st.integers(3, 9), "least": st.integers(0, 3)}
)
RULE = st.fixed_dictionaries({"words": WORDS, "topic": st.just("") | WORDS, "weight": st.floats(0, 10)})


@contextmanager
def empty_place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory() as folder:
        place = new_place(Path(folder), Hands(), "sqlite:///var/digest.db")
        try:
            yield place
        finally:
            place.ctx.db.close()


def configure(place: Place, draw: st.DataObject) -> None:
    """Make things by the use cases that commands call."""
    for name in draw.draw(st.sets(NAMES, max_size=2), "lists"):
        lists.add(place.ctx, f"l{name}", title=draw.draw(WORDS), access=draw.draw(st.sampled_from(ListAccess)))
        lists.change(place.ctx, f"l{name}", goodbye=draw.draw(st.booleans()))
    for name in draw.draw(st.sets(NAMES, max_size=2), "newsletters"):
        newsletters.add(place.ctx, f"n{name}", Changes(mlist="readers", **draw.draw(PAPER)))
    papers = [paper.name for paper in newsletters.every(place.ctx)]
    if draw.draw(st.booleans(), "paused"):
        until = draw.draw(st.sampled_from([None, "2026-04-01", "2026-04-01T12:30"]))
        newsletters.change(place.ctx, papers[-1], Changes(pause=True, until=until))
    for number in range(draw.draw(st.integers(0, 3), "sources")):
        location, names = (
            f"https://s{number}.example.org/{draw.draw(NAMES)}",
            draw.draw(st.sets(st.sampled_from(papers), min_size=1)),
        )
        add_source(
            place,
            location,
            *names,
            name=draw.draw(WORDS),
            topic=draw.draw(st.just("") | WORDS),
            weight=draw.draw(st.floats(0, 10)),
        )
        asked = draw.draw(ASKED)
        Asking.checked(**asked)
        if asked:
            sources.change(place.ctx, location, sources.Changes(**asked))
        sources.pause(place.ctx, location, paused=draw.draw(st.booleans()))
    for paper in papers:
        for number, values in enumerate(draw.draw(st.lists(SECTION, max_size=3), "sections")):
            sections.add(place.ctx, f"S{number}", newsletter=paper, **values)
        for values in draw.draw(st.lists(RULE, max_size=3), "rules"):
            sections.add_rule(place.ctx, draw.draw(st.sampled_from(RuleKind)), newsletter=paper, **values)
    for name in draw.draw(st.sets(NAMES, max_size=2), "accounts"):
        role = draw.draw(st.sampled_from(Role))
        accounts.add(
            place.ctx, f"{name}@example.org", name=draw.draw(WORDS.filter(str.isprintable)), role=role, sends=role is Role.EDITOR
        )


@pytest.mark.file_only
@pytest.mark.any_database
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(draw=st.data())
def test_whatever_commands_made_comes_out_the_same_in_another_place(draw: st.DataObject) -> None:
    with empty_place() as one, empty_place() as other:
        configure(one, draw)
        text = export(one)
        again = configuration.plan(one.ctx, text.encode(), prune=True)

        view = configuration.plan(other.ctx, text.encode(), prune=True)
        if view.changes:
            view = configuration.apply(other.ctx, text.encode(), view, prune=True)

        assert (again.changes, again.problems, view.problems) == ((), (), ())
        assert export(other) == text
