"""`/readyz` says whether a process can do its work, and what of it cannot; nothing more, since anybody may ask."""

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from digest.runtime import jobs, schedule
from digest.services import context, readiness
from digest.services.readiness import Pulse
from digest.web import public
from tests.support.place import Place
from tests.support.workers import until

READY = {"ok": True, "database": "ok", "scheduler": "not here", "journal": "ok"}


def asked(place: Place, pulse: Pulse | None = None) -> tuple[int, dict[str, object]]:
    with TestClient(public.app(place.ctx, pulse=pulse)) as client:
        answer = client.get("/readyz")
    return answer.status_code, answer.json()


def test_a_process_that_can_work_is_ready(place: Place) -> None:
    assert asked(place) == (200, READY)
    assert asked(place, Pulse()) == (200, READY | {"scheduler": "ok"})
    assert [path for path in place.ctx.journals.iterdir() if path.name != ".place"] == []


def test_a_database_of_another_version_is_not_ready(place: Place) -> None:
    told = []
    for revision in ("0001", "9999"):
        with place.ctx.db.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
        told.append(asked(place))

    assert told == [(503, READY | {"ok": False, "database": said}) for said in ("older", "newer")]


@pytest.mark.file_only
def test_a_database_that_is_gone_is_named_without_its_path(place: Place, tmp_path: Path) -> None:
    with TestClient(public.app(place.ctx)) as client:
        place.ctx.db.close()
        (tmp_path / "var" / "digest.db").rename(tmp_path / "away")
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["database"] in ("missing", "unreachable")
    assert str(tmp_path) not in answer.text


@pytest.mark.any_database
def test_a_journal_folder_that_cannot_be_written_is_not_ready(place: Place, tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("")
    place.ctx = replace(place.ctx, settings=place.ctx.settings.model_copy(update={"data_dir": "a-file"}))

    assert asked(place) == (503, READY | {"ok": False, "journal": "not writable"})


@pytest.mark.any_database
def test_a_scheduler_that_gives_no_sign_of_life_is_stalled_and_one_that_ticks_is_not(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "LATE_S", 0.0)
    pulse = Pulse()
    assert asked(place, pulse) == (503, READY | {"ok": False, "scheduler": "stalled"})

    monkeypatch.setattr(readiness, "LATE_S", 60.0)
    began = pulse._at
    ctx = replace(place.ctx, clock=context.now)
    ticking = schedule.start(ctx, jobs.ThreadDispatcher(1, print), leads=lambda: False, pulse=pulse)
    try:
        until(lambda: pulse._at > began)
    finally:
        ticking.end()

    assert asked(place, pulse) == (200, READY | {"scheduler": "ok"})
