"""Problem documents (RFC 9457): an error's code and facts, with a remedy in the words of the API."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from digest.errors import (
    BadInput,
    CollectError,
    ComposeError,
    Conflict,
    DigestError,
    Forbidden,
    Gone,
    NotFound,
    NothingToDo,
    TooMany,
)

MEDIA_TYPE = "application/problem+json"
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex"}
RETRY_S = 60  #: after an answer that says "not now"

#: Status of each kind of error; the first that fits counts.
_STATUSES: Sequence[tuple[type[DigestError], int]] = (
    (Forbidden, 403),
    (Gone, 410),
    (NotFound, 404),
    (TooMany, 429),
    (Conflict, 409),
    (NothingToDo, 409),
    (BadInput, 422),
    (CollectError, 422),
    (ComposeError, 422),
)
_OF_CODE = {"not_authenticated": 401, "bad_key": 400}

#: What a program, or the person who writes it, can do about an error, by its code.
REMEDIES: Mapping[str, str] = {
    "not_authenticated": "Send `Authorization: Bearer` with a token; `digest tokens add` makes one.",
    "scope": "Make a token with this scope; a token's scopes never change.",
    "not_permitted": "An owner can give the account of the token another role, or the right to send.",
    "too_many": "Wait as long as Retry-After says.",
    "key_reused": "Use a new key for each new request.",
    "in_progress": "Send the same request again in a minute; its answer is then the one it had.",
    "stale_form": "Fetch `/signups/{list}` again, and show and send back what it says now.",
    "proof_needed": "Solve the challenge of `/signups/{list}` (ALTCHA) and send its payload as `proof`.",
    "suppressed": "If the person asks to return, remove the suppression first.",
    "source_location": "Folders and files are added on the machine, by `digest sources add`.",
    "which_list": "Name the list.",
    "which_newsletter": "Name the newsletters that publish from it.",
    "hold_first": "Hold the issue first; resume it after.",
    "nothing_wrong": "Change words of a story, or withdraw it, first.",
    "wrong_in_hand": "Send the same request again in a minute.",
    "list_in_use": "Give its newsletters another list first.",
}


class FieldProblem(BaseModel):
    """A value of a request that cannot be used."""

    where: str = Field(description="Where it is: `body`, `query`, `path` or `header`, and the names to it.")
    detail: str


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Not Found",
                    "status": 404,
                    "detail": "there is no list weekend",
                    "code": "no_list",
                    "facts": {"noun": "list", "key": "weekend"},
                }
            ]
        }
    )

    type: str = "about:blank"
    title: str = Field(description="The status in words.")
    status: int
    detail: str = Field(description="What is wrong, in a sentence.")
    code: str = Field(description="What is wrong, for a program; it stays.")
    facts: dict[str, object] = Field(default={}, description="What the sentence names, by name.")
    remedy: str = Field(default="", description="What can be done about it; empty where the sentence says enough.")
    errors: tuple[FieldProblem, ...] = Field(default=(), description="Each value that cannot be used.")


def of_error(problem: DigestError) -> Response:
    """Answer what a use case or the gate refused; of what is the server's fault, no more than that."""
    status = _OF_CODE.get(problem.code) or next((status for kind, status in _STATUSES if isinstance(problem, kind)), 503)
    if status == 503:
        return made(503, "the service cannot do this now; try again in some minutes", code="unavailable", retry_s=RETRY_S)
    facts = {name: _plain(value) for name, value in problem.facts.items()}
    wait = max(1, int(problem.wait.total_seconds())) if isinstance(problem, TooMany) else 0
    retry_s = wait or (RETRY_S if problem.code == "in_progress" else 0)
    return made(status, str(problem), code=problem.code, facts=facts, retry_s=retry_s)


def of_validation(problem: RequestValidationError) -> Response:
    """Answer a request whose values FastAPI refused."""
    errors = tuple(
        FieldProblem(where=".".join(str(part) for part in error["loc"]), detail=_sentence(error)) for error in problem.errors()
    )
    is_broken = any(error["type"] == "json_invalid" for error in problem.errors())
    detail = "; ".join(f"{error.where}: {error.detail}" for error in errors)
    return made(400 if is_broken else 422, detail, code="bad_json" if is_broken else "bad_request", errors=errors)


def made(
    status: int,
    detail: str,
    *,
    code: str,
    facts: Mapping[str, object] | None = None,
    errors: tuple[FieldProblem, ...] = (),
    headers: Mapping[str, str] | None = None,
    retry_s: int = 0,
) -> Response:
    """Make a problem document."""
    title = HTTPStatus(status).phrase
    said = Problem(
        title=title,
        status=status,
        detail=detail,
        code=code,
        facts=dict(facts or {}),
        remedy=REMEDIES.get(code, ""),
        errors=errors,
    )
    own = {**HEADERS, **(headers or {})}
    if status == 401:
        own["WWW-Authenticate"] = 'Bearer realm="digest"'
    if retry_s:
        own["Retry-After"] = str(retry_s)
    return JSONResponse(said.model_dump(mode="json"), status_code=status, headers=own, media_type=MEDIA_TYPE)


def _sentence(error: Mapping[str, object]) -> str:
    context = error.get("ctx")
    cause = context.get("error") if isinstance(context, dict) else None
    return str(cause or error["msg"])


def _plain(value: object) -> object:
    """Return a fact as JSON can hold it."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else str(value)
