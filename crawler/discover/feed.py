"""What a feed says, whatever its dialect."""

from dataclasses import dataclass
from datetime import timedelta

from storage.model.link import FoundLink

MAX_ITEMS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed read.

    Attributes:
        title: The feed's own title.
        links: Its newest items that have a link, at most 1,000.
        too_long: How many of its items have no link but one that is too long.
        language: As the feed names it.
        ttl: How long the feed asks to be left alone (RSS `ttl`, or
            `sy:updatePeriod` by `sy:updateFrequency`; the longer of the two).
        hub: The WebSub hub it announces.
        topic: Its own address, as it says: what is subscribed to at the hub.
        home: The page it is the feed of, as it says.
        older: Where the items before these are (RFC 5005, JSON Feed's `next_url`, and
            as WordPress serves them without a word).
        of_comments: Whether most of its items are readers' comments.
        well_formed: False when only the tolerant reader could read it.
    """

    title: str | None
    links: tuple[FoundLink, ...]
    too_long: int = 0
    language: str | None = None
    ttl: timedelta | None = None
    hub: str | None = None
    topic: str | None = None
    home: str | None = None
    older: str | None = None
    of_comments: bool = False
    well_formed: bool = True
