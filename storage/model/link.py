"""A link: what a list says of it, what the ledger knows, and what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from storage.looks import NO_LOOKS, Look, Tally
from storage.model.article import Blurb
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.model.websub import Heed, Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLink:
    """A link as a feed, sitemap or page showed it, with what was said of it.

    `guid` stands for what a feed calls it for good, whatever its address; `guid_url` is
    that where it is an address itself.
    """

    url: str
    kind: LinkKind
    title: str | None = None
    published: datetime | None = None
    modified: datetime | None = None
    blurb: Blurb | None = None
    guid: str | None = None
    guid_url: str | None = None


class Haste(StrEnum):
    """Why an archived article is due before its time: a list said so, or somebody."""

    STATED = "stated"
    BY_HAND = "by hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that is due, as a visit needs to know it.

    Attributes:
        source: The id of the source it belongs to, or None when asked for by hand elsewhere.
        rhythm: What is known of a watched link's news, or of an archived article's
            changes, as JSON values.
        due: When it became due.
        haste: Why it is due before its time, or None.
        tally: What looks at its source's archived articles came to.
        failures: The back-off score.
        full_at: The last GET without validators.
        validators_lied_at: When they were last found to deny news.
        status: The newest answer's.
        first_seen: When its article was first archived, or the link found.
        archived: Whether an article of this link is archived.
        push: How a hub tells of a feed's news, if one was named.
    """

    id: int
    source: int | None
    host: str
    url: str
    key: str
    kind: LinkKind
    state: LinkState
    found_at: datetime
    first_seen: datetime
    archived: bool = False
    title: str | None = None
    published: datetime | None = None
    blurb: Blurb | None = None
    rhythm: Mapping[str, Any] | None = None
    due: datetime | None = None
    haste: Haste | None = None
    tally: Tally = NO_LOOKS
    failures: float = 0.0
    etag: str | None = None
    last_modified: str | None = None
    full_at: datetime | None = None
    validators_lied_at: datetime | None = None
    status: int | None = None
    fetched_at: datetime | None = None
    push: Subscription | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """A link for the ledger: `key` is its identity, `host` who serves it.

    `modified` later than the last fetch makes a known link due at once. `guid` stands
    for what its feed calls it for good; `guid_key` is the identity of the page that
    this leads to, where it is an address.
    """

    url: str
    key: str
    host: str
    kind: LinkKind
    state: LinkState = LinkState.WAITING
    reason: str = ""
    title: str | None = None
    published: datetime | None = None
    modified: datetime | None = None
    blurb: Blurb | None = None
    guid: str | None = None
    guid_key: str | None = None
    next_run: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """How many links were new, and how many known ones became due again.

    `readdressed` counts those among the new whose GUIDs had another address before;
    `stated` has the time each new article link is said to be from, or None.
    """

    new: int
    renewed: int
    readdressed: int = 0
    stated: tuple[datetime | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubSitemap:
    """A sitemap of a source that another list named.

    `index` is the link that named it first, `news` how much it brought, the older
    weighing less (crawler.timing.rates); None before it was read.
    """

    id: int
    key: str
    index: int | None
    state: LinkState
    reason: str
    found_at: datetime
    fetched_at: datetime | None = None
    next_run: datetime | None = None
    failures: float = 0.0
    news: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a known link stands from now on, though it was not fetched."""

    id: int
    state: LinkState
    reason: str
    next_run: datetime | None
    failures: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """Where a fetched link stands now, why, and when it runs again.

    Of a watched link that was read, `rhythm` is what is now known of its news, as
    JSON values, and `pull` how strongly they ask for readings; `heed` is of a feed
    with a hub. Of an article it is what is known of its changes; `look` says what a
    look at it found. `fault` is what came of this fetch of an archived article where
    it gave no page; what is archived stands all the same.
    """

    state: LinkState
    reason: str
    next_run: datetime | None
    failures: float = 0.0
    interval: timedelta | None = None
    rhythm: Mapping[str, Any] | None = None
    pull: float | None = None
    look: Look | None = None
    heed: Heed | None = None
    fault: LinkState | None = None
