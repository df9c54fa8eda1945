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
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.routing import Match

from crawler.errors import ConfigError
from crawler.faults import said_of
from crawler.redaction import redact
from crawler.troubles import (
    OF_ERROR,
    UNEXPECTED,
    Trouble,
    TroubleKind,
    answered,
    problem_document,
    trouble_of,
    trouble_of_status,
)
from crawler.web.render import render

#: Where other archives' tools ask; they know 400 alone.
_DOORS = ("/cdx/", "/timegate/", "/timemap/")
_FEEDS = "/feeds/"
_FOR_PROGRAMS = ("/v1/", "/metrics/", "/readyz/", "/healthz/", _FEEDS, *_DOORS)
PROBLEM = "application/problem+json"
_JSON = ("application/json", "+json")
_NOTHING = "There is nothing at this address."
#: Titles of pages where HTTP's own phrase is no help to a reader.
_TITLES = {405: "Not Possible Here", 421: "Wrong Address", 422: "Not Usable"}


class Problem(BaseModel):
    """An error's document (RFC 9457).

    `class` is a word for the kind of error that does not change, `retryable` whether
    the same request may end well later, `retry_after` how many seconds later, where
    that can be told (as the header Retry-After has it). `problems` are single faults.
    """

    model_config = ConfigDict(
        serialize_by_alias=True,
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Not Found",
                    "status": 404,
                    "class": "not_found",
                    "retryable": False,
                    "detail": "There is no article 99.",
                }
            ]
        },
    )

    type: str = "about:blank"
    title: str
    status: int
    kind: TroubleKind = Field(alias="class")
    retryable: bool
    retry_after: int | None = None
    detail: str
    problems: list[str] = []


class Refused(HTTPException):
    """A refusal whose class is not what its status alone says.

    `members` are added to its document.
    """

    def __init__(
        self, trouble: Trouble, detail: str, members: Mapping[str, Any] | None = None
    ) -> None:
        """Refuse a request."""
        super().__init__(trouble.status, detail)
        self.trouble = trouble
        self.members = members or {}


def answer_problems(app: FastAPI) -> None:
    """Make an application answer errors in the form that fits the path."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(UnicodeEncodeError, _unwritable)
    app.add_exception_handler(Exception, _unexpected)
    for error in OF_ERROR:
        app.add_exception_handler(error, _known_error)


def is_for_programs(path: str) -> bool:
    """Tell whether programs ask at a path: they are told of errors in JSON."""
    return f"{path}/".startswith(_FOR_PROGRAMS)


def refusal(  # noqa: PLR0913  # what an answer consists of
    path: str,
    status: int,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    problems: Sequence[str] = (),
    trouble: Trouble | None = None,
    members: Mapping[str, Any] | None = None,
) -> Response:
    """Return an error's answer: a problem document to programs, else a page.

    Args:
        path: What was asked for.
        status: The answer's status.
        detail: What is wrong, in a sentence.
        headers: Added to the answer's.
        problems: Single faults.
        trouble: What the error is, if its status alone does not say so.
        members: Added to the document.
    """
    detail = _writable(redact(detail))
    problems = [redact(one) for one in problems]
    extra = {"WWW-Authenticate": _challenge(path)} if status == 401 else {}
    extra |= headers or {}
    trouble = trouble or trouble_of_status(status, _seconds(extra.get("Retry-After")))
    if trouble.retry_after is not None:
        extra.setdefault("Retry-After", str(trouble.retry_after))
    if is_for_programs(path):
        return JSONResponse(
            problem_document(trouble, detail, list(map(_writable, problems)))
            | dict(members or {}),
            status_code=status,
            media_type=PROBLEM,
            headers=extra,
        )
    return render(
        "error.html",
        status=status,
        headers=extra,
        title=_TITLES.get(status, HTTPStatus(status).phrase),
        detail=detail,
        problems=[one.removeprefix("query.") for one in problems],
    )


def _writable(text: str) -> str:
    """Return text that may repeat what was sent, as UTF-8 can have it."""
    return text.encode("utf-8", "replace").decode()


def _challenge(path: str) -> str:
    """Return how a token may be sent; feed readers only know passwords (RFC 7617)."""
    is_feed = path.startswith(_FEEDS)
    return 'Basic realm="Kliping", charset="UTF-8"' if is_feed else "Bearer"


def _seconds(said: str | None) -> int | None:
    return int(said) if said is not None and said.isdecimal() else None


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # registered so
    refused = error if isinstance(error, Refused) else None
    headers, detail = dict(error.headers or {}), str(error.detail)
    if error.status_code == 405:
        allowed = ", ".join(_allowed(request))
        headers["Allow"], detail = allowed, _otherwise(allowed)
    elif detail == HTTPStatus.NOT_FOUND.phrase:  # the framework's own
        detail = _NOTHING
    return refusal(
        request.url.path,
        error.status_code,
        detail,
        headers=headers,
        trouble=refused.trouble if refused else None,
        members=refused.members if refused else None,
    )


def _otherwise(allowed: str) -> str:
    return f"This address is asked by {allowed} alone."


def _allowed(request: Request) -> list[str]:
    """Return the methods that a path has, of all its routes."""
    matching = [
        route
        for route in request.app.state.routes
        if route.matches(request.scope)[0] is not Match.NONE
    ]
    named = [route for route in matching if route.path == request.url.path]
    methods = {method for route in named or matching for method in route.methods}
    return sorted(methods | ({"HEAD"} if "GET" in methods else set()))


async def _known_error(request: Request, error: Exception) -> Response:
    trouble = trouble_of(error)
    problems = error.problems if isinstance(error, ConfigError) else ()
    return refusal(
        request.url.path,
        trouble.status,
        str(error),
        trouble=trouble,
        problems=problems,
        members=answered(error),
    )


async def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # registered so
    path, faults = request.url.path, error.errors()
    if any(fault["loc"][0] == "path" for fault in faults):
        if any(route.path == path for route in request.app.state.routes):
            allowed = ", ".join(_allowed(request))
            headers = {"Allow": allowed}
            return refusal(path, 405, _otherwise(allowed), headers=headers)
        return refusal(path, 404, _NOTHING)
    if any(fault["loc"][0] == "body" for fault in faults) and not _is_json(request):
        return refusal(path, 415, "A request's body is JSON (application/json).")
    problems = [_said(fault) for fault in faults]
    detail = "Some of what was sent cannot be used."
    status = 400 if f"{path}/".startswith(_DOORS) else 422
    return refusal(path, status, detail, problems=problems)


def _said(fault: ErrorDetails) -> str:
    if fault["type"] == "json_invalid":
        return f"body: is no JSON, from character {fault['loc'][-1]} on"
    return said_of(fault)


def _is_json(request: Request) -> bool:
    """Tell whether a request's body is said to be JSON, or there is none."""
    said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_empty = request.headers.get("content-length", "0") == "0"
    return said.endswith(_JSON) or (is_empty and not said)


async def _unwritable(request: Request, _error: Exception) -> Response:
    """Refuse half a character: JSON can escape one, and nothing can keep it."""
    return refusal(request.url.path, 422, "Some of the text sent is no Unicode.")


async def _unexpected(request: Request, _error: Exception) -> Response:
    return refusal(request.url.path, 500, UNEXPECTED)
