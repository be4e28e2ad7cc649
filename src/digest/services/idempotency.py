"""
Requests that may come twice: one with an idempotency key is carried out once within a day, and answered alike after that.

The key is taken before the request is carried out, and its answer kept after that. A process that is killed between
the two leaves the key taken for a minute; the same request is then carried out as a new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from digest.errors import BadInput, Conflict
from digest.model.api import ANSWER_LASTS, KEY_MAX, LEASE, Answered
from digest.services.context import Place
from digest.store import api


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An answer that was given before."""

    status: int
    headers: Mapping[str, str]
    body: str


def begin(ctx: Place, token_id: int, key: str, *, request_hash: str) -> Kept | None:
    """
    Take a key for a request; return the answer that the same request had before, None where it is to be carried out now.

    Raises:
        BadInput: the key is empty, long or cannot be printed; or it came with another request (`key_reused`).
        Conflict: the same request is being answered (`in_progress`).
    """
    if not 0 < len(key) <= KEY_MAX or not (key.isascii() and key.isprintable()):
        raise BadInput(f"an idempotency key has 1 to {KEY_MAX} characters of ASCII", code="bad_key")
    now = ctx.clock()
    with ctx.db.begin() as tx:
        found = api.answered(tx, token_id, key)
        if found is None or found.begun_at <= now - ANSWER_LASTS:
            if found is not None:
                api.forget_answer(tx, found)
            api.add_answer(tx, Answered(token_id=token_id, key=key, request_hash=request_hash, begun_at=now))
            return None
        if found.request_hash != request_hash:
            raise BadInput("the idempotency key came with another request before", code="key_reused")
        if found.status is not None:
            return Kept(status=found.status, headers=found.headers, body=found.body)
        if found.begun_at > now - LEASE:
            raise Conflict("the same request is being answered; ask again in a minute", code="in_progress")
        found.begun_at = now
        return None


def finish(ctx: Place, token_id: int, key: str, *, status: int, headers: Mapping[str, str], body: str) -> None:
    """Keep the answer to a request."""
    with ctx.db.begin() as tx:
        found = api.answered(tx, token_id, key)
        if found is not None:  # an erasure may have taken it
            found.status, found.headers, found.body = status, dict(headers), body


def forget_old(ctx: Place) -> int:
    """Forget the answers of more than a day ago; return how many."""
    with ctx.db.begin() as tx:
        return api.forget_answers(tx, before=ctx.clock() - ANSWER_LASTS)
