"""Events: what others were, or are to be, told of; listed, or as they come."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from pydantic import BaseModel

from crawler.config.tree import EventType
from crawler.web.given import GivenService, Limit
from crawler.web.security import ASKED_FOR_HEAD
from crawler.web.streams import News, Streams, TooManyStreams
from storage.sql.events import Event, list_events

routes = APIRouter(prefix="/v1/events", tags=["health"])

STREAM = "text/event-stream"
#: Seconds; proxies give up on what is silent for a minute.
HEARTBEAT = 15.0
#: Milliseconds after which a browser asks again.
_RETRY = 3000
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

#: Which events are meant, such as `article.*`; of any type without.
Types = Annotated[tuple[EventType, ...], Query(max_length=20)]
_MOST = 2**62


class EventOut(BaseModel):
    """An event; `sent_at` is when the webhook took it."""

    id: int
    at: datetime
    type: str
    data: dict[str, Any]
    tries: int
    sent_at: datetime | None


class EventList(BaseModel):
    """Events, oldest first."""

    events: list[EventOut]


def _wants_stream(request: Request) -> bool:
    return STREAM in request.headers.get("accept", "")


async def _place(request: Request) -> AsyncIterator[Streams]:
    """Hold a place for a stream until its answer has ended."""
    streams: Streams = request.app.state.streams
    async with AsyncExitStack() as held:
        is_stream = _wants_stream(request) or request.url.path.endswith("/stream")
        if is_stream and not request.scope.get(ASKED_FOR_HEAD):
            try:
                await held.enter_async_context(streams.place())
            except TooManyStreams as error:
                raise HTTPException(
                    503, "There are too many streams.", {"Retry-After": "30"}
                ) from error
        yield streams


Placed = Annotated[Streams, Depends(_place)]


@routes.get("", response_model=EventList)
async def get_events(  # noqa: PLR0913, PLR0917  # each is a parameter of the route
    request: Request,
    service: GivenService,
    streams: Placed,
    after: Annotated[int | None, Query(ge=0, le=_MOST)] = None,
    type: Types = (),  # noqa: A002  # so it is asked for
    limit: Limit = 50,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response | EventList:
    """List events after one, oldest first; those about withheld articles are left out.

    With `Accept: text/event-stream` they are streamed, as at `/v1/events/stream`.
    """
    if _wants_stream(request):
        return _streamed(request, streams, after, last_event_id, type)

    def find() -> list[Event]:
        with service.session() as session:
            return list_events(session, after=after or 0, limit=limit, types=type)

    found = await asyncio.to_thread(find)
    return EventList(events=[_out(one) for one in found])


@routes.get(
    "/stream",
    response_class=StreamingResponse,
    responses={200: {"description": "Server-sent events", "content": {STREAM: {}}}},
)
async def get_stream(
    request: Request,
    streams: Placed,
    after: Annotated[int | None, Query(ge=0, le=_MOST)] = None,
    type: Types = (),  # noqa: A002  # so it is asked for
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Stream events as they come: those after one, or from now on.

    `Last-Event-ID`, as browsers send it, counts before `after`. Where nothing comes, a
    comment does every 15 seconds. The stream ends when the service stops.
    """
    return _streamed(request, streams, after, last_event_id, type)


def _streamed(
    request: Request,
    streams: Streams,
    after: int | None,
    last_event_id: str | None,
    types: Sequence[str],
) -> Response:
    if request.scope.get(ASKED_FOR_HEAD):
        return Response(media_type=STREAM, headers=_HEADERS)
    last = last_event_id or ""
    known = int(last) if last.isascii() and last.isdigit() and len(last) < 19 else after
    news = streams.follow(known, types, heartbeat=HEARTBEAT)
    return StreamingResponse(_lines(news), headers=_HEADERS, media_type=STREAM)


async def _lines(news: AsyncIterator[News]) -> AsyncIterator[bytes]:
    yield format_sse_event(retry=_RETRY)
    said = "listening"
    async for one in news:
        for event in one.events:
            yield format_sse_event(
                id=str(event.id),
                event=event.type,
                data_str=_out(event).model_dump_json(),
            )
        if not one.events:
            yield format_sse_event(comment=said, id=str(one.seen))
        said = "nothing new"


def _out(event: Event) -> EventOut:
    return EventOut.model_validate(asdict(event))
