"""What every route is given: the service, its pulse, bounded parameters."""

import asyncio
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from pydantic import (
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_before_validator_function

from crawler.jobs.running import Jobs
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.web.figures import Figures
from crawler.web.keys import Keys
from storage.alerts import AlertState
from storage.model.link_state import LinkState
from storage.sql.jobs import JobKind, JobState

#: The largest id that a 64-bit column holds.
_MAX_ID = 2**63 - 1
_NO_DAY = "write a day that there is, such as 2026-01-31"
_NO_TIME = f"{_NO_DAY}, or a time such as 2026-01-31T09:00:00Z"


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


async def _pulse(request: Request) -> Pulse:
    pulse: Pulse = request.app.state.pulse
    return pulse


async def _keys(request: Request) -> Keys:
    keys: Keys = request.app.state.keys
    return keys


async def _figures(request: Request) -> Figures:
    figures: Figures = request.app.state.figures
    return figures


async def _turns(request: Request) -> asyncio.Semaphore:
    turns: asyncio.Semaphore = request.app.state.turns
    return turns


async def _jobs(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.jobs
    return jobs


async def _owner(request: Request) -> str:
    """Return whose token asks; nothing where that is not known."""
    return str(getattr(request.state, "token_id", None) or "")


def filled(value: object) -> object:
    return None if value == "" else value


class _OrEmpty:
    """Takes an empty value, as a form sends it, for none; the API's description says so."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return no_info_before_validator_function(filled, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        described = handler(schema)
        described["anyOf"] = [*described["anyOf"], {"type": "string", "maxLength": 0}]
        return described


OR_EMPTY = _OrEmpty()


def _moment(value: object) -> object:
    """Return a time that was written as RFC 3339 has it, or a day; in UTC.

    Raises:
        ValueError: it is neither.
    """
    if value is None or isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError(_NO_TIME)  # noqa: TRY004  # to pydantic
    written = value.strip().upper()
    try:
        at = datetime.fromisoformat(written.replace(" ", "+", written.count("T")))
    except ValueError as error:
        raise ValueError(_NO_TIME) from error
    try:
        return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    except OverflowError:  # the first or the last day there is, elsewhere
        return at.replace(tzinfo=UTC)


def _day(value: object) -> object:
    if value is None or isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise ValueError(_NO_DAY)  # noqa: TRY004  # to pydantic
    try:
        return date.fromisoformat(value.strip())
    except ValueError as error:
        raise ValueError(_NO_DAY) from error


GivenService = Annotated[Service, Depends(_service)]
#: Who may start a process to explain a page.
GivenTurns = Annotated[asyncio.Semaphore, Depends(_turns)]
GivenJobs = Annotated[Jobs, Depends(_jobs)]
Owner = Annotated[str, Depends(_owner)]
GivenPulse = Annotated[Pulse, Depends(_pulse)]
GivenFigures = Annotated[Figures, Depends(_figures)]
GivenKeys = Annotated[Keys, Depends(_keys)]
Id = Annotated[int, Path(ge=1, le=_MAX_ID)]
#: The last id of the page before: keyset paging, newest first.
Before = Annotated[int | None, Query(ge=1, le=_MAX_ID)]
#: What a page of search results gave for the next one.
Cursor = Annotated[
    Annotated[str, Field(max_length=300)] | None, BeforeValidator(filled), Query()
]
Limit = Annotated[int, Query(ge=1, le=200)]
#: The number of a version, as a parameter.
Number = Annotated[int | None, Query(ge=1, le=2**31)]
#: Filters; an empty one, as a form sends it, filters nothing.
Choice = Annotated[
    Annotated[str, Field(max_length=200)] | None, BeforeValidator(filled), Query()
]
AlertChoice = Annotated[AlertState | None, OR_EMPTY, Query()]
JobChoice = Annotated[JobState | None, OR_EMPTY, Query()]
JobKindChoice = Annotated[JobKind | None, OR_EMPTY, Query()]
StateChoice = Annotated[LinkState | None, OR_EMPTY, Query()]
#: A time as RFC 3339 writes it, or a day, which begins at 00:00 UTC.
Moment = Annotated[
    Annotated[
        datetime,
        BeforeValidator(_moment),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "string", "format": "date-time"},
                    {"type": "string", "format": "date"},
                    {"type": "string", "maxLength": 0},
                ]
            }
        ),
    ]
    | None,
    BeforeValidator(filled),
]
Day = Annotated[
    Annotated[
        date,
        BeforeValidator(_day),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "string", "format": "date"},
                    {"type": "string", "maxLength": 0},
                ]
            }
        ),
    ]
    | None,
    BeforeValidator(filled),
]
#: The name of a source.
Name = Annotated[str, Path(min_length=1, max_length=80)]
