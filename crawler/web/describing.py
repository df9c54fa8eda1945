"""The API's description (OpenAPI): what each route gives, refuses, and looks like.

Examples are in examples.json, by operation: what is asked, and what is answered.
"""

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from importlib import resources
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from crawler.troubles import problem_document, trouble_of_status
from crawler.web.access import scope_needed
from crawler.web.idempotency import HEADER
from crawler.web.problems import PROBLEM

TAGS: list[dict[str, Any]] = [
    {"name": "articles", "description": "Articles, their versions and their bytes."},
    {"name": "search", "description": "Find articles by their words."},
    {"name": "sources", "description": "The sites that are watched, and how."},
    {"name": "ledger", "description": "Every URL seen, where it stands and why."},
    {"name": "fetch", "description": "Fetch and archive a URL now."},
    {"name": "jobs", "description": "What takes long: fetches that wait, exports."},
    {"name": "health", "description": "Whether the archive is alive and complete."},
    {"name": "reextractions", "description": "Readings made anew, put in place."},
    {"name": "takedowns", "description": "Articles withheld, excluded or erased."},
    {"name": "feeds", "description": "New and changed articles, and alerts, as feeds."},
    {"name": "config", "description": "The settings in force."},
    {"name": "tokens", "description": "Who may ask, and for what."},
    {"name": "archive", "description": "What tools of other archives ask."},
]
_UNSAFE = frozenset({"post", "put", "patch", "delete"})
_ANYWHERE = (421, 500, 503)
#: Without a token, without its scope, and too often.
_GUARDED = (401, 403, 429)
_SCHEME = "token"
_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": (
        "A token (`kliping token add NAME --scope read|fetch|admin`); each scope opens "
        "what those before it do."
    ),
}
#: What a route refuses beside what its parameters and body tell.
_REFUSES: Mapping[str, tuple[int, ...]] = {
    "get_articles": (400, 404),
    "get_article": (451,),
    "get_versions": (451,),
    "get_version": (451,),
    "get_copies": (451,),
    "get_difference": (451,),
    "get_explanation": (451,),
    "get_raw": (451,),
    "get_search": (400,),
    "get_explanation_of_url": (404,),
    "get_ledger": (404,),
    "get_search_feed": (400,),
    "get_cdx": (400, 404, 451),
    "post_source": (409,),
    "post_import": (409,),
    "post_probe": (403, 409, 424, 429),
    "patch_source": (409,),
    "delete_source": (409,),
    "put_rules": (409,),
    "post_rules_tried": (409,),
    "post_boost": (422,),
    "post_poll": (422,),
    "post_links": (403,),
    "post_fetch": (403, 409, 424, 429, 451, 507),
    "post_export": (400, 404, 429),
    "get_result": (403, 409, 410, 422, 424, 429, 451, 507),
    "post_promote": (409, 422),
    "post_rollback": (409, 422),
    "post_takedown": (409, 507),
    "post_preview": (409,),
    "get_report": (409,),
    "delete_takedown": (409,),
}
_PARAMETERS: Mapping[str, Any] = {
    "article_id": 1,
    "link_id": 1,
    "job_id": 1,
    "number": 1,
    "name": "Harbour Post",
    "q": "bridge",
    "url": "https://harbour.example/bridge-opens",
    "run": "20260314T120000Z",
}
_IDEMPOTENCY: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": (
        "The same request with the same key within a day is answered as before, and "
        "not done again; another request with it is refused (422)."
    ),
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "pattern": "^[!-~]+$",
    },
}


def describe(app: FastAPI) -> None:
    """Make an application describe itself whole."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's docs extend it


def _described(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=(
            "Kliping archives news sites. Errors are problem documents (RFC 9457) with "
            "a `class` that does not change, and say whether to ask again."
        ),
        routes=app.routes,
        tags=TAGS,
    )
    document["components"]["securitySchemes"] = {_SCHEME: _TOKEN}
    schemas = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    examples = json.loads(
        resources.files("crawler.web").joinpath("examples.json").read_text("utf-8")
    )
    for path, method, operation in operations(document):
        needed = scope_needed(method.upper(), path)
        operation["security"] = [{_SCHEME: [str(needed)]}] if needed else []
        _tell_refusals(path, method, operation)
        _show(operation, examples.get(operation["operationId"], {}))
        if method == "post" and path.startswith("/v1/"):
            operation.setdefault("parameters", []).append(_IDEMPOTENCY)
    return document


def operations(
    document: Mapping[str, Any],
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, method and operation of a description."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _tell_refusals(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    if path.startswith(("/v1/", "/cdx", "/feeds/")):
        responses.pop("422", None)  # its own form is not ours
        refusals = _refusals(path, method, operation)
    else:
        refusals = set(_GUARDED) if operation["security"] else set()
    for status in sorted(refusals):
        responses[str(status)] = _refusal(status)


def _refusals(path: str, method: str, operation: Mapping[str, Any]) -> set[int]:
    """Return the statuses that a route refuses with."""
    found = {*_ANYWHERE, *_GUARDED, *_REFUSES.get(operation["operationId"], ())}
    parameters = operation.get("parameters", ())
    if any(one["in"] == "path" for one in parameters):
        found.add(404)
    if path.startswith("/v1/"):
        found.add(422)  # for parameters that it has not
    if any(one["in"] == "query" for one in parameters):
        found.add(400 if path.startswith("/cdx") else 422)
    if method in _UNSAFE:
        found.add(413)
    if method == "post":
        found |= {400, 409, 422}  # by the idempotency key
    if "requestBody" in operation:
        found |= {400, 415, 422}
    return found


def _refusal(status: int) -> dict[str, Any]:
    phrase = HTTPStatus(status).phrase
    trouble = trouble_of_status(status)
    shown = problem_document(trouble, f"{phrase}: what is wrong, in a sentence.")
    return {
        "description": phrase,
        "content": {
            PROBLEM: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": shown,
            }
        },
    }


def _show(operation: dict[str, Any], example: Mapping[str, Any]) -> None:
    """Put examples where they belong."""
    for parameter in operation.get("parameters", ()):
        shown = {**_PARAMETERS, **example.get("parameters", {})}
        if parameter["name"] in shown:
            parameter["example"] = shown[parameter["name"]]
    if "request" in example:
        body = operation["requestBody"]["content"]["application/json"]
        body["example"] = example["request"]
    if "answer" in example:
        for status, response in operation["responses"].items():
            if status in {"200", "201"} or (status == "202" and _is_alone(operation)):
                _show_answer(response["content"], example["answer"])


def _is_alone(operation: Mapping[str, Any]) -> bool:
    """Tell whether an operation has one answer that is no refusal."""
    answers = [status for status in operation["responses"] if status.startswith("2")]
    return len(answers) == 1


def _show_answer(content: dict[str, Any], answer: object) -> None:
    media = "text/plain" if isinstance(answer, str) else "application/json"
    media = media if media in content else next(iter(content))
    content[media]["example"] = answer
