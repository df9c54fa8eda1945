"""Alerts, as programs and people are told of them."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import feedparser
import httpx
import pytest

from crawler.service.opening import open_service
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.web.app import make_app
from storage.alerts import Alert, AlertKind, Loss
from storage.sql.alerts import put_alerts, standing_alerts
from storage.sql.sources import find_source, list_sources
from storage.writer import Tx
from tests.crawler.web.conftest import TOKEN, bearing, config_for, speaking_to
from tests.crawler.web.material import NOON, Archive

pytestmark = pytest.mark.anyio

Work = Callable[[Tx], None]
WHY = "no new article for 90 h, in which 31.0 are usual"


@pytest.fixture
async def alarmed(shown: tuple[Service, Archive]) -> None:
    """An open alert of a source, and an outage that is over."""

    def put(tx: Tx) -> None:
        source = find_source(tx.session, "Harbour Post")
        silent = Alert(
            source=source.id if source else None,
            loss=Loss.ARTICLES,
            kind=AlertKind.SILENT,
            why=WHY,
            bad_since=NOON,
            opened_at=NOON + timedelta(hours=1),
            lost=31.2,
        )
        outage = Alert(
            source=None,
            loss=Loss.OURS,
            why="the service did not run",
            bad_since=NOON - timedelta(days=1),
            opened_at=NOON,
            closed_at=NOON,
        )
        put_alerts(tx.session, {}, [silent, outage])

    await shown[0].means.writer.run(put)


@pytest.mark.usefixtures("alarmed")
async def test_alerts_are_listed_by_their_state(reader: httpx.AsyncClient) -> None:
    every = (await reader.get("/v1/alerts")).json()["alerts"]
    (one,) = (await reader.get("/v1/alerts?state=open&limit=1")).json()["alerts"]

    assert {alert["loss"] for alert in every} == {"articles", "ours"}
    assert (one["source"], one["kind"], one["why"]) == ("Harbour Post", "silent", WHY)


@pytest.mark.usefixtures("alarmed")
async def test_the_health_page_names_what_is_wrong(reader: httpx.AsyncClient) -> None:
    page = (await reader.get("/health")).text

    assert WHY in page
    assert "(the service itself)" in page


async def test_health_says_that_it_is_we_who_fail(
    shown: tuple[Service, Archive],
    reader: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By an alert while it is open, else by the last answers of sources."""
    why = "no source brings anything"
    now = shown[0].means.now()
    alert = Alert(source=None, loss=Loss.OURS, why=why, bad_since=now, opened_at=now)

    def close(tx: Tx) -> None:
        standing = standing_alerts(tx.session)
        put_alerts(tx.session, standing, [replace(alert, closed_at=now)])

    async def told() -> str | None:
        outage: str | None = (await reader.get("/v1/health")).json()["outage"]
        return outage

    before = await told()
    await shown[0].means.writer.run(lambda tx: put_alerts(tx.session, {}, [alert]))
    by_alert = await told()
    await shown[0].means.writer.run(close)
    after = await told()
    monkeypatch.setattr("crawler.web.reads.why_ours", lambda *_: "no source answers")

    assert (before, by_alert, after) == (None, why, None)
    assert await told() == "no source answers"


@pytest.fixture
async def dull(shown: tuple[Service, Archive]) -> AsyncIterator[None]:
    """Another open alert, for a while."""

    def put(tx: Tx) -> None:
        source = find_source(tx.session, "Harbour Post")
        alert = Alert(
            source=source.id if source else None,
            loss=Loss.QUALITY,
            kind=AlertKind.FIELD,
            why="no authors",
            bad_since=NOON,
            opened_at=NOON,
        )
        put_alerts(tx.session, {}, [alert])

    def drop(tx: Tx) -> None:
        standing = standing_alerts(tx.session).items()
        dull = {number: one for number, one in standing if one.loss is Loss.QUALITY}
        put_alerts(tx.session, dull, [])

    await shown[0].means.writer.run(put)
    yield
    await shown[0].means.writer.run(drop)


@pytest.mark.parametrize(("page", "place"), [("health", "/health"), ("today", "/")])
@pytest.mark.usefixtures("alarmed", "dull")
async def test_a_page_with_a_part_of_the_alerts_says_so(
    reader: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, page: str, place: str
) -> None:
    whole = (await reader.get(place)).text
    monkeypatch.setattr(f"crawler.web.pages.{page}._ALERTS", 1)

    part = (await reader.get(place)).text

    assert ("see all</a>" in whole, "see all</a>" in part) == (False, True)


async def test_no_other_state_is_asked_for(reader: httpx.AsyncClient) -> None:
    assert (await reader.get("/v1/alerts?state=sleeping")).status_code == 422


@pytest.mark.usefixtures("alarmed")
async def test_an_alert_says_what_to_do_and_where_that_stands(
    reader: httpx.AsyncClient,
) -> None:
    alerts = (await reader.get("/v1/alerts")).json()["alerts"]

    runbooks = {alert["kind"]: alert["runbook"] for alert in alerts}
    assert runbooks == {
        "silent": "docs/alerts.md#silent",
        None: "docs/alerts.md#outage",
    }
    assert all(alert["advice"] for alert in alerts)


async def test_alerts_are_a_feed_that_says_what_is_over(
    writer: httpx.AsyncClient, service: Service
) -> None:
    def put(*alerts: Alert, before: dict[int, Alert] | None = None) -> Work:
        return lambda tx: put_alerts(tx.session, before or {}, alerts)

    open_one = Alert(
        source=1,
        loss=Loss.ARTICLES,
        kind=AlertKind.SILENT,
        why=WHY,
        bad_since=NOON,
        opened_at=NOON + timedelta(hours=1),
        lost=31.2,
    )
    await service.means.writer.run(put(open_one))
    (first,) = await entries(writer)
    over = replace(open_one, closed_at=NOON + timedelta(hours=9))
    await service.means.writer.run(put(over, before={1: open_one}))
    (second,) = await entries(writer)

    assert first.title == "Harbour Post loses articles: silent"
    assert WHY in first.summary
    assert "31 articles lost" in first.summary
    assert "docs/alerts.md#silent" in first.summary
    assert (first.id, first.published) == (second.id, second.published)
    assert second.title == "Harbour Post loses articles: silent, over"
    assert (first.updated, second.updated) == (
        "2026-03-14T13:00:00Z",
        "2026-03-14T21:00:00Z",
    )


async def entries(client: httpx.AsyncClient) -> list[feedparser.FeedParserDict]:
    answer = await client.get("/feeds/alerts.atom")
    assert answer.status_code == 200
    found = feedparser.parse(answer.content, response_headers=dict(answer.headers))
    assert not found.bozo
    return list(found.entries)


async def _open_alerts(service: Service, losses: list[float], closed: int) -> None:
    """Open an alert for each loss, then close some of ours that came later."""

    def put(tx: Tx) -> None:
        source = list_sources(tx.session)[0]
        some = [
            Alert(
                source=source.id,
                loss=Loss.ARTICLES,
                kind=AlertKind.SILENT,
                why=f"lost {lost}",
                bad_since=NOON,
                opened_at=NOON + timedelta(hours=n),
                lost=lost,
            )
            for n, lost in enumerate(losses)
        ]
        ours = Alert(
            source=None,
            loss=Loss.OURS,
            why="the service did not run",
            bad_since=NOON,
            opened_at=NOON + timedelta(days=9),
            closed_at=NOON + timedelta(days=10),
        )
        put_alerts(tx.session, {}, [*some, *[ours] * closed])

    await service.means.writer.run(put)


async def test_alerts_page_by_their_last_one(
    writer: httpx.AsyncClient, service: Service
) -> None:
    await _open_alerts(service, [1.0, 2.0, 3.0], closed=2)

    ids, before = [], ""
    while True:
        page = (await writer.get(f"/v1/alerts?limit=2{before}")).json()
        ids.append([one["why"] for one in page["alerts"]])
        if page["next_before"] is None:
            break
        before = f"&before={page['next_before']}"

    down = "the service did not run"
    assert ids == [[down, down], ["lost 3.0", "lost 2.0"], ["lost 1.0"]]


@pytest.mark.parametrize("path", ["/health", "/alerts"])
async def test_no_alert_that_is_over_hides_one_that_is_open(
    writer: httpx.AsyncClient, service: Service, path: str
) -> None:
    await _open_alerts(service, [7.0], closed=201)

    page = (await writer.get(path)).text

    assert "lost 7.0" in page


async def test_alerts_that_do_not_fit_a_page_are_said_to_be_more(
    writer: httpx.AsyncClient, service: Service
) -> None:
    await _open_alerts(service, [900.0, *[1.0] * 200], closed=0)

    page = (await writer.get("/alerts")).text

    assert page.index("lost 900.0") < page.index("lost 1.0")
    assert "These are the first 200" in page


async def test_a_source_that_is_not_well_is_one_step_away(
    writer: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "crawler.web.pages.health.why_unwell",
        lambda source, _now: (
            ["never answered"] if source.name == "Harbour Post" else []
        ),
    )

    page = (await writer.get("/health")).text

    assert (
        '<a href="/sources/Harbour%20Post"><bdi>Harbour Post</bdi></a>: never' in page
    )


async def test_the_page_of_a_source_that_is_not_well_says_why(
    writer: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "crawler.web.pages.source.why_unwell", lambda *_: ("never answered",)
    )
    monkeypatch.setattr("crawler.web.pages.source.lists_lost", lambda _: "1 of 5 lists")

    page = (await writer.get("/sources/Harbour%20Post")).text

    assert "<strong>It is not well:</strong> <bdi>never answered</bdi>" in page
    assert "<bdi>1 of 5 lists</bdi>" in page


@pytest.mark.parametrize("page", ["health", "sources"])
async def test_a_dead_list_of_several_is_named(
    writer: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setattr(
        f"crawler.web.pages.{page}.lists_lost",
        lambda source: "1 of 5 lists" if source.name == "Harbour Post" else "",
    )

    shown = (await writer.get(f"/{page}")).text

    assert shown.count("1 of 5 lists") == 1


async def test_today_says_that_no_source_is_watched(
    tmp_path: Path, pulse: Pulse
) -> None:
    config = config_for(tmp_path).model_copy(update={"sources": ()})
    async with (
        open_service(config) as service,
        speaking_to(make_app(service, pulse, TOKEN)) as client,
    ):
        page = (await client.get("/", headers=bearing(TOKEN))).text

    assert "No source is watched" in page
    assert "No source is known to lose anything" not in page


@pytest.mark.parametrize("why", [["never answered"], []], ids=["unwell", "well"])
async def test_today_says_that_nothing_is_lost_where_all_are_well(
    writer: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, why: list[str]
) -> None:
    monkeypatch.setattr("crawler.web.pages.today.why_unwell", lambda *_: why)

    page = (await writer.get("/")).text

    assert ("No source is known to lose anything" in page) is not bool(why)
    assert ("not well" in page) is bool(why)
