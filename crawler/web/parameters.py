"""Parameters that a route does not have: refused, for who misspells one gets too much.

What a route has is read from the API's own description.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError

_UNDER = "/v1/"


async def refuse_unknown(request: Request) -> None:
    """Refuse a query with a parameter that its route has not, or has but once.

    Raises:
        RequestValidationError: it has such a one.
    """
    route = request.scope["route"]
    if not route.path.startswith(_UNDER):
        return
    methods = request.app.openapi()["paths"][route.path]
    known = _many_of(methods[request.method.lower()])
    given = request.query_params
    faults = [
        _fault(name, known)
        for name in given
        if _is_wrong(given.getlist(name), name, known)
    ]
    if faults:
        raise RequestValidationError(faults)


def _many_of(operation: Mapping[str, Any]) -> Mapping[str, bool]:
    """Return the parameters of a query, and whether each may stand more than once."""
    return {
        one["name"]: one["schema"].get("type") == "array"
        for one in operation.get("parameters", ())
        if one["in"] == "query"
    }


def _is_wrong(values: list[str], name: str, known: Mapping[str, bool]) -> bool:
    return name not in known or (len(values) > 1 and not known[name])


def _fault(name: str, known: Mapping[str, bool]) -> Mapping[str, Any]:
    """Return what is wrong with a parameter, as pydantic would."""
    if name in known:
        said = "stands more than once"
    elif known:
        said = f"is no parameter here; there are {', '.join(known)}"
    else:
        said = "is no parameter here; there are none"
    return {"type": "value_error", "loc": ("query", name), "ctx": {"error": said}}
