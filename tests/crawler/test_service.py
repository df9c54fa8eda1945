import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select, update
from structlog.testing import capture_logs

from crawler.clock import utc_now
from crawler.config.tree import Config
from crawler.daemon.daemon import run_once
from crawler.daemon.ticking import Ticker
from crawler.demo.server import NewsWeb
from crawler.dispatch.local import LocalDispatch
from crawler.errors import UsageError
from crawler.health.overseeing import Overseer
from crawler.jobs.running import Jobs
from crawler.kept.reader import open_reader
from crawler.kept.unread import read_in_the_end
from crawler.means import Watch
from crawler.ondemand import enter_link
from crawler.service.opening import open_service
from crawler.service.pulse import Pulse
from crawler.service.roles import Role
from crawler.service.service import Service
from crawler.sources.watching import load_watches
from storage.days.files import day_files, read_day
from storage.errors import ArchiveBusy, DiskFull, StorageError
from storage.sql.events import add_event
from storage.sql.leading import Lead
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    DayRow,
    EventRow,
    LinkRow,
    RecordRow,
    SegmentRow,
    SourceRow,
)
from storage.warc.cdxj import cdxj_lines, cdxj_path
from storage.writer import Tx
from tests.crawler.desk import scripted_site, story
from tests.postgres import Server
from tests.storage.kept import keeping
from tests.storage.noted import archived

pytestmark = pytest.mark.anyio


def settings(folder: Path, **more: object) -> Config:
    return Config.model_validate(
        {
            "identity": {"contact": "test@news.example"},
            "storage": {"folder": str(folder / "data"), "disk_floor": "1MiB"},
            "defaults": {"delay": "0s", "max_age": "3650d"},
            "policy": {"allow_networks": ["127.0.0.0/8"]},
            "service": {"port": 0, "visit_links": 50},
            **more,
        }
    )


def rows(service: Service, statement: object) -> list[object]:
    with service.session() as session:
        return list(session.exec(statement).all())  # type: ignore[call-overload]


async def test_a_sealed_file_without_an_index_is_given_one(tmp_path: Path) -> None:
    async with NewsWeb() as web:
        await run_once(settings(tmp_path, sources=[web.sites[0].source()]))
    (file,) = (tmp_path / "data" / "warc").glob("*.warc.gz")

    async with open_service(settings(tmp_path)) as service:
        await service.index_segments()

    assert cdxj_path(file).read_text() == "".join(cdxj_lines(file, file.name))


async def test_days_that_are_over_are_sealed(tmp_path: Path) -> None:
    async with open_service(settings(tmp_path)) as real:
        await real.means.writer.run(keeping(1))
        later = real.means.now() + timedelta(days=2)
        service = replace(real, means=replace(real.means, now=lambda: later))

        assert await service.seal_days() == 1
        assert await service.seal_days() == 0

        (path,) = day_files(service.folder.fixity)
        assert rows(service, select(DayRow.root)) == [read_day(path).root]


async def test_articles_of_an_older_kliping_are_noted(tmp_path: Path) -> None:
    async with open_service(settings(tmp_path)) as service:
        await asyncio.to_thread(archived, service.means.writer)
        await service.means.writer.run(lambda tx: tx.session.exec(delete(RecordRow)))

        assert await service.note_kept() == 1

        (version,) = rows(service, select(RecordRow.version_id))
        assert version == 1


async def test_one_run_alone_notes_articles_of_an_older_kliping(tmp_path: Path) -> None:
    async with open_service(settings(tmp_path)) as service:
        await asyncio.to_thread(archived, service.means.writer)
        await service.means.writer.run(lambda tx: tx.session.exec(delete(RecordRow)))

    await run_once(settings(tmp_path))

    async with open_service(settings(tmp_path)) as service:
        assert await service.note_kept() == 0


async def test_captures_of_an_older_kliping_get_their_keys(tmp_path: Path) -> None:
    async with NewsWeb() as web:
        await run_once(settings(tmp_path, sources=[web.sites[0].source()]))
    async with open_service(settings(tmp_path)) as service:
        before = rows(service, select(CaptureRow.surt))
        unkeyed = update(CaptureRow).values(surt=None)
        await service.means.writer.run(lambda tx: tx.session.execute(unkeyed))

        await service.key_captures()

        assert rows(service, select(CaptureRow.surt)) == before


async def test_events_past_their_time_go_and_the_webhook_gets_what_it_wants(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.service.service._EVENTS", 2)
    alerts = {"webhook": "https://ops.example/hook", "secret": "x"}
    config = settings(tmp_path, alerts=alerts | {"events": ["article.*"]})
    async with open_service(config) as service:
        now = utc_now()

        def enter(tx: Tx) -> None:
            for days in (40, 35, 31, 29):
                at = now - timedelta(days=days)
                add_event(tx.session, "article.new", {}, at, send_at=None)

        await service.means.writer.run(enter)
        await service.trim_events()

        assert len(rows(service, select(EventRow))) == 1
        assert service.means.send_at("article.gone") is not None
        assert service.means.send_at("source.degraded") is None


async def test_the_fake_news_web_is_archived_in_one_go(tmp_path: Path) -> None:
    async with NewsWeb() as web:
        config = settings(tmp_path, sources=[site.source() for site in web.sites])

        await run_once(config)

        with open_reader(config) as reader, reader.session() as session:
            found = session.exec(
                select(SourceRow.name).join(
                    ArticleRow, ArticleRow.source_id == SourceRow.id
                )
            )
            per_source = Counter(found)
            waiting = session.exec(
                select(LinkRow.url).where(LinkRow.state == "waiting")
            )
            assert list(waiting) == []
    assert set(per_source) == {site.name for site in web.sites}
    assert min(per_source.values()) >= 5


async def test_a_second_service_on_the_folder_is_refused(tmp_path: Path) -> None:
    async with open_service(settings(tmp_path)):
        with pytest.raises(ArchiveBusy, match="in use by process"):
            async with open_service(settings(tmp_path)):
                pytest.fail("two services had one folder")


async def test_an_archive_that_never_was_cannot_be_read(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match="nothing is archived"),
        open_reader(settings(tmp_path)),
    ):
        pytest.fail("an archive was read that never was")


async def test_a_clean_end_seals_the_segment(tmp_path: Path) -> None:
    async with scripted_site() as site:
        site.answers["/pier"] = [story("Pier to be rebuilt")]
        config = settings(tmp_path)
        async with open_service(config) as service:
            await enter_link(site.url("/pier"), service.means)
            for host in await service.due(10):
                await service.visit(host)
        with open_reader(config) as reader, reader.session() as session:
            (segment,) = session.exec(select(SegmentRow)).all()
            assert segment.state == "sealed"
            assert (reader.folder.warc / segment.name).stat().st_size == segment.size


async def test_what_was_captured_but_not_read_is_read_at_the_next_start(
    tmp_path: Path,
) -> None:
    async with scripted_site() as site:
        site.answers["/pier"] = [story("Pier to be rebuilt")]
        config = settings(tmp_path)
        async with open_service(config) as service:
            await enter_link(site.url("/pier"), service.means)
            await _visit_and_die_before_reading(service)
            assert rows(service, select(ArticleRow)) == []
        asked = len(site.asked)

        async with open_service(config) as service:
            assert await service.read_unread() == 1
            (article,) = rows(service, select(ArticleRow))

    assert isinstance(article, ArticleRow)
    assert article.title == "Pier to be rebuilt"
    assert len(site.asked) == asked


async def test_what_a_visit_of_this_process_has_kept_is_not_read_again(
    tmp_path: Path,
) -> None:
    """It is read by the visit: twice, its feed would count as one without news."""
    async with scripted_site() as site:
        site.answers["/pier"] = [story("Pier to be rebuilt")]
        async with open_service(settings(tmp_path)) as service:
            await enter_link(site.url("/pier"), service.means)
            await _visit_and_die_before_reading(service)

            assert await service.read_unread() == 0


async def test_reading_again_waits_while_it_cannot_be_kept() -> None:
    answers: list[int | StorageError] = [3, DiskFull("full"), 2, 0]

    async def read() -> int:
        answer = answers.pop(0)
        if isinstance(answer, StorageError):
            raise answer
        return answer

    with capture_logs() as logs:
        log = structlog.get_logger("test")
        await read_in_the_end(read, log, timedelta(0))
        told = [entry["event"] for entry in logs]

    assert not answers
    assert told.count("read captures of an earlier run") == 2
    assert "reading again put off" in told


async def test_an_unread_capture_that_is_over_the_limits_is_given_up(
    tmp_path: Path,
) -> None:
    async with scripted_site() as site:
        site.answers["/pier"] = [story("Pier to be rebuilt")]
        config = settings(tmp_path)
        async with open_service(config) as service:
            await enter_link(site.url("/pier"), service.means)
            await _visit_and_die_before_reading(service)

        small = settings(tmp_path, limits={"decoded_size": 100})
        async with open_service(small) as service:
            assert await service.read_unread() == 1
            assert await service.read_unread() == 0
            (link,) = rows(service, select(LinkRow))

    assert isinstance(link, LinkRow)
    assert (link.state, link.reason) == ("error", "HTTP 200, over 100 bytes decoded")


async def test_a_damaged_unread_capture_is_given_up_with_its_reason(
    tmp_path: Path,
) -> None:
    async with scripted_site() as site:
        site.answers["/pier"] = [story("Pier to be rebuilt")]
        config = settings(tmp_path)
        async with open_service(config) as service:
            await enter_link(site.url("/pier"), service.means)
            await _visit_and_die_before_reading(service)
            (capture,) = rows(
                service, select(CaptureRow).where(CaptureRow.status == 200)
            )
            assert isinstance(capture, CaptureRow)
            path = service.folder.segment(capture.segment)
        assert path is not None
        sealed = path.with_name(capture.segment)
        data = bytearray(sealed.read_bytes())
        data[capture.offset + capture.length // 2] ^= 0xFF
        sealed.write_bytes(data)

        async with open_service(config) as service:
            assert await service.read_unread() == 1
            (after,) = rows(
                service, select(CaptureRow).where(CaptureRow.id == capture.id)
            )

    assert isinstance(after, CaptureRow)
    assert after.evidence


async def _visit_and_die_before_reading(service: Service) -> None:
    """Cancel the visit the moment its capture is kept, as a crash would."""
    pool = service.means.pool
    blocked = asyncio.Event()

    async def never(*_: object) -> None:
        blocked.set()
        await asyncio.sleep(3600)

    (host,) = await service.due(10)
    original: Callable[..., object] = pool.extract
    pool.extract = never  # type: ignore[method-assign,assignment]
    visiting = asyncio.create_task(service.visit(host))
    await asyncio.wait_for(blocked.wait(), 20)
    visiting.cancel()
    await asyncio.gather(visiting, return_exceptions=True)
    pool.extract = original  # type: ignore[method-assign,assignment]


async def test_readers_cannot_write(tmp_path: Path) -> None:
    async with open_service(settings(tmp_path)) as service:
        with service.session() as session:
            session.add(
                SourceRow(
                    name="X",
                    home="https://x.example",
                    settings={},
                    created_at=utc_now(),
                )
            )
            with pytest.raises(Exception, match="readonly"):
                session.commit()
            _still_reads(session)


def _still_reads(session: Session) -> None:
    session.rollback()
    assert session.exec(select(SourceRow)).all() == []


@pytest.mark.parametrize("is_server", [True, False], ids=["server", "file"])
async def test_a_server_that_goes_away_as_a_service_begins_is_waited_for(
    tmp_path: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch, is_server: bool
) -> None:
    asked: list[int] = []

    def away_at_first(session: Session, config: Config) -> dict[int, Watch]:
        asked.append(1)
        if len(asked) == 1:
            raise OperationalError("SELECT", {}, Exception("server closed"))
        return load_watches(session, config)

    monkeypatch.setattr("crawler.service.service.load_watches", away_at_first)
    with postgres.empty() as url:
        server = {"database": url.replace("postgresql+psycopg", "postgresql")}
        folder = {"folder": str(tmp_path / "data"), "disk_floor": "1MiB"}
        config = settings(tmp_path, storage=folder | (server if is_server else {}))
        away = (
            nullcontext()
            if is_server
            else pytest.raises(StorageError, match="server closed")
        )
        with away:
            async with open_service(config) as service:
                assert service.watches == {}

    assert len(asked) == 1 + is_server


async def test_sources_as_listed_cost_no_memory_of_their_own(tmp_path: Path) -> None:
    rules = [{"body": "article", "remove": [".ads"]}]
    sources = [
        {"name": "Bote", "home": "https://bote.example/"},
        {"name": "Kabar", "home": "https://kabar.example/"},
        {"name": "Quay", "home": "https://quay.example/", "rules": rules},
    ]
    config = settings(tmp_path, sources=sources)

    async with open_service(config) as service:
        bote, kabar, quay = service.watches.values()

    assert [one.source for one in (bote, kabar, quay)] == list(config.sources)
    assert bote.source is config.sources[0]
    assert bote.plan is kabar.plan
    assert quay.plan.rules is not None
    assert quay.plan is not bote.plan


async def test_a_clock_that_is_set_back_makes_due_what_it_had_put_off(
    tmp_path: Path,
) -> None:
    async with open_service(settings(tmp_path)) as real:
        true, ahead = utc_now(), utc_now() + timedelta(hours=2)
        clock = [ahead]
        service = replace(real, means=replace(real.means, now=lambda: clock[0]))
        link_id = await enter_link("http://127.0.0.2/pier", service.means)
        await service.means.writer.run(
            lambda tx: setattr(
                tx.session.get_one(LinkRow, link_id), "fetched_at", ahead
            )
        )
        ticker = ticker_of(service)
        await ticker.tick()
        clock[0] = true

        with capture_logs() as logs:
            await ticker.tick()

        (due,) = rows(service, select(LinkRow.next_run))
    assert due == true
    assert "clock was set back" in [log["event"] for log in logs]


def ticker_of(service: Service) -> Ticker:
    """Return a ticker that begins no visits."""
    idle = LocalDispatch(service.visit, 0, service.means.log)
    return Ticker(
        service=service,
        roles=frozenset({Role.SCHEDULE}),
        dispatch=idle,
        hubs=idle,
        pulse=Pulse(),
        asked=Jobs(service),
        overseer=Overseer(
            means=service.means,
            sessions=service.session,
            budget=0,
            started_at=service.means.now(),
            waited=timedelta(),
        ),
        lead=Lead(service.engine),
    )
