"""Findings about an installation, as `digest doctor` and the pages show them."""

from typing import Literal

from digest.services.views import View


class CheckView(View):
    """Result of one check."""

    area: str
    status: Literal["ok", "hint", "warning", "error"]
    rule: str
    message: str
    where: str
    remedy: str
    source: str


class ReadyView(View):
    """Readiness of a process by part, as `/readyz` answers."""

    ok: bool  #: all of it
    database: str  #: `ok`, `unreachable`, `missing`, `empty`, `older` or `newer` than this version of digest
    scheduler: str  #: `ok`, `stalled` or `not here`
    journal: str  #: `ok` or `not writable`


class DoctorView(View):
    """Results of all checks, by area."""

    ok: bool  #: no check ended with an error
    checks: tuple[CheckView, ...]
