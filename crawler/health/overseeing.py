"""Watch over sources: count what they bring, judge it, and raise alerts.

Counting and judging read the database beside the visits; the writer is given what came
of them. Nothing here fails a visit.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from types import MappingProxyType

from sqlmodel import Session

from crawler.health.alerts import Judged, step
from crawler.health.signs import Sign, signs
from crawler.health.telling import event_of
from crawler.health.usual import WINDOW, Usual, filled, learn, lived, settled
from crawler.means import Means
from storage.alerts import Alert, Loss
from storage.source_day import SourceDay
from storage.sql.alerts import (
    last_capture,
    last_news,
    outages_since,
    put_alerts,
    standing_alerts,
    told_since,
)
from storage.sql.events import add_event
from storage.sql.source_days import (
    Batch,
    add_counts,
    count_news,
    days_of,
    days_since,
)
from storage.sql.sources import list_sources, source_names
from storage.sql.tables import ACTIVE, SourceRow
from storage.writer import Tx

#: A service that received nothing for so long, and was then started, did not run if
#: something was due as long: a few sources may well not be read for a night.
_ABSENCE = timedelta(hours=1)
#: Signs are judged over so many days.
_LATELY = 21
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Pause:
    """The last time in which nobody watched a source."""

    since: datetime
    until: datetime

    @property
    def days(self) -> frozenset[date]:
        """Its days (UTC), which tell nothing of the source."""
        return frozenset(_days_between(self.since, self.until))


Sessions = Callable[[], AbstractContextManager[Session]]


@dataclass(slots=True)
class Overseer:
    """Who watches over the sources of one running service.

    Attributes:
        means: The archive.
        sessions: Opens a session for reading.
        budget: Most alerts that are told in seven days.
        started_at: When the service started.
        waited: How long something had been due then; no time where nothing was.
    """

    means: Means
    sessions: Sessions
    budget: int
    started_at: datetime
    waited: timedelta
    _has_noted_absence: bool = False
    _names: dict[int, str] = field(default_factory=dict)
    _usual: dict[int, Usual | None] = field(default_factory=dict)
    _learned: tuple[date, frozenset[date]] | None = None

    async def oversee(self) -> list[Alert]:
        """Count and judge once; return the alerts that opened or closed by it."""
        now = self.means.now()
        await self._note_absence()
        await self.count(now)
        standing, judged = await asyncio.to_thread(self._judge, now)
        stand = step(standing.values(), judged, now, budget=self.budget)
        moved = [one for one in stand if now in {one.opened_at, one.closed_at}]

        def keep(tx: Tx) -> None:
            put_alerts(tx.session, standing, stand)
            for alert in moved:
                self._enter(tx.session, alert, now)

        await self.means.writer.run(keep)
        for alert in moved:
            self._tell(alert)
        return moved

    async def count(self, now: datetime) -> None:
        """Count all rows that came since the last count; what comes meanwhile waits."""
        batch = await asyncio.to_thread(self._read, now)
        while batch is not None:
            await self.means.writer.run(partial(_add, batch))
            more = batch.is_full
            batch = await asyncio.to_thread(self._read, now) if more else None

    def _read(self, now: datetime) -> Batch | None:
        with self.sessions() as session:
            return count_news(session, now - timedelta(days=WINDOW), now)

    async def _note_absence(self) -> None:
        """Enter as an outage of ours that the service did not run, once a start."""
        if self._has_noted_absence:
            return

        def note(tx: Tx) -> None:
            last = last_capture(tx.session, self.started_at)
            gap = self.started_at - (last or self.started_at)
            if last is not None and min(gap, self.waited) > _ABSENCE:
                self._enter_absence(tx.session, _absence(last, self.started_at))

        await self.means.writer.run(note)
        self._has_noted_absence = True

    def _enter_absence(self, session: Session, absence: Alert) -> None:
        """Enter one; told once, however often it is started before anything is received."""
        told = {one.bad_since for one in outages_since(session, absence.bad_since)}
        put_alerts(session, {}, [absence])
        if absence.bad_since not in told:
            self._enter(session, absence, self.means.now())

    def _judge(self, now: datetime) -> tuple[dict[int, Alert], Judged]:
        first = now.date() - timedelta(days=WINDOW)
        with self.sessions() as session:
            news = last_news(session)
            standing = standing_alerts(session)
            outages = outages_since(session, datetime.combine(first, time(), UTC))
            told = told_since(session, now - _WEEK)
            rows = [row for row in list_sources(session) if row.state == ACTIVE]
            watched = {int(row.id or 0): row for row in rows}
            self._names = source_names(session)
            out = frozenset(day for one in outages for day in _days_of(one, now))
            is_known = self._learned == (now.date(), out)
            since = now.date() - timedelta(days=_LATELY) if is_known else first
            days = days_since(session, since)
            lately = {
                source: filled(
                    days.get(source, ()), max(row.created_at.date(), since), now.date()
                )
                for source, row in watched.items()
            }
            if not is_known:
                self._usual = _learned_of_all(session, watched, lately, news, now)
                self._learned = (now.date(), out)
        pauses = {
            source: pause
            for source, row in watched.items()
            if (pause := _pause_of(row)) is not None
        }
        judged = judge(self._usual, lately, news, outages, told, now, pauses=pauses)
        return standing, judged

    def _enter(self, session: Session, alert: Alert, now: datetime) -> None:
        """Enter as an event that an alert opened or closed, if it is told."""
        if alert.is_told:
            kind, data = event_of(alert, self._names.get(alert.source or 0))
            add_event(session, kind, data, now, send_at=self.means.send_at(kind))

    def _tell(self, alert: Alert) -> None:
        said = {
            "source": self._names.get(alert.source or 0),
            "kind": str(alert.kind or alert.loss),
            "why": alert.why,
        }
        if alert.closed_at is None:
            self.means.log.warning("alert opened", **said)
        else:
            self.means.log.info("alert closed", **said)


def _add(batch: Batch, tx: Tx) -> None:
    add_counts(tx.session, batch)


def judge(  # noqa: PLR0913  # all that signs are read by
    usual: Mapping[int, Usual | None],
    days: Mapping[int, Sequence[SourceDay]],
    news: Mapping[int, datetime],
    outages: Collection[Alert],
    told: Collection[datetime],
    now: datetime,
    *,
    pauses: Mapping[int, Pause] = MappingProxyType({}),
) -> Judged:
    """Judge all sources; pure.

    Args:
        usual: What is usual for each, None where that is not known yet.
        days: What each brought lately, every day until today, oldest first.
        news: When the newest article of each came.
        outages: When we ourselves were out.
        told: When alerts were told in the last seven days.
        now: Current time, UTC.
        pauses: When each was not watched the last time.
    """
    out = frozenset(day for one in outages for day in _days_of(one, now))
    back = max((one.closed_at or now for one in outages), default=None)
    begun = [one.until for one in pauses.values()]
    newest = max([*news.values(), *begun, *([back] if back else [])], default=now)
    alive = max(news.values(), default=now) - _WEEK
    left = frozenset(source for source, at in news.items() if at <= alive)
    found: dict[int, list[Sign]] = {}
    missed = 0.0
    for source, known in days.items():
        own = usual.get(source)
        if own is None:
            continue
        missed += 0 if source in left else own.between(newest, now)
        pause = pauses.get(source)
        last = _last(news.get(source), back, pause, known)
        away = out | (pause.days if pause else frozenset())
        found[source] = signs(own, known[-_LATELY:], last_new=last, now=now, out=away)
    return Judged(signs=found, last_new=newest, missed=missed, recent=told, left=left)


def _learned_of_all(
    session: Session,
    watched: Mapping[int, SourceRow],
    lately: Mapping[int, Sequence[SourceDay]],
    news: Mapping[int, datetime],
    now: datetime,
) -> dict[int, Usual | None]:
    """Return what is usual for each source, None where that is not known yet."""
    first = min((row.created_at for row in watched.values()), default=now)
    ours = outages_since(session, first)
    out = frozenset(day for one in ours for day in _days_of(one, now))
    found = {}
    for source, row in watched.items():
        last_new = news.get(source)
        known = _whole_days(session, row, lately[source], last_new, now)
        found[source] = _learned(known, row, out, last_new)
    return found


def _whole_days(
    session: Session,
    row: SourceRow,
    known: Sequence[SourceDay],
    last_new: datetime | None,
    now: datetime,
) -> Sequence[SourceDay]:
    """Return a source's days until yesterday; of one long silent those before it fell so."""
    whole, entered = known[:-1], row.created_at.date()
    if last_new is None or now - last_new < _WEEK or not whole:
        return whole
    window = timedelta(days=WINDOW)
    first = max(entered, last_new.date() - window)
    if first >= whole[0].day:
        return whole
    last = min(whole[-1].day, last_new.date() + window)
    counted = days_of(session, int(row.id or 0), first, last)
    return filled(counted, counted[0].day, last) if counted else whole


def _learned(
    whole: Sequence[SourceDay],
    row: SourceRow,
    out: Collection[date],
    last_new: datetime | None,
) -> Usual | None:
    """Return what is usual by all days but those that tell nothing."""
    pause = _pause_of(row)
    away = frozenset(out) | (pause.days if pause else frozenset())
    if whole and whole[0].day == row.created_at.date():
        whole = settled(whole)
    days = [one for one in whole if one.day not in away]
    return learn(lived(days, last_new.date() if last_new else None))


def _pause_of(row: SourceRow) -> Pause | None:
    if row.paused_at is None or row.resumed_at is None:
        return None
    return Pause(row.paused_at, row.resumed_at)


def _last(
    at: datetime | None,
    back: datetime | None,
    pause: Pause | None,
    known: Sequence[SourceDay],
) -> datetime:
    """Return since when a source may be waited for."""
    last = at or datetime.combine(known[0].day, time(), UTC)
    return max([last, *([back] if back else []), *([pause.until] if pause else [])])


def _days_of(outage: Alert, now: datetime) -> list[date]:
    return _days_between(outage.bad_since, outage.closed_at or now)


def _days_between(first: datetime, last: datetime) -> list[date]:
    count = (last.date() - first.date()).days + 1
    return [first.date() + timedelta(days=n) for n in range(count)]


def _absence(since: datetime, until: datetime) -> Alert:
    return Alert(
        source=None,
        loss=Loss.OURS,
        why="the service did not run",
        bad_since=since,
        opened_at=until,
        fine_since=until,
        closed_at=until,
        is_told=True,
    )
