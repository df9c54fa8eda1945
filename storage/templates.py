"""How the pages of a site are counted, so that what they all show can be told.

A template is what a site's pages have in common. It is learned from a ring of the
newest pages: every block of a page has a key, and a key's count is the number of
pages in the ring that show it. Pure; storage.sql.templates keeps the result.

A story counts once however often it is fetched and under however many addresses:
a page with the text of another one would turn that text into template.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import chain

#: Pages that are counted: the newest ones, of distinct stories.
RING = 50
#: Other pages of its own day with which a page can be cleaned well: lists of
#: headlines change daily, and pages of other days do not show them.
NEIGHBOURS = 3
#: Other pages below which nothing is called repeated at all.
FEW = 4
_UNSEEN = timedelta(days=60)
_SAME_STORY = 0.8
_CHANGED_RUN = 5
_TOP = 20
_TOP_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedPage:
    """A page in the ring.

    Attributes:
        link: The link it was fetched by: one story.
        capture: The capture it was read from.
        seen_at: When that was received, UTC.
        keys: Of all its blocks.
        kept: Keys of the blocks that became its text.
        others: Other pages that were known when it was read.
        neighbours: How many of them were of its day.
        title: Its `<title>`, as it stands.
        dates: What it gives as dates, as they stand, a line each.
    """

    link: int
    capture: int
    seen_at: datetime
    keys: frozenset[int]
    kept: frozenset[int]
    others: int = 0
    neighbours: int = 0
    title: str = ""
    dates: str = ""

    @property
    def day(self) -> date:
        """The day of the capture, UTC."""
        return self.seen_at.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockCount:
    """How often a block was seen.

    Attributes:
        df: Pages of the ring that show it.
        days: Days on which it was seen, also on pages that have left the ring.
        first_seen: When it was first seen, UTC.
        last_seen: When it was last seen, UTC.
        sample: How its text begins; empty while one page alone has it.
    """

    df: int
    days: int
    first_seen: datetime
    last_seen: datetime
    sample: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a site writes its titles and dates.

    Attributes:
        title_suffixes: What ends its titles and is no part of a headline.
        title_prefixes: What begins them so.
        day_first: Whether the day stands before the month; None where none told.
    """

    title_suffixes: tuple[str, ...] = ()
    title_prefixes: tuple[str, ...] = ()
    day_first: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What is known of a site.

    Attributes:
        pages: The ring, in the order in which pages came in.
        blocks: Counts by key.
        generation: Grows by one when the site was redesigned.
        manners: How it writes titles and dates.
    """

    pages: tuple[CountedPage, ...] = ()
    blocks: Mapping[int, BlockCount] = field(default_factory=dict)
    generation: int = 1
    manners: Manners = Manners()


def learn(
    template: Template,
    batch: Sequence[CountedPage],
    samples: Mapping[int, str],
    now: datetime,
) -> Template:
    """Return the template with pages counted in.

    Args:
        template: What is known.
        batch: Pages just read, the oldest first.
        samples: How the texts of their blocks begin.
        now: Current time, UTC.
    """
    ring = {page.link: page for page in template.pages}
    counts = Counter(key for page in template.pages for key in page.keys)
    for page in batch:
        known = ring.get(page.link)
        others = [other for other in ring.values() if other.link != page.link]
        if known is None and tells_known_story(page, others, counts):
            continue
        counts.subtract(known.keys if known else ())
        counts.update(page.keys)
        ring[page.link] = page
    pages = tuple(ring.values())[-RING:]
    if is_redesigned(pages):
        pages = pages[-_CHANGED_RUN:]
        fresh = Template(generation=template.generation + 1)
        return _counted(fresh, pages, pages, samples, now)
    return _counted(template, pages, batch, samples, now)


def tells_known_story(
    page: CountedPage, others: Iterable[CountedPage], counts: Mapping[int, int]
) -> bool:
    """Tell whether another page has a page's text, as a copy at a second address.

    What recurs on several pages proves nothing; the rest of the text is compared.
    """
    own = {key for key in page.kept if counts.get(key, 0) <= 1}
    return bool(own) and any(
        len(own & other.keys) >= _SAME_STORY * len(own) for other in others
    )


def is_redesigned(pages: Sequence[CountedPage]) -> bool:
    """Tell whether the last pages, five in a row, lack most of what all had."""
    before, after = pages[:-_CHANGED_RUN], pages[-_CHANGED_RUN:]
    if len(before) < FEW:
        return False
    counts = Counter(key for page in before for key in page.keys)
    top = {k for k, n in counts.most_common(_TOP) if n >= _TOP_SHARE * len(before)}
    return bool(top) and all(
        len(page.keys & top) < _TOP_SHARE * len(top) for page in after
    )


def neighbours_of(page: CountedPage, pages: Iterable[CountedPage]) -> int:
    """Return how many other pages are of a page's day."""
    return sum(p.day == page.day and p.link != page.link for p in pages)


def to_clean_again(template: Template) -> list[CountedPage]:
    """Return the pages that were read alone and now have company enough.

    Only those whose text shows something of which another page knows; the
    extractor judges whether it goes.
    """
    others = len(template.pages) - 1
    days = Counter(page.day for page in template.pages)
    found = []
    for page in template.pages:
        neighbours = days[page.day] - 1
        alone = page.neighbours < NEIGHBOURS
        joined = neighbours >= NEIGHBOURS or page.others < FEW <= others
        if alone and joined and any(_df(template, key) > 1 for key in page.kept):
            found.append(replace(page, others=others, neighbours=neighbours))
    return found


def _df(template: Template, key: int) -> int:
    count = template.blocks.get(key)
    return count.df if count else 0


def with_lone(
    blocks: Mapping[int, BlockCount], pages: Iterable[CountedPage]
) -> dict[int, BlockCount]:
    """Return the blocks kept of a site with those that one page alone has shown.

    These are most of all: every paragraph of every story. They follow from the pages
    (`is_lone`), so they are not kept beside them.
    """
    found = dict(blocks)
    for page in pages:
        once = BlockCount(df=1, days=1, first_seen=page.seen_at, last_seen=page.seen_at)
        found.update(dict.fromkeys(page.keys.difference(blocks), once))
    return found


def is_lone(count: BlockCount) -> bool:
    """Tell whether a block was seen once, on a page that is in the ring."""
    return count.df == 1 and count.first_seen == count.last_seen and not count.sample


def _counted(
    template: Template,
    pages: tuple[CountedPage, ...],
    batch: Sequence[CountedPage],
    samples: Mapping[int, str],
    now: datetime,
) -> Template:
    counts = Counter(chain.from_iterable(page.keys for page in pages))
    sightings: dict[int, list[datetime]] = {}
    for page in batch:
        for key in page.keys:
            sightings.setdefault(key, []).append(page.seen_at)
    blocks: dict[int, BlockCount] = {}
    for key, df in counts.items():
        block, seen = template.blocks.get(key), sightings.get(key, ())
        if seen or (block and block.df != df):
            block = _seen_again(block, seen, df)
        if block is None:
            continue  # forgotten before
        if df > 1 and not block.sample and key in samples:
            block = replace(block, sample=samples[key])
        elif df == 1 and now - block.last_seen > _UNSEEN:
            continue
        blocks[key] = block
    return replace(template, pages=pages, blocks=blocks)


def _seen_again(
    old: BlockCount | None, sightings: Sequence[datetime], df: int
) -> BlockCount:
    if old is None:
        days = len({at.date() for at in sightings})
        first, last = min(sightings), max(sightings)
        return BlockCount(df=df, days=days, first_seen=first, last_seen=last)
    day = old.last_seen.date()
    return BlockCount(
        df=df,
        days=old.days + sum(later > day for later in {at.date() for at in sightings}),
        first_seen=old.first_seen,
        last_seen=max([old.last_seen, *sightings]),
        sample=old.sample,
    )
