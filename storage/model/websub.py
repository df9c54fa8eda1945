"""A feed's subscription at a hub (WebSub)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Asking(StrEnum):
    """What a hub was asked for last and has not verified (`hub.mode`)."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """That a hub is to tell us of a feed's news (WebSub); one for each feed link.

    Attributes:
        link: The id of the feed's link.
        hub: Whom the feed names; it is asked at `endpoint`, where redirects led
            after so many `hops`.
        host: Whose turn the next request to it is.
        topic: What is subscribed to, as the feed writes it.
        callback: Where the hub reaches us; its last part is the secret `path`.
        secret: Signs what is delivered.
        is_private: Whether the feed came from a private network.
        announced_at: When the feed last named this hub and topic.
        asking: What was asked for and is not verified.
        asked_at: When it was asked for, while that is waited for.
        until: The end of the verified lease; None when there is none.
        is_denied: Whether the hub refused.
        failures: The back-off score of asking.
        reason: Why it is denied or fails.
        next_run: When something is to be done about it.
        delivered_at: The last delivery with a right signature.
        deliveries: How many there were.
        rejected: How many bodies had no right signature.
        hint_at: When the feed is read for a delivery that no reading followed yet.
        hinted_at: When it was last read for one.
        missed_at: When a reading found news that were not delivered.
        idle: Readings in a row that followed a delivery and found nothing.
    """

    link: int
    hub: str
    endpoint: str
    host: str
    topic: str
    callback: str = field(repr=False)
    path: str = field(repr=False)
    secret: str = field(repr=False)
    announced_at: datetime
    is_private: bool = False
    hops: int = 0
    asking: Asking | None = None
    asked_at: datetime | None = None
    until: datetime | None = None
    is_denied: bool = False
    failures: float = 0.0
    reason: str = ""
    next_run: datetime | None = None
    delivered_at: datetime | None = None
    deliveries: int = 0
    rejected: int = 0
    hint_at: datetime | None = None
    hinted_at: datetime | None = None
    missed_at: datetime | None = None
    idle: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heed:
    """What a reading of a feed taught of its hub; `pause` is owed before a hint.

    `missed_at` and `idle` are as in `Subscription`; `told_at` is the delivery that was
    known then.
    """

    told_at: datetime | None
    missed_at: datetime | None
    idle: int
    pause: timedelta
