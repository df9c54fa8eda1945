"""The API's description (OpenAPI): what its routes need is told from what is demanded."""

from typing import Any

from fastapi import FastAPI

from crawler.web.access import scope_needed

_SCHEME = "token"
_METHODS = frozenset({"get", "post", "put", "patch", "delete"})


def describe(app: FastAPI) -> None:
    """Make an application's description say which scope each route needs."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _add_scopes(plain())
        return plain()

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way


def _add_scopes(document: dict[str, Any]) -> None:
    schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
    schemes[_SCHEME] = {
        "type": "http",
        "scheme": "bearer",
        "description": "A token (`kliping token add NAME --scope read|fetch|admin`).",
    }
    for path, routes in document["paths"].items():
        for method, route in routes.items():
            if method not in _METHODS:
                continue
            needed = scope_needed(method.upper(), path)
            route["security"] = [{_SCHEME: [str(needed)]}] if needed else []
