"""The turns of the object store in a service: what is told, and when it is left alone."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from crawler.config.tree import Config
from crawler.service.opening import open_service
from crawler.service.service import Service
from crawler.uploading import push_some, wait_after
from crawler.web.metrics import exposition, registry_of
from storage.errors import StoreRefused
from storage.objects import Objects
from storage.sql.tables import ObjectRow
from tests.storage.kept import keeping

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("credentials")]
NOWHERE = {
    "objects": "s3://kept/x",
    "objects_endpoint": "http://127.0.0.1:9",
    "objects_allow_http": True,
}


def settings(folder: Path, **storage: object) -> Config:
    return Config.model_validate(
        {
            "identity": {"contact": "test@news.example"},
            "storage": {"folder": str(folder / "data"), "disk_floor": 1, **storage},
            "service": {"port": 0},
        }
    )


async def _seal_one(config: Config) -> None:
    async with open_service(config) as service:
        await service.means.writer.run(keeping(1))


def _figures(service: Service) -> dict[str, float]:
    lines = exposition(registry_of(service)).decode().splitlines()
    return {
        name: float(value)
        for name, value in (line.split(" ") for line in lines if line[0] != "#")
        if name.startswith("kliping_objects")
    }


async def test_a_service_uploads_what_is_sealed(tmp_path: Path) -> None:
    config = settings(tmp_path, objects=f"file://{tmp_path}/store", keep_local="0s")
    await _seal_one(config)
    async with open_service(config) as service:
        before = _figures(service)
        await service.index_all()
        with capture_logs() as logs:
            await service.push_objects()
        fresh = _figures(service)

    (said,) = [line for line in logs if line["event"] == "objects uploaded"]
    assert (said["files"], said["dropped"]) == (2, 1)
    assert list((tmp_path / "data" / "warc").iterdir()) == []
    assert before["kliping_objects_waiting"] == 1
    assert before["kliping_objects_waiting_seconds"] >= 0
    assert fresh["kliping_objects_waiting"] == 0
    assert fresh["kliping_objects_uploaded_total"] == 2
    assert fresh["kliping_objects_bytes_total"] == said["bytes"] > 500


async def test_an_export_that_the_store_keeps_holds_nothing_else_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one does that keeps versions, or locks what it has."""

    def refuse(_self: Objects, place: str, _former: str | None) -> None:
        raise StoreRefused(f"an earlier version of {place} is kept")

    monkeypatch.setattr(Objects, "purge", refuse)
    config = settings(tmp_path, objects=f"file://{tmp_path}/store", keep_local="0s")
    await _seal_one(config)
    async with open_service(config) as service:
        now = service.means.now()
        await service.means.writer.run(
            lambda tx: tx.session.add(
                ObjectRow(name="jobs/1.csv", key="exports/1.csv", begun_at=now)
            )
        )
        await service.index_all()
        with capture_logs() as logs:
            await service.push_objects()

    assert list((tmp_path / "data" / "warc").iterdir()) == []
    assert [line["event"] for line in logs] == ["object store", "objects uploaded"]
    assert "exports/1.csv is kept" in logs[0]["why"]


async def test_a_store_that_is_down_is_left_alone_for_longer_each_time(
    tmp_path: Path,
) -> None:
    config = settings(tmp_path, **NOWHERE)
    await _seal_one(config)
    async with open_service(config) as service:
        assert service.mirror is not None
        clock = [service.means.now()]
        mirror = replace(service.mirror, now=lambda: clock[0])
        waits = []
        with capture_logs() as logs:
            for _ in range(3):
                push_some(mirror, service.means.log)
                push_some(mirror, service.means.log)  # it is left alone
                assert mirror.counts.retry_at is not None
                waits.append(mirror.counts.retry_at - clock[0])
                clock[0] = mirror.counts.retry_at

    assert waits == [timedelta(seconds=20 * n) for n in (1, 2, 4)]
    assert [line["event"] for line in logs] == ["object store"] * 3
    assert mirror.counts.failures == 3


def test_the_longest_wait_is_a_quarter_of_an_hour() -> None:
    assert wait_after(1) == timedelta(seconds=20)
    assert wait_after(500) == timedelta(minutes=15)


async def test_a_service_works_while_the_store_is_down(tmp_path: Path) -> None:
    config = settings(tmp_path, **NOWHERE)
    async with open_service(config) as service:
        await service.means.writer.run(keeping(1))
        await service.push_objects()
