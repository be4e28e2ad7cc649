"""What most tests of readers' pages begin with."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from digest.web import public
from tests.conftest import Place
from tests.signups import ANN


def send_first(place: Place, *readers: str) -> Place:
    """Send an issue of one story to these readers."""
    place.readers(*readers)
    place.drop("The harbour opens again")
    place.collect()
    place.send()
    return place


@pytest.fixture
def sent(place: Place) -> Place:
    """An issue was sent to Ann."""
    return send_first(place, ANN)


@pytest.fixture
def client(sent: Place) -> Iterator[TestClient]:
    """A browser that follows no redirect by itself."""
    with TestClient(public.app(sent.ctx), follow_redirects=False) as made:
        yield made
