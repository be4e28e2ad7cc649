"""What a careful user expects of the command line: hints that work, labelled times, counts that agree, quick commands."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from digest import settings
from tests.support.commands import TEXT, Run

HEAVY = {
    "aiohttp",
    "alembic",
    "apscheduler",
    "babel",
    "coloraide",
    "cryptography",
    "fastapi",
    "feedparser",
    "jinja2",
    "lxml",
    "premailer",
    "structlog",
    "trafilatura",
    "uvicorn",
}
READING = [
    ["status"],
    ["lists", "list"],
    ["lists", "show", "readers"],
    ["newsletters", "list"],
    ["newsletters", "show", "daily"],
    ["sources", "list"],
    ["sources", "show", "texts"],
    ["articles", "list"],
    ["issues", "list"],
    ["deliveries", "list"],
    ["sections", "list", "--newsletter", "daily"],
    ["rules", "list", "--newsletter", "daily"],
    ["schedule"],
]


@pytest.fixture
def papers(paper: Run) -> Run:
    """A place with two newsletters, of which one has neither sources nor readers."""
    assert paper("lists", "add", "weekend").code == 0
    assert paper("newsletters", "add", "weekly", "--list", "weekend", "--days", "sat", "--zone", "Asia/Tokyo").code == 0
    return paper


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_a_command_that_only_reads_rows_loads_nothing_heavy(paper: Run, words: list[str], tmp_path: Path) -> None:
    program = (
        "import sys, digest.cli\n"
        f"sys.argv = ['digest', *{words!r}]\n"
        "try: digest.cli.main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        f"print(sorted({{name.split('.')[0] for name in sys.modules}} & {HEAVY!r}), file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=True)

    assert done.stderr.splitlines()[-1] == "[]"


# --- hints -----------------------------------------------------------------------------------

MEANT = {
    "URL-FILE-OR-FOLDER": "more",
    "FILE.csv": "people.csv",
    "FILE": "people.csv",
    "NEWSLETTER": "daily",
    "NAME": "daily",
    "SOURCE": "texts",
    "LIST": "readers",
    "WORDS": "horoscope",
}


def hints(text: str) -> list[list[str]]:
    """The commands that a text names, with something meant put where they have a placeholder."""
    found = re.findall(r"`digest ([^`]+)`|Next: digest ([^,`\n]+)", text)
    return [[MEANT.get(word, word) for word in shlex.split(one or other)] for one, other in found]


def test_every_printed_hint_works_as_it_is_printed_with_several_newsletters(papers: Run, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    said = [
        papers("status"),
        papers("newsletters", "add", "third", "--list", "weekend"),
        papers("send", "weekly"),
        papers("send", "daily"),
        papers("send", "daily", "--dry-run"),
        papers("collect"),
        papers("sections", "list", "--newsletter", "weekly"),
        papers("rules", "list", "--newsletter", "weekly"),
        papers("rules", "add", "mute", "--words", "x", "--newsletter", "weekly"),
        papers("sections", "remove", "Wrold", "--newsletter", "daily"),
        papers("issues", "show", "9", "--newsletter", "daily"),
        papers("newsletters", "set", "weekly", "--pause"),
        papers("schedule"),
        papers("deliveries", "show", "99"),
        papers("articles", "show", "99"),
        papers("sources", "show", "99"),
        papers("preview", "weekly"),
    ]

    tried = [hint for one in said for hint in hints(one.out + one.err)]

    assert len(tried) > 15
    for hint in tried:
        assert papers(*hint).code in (0, 1, 3), hint  # not 2, misused: each is a command that can be typed


def test_where_several_newsletters_are_the_refusal_names_them(papers: Run) -> None:
    assert "there are 2 newsletters: daily, weekly; name one" in papers("send").err
    assert "there are 2 lists: readers, weekend; name one" in papers("subscribers", "add", "zoe@example.org").err


# --- times, counts, JSON ---------------------------------------------------------------------


def test_times_are_the_newsletters_and_say_so(papers: Run) -> None:
    papers("newsletters", "set", "daily", "--zone", "Asia/Dubai")
    papers("send", "daily")
    stamp = r"\d{4}-\d\d-\d\d \d\d:\d\d"

    assert re.search(rf"weekly.*{stamp} JST", papers("status").out)
    assert re.search(rf"daily.*{stamp} \+04", papers("status").out)
    assert re.search(rf"daily.*{stamp} \+04", papers("issues", "list").out)
    assert re.search(rf"{stamp} \+04", papers("deliveries", "list").out)
    assert re.search(rf"was sent at {stamp} \+04", papers("send", "daily").err)
    assert re.search(rf"weekly.*{stamp} JST", papers("schedule").out)


def test_status_lists_and_send_count_the_same_readers(paper: Run) -> None:
    paper("suppress", "add", "bob@example.org")

    assert paper("status", "--json").json["newsletters"][0]["readers"] == 1
    assert paper("lists", "list", "--json").json[0]["readers"] == 1
    assert paper("lists", "show", "readers", "--json").json["suppressed"] == 1
    assert "1 story to 1 reader." in paper("send", "--dry-run").err
    assert "1 story, 1 reader." in paper("send").err


def test_a_list_whose_every_reader_is_suppressed_has_none(paper: Run) -> None:
    for address in ("ann@example.org", "bob@example.org"):
        paper("suppress", "add", address)

    assert "daily has no readers" in paper("send").err
    assert "daily has no readers" in paper("status").err


def test_with_json_there_is_json_also_when_there_was_nothing_to_do(paper: Run, tmp_path: Path) -> None:
    assert paper("send", "--json").json["state"] == "sent"
    again = paper("send", "--json")
    (tmp_path / "feed.xml").write_text("<rss><channel><title>x</title></channel></rss>")
    paper("sources", "remove", "texts", "--yes")
    nothing = paper("collect", "--json")

    assert again.code == 3
    assert "was sent at" in again.json["nothing_to_do"]
    assert nothing.code == 3
    assert nothing.json == []
    assert "there are no sources" in nothing.err


def test_show_prints_names_and_units(papers: Run) -> None:
    papers("collect")
    papers("send", "daily")
    shown = {
        what: papers(*words).out
        for what, words in {
            "newsletter": ["newsletters", "show", "daily"],
            "source": ["sources", "show", "texts"],
            "article": ["articles", "show", "1"],
            "delivery": ["deliveries", "show", "1"],
        }.items()
    }

    assert re.search(r"list +readers\n", shown["newsletter"])
    assert re.search(r"oldest story +3d 12h \(by its timetable\)", shown["newsletter"])
    assert re.search(r"latest issue +6h after its hour", shown["newsletter"])
    assert re.search(r"newsletters +daily\n", shown["source"])
    assert re.search(r"source +texts\n", shown["article"])
    assert re.search(r"issue +1 of daily\n", shown["delivery"])
    for text in shown.values():
        assert not re.search(r"^\w+[ _](id|s)\b|hmac|fingerprint", text, re.MULTILINE)


def test_a_table_that_is_piped_has_a_row_a_line(paper: Run) -> None:
    paper("newsletters", "set", "daily", "--title", "A title that goes on " * 20)

    lines = paper("newsletters", "list").out.splitlines()

    assert len(lines) == 2
    assert lines[1].startswith("daily  A title that goes on")


# --- newsletters, sections, sources ----------------------------------------------------------


def test_a_newsletter_comes_twice_a_day_and_pauses(paper: Run) -> None:
    changed = paper("newsletters", "set", "daily", "--at", "18:00,7:00", "--days", "daily", "--until", "2099-01-01")
    paused = paper("newsletters", "list").out
    resumed = paper("newsletters", "set", "daily", "--resume")
    slots = [row["slot"] for row in paper("schedule", "--json").json]

    assert "daily is paused until 2099-01-01 00:00" in changed.err
    assert "daily at 07:00,18:00" in paused
    assert resumed.code == 0
    assert len({slot[:10] for slot in slots}) < len(slots)
    assert any(slot.endswith("@18:00") for slot in slots)


def test_what_editors_bound_is_set_and_shown(paper: Run) -> None:
    paper("newsletters", "set", "daily", "--max-age", "3d", "--max-lateness", "90m")
    shown = paper("newsletters", "show", "daily").out

    assert re.search(r"oldest story +3d\n", shown)
    assert re.search(r"latest issue +1h 30m after its hour", shown)
    assert paper("newsletters", "set", "daily", "--max-age", "auto").code == 0
    assert "(by its timetable)" in paper("newsletters", "show", "daily").out


WRONG = [
    (["newsletters", "set", "daily"], "name what to change"),
    (["newsletters", "set", "daily", "--at", "7"], "is no time of day"),
    (["newsletters", "set", "daily", "--days", "32"], "is no day"),
    (["newsletters", "set", "daily", "--max-age", "soon"], "is no length of time"),
    (["newsletters", "set", "daily", "--max-lateness", "0h"], "is no time at all"),
    (["newsletters", "set", "daily", "--until", "2020-01-01"], "is over"),
    (["newsletters", "set", "daily", "--until", "summer"], "write a day like"),
    (["newsletters", "set", "daily", "--until", "2099-01-01", "--resume"], "does not go with --resume"),
]


@pytest.mark.parametrize(("words", "said"), WRONG, ids=lambda value: " ".join(value) if isinstance(value, list) else None)
def test_what_a_newsletter_cannot_be_is_refused(paper: Run, words: list[str], said: str) -> None:
    found = paper(*words)

    assert found.code == 2
    assert said in found.err


def test_a_newsletter_without_sources_says_so_and_sources_come_and_go(papers: Run) -> None:
    made = papers("newsletters", "add", "third", "--list", "weekend")
    joined = papers("newsletters", "set", "third", "--source", "texts")
    with_it = papers("newsletters", "show", "third", "--json").json["sources"]
    parted = papers("newsletters", "set", "third", "--remove-source", "texts")
    again = papers("newsletters", "set", "third", "--remove-source", "texts")

    assert "it has no sources yet" in made.err
    assert joined.code == parted.code == 0
    assert with_it == ["texts"]
    assert papers("newsletters", "show", "third", "--json").json["sources"] == []
    assert "does not publish from texts" in again.err


def test_a_topic_that_nothing_has_is_pointed_out(paper: Run, tmp_path: Path) -> None:
    (tmp_path / "world").mkdir()
    paper("sources", "add", "world", "--topic", "World")

    slip = paper("sections", "add", "World", "--topic", "Wrold")
    right = paper("sections", "add", "Globe", "--topic", "world")
    rule = paper("rules", "add", "mute", "--topic", "Sprot")

    assert slip.code == 0
    assert "no source and no recent article has the topic Wrold; did you mean World?" in slip.err
    assert "warning" not in right.err
    assert "has the topic Sprot; there are World" in rule.err


def test_a_folder_inside_the_place_moves_with_it_and_is_always_due(
    paper: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert paper("sources", "show", "texts", "--json").json["location"] == "texts"
    assert "is a source already" in paper("sources", "add", str(tmp_path / "texts")).err
    assert paper("collect").code == 0
    moved = tmp_path.with_name("moved")
    tmp_path.rename(moved)
    monkeypatch.chdir(moved)
    (moved / "texts" / "b.txt").write_text(TEXT.replace("harbour", "market"))

    assert "Collected 1 new article" in paper("collect").err


def test_files_that_a_folder_does_not_give_are_named(paper: Run, tmp_path: Path) -> None:
    for name in ("annual.pdf", "notes.docx", "README", "photo.jpg", ".hidden.pdf"):
        (tmp_path / "texts" / name).write_bytes(b"x")

    said = paper("collect")

    assert said.code == 0
    assert "README, annual.pdf, notes.docx are not read" in said.err
    assert "photo" not in said.err


# --- preview and settings --------------------------------------------------------------------


def test_a_preview_shows_what_is_wrong_with_the_mail(paper: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own" / "partials").mkdir(parents=True)
    (tmp_path / "own" / "partials" / "footer.html.j2").write_text("<p>No way out.</p>")
    monkeypatch.setenv("DIGEST_TEMPLATES", "own")

    said = paper("preview")

    assert said.code == 0
    assert re.search(r"^error: .*unsubscribe", said.err, re.MULTILINE)


def test_an_unknown_setting_is_refused_with_the_nearest_that_is_known(paper: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_SMPT_URL", "smtp://mail.example.org")
    monkeypatch.setenv("DIGEST_SMTP_CONNECTIONS", "many")
    monkeypatch.setenv("DIGEST_SETTLE", "500")

    said = paper("status")

    assert said.code == 1
    assert "DIGEST_SMPT_URL is no setting of digest; did you mean DIGEST_SMTP_URL?" in said.err
    assert "DIGEST_SMTP_CONNECTIONS is not a whole number" in said.err
    assert "DIGEST_SETTLE is more than 120" in said.err


def test_what_kubernetes_sets_beside_a_service_called_digest_is_no_setting(paper: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DIGEST_SERVICE_HOST", "DIGEST_SERVICE_PORT_HTTP", "DIGEST_PORT", "DIGEST_PORT_8000_TCP_ADDR"):
        monkeypatch.setenv(name, "10.0.0.1")

    assert paper("status").code == 0


def test_status_and_send_say_where_mail_goes(paper: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"Mail goes to files in {tmp_path / 'var' / 'outbox'}" in paper("status").err
    assert f"Mail goes to files in {tmp_path / 'var' / 'outbox'}" in paper("send").err
    for name, value in (
        ("SMTP_URL", "smtp+starttls://user:secret@mail.example.org:587"),
        ("FROM", '"Paper" <a@example.org>'),
        ("BASE_URL", "https://paper.example.org"),
        ("POSTAL_ADDRESS", "Dublin"),
    ):
        monkeypatch.setenv(f"DIGEST_{name}", value)

    said = paper("status")

    assert "Mail goes to the relay mail.example.org:587." in said.err
    assert "secret" not in said.err


@pytest.mark.parametrize(
    ("line", "sender"),
    [
        ("paper@example.org", "paper@example.org"),
        ("<paper@example.org>", "paper@example.org"),
        ("Morning Paper <paper@example.org>", '"Morning Paper" <paper@example.org>'),
        ('"Morning Paper" <paper@example.org>', '"Morning Paper" <paper@example.org>'),
        ("'Morning Paper' <paper@example.org>", '"Morning Paper" <paper@example.org>'),
        ('"Morning Paper <paper@example.org>"', '"Morning Paper" <paper@example.org>'),
        ("Ledger, The <paper@example.org>", '"Ledger, The" <paper@example.org>'),
        ("'\"Ledger, The\" <paper@example.org>'", '"Ledger, The" <paper@example.org>'),
    ],
)
def test_a_sender_is_read_as_people_write_it(tmp_path: Path, line: str, sender: str) -> None:
    (tmp_path / ".env").write_text(f"DIGEST_FROM={line}\n")

    assert settings.read(tmp_path / ".env", {}).sender == sender


@pytest.mark.parametrize("line", ["DIGEST_FROM=Paper", 'DIGEST_FROM="Paper', "DIGEST_FROM=Paper <paper@example.org"])
def test_a_sender_that_cannot_be_read_is_explained(tmp_path: Path, line: str) -> None:
    (tmp_path / ".env").write_text(f"{line}\n")

    with pytest.raises(settings.SettingsError, match=r"DIGEST_FROM\)?[;,]? .*(like `|NAME=value)"):
        settings.read(tmp_path / ".env", {})


def test_the_env_that_init_writes_explains_every_setting(run: Run, tmp_path: Path) -> None:
    run("init")
    text = (tmp_path / ".env").read_text()

    for name in settings.names():
        assert re.search(rf"^# .*\.\n#?{name}=", text, re.MULTILINE), name


def test_a_demo_that_run_started_names_what_is_there_to_type(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_RUN", "1")

    said = run("demo", "--dir", str(tmp_path / "demo"))

    assert "./run demo --serve" in said.err
    assert "digest demo" not in said.err


def test_completion_offers_commands_and_options(tmp_path: Path) -> None:
    def offered(words: str) -> str:
        environment = {
            "_DIGEST_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
            "PATH": "",
        }
        return subprocess.run(
            [sys.executable, "-m", "digest"], env=environment, capture_output=True, text=True, check=True
        ).stdout

    assert "plain,newsletters" in offered("digest newsl")
    assert "plain,--max-lateness" in offered("digest newsletters set daily --max-l")
