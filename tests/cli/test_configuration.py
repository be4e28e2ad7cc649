"""`digest export-config` and `digest apply`."""

import re
from pathlib import Path

from tests.support.commands import Run

HOWTO = Path(__file__).parent.parent.parent / "docs" / "howto" / "configuration.md"


def test_a_configuration_is_written_changed_and_applied(paper: Run, tmp_path: Path) -> None:
    wrote = paper("export-config", "digest.toml")
    file = tmp_path / "digest.toml"
    nothing = paper("apply", "digest.toml")
    file.write_text(file.read_text() + '\n[lists.friends]\naccess = "public"\n')

    dry = paper("apply", "digest.toml", "--dry-run")
    refused = paper("apply", "digest.toml")
    done = paper("apply", "digest.toml", "--yes")

    assert (wrote.code, nothing.code, dry.code, refused.code, done.code) == (0, 3, 0, 2, 0)
    assert "the configuration is as digest.toml says" in nothing.err
    assert dry.out == '+ list friends\n    access: "public"\n'
    assert "nothing was changed: this was a dry run" in dry.err
    assert "say --yes" in refused.err
    assert paper("lists", "show", "friends", "--json").json["access"] == "public"  # type: ignore[index]
    assert paper("export-config").out.count("[lists.friends]") == 1


def test_a_file_of_ones_own_is_not_overwritten_silently(paper: Run, tmp_path: Path) -> None:
    file = tmp_path / "digest.toml"
    file.write_text("# mine\n")

    refused = paper("export-config", "digest.toml")

    assert (refused.code, file.read_text()) == (2, "# mine\n")
    assert paper("export-config", "digest.toml", "--yes").code == 0
    assert "# mine" not in file.read_text()


def test_problems_name_line_and_remedy_and_end_with_one(paper: Run, tmp_path: Path) -> None:
    (tmp_path / "digest.toml").write_text('[newsletters.daily]\nlist = "readers"\nmax_storys = 4\n')

    failed = paper("apply", "digest.toml", "--yes")
    as_json = paper("apply", "digest.toml", "--dry-run", "--json")

    assert (failed.code, as_json.code) == (1, 1)
    assert "digest.toml, line 3: newsletters.daily.max_storys: is no setting; did you mean max_stories?" in failed.err
    assert as_json.json["problems"][0]["line"] == 3  # type: ignore[index]


def test_the_example_of_the_page_can_be_applied(run: Run, tmp_path: Path) -> None:
    assert run("init").code == 0
    [example] = re.findall(r"^```toml\n(.*?)^```", HOWTO.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (tmp_path / "digest.toml").write_text(example)
    (tmp_path / "texts").mkdir()

    done = run("apply", "digest.toml", "--yes")

    assert done.code == 0, done.err
    assert "ann@example.org may log in; pass this link on" in done.err
    assert run("apply", "digest.toml").code == 3
