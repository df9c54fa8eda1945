"""What every route is given: the service, its pulse, bounded parameters."""

import asyncio
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from pydantic import BeforeValidator, Field

from crawler.pulse import Pulse
from crawler.service import Service
from crawler.web.figures import Figures
from crawler.web.keys import Keys
from storage.model import LinkState

#: The largest id that a 64-bit column holds.
_MAX_ID = 2**63 - 1


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _pulse(request: Request) -> Pulse:
    pulse: Pulse = request.app.state.pulse
    return pulse


def _keys(request: Request) -> Keys:
    keys: Keys = request.app.state.keys
    return keys


def _figures(request: Request) -> Figures:
    figures: Figures = request.app.state.figures
    return figures


def _turns(request: Request) -> asyncio.Semaphore:
    turns: asyncio.Semaphore = request.app.state.turns
    return turns


def _filled(value: object) -> object:
    return None if value == "" else value


GivenService = Annotated[Service, Depends(_service)]
#: Who may start a process to explain a page.
GivenTurns = Annotated[asyncio.Semaphore, Depends(_turns)]
GivenPulse = Annotated[Pulse, Depends(_pulse)]
GivenFigures = Annotated[Figures, Depends(_figures)]
GivenKeys = Annotated[Keys, Depends(_keys)]
Id = Annotated[int, Path(ge=1, le=_MAX_ID)]
#: The last id of the page before: keyset paging, newest first.
Before = Annotated[int | None, Query(ge=1, le=_MAX_ID)]
#: What a page of search results gave for the next one.
Cursor = Annotated[
    Annotated[str, Field(max_length=300)] | None, BeforeValidator(_filled), Query()
]
Limit = Annotated[int, Query(ge=1, le=200)]
#: Filters; an empty one, as a form sends it, filters nothing.
Choice = Annotated[
    Annotated[str, Field(max_length=200)] | None, BeforeValidator(_filled), Query()
]
StateChoice = Annotated[LinkState | None, BeforeValidator(_filled), Query()]
