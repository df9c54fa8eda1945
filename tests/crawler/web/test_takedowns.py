"""Takedowns over HTTP: what is withheld answers at once as it should."""

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col, select

from crawler.service.service import Service
from storage.sql.tables import ArticleRow, LinkRow
from tests.crawler.web.material import Archive, fill

pytestmark = pytest.mark.anyio


@pytest.fixture
async def filled(service: Service) -> Archive:
    return await fill(service)


async def take_down(writer: httpx.AsyncClient, depth: str, *articles: str) -> str:
    wanted = {"articles": list(articles), "depth": depth, "reason": "privacy"}
    answer = await writer.post("/v1/takedowns", json=wanted)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["name"])


@pytest.mark.parametrize(("depth", "status"), [("hide", 451), ("exclude", 404)])
async def test_every_door_is_shut_at_once_and_open_when_it_is_lifted(
    writer: httpx.AsyncClient, filled: Archive, depth: str, status: int
) -> None:
    number = filled.harbour
    doors = [
        f"/v1/articles/{number}",
        f"/v1/articles/{number}/versions",
        f"/v1/articles/{number}/versions/1",
        f"/articles/{number}",
        f"/articles/{number}/explain",
        f"/articles/{number}/diff/2",
    ]
    lists = ["/", "/v1/articles", "/search?q=bridge", "/v1/search?q=bridge"]
    title = "Old swing bridge"
    before = [(await writer.get(door)).status_code for door in doors]
    listed = [title in (await writer.get(one)).text for one in lists]

    name = await take_down(writer, depth, str(number))

    during = [(await writer.get(door)).status_code for door in doors]
    assert during == [status] * len(doors)
    assert not any([title in (await writer.get(one)).text for one in lists])
    lifted = await writer.delete(f"/v1/takedowns/{name}")
    assert lifted.json()["state"] == "lifted"
    assert [(await writer.get(door)).status_code for door in doors] == before
    assert [title in (await writer.get(one)).text for one in lists] == listed
    assert any(listed)


@pytest.mark.parametrize("depth", ["hide", "exclude"])
async def test_the_ledger_has_its_line_without_its_headline(
    writer: httpx.AsyncClient, filled: Archive, service: Service, depth: str
) -> None:
    with service.session() as session:
        url = session.get_one(ArticleRow, filled.harbour).url
    its = update(LinkRow).where(col(LinkRow.url) == url)
    named = its.values(title="A headline of the feed")
    await service.means.writer.run(lambda tx: tx.session.exec(named))
    lines = ["/v1/ledger", "/ledger", "/ledger?format=csv", f"/v1/explain?url={url}"]
    before = [(await writer.get(one)).text for one in lines]

    await take_down(writer, depth, str(filled.harbour))
    after = [(await writer.get(one)).text for one in lines]

    assert all("A headline of the feed" in text for text in before)
    assert not any("A headline of the feed" in text for text in after)
    assert all(url in text for text in after)


async def test_an_id_is_a_number_as_elsewhere(
    writer: httpx.AsyncClient, filled: Archive
) -> None:
    wanted = {"articles": [filled.harbour, str(filled.harbour)], "depth": "hide"}

    seen = await writer.post("/v1/takedowns/preview", json=wanted)
    truth = await writer.post(
        "/v1/takedowns/preview", json=wanted | {"articles": [True]}
    )

    assert (seen.status_code, truth.status_code) == (200, 422)


async def test_takedowns_are_listed_with_what_they_are_about(
    writer: httpx.AsyncClient, filled: Archive
) -> None:
    name = await take_down(writer, "hide", str(filled.harbour))

    (listed,) = (await writer.get("/v1/takedowns")).json()["takedowns"]
    page = (await writer.get("/takedowns")).text

    assert (listed["name"], listed["depth"], listed["ground"]) == (
        name,
        "hide",
        "privacy",
    )
    assert name in page


async def test_what_is_excluded_is_not_asked_for_by_hand(
    writer: httpx.AsyncClient, filled: Archive, service: Service
) -> None:
    await take_down(writer, "exclude", "https://harbour.example/never-seen")
    wanted = {"urls": ["https://harbour.example/never-seen"]}

    answer = await writer.post("/v1/links", json=wanted)

    assert answer.status_code == 403
    assert filled
    with service.session() as session:
        assert "never-seen" not in [
            url.rsplit("/")[-1] for url in session.exec(select(LinkRow.url))
        ]


@pytest.mark.parametrize(
    ("articles", "status"),
    [
        (["99999"], 422),
        (["no url"], 422),
        (["https://harbour.example/x*"], 422),
        (["https://harbour.example/never-seen"], 422),
    ],
    ids=["no article", "no URL", "no beginning", "an address never seen"],
)
async def test_what_is_not_there_cannot_be_taken_down(
    writer: httpx.AsyncClient, articles: list[str], status: int
) -> None:
    wanted = {"articles": articles, "depth": "hide"}

    assert (await writer.post("/v1/takedowns", json=wanted)).status_code == status


async def test_what_does_not_stand_cannot_be_lifted(writer: httpx.AsyncClient) -> None:
    assert (await writer.delete("/v1/takedowns/0")).status_code == 409
