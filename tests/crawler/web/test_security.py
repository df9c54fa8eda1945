"""Who may ask, who may change, and what a browser is told on every answer."""

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message

from crawler.pulse import Pulse
from crawler.service import Service
from crawler.web.app import make_app
from crawler.web.security import HEADERS, MAX_BODY_BYTES, Guard
from tests.crawler.web.conftest import TOKEN, speaking_to
from tests.crawler.web.material import Archive

pytestmark = pytest.mark.anyio

READING = [
    "/",
    "/search",
    "/sources",
    "/ledger",
    "/health",
    "/healthz",
    "/metrics",
    "/openapi.json",
    "/static/kliping.css",
    "/static/explain.css",
    "/v1/articles",
    "/v1/articles/1",
    "/v1/articles/1/copies",
    "/v1/articles/1/explain",
    "/v1/articles/1/versions",
    "/v1/articles/1/versions/1",
    "/v1/search?q=bridge",
    "/v1/sources",
    "/v1/sources/川辺新聞/coverage",
    "/v1/sources/川辺新聞/websub",
    "/v1/config",
    "/v1/ledger",
    "/v1/health",
    "/v1/alerts",
    "/v1/events",
    "/v1/takedowns",
    "/cdx?url=https://harbour.example/bridge-opens",
]
CHANGING = [
    "/v1/links",
    "/v1/links/list",
    "/v1/sources",
    "/v1/sources/import",
    "/v1/sources/probe",
    "/v1/sources/nobody/pause",
    "/v1/sources/nobody/resume",
    "/v1/sources/nobody/boost",
    "/v1/sources/nobody/poll",
    "/v1/fetch",
    "/v1/reextractions/20261122T120000Z/promote",
    "/v1/reextractions/20261122T120000Z/rollback",
    "/v1/takedowns",
    "/v1/takedowns/preview",
    "/v1/config/reload",
]
DELETING = ["/v1/takedowns/nobody"]
HEADERS_OF = {
    "no token": {},
    "wrong token": {"Authorization": "Bearer wrong"},
    "wrong scheme": {"Authorization": f"Basic {TOKEN}"},
    "token": {"Authorization": f"Bearer {TOKEN}"},
}


def test_the_tables_here_name_every_route(app: FastAPI) -> None:
    named = {path.partition("?")[0] for path in READING + CHANGING + DELETING}
    filled = {
        path.format(article_id=1, number=1, name="nobody", run="20261122T120000Z")
        for path in app.openapi()["paths"]
    }

    assert filled - named == {
        "/readyz",
        "/v1/sources/nobody/coverage",
        "/v1/sources/nobody/websub",
    }


@pytest.mark.parametrize("path", READING)
@pytest.mark.parametrize("token", HEADERS_OF)
async def test_reading_needs_no_token(
    reader: httpx.AsyncClient, path: str, token: str
) -> None:
    answer = await reader.get(path, headers=HEADERS_OF[token])

    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("path", CHANGING)
@pytest.mark.parametrize("token", HEADERS_OF)
async def test_changing_needs_the_token(
    reader: httpx.AsyncClient, path: str, token: str
) -> None:
    answer = await reader.post(path, headers=HEADERS_OF[token])

    refused = answer.status_code == 401
    assert refused is (token != "token")
    assert ("www-authenticate" in answer.headers) is refused


@pytest.mark.parametrize("path", DELETING)
@pytest.mark.parametrize("token", HEADERS_OF)
async def test_deleting_needs_the_token(
    reader: httpx.AsyncClient, path: str, token: str
) -> None:
    answer = await reader.delete(path, headers=HEADERS_OF[token])

    assert (answer.status_code == 401) is (token != "token")


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
)
@pytest.mark.parametrize(
    "path", ["/", "/v1/articles", "/v1/nowhere", "/static/kliping.css"]
)
async def test_an_unsafe_method_is_refused_anywhere(
    reader: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await reader.request(method, path)

    assert answer.status_code == 401


async def test_a_token_given_twice_is_no_token(reader: httpx.AsyncClient) -> None:
    twice = [("Authorization", f"Bearer {TOKEN}")] * 2

    answer = await reader.post("/v1/fetch", headers=twice)

    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/", "/v1/articles"])
async def test_head_answers_like_get_without_a_body(
    reader: httpx.AsyncClient, path: str
) -> None:
    answer = await reader.head(path)

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8765", "localhost:8765", "LOCALHOST:8765", "[::1]:8765"],
)
async def test_our_own_names_are_answered(reader: httpx.AsyncClient, host: str) -> None:
    answer = await reader.get("/healthz", headers={"Host": host})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "attacker.example",
        "attacker.example:8765",
        "127.0.0.1",
        "127.0.0.1:80",
        "127.0.0.1.attacker.example:8765",
        "localhost:8765.attacker.example",
        "",
    ],
)
async def test_other_names_are_refused(reader: httpx.AsyncClient, host: str) -> None:
    answer = await reader.get("/v1/articles", headers={"Host": host})

    assert answer.status_code == 421
    assert "articles" not in answer.json()


async def test_on_port_80_a_name_needs_no_port(app: FastAPI) -> None:
    async with speaking_to(app, "http://127.0.0.1") as client:
        answer = await client.get("/healthz")

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/v1/articles", 200),
        ("GET", "/static/kliping.css", 200),
        ("GET", "/static/../app.py", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/v1/nowhere", 404),
        ("POST", "/", 401),
        ("GET", "/v1/articles?limit=0", 422),
        ("GET", "/readyz", 503),
        ("GET", "/break", 500),
        ("GET", "/v1/break", 500),
    ],
)
async def test_every_answer_carries_the_headers(
    shown: tuple[Service, Archive], method: str, path: str, status: int
) -> None:
    app = make_app(shown[0], Pulse(), TOKEN)

    @app.get("/break")
    @app.get("/v1/break")
    def break_down() -> None:
        raise RuntimeError("the words of an error")

    async with speaking_to(app) as client:
        answer = await client.request(method, path)

    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "the words of an error" not in answer.text


@pytest.mark.parametrize(
    "path", ["/v1/nowhere", "/v1/articles/999", "/v1/articles/x", "/v1"]
)
async def test_errors_of_the_api_are_problem_documents(
    reader: httpx.AsyncClient, path: str
) -> None:
    answer = await reader.get(path)

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code == 404
    assert answer.json()["title"] == "Not Found"


async def test_errors_elsewhere_are_pages(reader: httpx.AsyncClient) -> None:
    answer = await reader.get("/articles/999")

    assert answer.status_code == 404
    assert "<h1>Not Found</h1>" in answer.text
    assert "There is no article 999." in answer.text


async def test_an_error_says_which_parameters_are_wrong(
    reader: httpx.AsyncClient,
) -> None:
    answer = await reader.get("/v1/articles?limit=0&before=x")

    assert [one.partition(":")[0] for one in answer.json()["problems"]] == [
        "query.before",
        "query.limit",
    ]


@pytest.mark.parametrize("number", [0, -1, 2**63, 10**30])
async def test_an_id_that_cannot_be_is_not_found(
    reader: httpx.AsyncClient, number: int
) -> None:
    answer = await reader.get(f"/v1/articles/{number}")

    assert answer.status_code == 404


async def test_a_long_body_is_refused_by_its_stated_length(
    holder: httpx.AsyncClient,
) -> None:
    answer = await holder.post("/v1/links", content=b" " * (MAX_BODY_BYTES + 1))

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_long_body_of_no_stated_length_is_refused_as_it_comes(
    holder: httpx.AsyncClient,
) -> None:
    async def endless():  # noqa: ANN202
        for _ in range(20):
            yield b" " * 65536

    answer = await holder.post("/v1/links", content=endless())

    assert answer.status_code == 413
    assert (
        answer.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
    )


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs/oauth2-redirect"])
async def test_no_page_that_loads_scripts_is_offered(
    reader: httpx.AsyncClient, path: str
) -> None:
    assert (await reader.get(path)).status_code == 404


async def test_the_description_of_the_api_says_what_needs_the_token(
    reader: httpx.AsyncClient,
) -> None:
    paths = (await reader.get("/openapi.json")).json()["paths"]
    marked = {
        (path, method): "security" in operation
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method != "get" or "security" in operation
    }

    assert len(marked) == len(CHANGING + DELETING)
    assert all(marked.values())


async def test_a_websocket_is_closed_before_anything_sees_it() -> None:
    sent = []

    async def send(message: Message) -> None:
        sent.append(message["type"])

    async def app(*_: object) -> None:
        sent.append("seen")

    await Guard(app, token=TOKEN, names=())({"type": "websocket"}, app, send)

    assert sent == ["websocket.close"]


async def test_no_answer_lets_another_origin_read(reader: httpx.AsyncClient) -> None:
    answer = await reader.get("/v1/articles", headers={"Origin": "https://a.example"})

    assert not [name for name in answer.headers if name.startswith("access-control")]
