"""The application of the API: all routes behind the gate, and its description (OpenAPI 3.1)."""

import inspect
from functools import cache
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from digest import __version__
from digest.services.context import Context
from digest.web.api import issues, lists, newsletters, people, problems, signups, sources
from digest.web.api.call import PREFIX, Route
from digest.web.api.gate import Gate, GuardedRoute, of_status
from digest.web.threads import Threads

ROUTES: tuple[Route, ...] = (
    *lists.ROUTES,
    *people.ROUTES,
    *sources.ROUTES,
    *newsletters.ROUTES,
    *issues.ROUTES,
    *signups.ROUTES,
)
DESCRIPTION = """\
What the commands and the admin pages can do, for programs. Each request but those of `/signups` carries a token
(`Authorization: Bearer …`), which `digest tokens add` makes. Lists come in pages: `next` is the address of the following
one. An error is a problem document (RFC 9457), whose `code` stays. A request that changes something may carry an
`Idempotency-Key`: it is carried out once within 24 hours, however often it comes.
"""
_HEADERS_OF_CHANGES = (
    ("Idempotency-Key", "The same request with the same key is carried out once within 24 hours."),
    ("If-Match", "The ETag of the thing when it was read: where it has changed since, nothing is done (412)."),
)


def app(ctx: Context, threads: Threads) -> FastAPI:
    """Return the application, to be mounted at PREFIX."""
    made = FastAPI(
        title="digest",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    gate = Gate(ctx, threads)
    for route in ROUTES:
        made.router.routes.append(GuardedRoute(gate, route, **_options(route)))
    described = cache(lambda: description(made))

    @made.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        return JSONResponse(await threads.run(described), headers={"Cache-Control": "public, max-age=300"})

    made.add_exception_handler(HTTPException, _of_status)
    return made


async def _of_status(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    answer = of_status(problem)
    answer.headers.update(problems.HEADERS)
    return answer


# --- the description -------------------------------------------------------------------------


def _options(route: Route) -> dict[str, Any]:
    """Return what FastAPI writes into the description of a route."""
    said = inspect.getdoc(route.act) or ""
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    responses: dict[int | str, dict[str, Any]] = {
        "default": {"description": "A problem.", "content": {problems.MEDIA_TYPE: problem}}
    }
    if route.media_type != "application/json":
        kind = {"schema": {"type": "string", "format": "binary"}}
        responses[route.status] = {"description": "The mail.", "content": {route.media_type: kind}}
    options: dict[str, Any] = {
        "summary": said.partition(". ")[0].rstrip("."),
        "description": said,
        "tags": [route.path.split("/")[1]],
        "operation_id": f"{route.method.lower()}{route.path.replace('/', '_').replace('{', '').replace('}', '')}",
        "responses": responses,
        "openapi_extra": _extra(route),
    }
    if route.media_type != "application/json":
        options["response_class"] = Response
        options["response_model"] = None
    return options


def _extra(route: Route) -> dict[str, Any]:
    extra: dict[str, Any] = {"security": [{"token": [route.needs.value]}] if route.needs else []}
    if route.changes and route.needs:
        extra["parameters"] = [
            {"name": name, "in": "header", "required": False, "description": said, "schema": {"type": "string", "maxLength": 255}}
            for name, said in _HEADERS_OF_CHANGES
        ]
    if route.example:
        extra["requestBody"] = {"content": {"application/json": {"example": dict(route.example)}}}
    if "application/json" not in route.takes:
        extra["requestBody"] = {"required": True, "content": {kind: {"schema": {"type": "string"}} for kind in route.takes}}
    return extra


def description(made: FastAPI) -> dict[str, Any]:
    """Return the description of an application that `app` made."""
    found = get_openapi(
        title=made.title, version=made.version, description=made.description, routes=made.routes, servers=[{"url": PREFIX}]
    )
    schemas = found["components"]["schemas"]
    model = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= model.pop("$defs")
    schemas["Problem"] = model
    found["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "A token that `digest tokens add` makes."}
    }
    return found
