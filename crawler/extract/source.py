"""What the extractor is given: one capture, what its link promised, site rules."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from storage.model.article import Blurb


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What the link said of the page before it was fetched (feed, sitemap).

    Language and time zone (an IANA name) are those of its source, as configured.
    """

    title: str | None = None
    published: datetime | None = None
    language: str | None = None
    timezone: str | None = None
    blurb: Blurb | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRules:
    """What an operator configured for a site: CSS selectors and exact lines.

    Attributes:
        body: The container of the story.
        title: The headline.
        authors: Each match is one name or list of names.
        published: Its `datetime`, `content` or text is the time.
        remove: Elements that are never text.
        drop_lines: Whole lines that are never text.
        valid_from: First day (of capture) on which the rules hold.
        valid_until: Last day on which the rules hold.
    """

    body: str | None = None
    title: str | None = None
    authors: str | None = None
    published: str | None = None
    remove: tuple[str, ...] = ()
    drop_lines: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None

    def hold_on(self, day: date) -> bool:
        """Tell whether the rules are valid on a day."""
        started = self.valid_from is None or self.valid_from <= day
        return started and (self.valid_until is None or day <= self.valid_until)

    @property
    def version(self) -> str:
        """What tells these rules from others: 8 hex digits of their SHA-256 as JSON."""
        said = json.dumps(asdict(self), default=str, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostKnowledge:
    """What other pages of the same site have taught.

    Attributes:
        blocks: By block key (`template.block_key`): on how many of the pages it
            was seen, and on how many days.
        pages: How many pages were counted.
        title_suffixes: What ends its titles and is no part of a headline.
        title_prefixes: What begins them so.
        day_first: Whether its numeric dates put the day before the month; None
            where none told.
    """

    blocks: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    pages: int = 0
    title_suffixes: tuple[str, ...] = ()
    title_prefixes: tuple[str, ...] = ()
    day_first: bool | None = None


@dataclass(frozen=True, slots=True)
class PageSource:
    """One capture as the extractor sees it.

    Attributes:
        url: The URL that answered.
        body: The payload with content codings removed; its charset is not decoded.
        captured_at: When it was received, UTC; relative dates count from it.
        status: HTTP status.
        headers: Response headers in order.
        hint: What the link said of it.
        rules: The site's rules, or None.
        known: What other pages of its site have taught, or None.
        own: Keys of the page itself among those that `known` counts: it was
            counted before and does not witness against itself.
    """

    url: str
    body: bytes
    captured_at: datetime
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    hint: Hint = Hint()
    rules: SiteRules | None = None
    known: HostKnowledge | None = None
    own: frozenset[int] = frozenset()

    def header(self, name: str) -> str | None:
        """Return the first value of a header, or None; names ignore case."""
        wanted = name.lower()
        return next((v for k, v in self.headers if k.lower() == wanted), None)
