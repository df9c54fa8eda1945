"""Parameters that cannot be meant: refused, and in people's words."""

import httpx
import pytest

from crawler.web.describing import operations

pytestmark = pytest.mark.anyio

#: What Python, pydantic and FastAPI say of a wrong value.
FOREIGN = ("Input should", "isoformat", "timedelta", "unable to parse", "Extra inputs")


async def problems(client: httpx.AsyncClient, path: str) -> list[str]:
    answer = await client.get(path)
    assert answer.status_code == 422, answer.text
    found: list[str] = answer.json()["problems"]
    return found


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("changed_since=soon", "query.changed_since: write a day that there is, such"),
        (
            "from=2026-02-30",
            "query.from: write a day that there is, such as 2026-01-31",
        ),
        ("limit=many", "query.limit: must be a whole number"),
        ("limit=1000", "query.limit: must be at most 200"),
        ("limit=0", "query.limit: must be at least 1"),
        ("state=Gone", "query.state: must be 'present' or 'gone'"),
    ],
)
async def test_a_value_is_refused_in_plain_words(
    reader: httpx.AsyncClient, query: str, said: str
) -> None:
    (problem,) = await problems(reader, f"/v1/articles?{query}")

    assert problem.startswith(said)


async def test_no_value_is_refused_in_the_words_of_a_library(
    writer: httpx.AsyncClient,
) -> None:
    document = (await writer.get("/openapi.json")).json()
    said = []
    for path, method, operation in operations(document):
        if method != "get" or path.endswith("/stream"):
            continue
        asked = operation.get("parameters", [])
        filled = path.format(**{one["name"]: "1" for one in asked})
        for name in (one["name"] for one in asked if one["in"] == "query"):
            for odd in ("odd", "-1", "1e9", "9" * 30):
                answer = await writer.get(f"{filled}?{name}={odd}")
                said += [(path, name, one) for one in FOREIGN if one in answer.text]

    assert said == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"url":', "body: is no JSON, from character 7 on"),
        (b"[]", "body: must be a mapping of keys to values"),
        (b"{}", "body.url: is required"),
        (b'{"url": 1}', "body.url: must be text"),
        (b'{"url": "https://x.example/", "nope": 1}', "body.nope: is not known here"),
        (b'{"url": "https://x.example/", "wait": 99}', "body.wait: must be at most 60"),
    ],
)
async def test_a_body_is_refused_in_plain_words(
    holder: httpx.AsyncClient, body: bytes, said: str
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await holder.post("/v1/fetch", content=body, headers=headers)

    assert (answer.status_code, answer.json()["problems"]) == (422, [said])


async def test_a_parameter_that_a_route_has_not_is_refused(
    reader: httpx.AsyncClient,
) -> None:
    (listed,) = await problems(reader, "/v1/articles?lang=en")
    (none,) = await problems(reader, "/v1/sources?state=active")

    assert listed.startswith("query.lang: is no parameter here; there are source, ")
    assert none == "query.state: is no parameter here; there are none"


async def test_a_parameter_that_stands_twice_is_refused(
    reader: httpx.AsyncClient,
) -> None:
    found = await problems(reader, "/v1/articles?language=en&language=ar")
    types = await reader.get("/v1/events?type=article.new&type=article.gone")

    assert found == ["query.language: stands more than once"]
    assert types.status_code == 200


@pytest.mark.parametrize("path", ["/v1/articles", "/", "/?format=csv", "/ledger"])
async def test_a_source_that_there_never_was_is_no_empty_list(
    reader: httpx.AsyncClient, path: str
) -> None:
    answer = await reader.get(path, params={"source": "Nope"})

    assert answer.status_code == 404
    assert "There is no source" in answer.text


async def test_a_list_of_such_a_source_is_no_broken_file(
    reader: httpx.AsyncClient,
) -> None:
    answer = await reader.get("/ledger?source=Nope&format=csv")

    assert answer.status_code == 404


async def test_a_language_is_asked_for_as_a_search_does(
    reader: httpx.AsyncClient,
) -> None:
    small = (await reader.get("/v1/articles?language=ar")).json()["articles"]
    great = (await reader.get("/v1/articles?language=AR")).json()["articles"]
    wrong = await reader.get("/v1/articles?language=Arabic")

    assert small == great != []
    assert (wrong.status_code, wrong.json()["class"]) == (400, "bad_request")


@pytest.mark.parametrize("path", ["/v1/alerts?state=", "/v1/jobs?state=&kind="])
async def test_a_filter_that_is_left_empty_filters_nothing(
    reader: httpx.AsyncClient, path: str
) -> None:
    assert (await reader.get(path)).status_code == 200


async def test_days_that_end_before_they_begin_are_refused(
    reader: httpx.AsyncClient,
) -> None:
    place = "/v1/sources/Harbour%20Post/days"
    answer = await reader.get(f"{place}?from=2026-03-02&to=2026-03-01")

    assert answer.status_code == 422


async def test_a_type_of_events_that_there_is_not_is_refused(
    reader: httpx.AsyncClient,
) -> None:
    (problem,) = await problems(reader, "/v1/events?type=article.*&type=article.nwe")

    assert problem.startswith("query.type.1: no events are of this type; there are ")


@pytest.mark.parametrize(
    "path", ["/v1/articles?state=", "/v1/jobs?state=&kind=", "/v1/alerts?state="]
)
async def test_an_empty_choice_is_none(reader: httpx.AsyncClient, path: str) -> None:
    document = (await reader.get("/openapi.json")).json()
    route = document["paths"][path.partition("?")[0]]["get"]
    (state,) = (one for one in route["parameters"] if one["name"] == "state")

    assert (await reader.get(path)).status_code == 200
    assert {"type": "string", "maxLength": 0} in state["schema"]["anyOf"]
