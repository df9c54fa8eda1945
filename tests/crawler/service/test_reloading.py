import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import pytest
import yaml
from structlog.testing import capture_logs
from typer.testing import CliRunner

from crawler.cli.app import app
from crawler.config.file import load
from crawler.config.keys import SettingDifference, differences, origin, shown, taken_up
from crawler.config.tree import Config
from crawler.errors import ConfigError, UsageError
from crawler.redaction import REDACTED
from crawler.service.opening import open_service
from crawler.service.pulse import Pulse
from crawler.service.reloading import reload, reload_or_say_why_not
from crawler.web.app import make_app
from tests.crawler.web.conftest import speaking_to

pytestmark = pytest.mark.anyio


def settings(folder: Path, **more: object) -> dict[str, Any]:
    return {
        "identity": {"contact": "test@news.example"},
        "storage": {"folder": str(folder / "data"), "disk_floor": 0},
        "service": {"port": 0},
        "sources": [{"name": "Courier", "home": "https://courier.example/"}],
        **more,
    }


def write(path: Path, values: Mapping[str, object]) -> None:
    path.write_text(yaml.safe_dump(dict(values), sort_keys=False))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    write(path, settings(tmp_path))
    return path


HOOKED = Config.model_validate(
    {"alerts": {"webhook": "https://hooks.example/T0/s3cret", "secret": "whsec_s3cret"}}
)


def test_two_settings_differ_key_by_key() -> None:
    old = Config.model_validate(
        {
            "defaults": {"delay": "5s"},
            "sources": [{"name": "Courier", "home": "https://courier.example/"}],
        }
    )
    new = Config.model_validate(
        {"defaults": {"delay": "1m"}, "service": {"port": 9}, "groups": {"big": {}}}
    )

    assert differences(old, new) == [
        SettingDifference(key="defaults.delay", old="5s", new="1m", is_applied=True),
        SettingDifference(key="service.port", old=8765, new=9, is_applied=False),
        SettingDifference(
            key="sources.Courier.home",
            old="https://courier.example/",
            new=None,
            is_applied=True,
        ),
        SettingDifference(
            key="sources.Courier.name", old="Courier", new=None, is_applied=True
        ),
    ]


def test_a_secret_that_changed_is_not_shown() -> None:
    other = Config.model_validate(
        {"alerts": {"webhook": "https://hooks.example/T0/s3cret", "secret": "s3cret2"}}
    )

    (changed,) = differences(HOOKED, other)

    assert (changed.key, changed.old, changed.new) == (
        "alerts.secret",
        REDACTED,
        REDACTED,
    )
    assert "s3cret" not in json.dumps(shown(HOOKED))
    assert shown(HOOKED)["alerts.webhook"] == f"https://hooks.example/{REDACTED}"


def test_a_reload_takes_up_what_needs_no_restart() -> None:
    new = Config.model_validate(
        {
            "identity": {"contact": "new@news.example"},
            "defaults": {"delay": "1m"},
            "service": {"port": 9, "visit_links": 3},
        }
    )

    taken = taken_up(Config(), new)

    assert taken.defaults.delay == timedelta(minutes=1)
    assert (taken.service.port, taken.service.visit_links) == (8765, 3)
    assert taken.identity.contact == ""


def test_where_a_value_came_from_is_known(config: Path) -> None:
    given = load(config, {"KLIPING_DEFAULTS__DELAY": "9s"}).given

    assert [
        origin(key, given)
        for key in ("defaults.delay", "service.port", "sources.Courier.home")
    ] == ["environment", "file", "file"]
    assert origin("service.visits", given) == "default"


async def test_a_service_works_by_the_file_as_it_is_now(config: Path) -> None:
    loaded = load(config, {})
    async with open_service(loaded.config) as service:
        service.loaded = loaded
        write(
            config,
            settings(
                config.parent,
                defaults={"delay": "1m"},
                policy={"robots": "ignore"},
                alerts={"webhook": "https://hooks.example/", "secret": "s3cret"},
                storage={"folder": "elsewhere"},
                sources=[{"name": "Post", "home": "https://post.example/"}],
            ),
        )

        async with speaking_to(make_app(service, Pulse(), "token")) as client:
            client.headers["Authorization"] = "Bearer token"
            done = (await client.post("/v1/config/reload")).json()["differences"]
            again = (await client.post("/v1/config/reload")).json()["differences"]
            told = (await client.get("/v1/config")).json()

        names = [watch.source.name for watch in service.watches.values()]
        sender = service.sender()

    assert names == ["Post"]
    assert service.means.stray.delay == timedelta(minutes=1)
    assert service.means.policy.robots == "ignore"
    assert sender is not None
    assert {one["key"] for one in done if not one["is_applied"]} == {
        "storage.folder",
        "storage.disk_floor",
    }
    assert {one["key"] for one in again} == {"storage.folder", "storage.disk_floor"}
    by_key = {one["key"]: one for one in told["settings"]}
    assert by_key["defaults.delay"] == {
        "key": "defaults.delay",
        "value": "1m",
        "origin": "file",
        "is_live": True,
    }
    assert by_key["alerts.secret"]["value"] == REDACTED
    assert "s3cret" not in json.dumps(told)


async def test_a_broken_file_is_refused_and_the_old_settings_stay(config: Path) -> None:
    loaded = load(config, {})
    async with open_service(loaded.config) as service:
        service.loaded = loaded
        write(config, {"defaults": {"delay": "soon"}, "sauces": []})

        with pytest.raises(ConfigError) as refused:
            await reload(service)
        with capture_logs() as logged:
            await reload_or_say_why_not(service)
        async with speaking_to(make_app(service, Pulse(), "token")) as client:
            client.headers["Authorization"] = "Bearer token"
            answer = await client.post("/v1/config/reload")

    assert len(refused.value.problems) == 2
    assert logged[0]["event"] == "settings refused, the old ones stay"
    assert answer.status_code == 422
    assert len(answer.json()["problems"]) == 2
    assert 'did you mean "sources"?' in answer.json()["detail"]
    assert service.config is loaded.config


async def test_an_emptied_file_is_refused_and_its_sources_stay(config: Path) -> None:
    """One that is being written, or for which there was no room, removes nothing."""
    loaded = load(config, {})
    async with open_service(loaded.config) as service:
        service.loaded = loaded
        await service.reload_sources()
        write(config, {})

        with pytest.raises(ConfigError, match="is empty now"):
            await reload(service)

    assert [watch.source.name for watch in service.watches.values()] == ["Courier"]


async def test_sources_that_the_file_no_longer_lists_are_told(config: Path) -> None:
    loaded = load(config, {})
    async with open_service(loaded.config) as service:
        service.loaded = loaded
        write(config, settings(config.parent, sources=[]))

        with capture_logs() as logged:
            await reload(service)

    told = [one for one in logged if one["event"] == "sources removed"]
    assert [(one["count"], one["first"]) for one in told] == [(1, ["Courier"])]


async def test_settings_of_no_file_are_not_reloaded(tmp_path: Path) -> None:
    async with open_service(Config.model_validate(settings(tmp_path))) as service:
        with pytest.raises(UsageError, match="no file"):
            await reload(service)


def test_a_running_service_reloads_on_a_signal_and_when_asked(config: Path) -> None:
    kliping = [sys.executable, "-m", "crawler", "--config", str(config)]
    with subprocess.Popen(
        [*kliping, "serve"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as service:
        try:
            assert service.stdout
            assert service.stderr
            service.stdout.readline()
            write(config, settings(config.parent, defaults={"delay": "1m"}))
            service.send_signal(signal.SIGHUP)
            changed = _said(service.stderr, "setting changed")
            config.write_text("sauces: []\n")
            service.send_signal(signal.SIGHUP)
            refused = _said(service.stderr, "settings refused, the old ones stay")
            write(config, settings(config.parent, defaults={"delay": "3m"}))
            asked = subprocess.run(
                [*kliping, "reload"], capture_output=True, text=True, check=True
            )
        finally:
            service.kill()

    assert (changed["key"], changed["old"], changed["new"]) == (
        "defaults.delay",
        "2s",
        "1m",
    )
    assert "sauces: unknown key" in refused["problems"][0]
    assert json.loads(asked.stdout) == {
        "key": "defaults.delay",
        "old": "1m",
        "new": "3m",
        "is_applied": True,
    }


def test_a_signal_to_reload_ends_no_service_that_is_still_starting(
    config: Path,
) -> None:
    """The folder is locked before the database is made and the pages answer."""
    lock = config.parent / "data" / "kliping.lock"
    with subprocess.Popen(
        [sys.executable, "-m", "crawler", "--config", str(config), "serve"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as service:
        try:
            while not lock.exists() and service.poll() is None:
                time.sleep(0.01)
            service.send_signal(signal.SIGHUP)
            assert service.stdout
            first = service.stdout.readline()
        finally:
            service.kill()

    assert first.startswith("Kliping is running")


def _said(lines: IO[str], event: str) -> dict[str, Any]:
    """Return the next line of a log that says something."""
    return next(one for one in _events(lines) if one["event"] == event)


def _events(lines: IO[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if line.startswith("{"):
            yield json.loads(line)


def test_without_a_service_there_is_nothing_to_reload(config: Path) -> None:
    done = CliRunner().invoke(app, ["--config", str(config), "reload"])

    assert done.exit_code == 2
    assert "no service runs" in done.stderr
