"""Events: what others were, or are to be, told of."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from crawler.config import EventType
from crawler.web.given import GivenService, Limit
from storage.sql.events import list_events

routes = APIRouter(prefix="/v1/events", tags=["health"])

#: Which events are meant, such as `article.*`; of any type without.
Types = Annotated[tuple[EventType, ...], Query(max_length=20)]


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


@routes.get("")
def get_events(
    service: GivenService,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    type: Types = (),  # noqa: A002  # so it is asked for
    limit: Limit = 50,
) -> EventList:
    """List events after one, oldest first; those about withheld articles are left out."""
    with service.session() as session:
        found = list_events(session, after=after, limit=limit, types=type)
    return EventList(events=[EventOut.model_validate(asdict(one)) for one in found])
