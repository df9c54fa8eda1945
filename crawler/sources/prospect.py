"""A site as a source it could be: what was found of it, and what would be watched.

Pure; crawler.sources.surveying asks the site and fills this in.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from crawler.config.tree import Source
from crawler.discover.optout import Signal
from crawler.discover.rate import articles_a_day
from storage.model.link import FoundLink
from storage.model.link_kind import LinkKind

#: A list whose newest item is older has fallen silent.
_SILENT = timedelta(days=30)
#: A second feed is watched where so many of its links are in no other.
_NEWS_OF_ITS_OWN = 0.5
#: So many dates, nearly all in one hour, are those of the list itself.
_TELLING, _MOMENT = 20, timedelta(hours=1)


class Given(StrEnum):
    """What the URL was found to be that a survey began with."""

    HOME = "home page"
    SECTION = "section page"
    ARTICLE = "article"
    FEED = "feed"
    SITEMAP = "sitemap"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSeen:
    """A feed, sitemap or section page, and what it shows now.

    Attributes:
        kind: Which of them it is.
        url: Where it is.
        origin: How it was found.
        title: As it says itself.
        links: The articles it names.
        named: All that a sitemap names; of an index, its sitemaps.
        note: What an operator should know of it, or why it is not watched.
        used: Whether the source would be watched at it.
    """

    kind: LinkKind
    url: str
    origin: str
    title: str = ""
    links: tuple[FoundLink, ...] = ()
    named: tuple[FoundLink, ...] = ()
    note: str = ""
    used: bool = False

    @property
    def newest(self) -> datetime | None:
        """The newest date that it states."""
        return max((at for link in self.links if (at := stated(link))), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSeen:
    """An article read as it would be archived, or why it was not.

    `published` is as the archive states times; `opening` is how the text begins;
    `is_shell` says that scripts would write the text.
    """

    url: str
    verdict: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    published: str | None = None
    language: str | None = None
    characters: int = 0
    removed: int = 0
    opening: str = ""
    is_shell: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsSeen:
    """What a site's robots.txt says to us.

    Attributes:
        status: Its HTTP status; None where it was not asked for.
        line: What decides about the home page.
        crawl_delay: Seconds it asks for between two requests.
    """

    status: int | None
    line: str
    crawl_delay: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """A site as a survey found it."""

    given: Given
    home: str
    robots: RobotsSeen
    signals: tuple[Signal, ...]
    lists: tuple[ListSeen, ...]
    samples: tuple[SampleSeen, ...]
    articles_a_day: float | None
    language: str | None


def stated(link: FoundLink) -> datetime | None:
    """Return the time a list states for a link."""
    return link.published or link.modified


def choose(lists: Sequence[ListSeen], now: datetime) -> tuple[ListSeen, ...]:
    """Say of each list whether a source would be watched at it, and why not.

    Feeds come first, each with enough links of its own. A sitemap is watched where
    it dates its pages, for else it brings the whole past; or where there is no feed.
    Sections are watched where there is neither.
    """
    chosen: list[ListSeen] = []
    known: set[str] = set()
    for kind in (LinkKind.FEED, LinkKind.SITEMAP, LinkKind.SECTION):
        before = [one for one in chosen if one.used]
        for seen in (one for one in lists if one.kind is kind):
            why = seen.note or _against(seen, known, before, now)
            chosen.append(replace(seen, used=not why, note=why))
            if not why:
                known.update(link.url for link in seen.links)
    return tuple(chosen)


def _against(
    seen: ListSeen, known: set[str], before: Sequence[ListSeen], now: datetime
) -> str:
    """Return why a list need not be watched, or nothing."""
    if not seen.links:
        return "names no article"
    if seen.newest is not None and seen.newest < now - _SILENT:
        return f"nothing new since {seen.newest:%Y-%m-%d}"
    match seen.kind:
        case LinkKind.FEED:
            fresh = sum(link.url not in known for link in seen.links)
            if fresh < _NEWS_OF_ITS_OWN * len(seen.links):
                return "most of it is in the feeds before"
        case LinkKind.SITEMAP if before:
            return _against_dates(seen)
        case LinkKind.SECTION if before:
            return "not needed beside feeds and sitemaps"
    return ""


def _against_dates(seen: ListSeen) -> str:
    if seen.newest is None:
        return "states no dates: it would bring all of the past"
    if _is_stamped(seen):
        return "dates its pages alike: it would bring all of the past"
    return ""


def _is_stamped(seen: ListSeen) -> bool:
    """Tell whether nine of ten pages were changed in one hour: when the list was made."""
    dates = sorted(link.modified for link in seen.links if link.modified)
    if len(dates) < _TELLING or any(link.published for link in seen.links):
        return False
    most = len(dates) * 9 // 10
    spans = (dates[n + most - 1] - dates[n] for n in range(len(dates) - most + 1))
    return min(spans) <= _MOMENT


def expected_a_day(lists: Sequence[ListSeen], now: datetime) -> float | None:
    """Return how many articles a day the watched lists announce, or None."""
    return articles_a_day([one.links for one in lists if one.used], now)


def to_sample(lists: Sequence[ListSeen], count: int) -> list[FoundLink]:
    """Return articles to try: of watched lists first, the newest first."""
    order = sorted(lists, key=lambda one: not one.used)
    links: dict[str, FoundLink] = {}
    for seen in order:
        for link in sorted(seen.links, key=_age_rank):
            links.setdefault(link.url, link)
    return list(links.values())[:count]


def _age_rank(link: FoundLink) -> float:
    """Return what sorts the newest first, and what states no date last, as it came."""
    at = stated(link)
    return -at.timestamp() if at else 0.0


def language_of(samples: Sequence[SampleSeen]) -> str | None:
    """Return the language that most samples are in, of three at least."""
    said = [sample.language for sample in samples if sample.language]
    common, times = next(iter(Counter(said).most_common(1)), (None, 0))
    return common if len(said) >= 3 and times > len(said) / 2 else None


def needs_browser(samples: Sequence[SampleSeen]) -> bool:
    """Tell whether most samples are shells whose text scripts write, of two at least."""
    read = [sample for sample in samples if not sample.error]
    shells = sum(sample.is_shell for sample in read)
    return len(read) >= 2 and shells > len(read) / 2


def proposed_source(prospect: Prospect, name: str) -> Source:
    """Return the source that a survey proposes."""
    used = [seen for seen in prospect.lists if seen.used]
    by_kind = {
        kind: tuple(seen.url for seen in used if seen.kind is kind)
        for kind in (LinkKind.FEED, LinkKind.SITEMAP, LinkKind.SECTION)
    }
    return Source(
        name=name,
        home=prospect.home,
        feeds=by_kind[LinkKind.FEED],
        sitemaps=by_kind[LinkKind.SITEMAP],
        sections=by_kind[LinkKind.SECTION],
        language=prospect.language,
        render="auto" if needs_browser(prospect.samples) else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSummary:
    """A list as a survey tells of it; `articles` is how many it names."""

    kind: LinkKind
    url: str
    origin: str
    title: str
    note: str
    used: bool
    newest: datetime | None
    articles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A survey's findings, with lists by how many articles each names."""

    given: Given
    home: str
    articles_a_day: float | None
    language: str | None
    robots: RobotsSeen
    signals: tuple[Signal, ...]
    lists: tuple[ListSummary, ...]
    samples: tuple[SampleSeen, ...]


def summary(prospect: Prospect) -> Summary:
    """Return a survey's findings."""
    same = ("given", "home", "articles_a_day", "language")
    return Summary(
        **{name: getattr(prospect, name) for name in same},
        robots=prospect.robots,
        signals=prospect.signals,
        lists=tuple(_counted(seen) for seen in prospect.lists),
        samples=prospect.samples,
    )


def _counted(seen: ListSeen) -> ListSummary:
    same = ("kind", "url", "origin", "title", "note", "used", "newest")
    facts = {name: getattr(seen, name) for name in same}
    return ListSummary(**facts, articles=len(seen.links))
