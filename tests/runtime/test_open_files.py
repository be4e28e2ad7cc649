"""Open files: the soft limit is raised, and the pages get a part of it."""

import resource
import subprocess
import sys

import pytest

from digest.runtime import open_files


@pytest.mark.parametrize(("soft", "hard", "raised"), [(256, 1024, 1024), (1024, 1024, 1024)])
def test_the_soft_limit_is_raised_to_the_hard_one(soft: int, hard: int, raised: int) -> None:
    code = (
        f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}));"
        "from digest.runtime import open_files; open_files.raise_limit(); print(*resource.getrlimit(resource.RLIMIT_NOFILE))"
    )

    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == [str(raised), str(hard)]


@pytest.mark.parametrize(
    ("limit", "connections"), [(20, 16), (256, 64), (1_024, 256), (65_536, 512), (resource.RLIM_INFINITY, 512)]
)
def test_the_pages_get_a_quarter_at_most(limit: int, connections: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (limit, limit))

    assert open_files.for_pages() == connections
