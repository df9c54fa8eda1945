"""What every route is given: the service, its pulse, bounded parameters."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from crawler.pulse import Pulse
from crawler.service import Service

#: The largest id that a 64-bit column holds.
_MAX_ID = 2**63 - 1


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _pulse(request: Request) -> Pulse:
    pulse: Pulse = request.app.state.pulse
    return pulse


GivenService = Annotated[Service, Depends(_service)]
GivenPulse = Annotated[Pulse, Depends(_pulse)]
Id = Annotated[int, Path(ge=1, le=_MAX_ID)]
#: The last id of the page before: keyset paging, newest first.
Before = Annotated[int | None, Query(ge=1, le=_MAX_ID)]
Limit = Annotated[int, Query(ge=1, le=200)]
#: A filter; an empty one, as a form sends it, filters nothing.
Choice = Annotated[str | None, Query(max_length=200)]
