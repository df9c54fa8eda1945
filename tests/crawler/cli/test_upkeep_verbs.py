"""config, doctor, verify, demo: what looks after an installation."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.cli.verbs.health import fare
from storage.folder import DataFolder
from storage.sql.health import SourceHealth
from tests.crawler.cli.conftest import Command

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_config_check_names_the_file_that_is_good(
    kliping: Command, config: Path
) -> None:
    assert kliping("config", "check").out == f"{config}: good, 0 sources\n"


def test_a_list_that_two_sources_name_is_told(kliping: Command, config: Path) -> None:
    site = "  - {{name: {0}, home: 'https://{0}.example/', feeds: ['{1}://a.example/f']}}\n"
    sources = site.format("A", "https") + site.format("B", "http")
    config.write_text(f"{config.read_text()}\nsources:\n{sources}")

    done = kliping("config", "check")

    assert done.code == 0
    assert "http://a.example/f: 'A' names this list already" in done.err


def test_config_check_of_a_bad_file_ends_with_3(kliping: Command, config: Path) -> None:
    config.write_text("nothing: here\n", encoding="utf-8")

    assert kliping("config", "check").code == 3


def test_config_show_prints_what_can_be_read_again(
    kliping: Command, config: Path, settings: dict[str, Any]
) -> None:
    shown = kliping("config", "show").out
    config.write_text(shown, encoding="utf-8")

    values = yaml.safe_load(shown)
    assert values["storage"]["folder"] == settings["storage"]["folder"]
    assert values["defaults"]["poll"] == "30m"
    assert kliping("config", "show").out == shown


_SECRETS = """
storage: {database: "postgresql://127.0.0.1:1/k?user=ann&password=s3cret"}
alerts:
  webhook: https://hooks.example/services/s3cret
  secret: s3cret
  mail: {to: [a@b.example], sender: a@b.example, host: b.example, password: s3cret, user: ann}
"""


def test_config_show_shows_no_secrets(kliping: Command, config: Path) -> None:
    config.write_text(_SECRETS, encoding="utf-8")

    shown = kliping("config", "show").out

    values = yaml.safe_load(shown)
    assert values["alerts"]["webhook"] == "https://hooks.example/[redacted]"
    assert values["storage"]["database"].startswith("postgresql://127.0.0.1:1/k?user")
    assert "s3cret" not in shown


def test_doctor_tells_no_password(kliping: Command, config: Path) -> None:
    config.write_text(_SECRETS.partition("alerts")[0], encoding="utf-8")

    done = kliping("doctor")

    assert "127.0.0.1:1/k" in done.out
    assert "s3cret" not in done.out + done.err


def test_doctor_finds_a_sound_machine_sound_and_looks_up_names_when_asked_to(
    kliping: Command, config: Path, settings: dict[str, Any]
) -> None:
    settings["sources"] = [
        {"name": "Here", "home": "http://localhost/"},
        {"name": "Nowhere", "home": "http://kliping.invalid/"},
    ]
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")

    done = kliping("doctor", "--network")

    *ours, here, nowhere = done.rows
    assert [row["check"] for row in ours] == [
        *("python", "sqlite", "config", "contact", "data folder", "free space"),
        *("writer", "clock", "database", "archive", "extraction"),
    ]
    assert "bad" not in {row["result"] for row in ours}
    assert {here["result"], nowhere["result"]} == {"good", "bad"}
    assert done.code == 12
    assert not Path(settings["storage"]["folder"]).exists()


def test_doctor_finds_what_is_wrong(
    kliping: Command, config: Path, settings: dict[str, Any]
) -> None:
    folder = DataFolder(Path(settings["storage"]["folder"]))
    ahead = time.time() + 86_400
    folder.database.write_text("no database")
    os.utime(folder.database, (ahead, ahead))
    settings["storage"]["disk_floor"] = "9999TB"
    settings["identity"] = {}
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")

    with folder.lock({"address": "http://127.0.0.1:8765"}):
        done = kliping("doctor")

    rows = {row["check"]: row for row in done.rows}
    assert done.code == 12
    assert rows["free space"]["result"] == rows["clock"]["result"] == "bad"
    assert rows["contact"]["result"] == "warn"
    assert "its pages are at http://127.0.0.1:8765" in rows["writer"]["found"]
    assert rows["database"]["result"] == "bad"
    assert "is damaged or not Kliping's" in rows["database"]["found"]


def test_doctor_says_that_a_source_lacks_its_browser(
    kliping: Command, config: Path, settings: dict[str, Any]
) -> None:
    source = {"name": "Here", "home": "http://localhost/", "render": "auto"}
    settings["sources"] = [source]
    settings["service"] = {"browser": "/nowhere/chromium"}
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")

    done = kliping("doctor")

    (row,) = [row for row in done.rows if row["check"] == "browser"]
    assert (done.code, row["result"]) == (12, "bad")
    assert "no /nowhere/chromium is installed" in row["found"]


def test_doctor_says_that_a_browser_does_not_start(
    kliping: Command, config: Path, settings: dict[str, Any], tmp_path: Path
) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\necho 'FATAL: No usable sandbox!' >&2; exit 1\n")
    program.chmod(0o700)
    settings["defaults"] = {**settings.get("defaults", {}), "render": "auto"}
    settings["service"] = {"browser": str(program)}
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")

    done = kliping("doctor")

    (row,) = [row for row in done.rows if row["check"] == "browser"]
    assert row["result"] == "bad"
    assert "does not start: FATAL: No usable sandbox!" in row["found"]


def test_doctor_lists_the_problems_of_the_config_and_goes_on(
    kliping: Command, config: Path
) -> None:
    config.write_text("nothing: here\nnor: there\n", encoding="utf-8")

    done = kliping("doctor")

    bad = [row["check"] for row in done.rows if row["result"] == "bad"]
    assert (done.code, bad) == (12, ["config", "config"])
    assert done.rows[-1]["check"] == "extraction"


def test_verify_names_what_is_damaged_and_ends_with_12(
    kliping: Command, article: str, settings: dict[str, Any]
) -> None:
    kliping("fetch", "--save", article)
    (segment,) = Path(settings["storage"]["folder"], "warc").iterdir()
    content = bytearray(segment.read_bytes())
    content[-40] ^= 0xFF
    segment.write_bytes(content)

    done = kliping("verify")

    assert done.code == 12
    assert {row["file"] for row in done.rows} == {segment.name}
    assert "found; nothing was changed" in done.err


def test_verify_without_an_archive_is_a_usage_error(kliping: Command) -> None:
    done = kliping("verify")

    assert done.code == 2
    assert "nothing is archived" in done.err


SOURCE = SourceHealth(
    name="Courier",
    state="active",
    last_success=NOW - timedelta(hours=1),
    last_new_article=NOW,
    articles=5,
    articles_24h=1,
    waiting=0,
    errors=0,
    oldest_due=NOW,
)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, ""),
        ({"last_success": None}, "never answered"),
        ({"last_success": NOW - timedelta(days=2)}, "silent for over a day"),
        ({"oldest_due": NOW - timedelta(hours=2)}, "over an hour late"),
        ({"last_success": None, "state": "paused"}, ""),
    ],
    ids=["well", "never", "silent", "late", "paused"],
)
def test_a_source_is_unwell_for_a_reason(changed: dict[str, Any], why: str) -> None:
    row = fare(replace(SOURCE, **changed), NOW)

    assert (row["well"], row["why"]) == (not why, why)


def test_a_dead_list_of_several_is_told_of_a_source_that_is_well() -> None:
    lost = {"lists": 5, "lists_failing": 1, "failing_since": NOW}

    row = fare(replace(SOURCE, **lost, why_failing="HTTP 404"), NOW)

    assert row["well"]
    said = f"1 of 5 lists cannot be read since {NOW:%Y-%m-%d} (HTTP 404)"
    assert row["lists_lost"] == said


def test_that_no_page_becomes_an_article_is_left_to_an_open_alert() -> None:
    since = NOW - timedelta(hours=9)
    dead = replace(SOURCE, pages_in_vain=20, in_vain_since=since)

    assert fare(dead, NOW)["why"].startswith("no new page became an article since")
    assert fare(dead, NOW, ["20 of 20 pages were refused"])["why"] == (
        "20 of 20 pages were refused"
    )


def test_health_of_an_unwell_source_ends_with_12(kliping: Command) -> None:
    feed = ("--feed", "https://courier.invalid/rss")
    kliping("source", "add", "https://courier.invalid/", "--name", "Courier", *feed)

    assert kliping("health").code == 12


def test_demo_serves_pages_over_its_own_sites_and_ends_on_sigterm(
    tmp_path: Path,
) -> None:
    words = ["demo", "--port", "0", "--folder", str(tmp_path / "demo")]

    with subprocess.Popen(
        [sys.executable, "-m", "crawler", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate()

    assert re.fullmatch(r"Kliping is running: http://127\.0\.0\.1:\d+\n", said)
    assert process.returncode == 0


def test_demo_ends_after_the_time_it_is_given(kliping: Command) -> None:
    done = kliping("demo", "--port", "0", "--for", "10ms")

    assert done.code == 0


def test_demo_for_what_is_no_duration_is_a_usage_error(kliping: Command) -> None:
    assert kliping("demo", "--for", "ever").code == 2


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another process serves on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_serve_on_a_port_that_is_taken_names_the_setting(
    kliping: Command, config: Path, settings: dict[str, Any], taken: int
) -> None:
    settings["service"] = {"port": taken}
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")

    done = kliping("serve")

    assert done.code == 13
    assert f"port {taken}: Address already in use" in done.err
    assert "service.port" in done.err


def test_demo_on_a_port_that_is_taken_names_its_option(
    kliping: Command, taken: int
) -> None:
    done = kliping("demo", "--port", str(taken))

    assert done.code == 13
    assert "see --port" in done.err


def test_serve_to_the_world_is_a_fault_of_the_settings(
    kliping: Command, config: Path, settings: dict[str, Any]
) -> None:
    settings["service"] = {"address": "0.0.0.0"}
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")

    assert kliping("serve").code == 3
