import asyncio
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import func
from sqlmodel import col, select

from crawler.config.tree import Config
from crawler.counts import Counts, Spread
from crawler.demo.server import NewsWeb
from crawler.errors import ConnectFailed, RobotsRefused
from crawler.service.opening import open_service
from crawler.service.pulse import Pulse
from crawler.service.roles import Role
from crawler.service.service import Service
from crawler.web import metrics
from crawler.web.app import make_app
from crawler.web.metrics import exposition, registry_of
from storage.sql.tables import (
    CaptureRow,
    VersionRow,
)
from tests.crawler.web.conftest import config_for, speaking_to

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 9, 24, 12, tzinfo=UTC)
ROOT = Path(__file__).parents[3]

Labels = frozenset[tuple[str, str]]


def told(text: str) -> dict[str, dict[Labels, float]]:
    """Return the value of each sample, by its name and labels."""
    found: dict[str, dict[Labels, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            values = found.setdefault(sample.name, {})
            values[frozenset(sample.labels.items())] = sample.value
    return found


def by(samples: dict[Labels, float], label: str) -> Counter[str]:
    """Return the sums of a metric by one of its labels, without those at 0."""
    sums: Counter[str] = Counter()
    for labels, value in samples.items():
        sums[dict(labels)[label]] += int(value)
    return +sums


async def _crawl(service: Service) -> None:
    started = service.means.now()
    while await service.is_pending(started):
        for host in await service.due(20):
            await service.visit(host)
        await asyncio.sleep(0.05)  # hosts have their rest


async def test_what_is_told_after_a_crawl_is_what_the_database_has(
    tmp_path: Path,
) -> None:
    async with NewsWeb(articles=2) as web:
        config = Config.model_validate(
            {
                "identity": {"contact": "test@news.example"},
                "storage": {"folder": str(tmp_path / "data"), "disk_floor": "1MiB"},
                "defaults": {"delay": "0s", "max_age": "3650d"},
                "policy": {"allow_networks": ["127.0.0.0/8"]},
                "sources": [site.source() for site in web.sites[:2]],
            }
        )
        async with open_service(config) as service:
            await _crawl(service)
            async with speaking_to(make_app(service, Pulse(), "token")) as client:
                client.headers["Authorization"] = "Bearer token"
                answer = await client.get("/metrics")
            found = told(answer.text)
            with service.session() as session:
                captures = session.exec(
                    select(func.count()).select_from(CaptureRow)
                ).one()
                verdicts = session.exec(
                    select(col(CaptureRow.verdict), func.count())
                    .where(col(CaptureRow.verdict).is_not(None))
                    .group_by(col(CaptureRow.verdict))
                ).all()
                versions = session.exec(
                    select(col(VersionRow.change), func.count()).group_by(
                        col(VersionRow.change)
                    )
                ).all()
            written = sum(p.stat().st_size for p in service.folder.warc.glob("*.open"))

    fetches = by(found["kliping_fetch_total"], "class")
    assert sum(n for one, n in fetches.items() if one.endswith("xx")) == captures > 6
    assert by(found["kliping_verdict_total"], "verdict") == Counter(dict(verdicts))
    assert by(found["kliping_versions_total"], "kind") == Counter(dict(versions))
    assert found["kliping_text_chars_count"][frozenset()] == sum(
        dict(versions).values()
    )
    assert found["kliping_warc_bytes_total"][frozenset()] == written
    assert by(found["kliping_sources"], "state") == {"active": 2}
    assert by(found["kliping_poll_total"], "result")["news"] >= 2
    assert sum(by(found["kliping_discovered_total"], "via").values()) >= 4
    assert found["kliping_fetch_seconds_count"][frozenset()] == captures
    assert found["kliping_due_lag_seconds_count"][frozenset()] > 6
    assert found["kliping_queue_waiting"][frozenset()] == 0
    assert found["kliping_disk_free_bytes"][frozenset()] > 0
    assert found["kliping_db_busy_total"][frozenset()] == 0
    assert found["kliping_alerts_open"][frozenset()] == 0
    assert "process_resident_memory_bytes" in found
    assert answer.headers["content-type"].startswith("text/plain; version=")


async def test_two_services_in_one_process_do_not_mix(tmp_path: Path) -> None:
    async with (
        open_service(config_for(tmp_path / "one")) as one,
        open_service(config_for(tmp_path / "two")) as two,
    ):
        one.means.counts.duplicates += 3

        figures = [told(exposition(registry_of(own)).decode()) for own in (one, two)]

    counts = [f["kliping_duplicates_total"][frozenset()] for f in figures]
    assert counts == [3, 0]


async def test_a_process_says_which_share_of_the_service_it_is(tmp_path: Path) -> None:
    async with open_service(config_for(tmp_path)) as service:
        service.roles = frozenset({Role.WORK, Role.BULK})

        found = told(exposition(registry_of(service)).decode())

    assert by(found["kliping_build_info"], "roles") == {"bulk,work": 1}


async def test_every_metric_is_in_the_docs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of an object store and of a fleet, too."""
    monkeypatch.setattr(metrics, "workers_alive", lambda *_: 2)
    plain = config_for(tmp_path / "data")
    store = {"objects": f"file://{tmp_path}/store"}
    config = plain.model_copy(
        update={"storage": plain.storage.model_copy(update=store)}
    )
    async with open_service(config) as service:
        text = exposition(registry_of(service)).decode()
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")

    told = set(re.findall(r"^# TYPE (kliping_\w+)", text, re.MULTILINE))
    explained = set(re.findall(r"^\| `(kliping_\w+)`", page, re.MULTILINE))

    assert explained == told


def test_a_request_without_an_answer_is_counted_by_its_error() -> None:
    counts = Counts()

    counts.add_error("Courier", ConnectFailed("https://courier.example/", "refused"))
    counts.add_error("Courier", RobotsRefused("https://courier.example/", "Disallow"))

    assert counts.fetches == {
        ("Courier", "connect_failed"): 1,
        ("Courier", "robots_refused"): 1,
    }
    assert counts.robots_denied == 1


def test_a_value_on_a_bound_counts_as_below_it() -> None:
    spread = Spread((1.0, 2.0))

    for value in (1.0, 1.5, 9.0):
        spread.add(value)

    assert (spread.counts, spread.total) == ([1, 1, 1], 11.5)
