"""Parameters that a route does not have: refused, for who misspells one gets too much."""

from collections.abc import Iterator, Mapping
from typing import Any, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

_UNDER = "/v1/"


async def refuse_unknown(request: Request) -> None:
    """Refuse a query with a parameter that its route has not, or has but once.

    Raises:
        RequestValidationError: it has such a one.
    """
    route, given = request.scope["route"], request.query_params
    if not given or not route.path.startswith(_UNDER):
        return
    known = dict(_parameters(route.dependant))
    faults = [
        _fault(name, known)
        for name in given
        if not _is_meant(given.getlist(name), name, known)
    ]
    if faults:
        raise RequestValidationError(faults)


def _parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """Yield the parameters of a query, and whether each may stand more than once."""
    for one in dependant.query_params:
        model = one.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            for name, field in model.model_fields.items():
                yield field.alias or name, get_origin(field.annotation) is tuple
        else:
            yield one.alias, get_origin(model) is tuple
    for inner in dependant.dependencies:
        yield from _parameters(inner)


def _is_meant(values: list[str], name: str, known: Mapping[str, bool]) -> bool:
    return name in known and (len(values) == 1 or known[name])


def _fault(name: str, known: Mapping[str, bool]) -> Mapping[str, Any]:
    """Return what is wrong with a parameter, as pydantic would."""
    if name in known:
        said = "stands more than once"
    elif known:
        said = f"is no parameter here; there are {', '.join(known)}"
    else:
        said = "is no parameter here; there are none"
    return {"type": "value_error", "loc": ("query", name), "ctx": {"error": said}}
