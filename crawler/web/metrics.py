"""The service's figures as Prometheus reads them; each service has its own registry.

Counts are taken from memory, gauges from a few cheap reads that are made anew after
some seconds.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from crawler import __version__
from crawler.counts import Spread
from crawler.dispatch.heartbeats import DEAD_AFTER, SCHEMA
from crawler.service.service import Service
from storage.source_day import FIELDS
from storage.sql.gauges import LATELY, Gauges, Makeup, gauges, makeup
from storage.sql.objects import Standing, standing
from storage.sql.workers import workers_alive

#: Seconds for which what was read of the database is told again.
_GAUGES_FRESH, _MAKEUP_FRESH = 5.0, 60.0
_SILENCE = timedelta(seconds=DEAD_AFTER)


def registry_of(service: Service) -> CollectorRegistry:
    """Return a registry that shows one service, and the process it runs in."""
    registry = CollectorRegistry()
    registry.register(_Figures(service))
    ProcessCollector(registry=registry)
    return registry


def exposition(registry: CollectorRegistry) -> bytes:
    """Return all figures in the text format, version 0.0.4; blocking."""
    return generate_latest(registry)


@dataclass(slots=True, eq=False)
class _Figures(Collector):
    """What is known of a service, and when the database was last asked."""

    service: Service
    _gauges: tuple[float, Gauges] | None = None
    _makeup: tuple[float, Makeup] | None = None
    _objects: tuple[float, Standing] | None = None
    _workers: tuple[float, int | None] | None = None

    def describe(self) -> list[Metric]:
        """Name nothing beforehand: a registry asks for names to refuse doubles."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield all figures."""
        build = GaugeMetricFamily(
            "kliping_build_info",
            "Always 1; which Kliping runs, and what of the service it does.",
            labels=["version", "roles"],
        )
        build.add_metric([__version__, ",".join(sorted(self.service.roles))], 1)
        yield build
        yield from self._counted()
        yield from self._written()
        yield from self._standing()
        yield from self._kept_there(self.service.means.now())
        yield from self._made_up()
        if (alive := self._read_workers()) is not None:
            yield _gauge("workers", "Workers of the fleet that take jobs.", alive)

    def _counted(self) -> Iterator[Metric]:
        counts = self.service.means.counts
        yield _by(
            "poll",
            "Readings of feeds, sitemaps and sections, by what came of them.",
            ("source", "result"),
            counts.polls,
        )
        yield _by(
            "discovered",
            "New links, by the kind of list that named them.",
            ("via",),
            {(str(via),): number for via, number in list(counts.discovered.items())},
        )
        yield _by(
            "fetch",
            "Answers by class of status; without one, by what went wrong.",
            ("source", "class"),
            counts.fetches,
        )
        yield _by(
            "verdict",
            "Article pages that were read, by what they are.",
            ("source", "verdict"),
            counts.verdicts,
        )
        yield _by(
            "versions",
            "Versions that were kept, by how they differ from the one before.",
            ("kind",),
            {(str(kind),): number for kind, number in list(counts.versions.items())},
        )
        yield _one(
            "duplicates",
            "Pages whose article is archived under another link.",
            counts.duplicates,
        )
        yield _one(
            "robots_denied", "Requests that robots.txt forbade.", counts.robots_denied
        )
        for name, means, spread in (
            ("fetch_seconds", "From request to last byte.", counts.fetch_seconds),
            (
                "extract_seconds",
                "From giving a page to the extractors until it was read.",
                counts.extract_seconds,
            ),
            (
                "text_chars",
                "Characters of text of versions that were kept.",
                counts.text_chars,
            ),
            (
                "due_lag_seconds",
                "How late links were attended to.",
                counts.due_lag_seconds,
            ),
        ):
            yield _spread(name, means, spread)

    def _written(self) -> Iterator[Metric]:
        writer = self.service.means.writer
        yield _one("warc_bytes", "Bytes of WARC committed.", writer.written_bytes)
        yield _one("db_busy", "Times the database was busy for long.", writer.busy)
        yield _gauge(
            "writer_waiting", "Works that wait for the writer.", writer.waiting
        )
        yield _gauge(
            "writer_at_work_seconds",
            "For how long the writer has been at one piece of work.",
            writer.at_work().total_seconds(),
        )

    def _kept_there(self, now: datetime) -> Iterator[Metric]:
        """Yield how files stand towards the object store, where there is one."""
        mirror = self.service.mirror
        if mirror is None:
            return
        counts, stand = mirror.counts, self._read_objects()
        waits = (now - stand.since).total_seconds() if stand.since else 0.0
        yield _one("objects_uploaded", "Files that the object store got.", counts.files)
        yield _one("objects_bytes", "Their bytes.", counts.size)
        yield _one(
            "objects_dropped", "WARC files that were let go of here.", counts.dropped
        )
        yield _one(
            "objects_failures", "Times the store did not answer.", counts.failures
        )
        yield _gauge(
            "objects_refused", "Files that cannot be put there.", len(counts.refused)
        )
        yield _gauge(
            "objects_waiting", "Sealed WARC files that are not there.", stand.sealed
        )
        yield _gauge(
            "objects_waiting_seconds",
            "Since when the first of them is sealed.",
            max(waits, 0.0),
        )

    def _standing(self) -> Iterator[Metric]:
        service, now = self.service, self.service.means.now()
        yield _gauge(
            "disk_free_bytes", "Free where the archive is.", service.folder.free_bytes()
        )
        stand = self._read_gauges()
        yield _gauge("queue_waiting", "Links due; counted to 100000.", stand.waiting)
        late = (now - stand.oldest_due).total_seconds() if stand.oldest_due else 0.0
        yield _gauge(
            "oldest_due_seconds",
            "Since when the longest overdue link is due.",
            max(late, 0.0),
        )
        yield _gauge(
            "hosts_backoff", "Hosts that rest for they failed or asked.", stand.resting
        )
        yield _gauge("alerts_open", "Open alerts.", stand.alerts)
        yield _gauge(
            "events_untaken", "Events the webhook did not take yet.", stand.untaken
        )
        states = GaugeMetricFamily(
            "kliping_sources", "Sources by state.", labels=["state"]
        )
        for state, number in stand.sources.items():
            states.add_metric([state], number)
        yield states

    def _made_up(self) -> Iterator[Metric]:
        made = self._read_makeup()
        present = GaugeMetricFamily(
            "kliping_field_present_ratio",
            "The part of a week's new articles that has a field.",
            labels=["source", "field"],
        )
        for name in sorted({source for source, _ in made.fields}):
            for one in FIELDS:
                present.add_metric([name, one], made.fields.get((name, one), 0.0))
        yield present
        removed = GaugeMetricFamily(
            "kliping_template_removed_ratio",
            "The part of a week's text that was left out as not the article's.",
        )
        if made.removed is not None:
            removed.add_metric([], made.removed)
        yield removed

    def _read_gauges(self) -> Gauges:
        if self._gauges is None or monotonic() - self._gauges[0] > _GAUGES_FRESH:
            with self.service.session() as session:
                found = gauges(session, self.service.means.now())
            self._gauges = monotonic(), found
        return self._gauges[1]

    def _read_objects(self) -> Standing:
        if self._objects is None or monotonic() - self._objects[0] > _GAUGES_FRESH:
            with self.service.session() as session:
                found = standing(session)
            self._objects = monotonic(), found
        return self._objects[1]

    def _read_workers(self) -> int | None:
        if self._workers is None or monotonic() - self._workers[0] > _GAUGES_FRESH:
            with self.service.session() as session:
                found = workers_alive(session, SCHEMA, _SILENCE)
            self._workers = monotonic(), found
        return self._workers[1]

    def _read_makeup(self) -> Makeup:
        if self._makeup is None or monotonic() - self._makeup[0] > _MAKEUP_FRESH:
            since = (self.service.means.now() - LATELY).date()
            with self.service.session() as session:
                found = makeup(session, since)
            self._makeup = monotonic(), found
        return self._makeup[1]


def _by(
    name: str,
    means: str,
    labels: tuple[str, ...],
    counts: Mapping[tuple[str, ...], int] | Counter[tuple[str, str]],
) -> Metric:
    family = CounterMetricFamily(f"kliping_{name}", means, labels=labels)
    for values, number in list(counts.items()):  # more may be counted meanwhile
        family.add_metric([str(value) for value in values], number)
    return family


def _one(name: str, means: str, number: float) -> Metric:
    return CounterMetricFamily(f"kliping_{name}", means, value=number)


def _gauge(name: str, means: str, number: float) -> Metric:
    return GaugeMetricFamily(f"kliping_{name}", means, value=number)


def _spread(name: str, means: str, spread: Spread) -> Metric:
    family = HistogramMetricFamily(f"kliping_{name}", means)
    buckets, count = [], 0
    for bound, number in zip(
        [*map(str, spread.bounds), "+Inf"], list(spread.counts), strict=True
    ):
        count += number
        buckets.append((bound, count))
    family.add_metric([], buckets=buckets, sum_value=spread.total)
    return family
