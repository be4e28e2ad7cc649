"""The webhooks of mail providers, over HTTP."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from digest.services import bounces, provider_events
from digest.web import public
from digest.web.provider_events import MAX_BODY
from tests.support import http
from tests.support.bounced import newest, publish, rows
from tests.support.place import Place
from tests.support.providers import PROVIDERS, Sns, event, hooked, post


@pytest.fixture
def sent(place: Place) -> Iterator[Place]:
    publish(hooked(place), *(f"{provider}@example.org" for provider in PROVIDERS))
    yield hooked(place, Sns())
    provider_events._certificate.cache_clear()


def test_each_provider_is_answered_and_forgeries_are_refused(sent: Place) -> None:
    with TestClient(public.app(sent.ctx)) as client:
        for provider in PROVIDERS:
            made = post(provider, event(provider, "hard", rows(sent)[f"{provider}@example.org"]))
            where = f"/hooks/{provider}"
            answer = client.post(where, content=made.body, headers=made.headers)
            again = client.post(where, content=made.body, headers=made.headers)
            forged = client.post(where, content=b"{}", headers={"authorization": "Bearer x"})

            assert (answer.status_code, answer.json()["taken"]) == (200, 1), provider
            assert (again.status_code, again.json()["known"]) == (200, 1), provider
            assert forged.status_code == 403, provider
            assert newest(sent).address == f"{provider}@example.org"
    assert len(bounces.listed(sent.ctx)) == len(PROVIDERS)


def test_what_cannot_be_taken_is_answered_with_a_status_and_a_sentence(sent: Place) -> None:
    headers = post("brevo", {}).headers
    with TestClient(public.app(sent.ctx)) as client:
        nobody = client.post("/hooks/nobody", content=b"{}")
        broken = client.post("/hooks/brevo", content=b"{", headers=headers)
        large = client.post("/hooks/brevo", content=b" " * (MAX_BODY + 1), headers=headers)
        shown = client.get("/hooks/brevo")
        sent.ctx.fetcher.pages = {}  # type: ignore[attr-defined]
        made = post("ses", event("ses", "hard", rows(sent)["ses@example.org"]))
        unreachable = client.post("/hooks/ses", content=made.body)

    assert [a.status_code for a in (nobody, broken, large, shown, unreachable)] == [404, 400, 413, 405, 503]
    assert broken.json() == {"detail": "the body is no JSON"}
    assert bounces.listed(sent.ctx) == []


def test_a_body_without_a_length_is_cut_off_where_it_is_too_large(sent: Place) -> None:
    piece = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    head = b"POST /hooks/brevo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"

    with http.serving(public.app(sent.ctx)) as port:
        answer = http.ask(port, head + piece * 20 + b"0\r\n\r\n")

    assert http.statuses(answer) == [413]
