"""Programs that use the API, each with a token."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import httpx2
from fastapi import FastAPI
from fastapi.testclient import TestClient

from digest.model.account import Role
from digest.model.api import Scope
from digest.services import accounts, api_tokens
from digest.web import public
from tests.support.newsroom import ORIGIN
from tests.support.place import Place

BASE = "/api/v1"


class Program:
    """A program at the API: it sends its token with each request."""

    def __init__(self, client: TestClient, secret: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def ask(
        self, method: str, path: str, *, json: object = None, headers: dict[str, str] | None = None, content: bytes | None = None
    ) -> httpx2.Response:
        """Ask for a path of the API, or for an address that it named."""
        where = path.removeprefix(ORIGIN)
        where = where if where.startswith(BASE) else BASE + where
        return self.client.request(method, where, json=json, content=content, headers=self.headers | (headers or {}))

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self.ask("GET", path, headers=headers)


def account(place: Place, address: str = "mara@ledger.example.org", *, role: Role = Role.OWNER, sends: bool = False) -> str:
    """Make an account; return its address."""
    return accounts.add(place.ctx, address, name=address.partition("@")[0].title(), role=role, sends=sends).account.address


def secret_of(place: Place, address: str, scopes: Iterable[Scope] = tuple(Scope), *, days: int = 90) -> str:
    """Make a token of an account; return its secret."""
    return api_tokens.add(place.ctx, address, name="a shop", scopes=tuple(scopes), days=days).secret


@contextmanager
def programs(app: FastAPI, *secrets: str) -> Iterator[list[Program]]:
    """A program for each token, at one application."""
    with TestClient(app, base_url=ORIGIN, follow_redirects=False, client=("192.0.2.7", 50_000)) as client:
        yield [Program(client, secret) for secret in secrets]


@contextmanager
def owner(place: Place) -> Iterator[Program]:
    """A program that may do everything that an owner may."""
    with programs(public.app(place.ctx), secret_of(place, account(place))) as [made]:
        yield made
