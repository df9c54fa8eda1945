"""Alerts, as programs and people are told of them."""

from datetime import timedelta

import httpx
import pytest

from crawler.service import Service
from storage.alerts import Alert, Kind, Loss
from storage.sql.alerts import put_alerts
from storage.sql.sources import find_source
from storage.writer import Tx
from tests.crawler.web.material import NOON, Archive

pytestmark = pytest.mark.anyio

WHY = "no new article for 90 h, in which 31.0 are usual"


@pytest.fixture
async def alarmed(shown: tuple[Service, Archive]) -> None:
    """An open alert of a source, and an outage that is over."""

    def put(tx: Tx) -> None:
        source = find_source(tx.session, "Harbour Post")
        silent = Alert(
            source=source.id if source else None,
            loss=Loss.ARTICLES,
            kind=Kind.SILENT,
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


async def test_no_other_state_is_asked_for(reader: httpx.AsyncClient) -> None:
    assert (await reader.get("/v1/alerts?state=sleeping")).status_code == 422
