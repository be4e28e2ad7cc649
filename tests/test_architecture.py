"""What ARCHITECTURE.md promises and the import contracts cannot see."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "digest"
FACES = [path for face in ("cli", "web") for path in (SOURCE / face).rglob("*.py")]
SERVICES = [path for path in (SOURCE / "services").glob("*.py") if path.name != "__init__.py"]


def shown(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    """The public functions of a module."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def test_transactions_open_in_services_and_in_the_run_of_the_ledger_alone() -> None:
    rooms = {
        shown(path)
        for path in SOURCE.rglob("*.py")
        if re.search(r"\bdb\.(begin|read)\(", path.read_text(encoding="utf-8"))
        and path.relative_to(SOURCE).parts[0] not in ("services", "deliver")
    }

    assert rooms == {"store/schema.py"}  # which asks for the revision before there is anything else to ask


@pytest.mark.parametrize("path", FACES, ids=shown)
def test_faces_name_every_type(path: Path) -> None:
    if path.parent.name == "cli":
        assert re.search(r"\bAny\b", path.read_text(encoding="utf-8")) is None


@pytest.mark.parametrize("path", SERVICES, ids=shown)
def test_every_use_case_has_types_and_says_what_it_does(path: Path) -> None:
    for function in functions(path):
        arguments = [*function.args.args, *function.args.kwonlyargs]

        assert ast.get_docstring(function), function.name
        assert function.returns is not None, function.name
        assert all(argument.annotation for argument in arguments), function.name
        positional = function.args.args[2:]
        assert not any(isinstance(a.annotation, ast.Name) and a.annotation.id == "bool" for a in positional), function.name


def test_every_package_and_every_service_is_on_the_map() -> None:
    written = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    packages = [path.parent.name for path in SOURCE.glob("*/__init__.py")]

    assert [name for name in packages if f"`{name}/`" not in written and f"`{name}`" not in written] == []
    assert [path.stem for path in SERVICES if f"`{path.stem}`" not in written] == []
