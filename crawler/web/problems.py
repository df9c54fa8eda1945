"""What is answered when something is wrong: a problem document or a small page.

Under /v1, and at the doors that programs ask, errors are `application/problem+json`
(RFC 9457); elsewhere they are pages. The words of an unexpected error stay in the log.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from crawler.errors import BadUrl, ConfigError, TakenDown, UsageError
from crawler.redaction import redact
from crawler.web.render import render
from storage.errors import BadQuery, DiskFull, StorageError, WrongRun, WrongTakedown

#: Where other archives' tools ask; they know 400 alone.
_DOORS = ("/cdx/", "/timegate/", "/timemap/")
_FOR_PROGRAMS = ("/v1/", *_DOORS)
PROBLEM = "application/problem+json"


class Problem(BaseModel):
    """An error's document (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    problems: list[str] = []


#: How the API's description tells of errors.
DESCRIBED: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem",
        "content": {PROBLEM: {"schema": Problem.model_json_schema()}},
    }
}
_STATUS: Mapping[type[Exception], int] = {
    BadQuery: 400,
    BadUrl: 422,
    TakenDown: 403,
    WrongRun: 409,
    WrongTakedown: 409,
    UsageError: 422,
    ConfigError: 422,
    DiskFull: 507,
    StorageError: 503,
}


def answer_problems(app: FastAPI) -> None:
    """Make an application answer errors in the form that fits the path."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(Exception, _unexpected)
    for error in _STATUS:
        app.add_exception_handler(error, _known_error)


def refusal(
    path: str,
    status: int,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    problems: Sequence[str] = (),
) -> Response:
    """Return an error's answer: a problem document to programs, else a page."""
    title, detail = HTTPStatus(status).phrase, redact(detail)
    problems = [redact(one) for one in problems]
    extra = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    extra |= headers or {}
    if f"{path}/".startswith(_FOR_PROGRAMS):
        problem = Problem(title=title, status=status, detail=detail, problems=problems)
        return JSONResponse(
            problem.model_dump(exclude_defaults=True) | {"type": problem.type},
            status_code=status,
            media_type=PROBLEM,
            headers=extra,
        )
    return render(
        "error.html",
        status=status,
        headers=extra,
        title=title,
        detail=detail,
        problems=problems,
    )


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # registered so
    return refusal(
        request.url.path, error.status_code, str(error.detail), headers=error.headers
    )


async def _known_error(request: Request, error: Exception) -> Response:
    status = next(code for kind, code in _STATUS.items() if isinstance(error, kind))
    problems = error.problems if isinstance(error, ConfigError) else ()
    return refusal(request.url.path, status, str(error), problems=problems)


async def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # registered so
    faults = error.errors()
    if any(fault["loc"][0] == "path" for fault in faults):
        return refusal(request.url.path, 404, "There is nothing at this address.")
    problems = [
        f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults
    ]
    detail = "Some of what was sent cannot be used."
    status = 400 if f"{request.url.path}/".startswith(_DOORS) else 422
    return refusal(request.url.path, status, detail, problems=problems)


async def _unexpected(request: Request, _error: Exception) -> Response:
    return refusal(request.url.path, 500, "Something went wrong; the log says what.")
