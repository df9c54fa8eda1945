"""A source's settings and site rules, changed and tried by the API."""

from typing import Any

import httpx
import pytest

from crawler.service.service import Service
from tests.crawler.desk import story
from tests.crawler.web.material import HARBOUR, NOON, keep

pytestmark = pytest.mark.anyio

RIVER = "/v1/sources/River Times"
PAGE = story("Ferry runs", tail="<p class=by>By <b class=who>Ada Quill</b></p>")


@pytest.fixture
async def river(writer: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client, on a service with a source that was added by it."""
    source = {"name": "River Times", "home": "https://river.example/", "poll": "1h"}
    answer = await writer.post("/v1/sources", json=source)
    assert answer.status_code == 201
    return writer


async def test_a_setting_is_changed_and_the_others_stay(
    river: httpx.AsyncClient, service: Service
) -> None:
    answer = await river.patch(RIVER, json={"delay": "5s", "language": "en"})

    assert answer.status_code == 200
    watch = next(w for w in service.watches.values() if w.source.name == "River Times")
    assert (watch.source.language, str(watch.source.poll)) == ("en", "1:00:00")
    assert answer.json()["settings"]["delay"] == "5s"


async def test_null_takes_a_setting_back(river: httpx.AsyncClient) -> None:
    answer = await river.patch(RIVER, json={"poll": None})

    assert answer.json()["settings"]["poll"] is None


@pytest.mark.parametrize(
    "wrong",
    [{"name": "X"}, {"poll": "soon"}, {"group": "nowhere"}, {"home": "ftp://a"}],
)
async def test_settings_that_do_not_fit_are_refused(
    river: httpx.AsyncClient, wrong: dict[str, Any]
) -> None:
    assert (await river.patch(RIVER, json=wrong)).status_code == 422


async def test_a_home_is_not_taken_back(river: httpx.AsyncClient) -> None:
    answer = await river.patch(RIVER, json={"home": None})

    assert answer.status_code == 422


async def test_a_source_is_removed_and_its_articles_stay(
    river: httpx.AsyncClient, service: Service
) -> None:
    article = await keep(service, HARBOUR, "River Times", NOON)

    removed = await river.delete(RIVER)

    assert removed.json() == {"name": "River Times", "state": "removed"}
    assert (await river.get(RIVER)).status_code == 404
    assert (await river.get(f"/v1/articles/{article}")).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/v1/ledger?source=River Times",
        "/ledger?source=River Times",
        "/feeds/source/River Times.atom",
    ],
)
async def test_what_a_removed_source_brought_is_listed(
    river: httpx.AsyncClient, service: Service, path: str
) -> None:
    await keep(service, HARBOUR, "River Times", NOON)
    await river.delete(RIVER)

    answer = await river.get(path)

    assert answer.status_code == 200
    assert HARBOUR.title in answer.text


async def test_what_a_removed_source_brought_is_exported(
    river: httpx.AsyncClient, service: Service
) -> None:
    await keep(service, HARBOUR, "River Times", NOON)
    await river.delete(RIVER)

    answer = await river.post("/v1/exports", json={"source": "River Times"})

    assert answer.status_code == 202


async def test_a_removed_source_is_not_counted(river: httpx.AsyncClient) -> None:
    before = (await river.get("/v1/health")).json()["totals"]["sources"]

    await river.delete(RIVER)

    assert (await river.get("/v1/health")).json()["totals"]["sources"] == before - 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"delay": "5s"}),
        ("DELETE", "", None),
        ("PUT", "/rules", {"rules": []}),
    ],
)
async def test_config_yaml_alone_changes_its_sources(
    holder: httpx.AsyncClient, method: str, path: str, body: dict[str, Any] | None
) -> None:
    answer = await holder.request(method, f"/v1/sources/Harbour Post{path}", json=body)

    assert (answer.status_code, answer.json()["class"]) == (409, "conflict")
    assert "config.yaml" in answer.json()["detail"]


async def test_rules_are_set_and_told(river: httpx.AsyncClient) -> None:
    before = (await river.get(f"{RIVER}/rules")).json()
    rules = [{"authors": ".who", "drop_lines": ["Read on"]}]

    done = await river.put(f"{RIVER}/rules", json={"rules": rules})
    told = (await river.get(f"{RIVER}/rules")).json()
    back = await river.put(f"{RIVER}/rules", json={"rules": None})

    assert (before["given_by"], before["rules"]) == (None, [])
    assert done.json() == told
    assert told["given_by"] == "source"
    assert told["rules"][0]["authors"] == ".who"
    assert back.json()["rules"] == []


@pytest.mark.parametrize(
    "rules",
    [[{"title": "(("}], [{}, {}], [{"unknown": 1}], "h1", [{"valid_from": 1.5}]],
)
async def test_rules_that_cannot_be_are_refused(
    river: httpx.AsyncClient, rules: object
) -> None:
    for method, path in (("PUT", "rules"), ("POST", "rules/try")):
        answer = await river.request(method, f"{RIVER}/{path}", json={"rules": rules})

        assert answer.status_code == 422


async def test_rules_are_tried_on_what_is_kept_and_nothing_is_changed(
    river: httpx.AsyncClient, service: Service
) -> None:
    article = await keep(service, HARBOUR, "River Times", NOON, body=PAGE)
    whole = (await river.get(f"/v1/articles/{article}")).json()
    rules = [{"authors": ".who", "remove": ["p:nth-of-type(2)"], "title": ".none"}]

    answer = await river.post(f"{RIVER}/rules/try", json={"rules": rules})

    (page,) = answer.json()["pages"]
    assert page["after"]["authors"] == ["Ada Quill"]
    assert page["before"]["title"] == page["after"]["title"] == "Ferry runs"
    assert "text" in page["changed"]
    gone = [one["text"] for one in page["text"] if one["kind"] == "delete"]
    assert "Part 1 of Ferry runs" in "".join(gone)
    matched = {one["key"]: one["matched"] for one in answer.json()["rules"]}
    assert matched == {"authors": 1, "remove": 1, "title": 0}
    assert (await river.get(f"/v1/articles/{article}")).json() == whole
    assert (await river.get(f"{RIVER}/rules")).json()["rules"] == []


async def test_rules_are_tried_on_chosen_articles(
    river: httpx.AsyncClient, service: Service
) -> None:
    article = await keep(service, HARBOUR, "River Times", NOON, body=PAGE)
    wanted = {"rules": [{"title": "h1"}], "articles": [article + 1]}

    answer = await river.post(f"{RIVER}/rules/try", json=wanted)

    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("name", "is_offered"), [("River Times", True), ("Harbour Post", False)]
)
async def test_rules_are_set_on_the_page_of_a_source_that_config_yaml_has_not(
    river: httpx.AsyncClient, service: Service, name: str, *, is_offered: bool
) -> None:
    await keep(service, HARBOUR, name, NOON, body=PAGE)

    page = await river.post(
        f"/sources/{name}/rules", data={"rules": "title: h1", "samples": "1"}
    )

    assert page.status_code == 200
    assert ("Set them" in page.text) is is_offered
    assert ("its rules are set there" in page.text) is not is_offered
