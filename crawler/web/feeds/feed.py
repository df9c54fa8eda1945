"""What a feed says, whatever its form. Nouns; pure."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

#: The newest that an empty feed has; a feed that says `now` would never be the same.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
#: Whose categories say how an article changed.
CHANGES = "urn:kliping:change"
#: What XML 1.0 has no place for (section 2.2), and lone halves of surrogate pairs.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class FeedForm(StrEnum):
    """In what form a feed is given: Atom (RFC 4287), or JSON Feed 1.1."""

    ATOM = "atom"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry.

    Attributes:
        id: A URI that stays, whatever becomes of the archive.
        title: Plain text.
        url: What it is about; of an article, its address on the web.
        page: Where the archive shows it.
        published: When it began.
        updated: When it changed last.
        summary: Plain text.
        html: The whole, or None where only the summary is given.
        authors: Their names.
        tags: Its keywords.
        language: Its language's tag, or nothing.
        change: How an article changed last, or None for a new one.
        more: What JSON says of it besides, under `_kliping`.
    """

    id: str
    title: str
    url: str
    page: str
    published: datetime
    updated: datetime
    summary: str
    html: str | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = ""
    change: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed.

    Attributes:
        id: A URI that stays.
        title: Plain text.
        path: Where this form of it is, below the service's address.
        page: The page that shows the same.
        base: The service's address, without a slash at its end.
        entries: The newest change first.
    """

    id: str
    title: str
    path: str
    page: str
    base: str
    entries: tuple[Entry, ...]

    @property
    def updated(self) -> datetime:
        """When an entry changed last."""
        return max((one.updated for one in self.entries), default=NEVER)


def urn(*names: str) -> str:
    """Return the URI of something by its names; the same each time (RFC 9562, v5)."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, 'kliping:' + ':'.join(names))}"


def allowed(text: str) -> str:
    """Return text without what XML 1.0 forbids."""
    return _FORBIDDEN.sub("", text)


def stated(at: datetime) -> str:
    """Return a time as RFC 3339 has it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
