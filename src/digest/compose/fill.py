"""
Fill templates in a child process, so that none can block an issue.

The child gets plain values, no settings and no environment. It is reused, so that the next filling
waits neither for its imports nor for templates to be compiled again; each job is done by a fork
of it within limits: seconds of CPU, memory, output. A name that is missing, a wrong file or a runaway loop becomes a ComposeError that
names file, line and fault.
"""

import atexit
import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import jinja2
from jinja2.bccache import Bucket
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from digest.compose.marks import NUMBER, SLOTS, Marks
from digest.compose.names import Missing, Names, plain, suggestion, worded
from digest.compose.text import COLUMNS, breakable, columns, wrap
from digest.errors import ComposeError, DigestError
from digest.languages import load

SECONDS = 5  #: of CPU, for all templates of one rendition
PATIENCE = 15  #: seconds of wall time beyond those until the child is killed
MEMORY = 256 * 2**20  #: bytes of address space beyond the child's initial size
OUTPUT = 2 * 2**20  #: characters of one document
COMPILED = 16 * 2**20  #: bytes of compiled templates that are kept
NUMBER_SHAPE = "\ufdd0\ufdd1"  #: two columns that occur in no text: noncharacters are removed before
#: Zero-width joiner and no-break space in turn, behind the preheader, so that the masthead does not leak into the inbox line.
PREHEADER_PADDING = "\u034f\u00a0" * 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A set of templates to fill with the same values."""

    templates: Sequence[Sequence[str]]  #: of each, names to try; the first that exists is filled
    language: str
    nonce: str
    day: str  #: ISO date
    values: Mapping[str, Any]  #: plain JSON values, by name


def fill(folders: Sequence[str], sheets: Sequence[Sheet]) -> list[list[str]]:
    """
    Fill templates; returns the documents by sheet and in its order.

    Raises:
        ComposeError: a template is missing, wrong, or beyond a limit.
    """
    job = json.dumps({"folders": list(folders), "sheets": [asdict(sheet) for sheet in sheets]}).encode("ascii")
    with _lock:
        answer = _run_job(job, SECONDS * len(sheets) + PATIENCE)
    if "stopped" in answer:
        named = ", ".join(dict.fromkeys(names[0] for sheet in sheets for names in sheet.templates))
        raise ComposeError(f"the templates {answer['stopped']}: {named}")
    if "fault" in answer:
        raise ComposeError(str(answer["fault"]))
    return [[str(document) for document in documents] for documents in answer["documents"]]


# --- the parent's side -----------------------------------------------------------------------

_lock = threading.Lock()
_child: subprocess.Popen[bytes] | None = None


def _run_job(job: bytes, patience: float) -> Mapping[str, Any]:
    """Send a job to the child and return its answer; a child that gives none is killed, and the next job gets a new one."""
    try:
        child = _running()
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(job + b"\n")
        child.stdin.flush()
        line = _line(child.stdout.fileno(), time.monotonic() + patience)
        if line:
            answer: Mapping[str, Any] = json.loads(line)
            return answer
        reason = f"gave nothing in {patience:.0f} s" if line is None else "could not be filled: the process for it ended"
    except (OSError, ValueError) as problem:
        reason = f"could not be filled: {problem}"
    except BaseException:  # an interrupted job must not leave its answer to the next
        _end()
        raise
    _end()
    return {"stopped": reason}


def _line(stream: int, until: float) -> bytes | None:
    """Read one line of the stream; empty at its end, None on timeout."""
    parts: list[bytes] = []
    with selectors.DefaultSelector() as waiting:
        waiting.register(stream, selectors.EVENT_READ)
        while not parts or not parts[-1].endswith(b"\n"):
            if not waiting.select(max(0.0, until - time.monotonic())):
                return None
            part = os.read(stream, 1 << 16)
            if not part:
                return b""
            parts.append(part)
    return b"".join(parts)


def _running() -> subprocess.Popen[bytes]:
    """Return the child, started on first use; it has none of our settings, and it ends with this process."""
    global _child
    if _child is None or _child.poll() is not None:
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "PYTHONHOME", "HOME") if name in os.environ}
        command = [sys.executable, "-P", "-m", "digest.compose.fill"]
        # Start a new session, so that Ctrl-C stops the sending, not a template that is being filled.
        _child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=kept, start_new_session=True)
    return _child


@atexit.register
def _end() -> None:
    global _child
    if _child is None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(_child.pid, signal.SIGKILL)
    for stream in (_child.stdin, _child.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    _child.wait()
    _child = None


# --- the child -------------------------------------------------------------------------------


class _TooMuch(Exception):
    """A template exceeded a limit; the text names it."""


class _Compiled(jinja2.BytecodeCache):
    """Cache of compiled templates, each until its source changes: compiling them takes ten times as long as filling them."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}
        self._new: dict[str, str] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._code.get(bucket.key):
            bucket.bytecode_from_string(code)  # nothing, where it was compiled from another source

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()
        self._new[bucket.key] = self._code[bucket.key].decode("latin-1")

    def write_new(self, stream: int) -> None:
        """Write the templates that this fork compiled, for its parent."""
        with os.fdopen(stream, "w") as file:
            json.dump(self._new, file)

    def read_new(self, stream: int) -> None:
        """Keep the templates that a fork compiled, none where it was killed. They run in later forks alone, never in this process."""
        with os.fdopen(stream, "rb") as file:
            new = file.read(COMPILED)
            while file.read(1 << 16):
                new = b""  # more than is kept
        with contextlib.suppress(ValueError):  # of a fork that was killed while it wrote
            self._code |= {key: code.encode("latin-1") for key, code in json.loads(new).items()}
        if sum(map(len, self._code.values())) > COMPILED:
            self._code.clear()


def main() -> None:
    """Read jobs from stdin and write answers to stdout, one per line; a fork within the limits does each job."""
    compiled = _Compiled()
    for line in sys.stdin.buffer:
        readable, writable = os.pipe()
        worker = os.fork()
        if worker == 0:
            os.close(readable)
            _work(json.loads(line), compiled, writable)
        os.close(writable)
        compiled.read_new(readable)
        status = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
        if status:
            spent = f"needed more than {SECONDS} s" if status == -signal.SIGXCPU else f"were ended from outside ({status})"
            _answer({"stopped": spent})


def _work(job: Mapping[str, Any], compiled: _Compiled, writable: int) -> NoReturn:
    _limit(len(job["sheets"]))
    try:
        answer: Mapping[str, Any] = {"documents": [_sheet(job["folders"], sheet, compiled) for sheet in job["sheets"]]}
    except DigestError as problem:
        answer = {"fault": str(problem)}
    except MemoryError:
        answer = {"fault": f"a template needs more than {MEMORY // 2**20} MB"}
    except Exception as problem:  # top of a process: unexpected errors are reported too
        answer = {"fault": f"a template could not be filled ({type(problem).__name__}: {problem})"}
    signal.setitimer(signal.ITIMER_PROF, 0)
    compiled.write_new(writable)  # before the answer, so that a fork that fails here gives none
    _answer(answer)
    os._exit(0)


def _answer(answer: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _limit(sheets: int) -> None:
    """Limit CPU time and memory of this process, and forbid writing files."""
    import resource

    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() if sys.platform == "linux" else 0
    resource.setrlimit(
        resource.RLIMIT_CPU, (SECONDS * sheets + 1, SECONDS * sheets + 2)
    )  # after the timer, for code that no signal interrupts
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "linux":  # other systems cannot limit the address space in this way
        resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY, held + MEMORY))
    signal.signal(signal.SIGPROF, _on_cpu_limit)


def _on_cpu_limit(_signal: int, _frame: FrameType | None) -> None:
    raise _TooMuch(f"runs for more than {SECONDS} s")


def _sheet(folders: Sequence[str], sheet: Mapping[str, Any], compiled: _Compiled) -> list[str]:
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    language = load(sheet["language"])
    marks = Marks(nonce=sheet["nonce"])
    environment = _environment(folders, language.gettext, language.ngettext, marks, compiled)
    values = {name: plain(value, name) for name, value in sheet["values"].items()}
    context = {
        **values,
        "date": language.day(date.fromisoformat(sheet["day"])),
        "lang": language.tag,
        "dir": language.direction,
        "slot": Names("slot", {name.lower(): marks.slot(name) for name in SLOTS}),
        # Marks are made here from a nonce and a template's own literal: no markup from outside.
        "begin": lambda name: Markup(marks.begin(name)),  # noqa: S704
        "end": Markup(marks.end),  # noqa: S704
        "middle": Markup(marks.middle),  # noqa: S704
        "full_stories": lambda count: Markup(marks.full(count)),  # noqa: S704
        "padding": PREHEADER_PADDING,
    }
    return [_document(environment, names, context) for names in sheet["templates"]]


def _environment(
    folders: Sequence[str],
    gettext: Callable[[str], str],
    ngettext: Callable[[str, str, int], str],
    marks: Marks,
    compiled: _Compiled,
) -> jinja2.Environment:
    environment = ImmutableSandboxedEnvironment(
        loader=jinja2.FileSystemLoader(list(folders)),
        autoescape=lambda name: bool(name) and ".html" in str(name),
        undefined=Missing,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n"],
        bytecode_cache=compiled,
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    number = marks.slot(NUMBER)

    def wrap_numbered(text: str, width: int = COLUMNS, indent: str = "") -> str:
        """Fold a text with room for the story's number, which has two digits at most in nearly every mail."""
        return wrap(text.replace(number, NUMBER_SHAPE), width, indent).replace(NUMBER_SHAPE, number)

    environment.filters |= {"wrap": wrap_numbered, "breakable": breakable, "columns": columns}
    environment.globals.pop("lipsum")
    return environment


def _document(environment: jinja2.Environment, names: Sequence[str], context: Mapping[str, Any]) -> str:
    name = names[0]
    parts: list[str] = []
    size = 0
    try:
        template = environment.select_template(list(names))
        for part in template.generate(context):
            parts.append(part)
            size += len(part)
            if size > OUTPUT:
                raise _TooMuch(f"writes more than {OUTPUT // 2**20} MB")
    except jinja2.TemplateNotFound as problem:
        asked = getattr(problem, "templates", None) or [problem.name]
        raise ComposeError(f"there is no template {asked[0]} in {', '.join(environment.loader.searchpath)}") from problem  # type: ignore[union-attr]
    except jinja2.TemplateSyntaxError as problem:
        known = (*environment.filters, *environment.tests)
        said = suggestion(problem.message or "", known)
        raise ComposeError(f"{problem.filename or name}, line {problem.lineno}: {said}") from problem
    except MemoryError as problem:
        raise ComposeError(f"{_location(problem, name)}: needs more than {MEMORY // 2**20} MB") from problem
    except _TooMuch as problem:
        raise ComposeError(f"{_location(problem, name)}: {problem}") from problem
    except jinja2.UndefinedError as problem:
        raise ComposeError(f"{_location(problem, name)}: {suggestion(problem.message or '', context)}") from problem
    except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError) as problem:
        raise ComposeError(f"{_location(problem, name)}: {worded(problem)}") from problem
    return "".join(parts)


def _location(problem: BaseException, name: str) -> str:
    """Return file and line of the innermost template in the traceback."""
    place = name
    trace = problem.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(".j2"):
            place = f"{trace.tb_frame.f_code.co_filename}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place


if __name__ == "__main__":
    main()
