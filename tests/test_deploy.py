"""What lies in `deploy/` fits the program: each metric that board and alerts ask for is there, and the image is made of what is locked."""

import json
import re
import subprocess
import tomllib
from fnmatch import fnmatch
from ipaddress import ip_address, ip_network
from pathlib import Path
from shutil import which

import pytest

from digest import settings
from digest.model.metric import METRICS

pytestmark = pytest.mark.any_database

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus" / "digest.rules.yml"
BOARD = DEPLOY / "grafana" / "digest.json"
SERIES = {series for metric in METRICS for series in metric.series}
LABELS = {series: set(metric.labels) for metric in METRICS for series in metric.series}


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def panels() -> list[dict[str, object]]:
    return json.loads(text(BOARD))["panels"]  # type: ignore[no-any-return]


def expressions() -> list[str]:
    """Every query of the board."""
    return [str(target["expr"]) for panel in panels() for target in panel.get("targets", ())]  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", [RULES, BOARD, DEPLOY / "prometheus" / "digest.tests.yml"], ids=lambda path: path.name)
def test_every_metric_that_is_asked_for_is_there(path: Path) -> None:
    named = set(re.findall(r"\bdigest_[a-z_]+", text(path)))

    assert named
    assert named <= SERIES


@pytest.mark.parametrize("query", [*expressions(), text(RULES)], ids=lambda query: query[:60])
def test_a_query_asks_for_labels_that_the_metric_has(query: str) -> None:
    for name, chosen in re.findall(r"\b(digest_[a-z_]+)\{([^}]*)\}", query):
        assert set(re.findall(r"(\w+)=", chosen)) <= LABELS[name], name


def test_every_metric_of_ours_is_on_the_board() -> None:
    asked = " ".join(expressions())

    assert [m.name for m in METRICS if not any(re.search(rf"\b{series}\b", asked) for series in m.series)] == []


def test_the_board_has_a_place_for_each_panel_and_names_no_data_source_of_its_own() -> None:
    board, taken = json.loads(text(BOARD)), set()
    for panel in panels():
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}  # type: ignore[index]
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
    numbers = [panel["id"] for panel in panels()]

    assert len(set(numbers)) == len(numbers)
    assert {panel["datasource"]["uid"] for panel in panels() if "datasource" in panel} == {"${datasource}"}  # type: ignore[index]
    assert board["templating"]["list"][0]["query"] == "prometheus"


@pytest.mark.parametrize(
    "words", [["check", "rules", RULES], ["test", "rules", DEPLOY / "prometheus" / "digest.tests.yml"]], ids=["check", "test"]
)
def test_promtool_accepts_the_alerts_and_they_fire_when_they_should(words: list[str]) -> None:
    if which("promtool") is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")

    done = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tested() -> None:
    alerts = set(re.findall(r"alert: (\w+)", text(RULES)))

    assert alerts == set(re.findall(r"\b(Digest[A-Z]\w+)", text(DEPLOY / "prometheus" / "digest.tests.yml")))


def test_every_metric_is_in_the_reference() -> None:
    rows = re.findall(
        r"^\| `(digest_\w+)` \| (\w+) \| (.*?) \| (.*?) \|$", text(ROOT / "docs/reference/metrics.md"), re.MULTILINE
    )

    assert [(name, kind, re.findall(r"`(\w+)`", labels), says) for name, kind, labels, says in rows] == [
        (m.name, m.kind.value, list(m.labels), m.says) for m in METRICS
    ]


def test_the_image_has_the_libraries_of_the_lock_and_no_tool_of_developers() -> None:
    locked = {package["name"]: package.get("version") for package in tomllib.loads(text(ROOT / "uv.lock"))["package"]}
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)", text(DEPLOY / "container" / "requirements.txt"), re.MULTILINE))
    tools = dict(re.findall(r"^([\w.-]+)==(\S+)", text(DEPLOY / "container" / "build.txt"), re.MULTILINE))

    assert {name: locked[name] for name in pinned | tools} == pinned | tools
    assert {"psycopg", "procrastinate", "prometheus-client", "uvloop"} <= set(pinned)
    assert not {"pytest", "mypy", "ruff", "hatchling"} & set(pinned)
    assert "hatchling" in tools


def test_nothing_private_can_get_into_the_image_and_all_that_the_wheel_needs_does() -> None:
    rules = [line for line in text(ROOT / ".dockerignore").splitlines() if line and not line.startswith("#")]

    def goes_in(path: str) -> bool:
        """As Docker has it: the last rule that fits a path or a folder of it."""
        parts = path.split("/")
        paths = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
        taken = True
        for rule in rules:
            pattern = rule.removeprefix("!")
            if any(
                fnmatch(one, pattern) or (pattern.startswith("**/") and fnmatch(one.rpartition("/")[2], pattern[3:]))
                for one in paths
            ):
                taken = rule.startswith("!")
        return taken

    project = tomllib.loads(text(ROOT / "pyproject.toml"))
    needed = [project["project"]["readme"], *project["project"]["license-files"], "pyproject.toml", "src/digest/__init__.py"]
    needed += list(project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"])
    needed += ["templates/email/digest.html.j2", "deploy/container/requirements.txt"]
    assert [path for path in needed if not goes_in(path)] == []
    private = [
        ".env",
        "var/digest.db",
        "subscribers/readers.csv",
        ".git/config",
        "deploy/dev.env",
        "src/digest/__pycache__/x.pyc",
    ]
    assert [path for path in private if goes_in(path)] == []


def test_compose_gives_only_settings_that_there_are() -> None:
    given = set(
        re.findall(r"\bDIGEST_[A-Z_]+", text(ROOT / "compose.yaml") + text(DEPLOY / "dev.env") + text(ROOT / "Containerfile"))
    )

    assert given <= set(settings.names())


def test_the_proxy_that_is_trusted_has_an_address_that_no_other_container_is_given() -> None:
    compose = text(ROOT / "compose.yaml")
    facts = dict(re.findall(r"(ipv4_address|subnet|ip_range|DIGEST_TRUSTED_PROXIES): ([\d./]+)", compose))

    proxy, others = ip_address(facts["ipv4_address"]), ip_network(facts["ip_range"])

    assert facts["DIGEST_TRUSTED_PROXIES"] == facts["ipv4_address"]
    assert proxy in ip_network(facts["subnet"])
    assert proxy not in others
    assert others.subnet_of(ip_network(facts["subnet"]))  # type: ignore[arg-type]


def test_the_development_settings_can_be_used() -> None:
    read = settings.read(DEPLOY / "dev.env", {"DIGEST_SECRET_KEY": "s" * 32, "DIGEST_PEPPER": "p" * 32})

    assert read.smtp_url == "smtp://mailpit:1025"
