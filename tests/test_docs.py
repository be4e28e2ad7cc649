"""What the documents say is so."""

import re
import tomllib
from pathlib import Path

import click
import pytest

from digest import __version__, settings
from digest.model import states
from digest.model.event import Actor, EventKind
from digest.services.views import View, accounts, api, configuration, content, events, issues, newsletters, people, webhooks
from tests.support.commands import ALL

ROOT = Path(__file__).parent.parent
TEST_NAME = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "subscribers" / "README.md"]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_env_example_lists_every_setting_with_its_default_and_a_sentence() -> None:
    lines = text(".env.example").splitlines()
    shown = dict(line.split("=", 1) for line in lines if line.startswith("DIGEST_"))
    defaults = {
        name: field.default for name, field in zip(settings.names(), settings.Settings.model_fields.values(), strict=False)
    }

    assert list(shown) == list(settings.names())
    assert shown == {name: str(default) for name, default in defaults.items()}
    for i, line in enumerate(lines):
        if line.startswith("DIGEST_"):
            assert re.match(r"# .*\.$", lines[i - 1]), line


@pytest.mark.parametrize("name", settings.names())
def test_every_setting_is_in_the_reference(name: str) -> None:
    assert f"| `{name}` |" in text("docs/reference/settings.md")


@pytest.mark.parametrize("path", ALL)
def test_every_command_is_in_the_reference_with_its_options(path: str) -> None:
    line = next(
        (
            line
            for line in text("docs/reference/commands.md").splitlines()
            if line.startswith(f"| `{path}") and line[len(path) + 3] in " `"
        ),
        "",
    )

    assert line, path
    for option in ALL[path].params:
        if isinstance(option, click.Option):
            assert f"[{max(option.opts, key=len)}]" in line


@pytest.mark.parametrize("path", ALL)
def test_every_command_has_help_with_an_example_that_is_a_command(path: str) -> None:
    lines = (ALL[path].help or "").partition("Example:")[2].splitlines()
    examples = [words for line in lines if (words := line.strip().partition("digest ")[2])]

    assert examples, path
    assert any(f"digest {words}".startswith(path) for words in examples)


@pytest.mark.parametrize("path", ALL)
def test_every_option_says_what_it_does(path: str) -> None:
    assert [option.name for option in ALL[path].params if isinstance(option, click.Option) and not option.help] == []


def test_the_reference_names_no_command_that_is_not_there() -> None:
    named = re.findall(r"^\| `(digest(?: [a-z-]+)+)", text("docs/reference/commands.md"), re.MULTILINE)

    assert set(named) == set(ALL)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_in_documents_are_real(document: Path) -> None:
    groups = {path.rpartition(" ")[0] for path in ALL} | {"digest"}
    for words in re.findall(r"(?:^    |`)(digest(?: [a-z][a-z-]*)*)", document.read_text(encoding="utf-8"), re.MULTILINE):
        parts = words.split()
        known = [
            " ".join(parts[:n]) for n in range(len(parts), 0, -1) if " ".join(parts[:n]) in ALL or " ".join(parts[:n]) in groups
        ]
        assert len(parts) == 1 or known[0] != "digest", f"{document.name}: there is no `{words}`"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text(encoding="utf-8")):
        assert (document.parent / link).exists(), link


def test_every_event_is_in_the_reference() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    named = set(re.findall(r"\b(?:get\(\)(?:\.bind\([^)]*\))?|bound)\.(?:info|warning|error)\(\s*\"([a-z._]+)\"", source))

    assert named == set(re.findall(r"^\| `([a-z._]+)`", text("docs/reference/events.md"), re.MULTILINE))


VIEWS = [
    view
    for module in (accounts, api, configuration, content, events, issues, newsletters, people, webhooks)
    for view in vars(module).values()
    if isinstance(view, type) and view.__module__ == module.__name__
]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_every_view_is_in_the_reference_with_its_fields(view: type[View]) -> None:
    section = text("docs/reference/json.md").partition(f"### {view.__name__}\n")[2].partition("\n### ")[0]
    named = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)

    assert named == [view.model_fields[field].serialization_alias or field for field in view.__annotations__]


def test_every_recorded_event_and_actor_is_in_the_reference() -> None:
    page = text("docs/reference/recorded-events.md")

    assert [kind.value for kind in EventKind] == re.findall(r"^\| `([a-z._]+)`", page, re.MULTILINE)
    assert all(f"`{actor.value}`, " in page for actor in Actor)
    assert f"kept for {settings.Settings().days_kept['events']} days" in page


@pytest.mark.parametrize("enum", [states.IssueState, states.DeliveryState, states.SubscriptionState])
def test_every_state_is_in_the_glossary(enum: type[states.IssueState]) -> None:
    for member in enum:
        assert f"`{member.value}`" in text("docs/glossary.md")


def test_what_the_readme_says_of_run_is_what_run_does() -> None:
    script = text("run")

    assert "./run test" in text("README.md")
    assert "run test" in text(".ci/run")
    for word in re.findall(r"`\./run ([a-z]+)", text("CONTRIBUTING.md")):
        assert f'"{word}"' in script


def test_the_wheel_takes_templates_and_examples_along() -> None:
    wheel = tomllib.loads(text("pyproject.toml"))["tool"]["hatch"]["build"]["targets"]["wheel"]

    assert {"templates/email", "subscribers/example.csv"} <= set(wheel["force-include"])


def test_no_module_is_too_long_to_read() -> None:
    sizes = {
        path.name: len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / "src").rglob("*.py")
        if "versions" not in path.parts
    }

    assert {name: size for name, size in sizes.items() if size > 400} == {}


def test_every_threat_names_tests() -> None:
    rows = [line for line in text("docs/reference/threats.md").splitlines() if line.startswith("| ")][1:]

    assert [row for row in rows if not TEST_NAME.search(row)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_tests_that_documents_name_are_there(document: Path) -> None:
    for file, test in TEST_NAME.findall(document.read_text(encoding="utf-8")):
        assert f"def {test}(" in text(file), test


def test_the_version_is_written_in_one_place() -> None:
    project = tomllib.loads(text("pyproject.toml"))

    assert project["project"]["dynamic"] == ["version"]
    assert f'__version__ = "{__version__}"' in text(project["tool"]["hatch"]["version"]["path"])


@pytest.mark.parametrize("workflow", sorted((ROOT / ".github/workflows").glob("*.yml")), ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(workflow: Path) -> None:
    used = re.findall(r"uses: (\S+)", workflow.read_text(encoding="utf-8"))

    assert used
    assert [action for action in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action)] == []


def test_the_site_loads_nothing_from_elsewhere_and_refuses_broken_links() -> None:
    config = text("mkdocs.yml")

    assert "\nstrict: true\n" in config
    assert "font: false" in config
    assert "https://" not in config
