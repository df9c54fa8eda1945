"""The entries of a live blog as parts of the article: time, headline, authors, blocks."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.dates.moments import read_moment
from crawler.extract.boilerplate import Cleaned
from crawler.extract.bylines.line import read_byline
from crawler.extract.layout.blocks import Layout
from crawler.extract.liveblog.live import (
    Live,
    Span,
    calls_itself_live,
    find_live,
    is_one_day,
)
from crawler.extract.measure import fold
from crawler.extract.page import Page
from crawler.extract.readers.live import Coverage, Update, read_coverage
from storage.model.article import Block, BlockKind, Entry, Removed
from storage.model.moment import Moment, Precision

# So much of its updates is known to structured data alone.
_MOSTLY_MISSING = 0.5
_MOSTLY_FOUND = 0.6
_OPENING = 60
_LONGEST_BYLINE = 80
_LONGEST_NOTICE = 240
_NOTICE_REACH = 12
_ENDED = re.compile(
    r"live[- ]?(?:blog|coverage|ticker|page)?\b.{0,40}\b(?:ended|closed|finished|beendet|geschlossen)"
    r"|direct est (?:terminé|fini)|fin du direct|directo ha terminado|diretta (?:è )?(?:finita|terminata)"
    r"|langsung (?:telah )?(?:selesai|berakhir)|трансляция (?:завершена|окончена)|ライブ.{0,10}終了",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePage:
    """A live blog: its blocks, the entries they show, and what JSON-LD states."""

    layout: Layout
    live: Live | None
    coverage: Coverage | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """An article's blocks with the entries among them."""

    blocks: tuple[Block, ...]
    entries: tuple[Entry, ...]


def look_live(
    page: Page, layout: Layout, kept: Sequence[int], *, stated: bool, title: str
) -> LivePage | None:
    """Return what a page shows and states of live entries; None for most pages.

    Args:
        page: The parsed page.
        layout: Its blocks.
        kept: Indexes of the blocks that are the story, in order.
        stated: Whether structured data says that it is a live blog.
        title: Its headline.
    """
    if not stated and not calls_itself_live(page, layout, kept, title):
        return None
    live = find_live(page, layout, kept, stated=stated)
    coverage = read_coverage(page) if stated else None
    if live is None and not (coverage and coverage.updates):
        return None
    return LivePage(layout=layout, live=live, coverage=coverage)


def live_marks(
    found: LivePage, blocks: Sequence[Block], captured_at: datetime
) -> tuple[str, ...]:
    """Return the marks of a live blog: whether it is still written, as it says."""
    stated = found.coverage.ended if found.coverage else ""
    end = _Times(None, captured_at).stated(stated)
    lines = [block.text for block in (*blocks[:4], *blocks[-2:])]
    if found.live is not None:
        start = found.live.spans[0].start
        around = found.layout.blocks[max(0, start - _NOTICE_REACH) : start]
        lines += [block.text for block in around]
    said = any(len(line) <= _LONGEST_NOTICE and _ENDED.search(line) for line in lines)
    ended = said or (end is not None and end.at <= captured_at)
    return ("live_blog", "live_ended") if ended else ("live_blog",)


def without_stamps(cleaned: Cleaned, found: LivePage) -> Cleaned:
    """Take lines of time out of the text: they are the entries' own fields."""
    live = found.live
    if live is None:
        return cleaned
    gone = [i for i in cleaned.sources if i in live.stamps]
    if not gone:
        return cleaned
    kept = [
        (block, source)
        for block, source in zip(cleaned.blocks, cleaned.sources, strict=True)
        if source not in live.stamps
    ]
    texts = {s: b.text for b, s in zip(cleaned.blocks, cleaned.sources, strict=True)}
    removed = [
        Removed(text=texts[i], boilerplate="entry_time", rule="live_entry", index=i)
        for i in gone
    ]
    return replace(
        cleaned,
        blocks=tuple(block for block, _ in kept),
        sources=tuple(source for _, source in kept),
        removed=tuple(sorted((*cleaned.removed, *removed), key=lambda r: r.index)),
    )


def split_entries(
    blocks: tuple[Block, ...],
    places: Sequence[int],
    found: LivePage,
    *,
    published: Moment | None,
    captured_at: datetime,
) -> Split:
    """Return the article's blocks and its entries.

    Updates that only structured data has are added to the text.

    Args:
        blocks: Of the article.
        places: The page's block that each came from.
        found: What the page shows and states of its entries.
        published: When the article was, whose day a bare clock time is of.
        captured_at: When the page was captured, UTC.
    """
    updates = found.coverage.updates if found.coverage else ()
    read = _Times(published, captured_at)
    if found.live is not None and places:
        entries = _placed(blocks, places, found.live, read, found.layout)
        return Split(
            blocks=blocks, entries=tuple(_told(entries, blocks, updates, read))
        )
    text = fold("".join(block.text for block in blocks))
    missing = [u for u in updates if fold(u.text or u.title)[:_OPENING] not in text]
    if len(updates) >= 2 and len(missing) > _MOSTLY_MISSING * len(updates):
        return _appended(blocks, missing, read)
    return Split(blocks=blocks, entries=tuple(_located(blocks, updates, read)))


class _Times:
    """Reads the times of entries."""

    def __init__(self, published: Moment | None, captured_at: datetime) -> None:
        self._published = published
        self._captured_at = captured_at

    def stated(self, raw: str) -> Moment | None:
        """Return a time as an attribute or structured data states it."""
        return read_moment(raw, captured_at=self._captured_at) if raw else None

    def shown(self, clock: int | None) -> Moment | None:
        """Return a bare clock time on the day of publication, in its zone.

        Clocks on pages are local; a time stated in UTC tells no zone of theirs.
        """
        day = self._published
        if clock is None or day is None or not 0 <= clock < 24 * 60:
            return None
        midnight = day.at.replace(hour=0, minute=0, second=0, microsecond=0)
        at = midnight + timedelta(minutes=clock)
        if at > self._captured_at + timedelta(hours=1):
            return None
        is_local = day.zone_stated and bool(day.at.utcoffset())
        return Moment(at=at, precision=Precision.MINUTE, zone_stated=is_local)


def _placed(
    blocks: Sequence[Block],
    places: Sequence[int],
    live: Live,
    times: _Times,
    layout: Layout,
) -> list[Entry]:
    starts = [span.start for span in live.spans]
    one_day = is_one_day(live.spans)
    members: dict[int, list[int]] = {}
    for block, place in enumerate(places):
        number = bisect_right(starts, place) - 1
        if number >= 0 and place < live.spans[number].stop:
            members.setdefault(number, []).append(block)
    return [
        Entry(
            start=inside[0],
            end=inside[-1] + 1,
            title=_headline(blocks[inside[0] : inside[-1] + 1]),
            at=times.stated(span.stated)
            or times.shown(span.clock if one_day else None),
            authors=_authors(layout, span, {places[i] for i in inside}),
            anchor=span.anchor or None,
        )
        for number, inside in sorted(members.items())
        if (span := live.spans[number])
    ]


def _headline(blocks: Iterable[Block]) -> str:
    return next((b.text for b in blocks if b.kind is BlockKind.HEADING), "")


def _authors(layout: Layout, span: Span, kept: set[int]) -> tuple[str, ...]:
    """Return the names in a line of the entry that is a byline and no text."""
    for index in range(span.start, span.stop):
        text = layout.blocks[index].text
        if index in kept or len(text) > _LONGEST_BYLINE:
            continue
        byline = read_byline(text)
        if byline is not None and byline.names:
            return tuple(byline.names)
    return ()


def _told(
    entries: Sequence[Entry],
    blocks: Sequence[Block],
    updates: Sequence[Update],
    times: _Times,
) -> Iterable[Entry]:
    """Add what structured data says of entries that it knows."""
    by_anchor = {update.anchor: update for update in updates if update.anchor}
    by_text = {
        fold(said)[:_OPENING]: update
        for update in updates
        for said in (update.title, update.text)
        if said
    }
    for entry in entries:
        lines = (fold(b.text)[:_OPENING] for b in blocks[entry.start : entry.end])
        update = by_anchor.get(entry.anchor or "") or next(
            (by_text[line] for line in lines if line in by_text), None
        )
        yield _enriched(entry, update, times) if update else entry


def _enriched(entry: Entry, update: Update, times: _Times) -> Entry:
    return replace(
        entry,
        title=entry.title or update.title,
        at=times.stated(update.at) or entry.at,
        authors=update.authors or entry.authors,
        anchor=entry.anchor or update.anchor or None,
    )


def _located(
    blocks: Sequence[Block], updates: Sequence[Update], times: _Times
) -> list[Entry]:
    """Find updates in the text by their headline or first words."""
    places: dict[str, int] = {}
    for index, block in enumerate(blocks):
        places.setdefault(fold(block.text)[:_OPENING], index)
    starts: dict[int, Update] = {}
    for update in updates:
        openings = (fold(said)[:_OPENING] for said in (update.title, update.text))
        place = next((places[o] for o in openings if o and o in places), None)
        if place is not None:
            starts.setdefault(place, update)
    if len(starts) < 2 or len(starts) < _MOSTLY_FOUND * len(updates):
        return []
    order = sorted(starts)
    return [
        _enriched(Entry(start=start, end=end), starts[start], times)
        for start, end in zip(order, [*order[1:], len(blocks)], strict=True)
    ]


def _appended(
    blocks: tuple[Block, ...], updates: Sequence[Update], times: _Times
) -> Split:
    made: list[Block] = list(blocks)
    entries: list[Entry] = []
    for update in updates:
        start = len(made)
        if update.title:
            made.append(Block(kind=BlockKind.HEADING, text=update.title, level=2))
        lines = (" ".join(line.split()) for line in update.text.splitlines())
        made += [Block(kind=BlockKind.PARAGRAPH, text=line) for line in lines if line]
        if len(made) > start:
            entry = Entry(start=start, end=len(made))
            entries.append(_enriched(entry, update, times))
    return Split(blocks=tuple(made), entries=tuple(entries))
