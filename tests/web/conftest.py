"""What most tests of readers' pages begin with."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from digest.web import public
from tests.support.pages import dropped, send_first
from tests.support.place import Place
from tests.support.signups import ANN

__all__ = ["dropped"]  # a fixture


@pytest.fixture
def sent(place: Place) -> Place:
    """An issue was sent to Ann."""
    return send_first(place, ANN)


@pytest.fixture
def client(sent: Place) -> Iterator[TestClient]:
    """A browser that follows no redirect by itself."""
    with TestClient(public.app(sent.ctx), follow_redirects=False) as made:
        yield made
