"""Who may ask, who may change, and what a browser is told on every answer."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count, product

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import Message

from crawler.clock import utc_now
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.web import security
from crawler.web.access import Scope
from crawler.web.app import make_app
from crawler.web.giving import give_token
from crawler.web.keys import LINK_LASTS, Keys
from crawler.web.rates import Buckets
from crawler.web.security import HEADERS, MAX_BODY_BYTES, Guard, Rates
from storage.sql.tokens import digests
from tests.crawler.web.conftest import (
    BASE,
    GIVEN,
    TOKEN,
    bearing,
    give,
    speaking_to,
)
from tests.crawler.web.material import Archive

pytestmark = pytest.mark.anyio

#: What routes need that do not need the usual: `read` to read, `admin` for all else.
NEEDS = {
    ("GET", "/healthz"): None,
    ("HEAD", "/healthz"): None,
    ("POST", "/login"): None,
    ("POST", "/logout"): "read",
    ("GET", "/v1/tokens"): "admin",
    ("HEAD", "/v1/tokens"): "admin",
    ("GET", "/v1/tokens/999"): "admin",
    ("HEAD", "/v1/tokens/999"): "admin",
    ("GET", "/v1/config"): "admin",
    ("HEAD", "/v1/config"): "admin",
    ("GET", "/v1/config/reload"): "admin",
    ("HEAD", "/v1/config/reload"): "admin",
    ("GET", "/settings"): "admin",
    ("HEAD", "/settings"): "admin",
    **{
        (method, path): "admin"
        for method in ("GET", "HEAD")
        for path in ("/add", "/takedowns/new", "/sources/999/rules")
    },
    ("POST", "/fetch"): "fetch",
    ("POST", "/jobs"): "fetch",
    ("POST", "/jobs/999/remove"): "fetch",
    ("POST", "/v1/fetch"): "fetch",
    ("POST", "/v1/links"): "fetch",
    ("POST", "/v1/links/list"): "fetch",
    ("POST", "/v1/sources/probe"): "fetch",
    ("POST", "/v1/exports"): "fetch",
    ("DELETE", "/v1/jobs"): "fetch",
    ("DELETE", "/v1/jobs/999"): "fetch",
    ("DELETE", "/v1/jobs/999/result"): "fetch",
}
LOGINS = count(2**21)
#: Whoever may read this is never done; what it needs is tried for itself.
ENDLESS = "/v1/events/stream"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
OPENED_BY = {
    None: {"nothing", "wrong", "read", "fetch", "admin", "run"},
    "read": {"read", "fetch", "admin", "run"},
    "fetch": {"fetch", "admin", "run"},
    "admin": {"admin", "run"},
}
BEARING = {
    "nothing": {},
    "wrong": {"Authorization": "Bearer wrong"},
    **{str(scope): bearing(token) for scope, token in GIVEN.items()},
    "run": bearing(TOKEN),
}


def paths_of(app: FastAPI) -> list[str]:
    """Return every path there is, parameters filled in, and some that are none."""
    filled = {
        re.sub(r"\{[^}]*\}", "999", route.path)
        for route in every_route(app)
        if not route.path.startswith("/websub") and route.path != ENDLESS
    }
    return sorted(filled | {"/nowhere", "/v1/nowhere", "/static/kliping.css"})


def every_route(app: FastAPI) -> list[Route]:
    """Return all routes, those of the routers that the application includes too."""
    found = []
    for one in app.routes:
        inside = getattr(one, "original_router", None)
        found += inside.routes if inside is not None else [one]
    return [route for route in found if isinstance(route, Route)]


def from_somewhere(app: FastAPI, number: int) -> httpx.AsyncClient:
    """Return a client at an address of its own: wrong tokens are counted by address."""
    transport = httpx.ASGITransport(
        app=app,
        raise_app_exceptions=False,
        client=(f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", 1),
    )
    return httpx.AsyncClient(transport=transport, base_url=BASE)


@pytest.mark.parametrize("bears", BEARING)
async def test_every_route_answers_as_the_table_says(app: FastAPI, bears: str) -> None:
    wrong = []
    for number, (path, method) in enumerate(product(paths_of(app), METHODS)):
        usual = "read" if method in {"GET", "HEAD"} else "admin"
        needed = NEEDS.get((method, path), usual)
        async with from_somewhere(app, number) as client:
            answer = await client.request(method, path, headers=BEARING[bears])
        refused = {"nothing": 401, "wrong": 401}.get(bears, 403)
        is_right = (answer.status_code == refused) is (bears not in OPENED_BY[needed])
        if path == "/login" and method == "POST":  # its token is in its form
            is_right = answer.status_code == 403
        if not is_right:
            wrong.append((method, path, answer.status_code))

    assert wrong == []


@pytest.mark.parametrize("bears", ["nothing", "wrong"])
async def test_a_stream_needs_a_scope(app: FastAPI, bears: str) -> None:
    async with from_somewhere(app, next(LOGINS)) as client:
        answer = await client.get(ENDLESS, headers=BEARING[bears])

    assert answer.status_code == 401


async def test_a_token_may_be_a_password(stranger: httpx.AsyncClient) -> None:
    """Feed readers know no other way."""
    right = await stranger.get("/", auth=("anybody", GIVEN[Scope.READ]))
    wrong = await stranger.get("/", auth=(GIVEN[Scope.READ], "wrong"))
    odd = await stranger.get("/", headers={"Authorization": "Basic !"})

    assert [one.status_code for one in (right, wrong, odd)] == [200, 401, 401]


async def test_every_route_of_the_table_exists(app: FastAPI) -> None:
    assert {path for _, path in NEEDS} <= set(paths_of(app))


@pytest.mark.parametrize("site", ["cross-site", "same-site", None])
async def test_a_cookie_changes_nothing_for_another_site(
    app: FastAPI, site: str | None
) -> None:
    cookie = await log_in(app, GIVEN[Scope.ADMIN])
    sent = {"Cookie": cookie, "Origin": "https://attacker.example"}
    if site is not None:
        sent["Sec-Fetch-Site"] = site
    wrong = []
    for path, method in product(paths_of(app), METHODS[2:]):
        async with speaking_to(app) as client:
            answer = await client.request(method, path, headers=sent)
        if answer.status_code != 403:
            wrong.append((method, path, answer.status_code))

    assert wrong == []


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        (
            {
                "Sec-Fetch-Site": "cross-site",
                "Sec-Fetch-Mode": "navigate",
                "Sec-Fetch-Dest": "document",
            },
            200,
        ),
        (
            {
                "Sec-Fetch-Site": "cross-site",
                "Sec-Fetch-Mode": "navigate",
                "Sec-Fetch-Dest": "iframe",
            },
            401,
        ),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 401),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, 401),
    ],
)
async def test_another_site_reads_nothing_with_a_cookie(
    app: FastAPI, stranger: httpx.AsyncClient, told: dict[str, str], status: int
) -> None:
    cookie = await log_in(app, GIVEN[Scope.READ])

    answer = await stranger.get("/v1/articles", headers={"Cookie": cookie, **told})

    assert answer.status_code == status


async def log_in(app: FastAPI, token: str) -> str:
    """Return the cookie of a login with a token."""
    async with from_somewhere(app, next(LOGINS)) as client:
        answer = await client.post(
            "/login", data={"token": token}, headers={"Sec-Fetch-Site": "same-origin"}
        )
    return answer.headers["set-cookie"].partition(";")[0]


async def test_a_page_asks_a_stranger_to_log_in(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/ledger?state=blocked")

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert 'name="token"' in answer.text
    assert 'value="/ledger?state=blocked"' in answer.text


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/sources/Harbour%20Post/poll", "/sources/Harbour%20Post"),
        ("/takedowns/preview", "/takedowns"),
        ("/jobs/1/remove", "/jobs"),
        ("/fetch", "/"),
        ("/add", "/add"),
    ],
)
async def test_who_sends_a_form_when_the_login_ended_is_led_to_its_page(
    stranger: httpx.AsyncClient, path: str, page: str
) -> None:
    asked = await stranger.post(path, data={"url": "x"})
    there = asked.text.partition('name="next" value="')[2].partition('"')[0]
    entered = await stranger.post(
        "/login",
        data={"token": GIVEN[Scope.ADMIN], "next": there},
        headers={"Origin": BASE},
    )
    shown = await stranger.get(entered.headers["location"])

    assert (asked.status_code, "Nothing was done" in asked.text) == (401, True)
    assert (entered.headers["location"], shown.status_code) == (page, 200)


async def test_a_token_is_put_into_a_cookie_that_scripts_cannot_read(
    stranger: httpx.AsyncClient,
) -> None:
    answer = await stranger.post(
        "/login",
        data={"token": GIVEN[Scope.READ], "next": "/ledger"},
        headers={"Origin": BASE},
    )

    name, *kind = answer.headers["set-cookie"].split("; ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/ledger")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(kind)
    assert GIVEN[Scope.READ] not in name
    assert (await stranger.get("/ledger")).status_code == 200


async def test_from_another_machine_the_cookie_is_for_https_alone(
    service: Service,
) -> None:
    settings = service.config.service.model_copy(update={"names": ("news.example",)})
    config = service.config.model_copy(update={"service": settings})
    app = make_app(replace(service, config=config), Pulse(), TOKEN)

    async with speaking_to(app, "https://news.example") as client:
        answer = await client.post(
            "/login", data={"token": TOKEN}, headers={"Sec-Fetch-Site": "same-origin"}
        )

    assert answer.headers["set-cookie"].startswith("__Host-kliping=")
    assert "Secure" in answer.headers["set-cookie"]


async def test_a_link_logs_in_as_the_operator_until_it_is_too_old(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(service, Pulse(), TOKEN)
    code = app.state.keys.code(service.means.now())
    sent = {"code": code, "next": "//attacker.example/"}

    async with speaking_to(app) as client:
        client.headers["Sec-Fetch-Site"] = "same-origin"
        shown = await client.get(f"/login?code={code}")
        changed = await client.get("/v1/articles")
        first = await client.post("/login", data=sent)
        client.cookies.clear()
        later = service.means.now() + LINK_LASTS + timedelta(seconds=1)
        monkeypatch.setattr(app.state.keys, "is_code", partial(is_code_at, later))
        second = await client.post("/login", data=sent)

    assert code in shown.text
    assert changed.status_code == 401
    assert (first.status_code, first.headers["location"]) == (303, "/")
    assert second.status_code == 401
    assert "too old" in second.text


def is_code_at(later: datetime, code: str, _now: datetime) -> bool:
    return Keys(TOKEN, {}).is_code(code, later)


async def test_log_out_ends_the_login_and_no_other(app: FastAPI) -> None:
    first, other = [await log_in(app, GIVEN[Scope.READ]) for _ in range(2)]
    same = {"Sec-Fetch-Site": "same-origin"}

    async with speaking_to(app) as client:
        out = await client.post("/logout", headers={"Cookie": first, **same})
        after = await client.get("/", headers={"Cookie": first})
        beside = await client.get("/", headers={"Cookie": other})
        token = await client.post("/logout", headers=bearing(GIVEN[Scope.READ]))
        still = await client.get("/", headers=bearing(GIVEN[Scope.READ]))

    assert (out.status_code, token.status_code) == (303, 303)
    assert (after.status_code, beside.status_code, still.status_code) == (401, 200, 200)


async def test_wrong_tokens_are_counted_by_address(app: FastAPI) -> None:
    async with from_somewhere(app, 2**20) as client:
        wrong = [await client.get("/", headers=BEARING["wrong"]) for _ in range(11)]
        right = await client.get("/", headers=bearing(GIVEN[Scope.READ]))

    assert [one.status_code for one in wrong] == [401] * 10 + [429]
    assert int(wrong[-1].headers["retry-after"]) >= 1
    assert right.status_code == 200


async def test_log_ins_are_counted_by_address(app: FastAPI) -> None:
    """The form must be no way around the bound on guesses."""
    same = {"Sec-Fetch-Site": "same-origin"}
    async with from_somewhere(app, 2**20 + 1) as client:
        tries = [
            await client.post("/login", data={"token": f"guess {n}"}, headers=same)
            for n in range(11)
        ]
        right = await client.post("/login", data={"token": TOKEN}, headers=same)
    async with from_somewhere(app, 2**20 + 2) as other:
        elsewhere = await other.post("/login", data={"token": TOKEN}, headers=same)

    assert [one.status_code for one in tries] == [401] * 10 + [429]
    assert (right.status_code, elsewhere.status_code) == (429, 303)


async def test_a_log_in_is_short(app: FastAPI) -> None:
    """Anybody may send one, so none is read that is long."""
    sent = {"token": "a" * MAX_BODY_BYTES}
    async with from_somewhere(app, 2**20 + 3) as client:
        client.headers["Sec-Fetch-Site"] = "same-origin"
        answer = await client.post("/login", data=sent)

    assert answer.status_code == 413


async def test_changes_are_counted_apart_and_by_token(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "_SLOWED", 0)
    tokens = GIVEN[Scope.ADMIN], GIVEN[Scope.FETCH]
    for scope in (Scope.ADMIN, Scope.FETCH):
        await give(service, scope, GIVEN[scope])
    app = make_app(service, Pulse(), TOKEN)
    app.rates = Rates(unsafe=Buckets(0.01, 2.0))  # type: ignore[attr-defined]

    async with speaking_to(app) as client:
        changed = [
            [
                (
                    await client.delete("/v1/jobs/999", headers=bearing(token))
                ).status_code
                for _ in range(3)
            ]
            for token in tokens
        ]
        read = await client.get("/v1/articles", headers=bearing(tokens[0]))

    assert changed == [[404, 404, 429]] * 2
    assert read.status_code == 200


async def test_who_asks_too_often_is_refused_and_the_operator_is_not(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "_SLOWED", 0)
    await give(service, Scope.READ, GIVEN[Scope.READ])
    app = make_app(service, Pulse(), TOKEN)
    app.rates = Rates(safe=Buckets(0.01, 3.0))  # type: ignore[attr-defined]

    async with speaking_to(app) as client:
        own = bearing(GIVEN[Scope.READ])
        asked = [await client.get("/v1/articles", headers=own) for _ in range(4)]
        style = await client.get("/static/kliping.css", headers=own)
        operator = await client.get("/v1/articles", headers=bearing(TOKEN))

    assert [one.status_code for one in asked] == [200, 200, 200, 429]
    assert int(asked[-1].headers["retry-after"]) > 50
    assert (style.status_code, operator.status_code) == (200, 200)


async def test_anybody_is_counted_by_address_and_kept_pages_apart(
    shown: tuple[Service, Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser that shows a kept page asks for tens of its images at once."""
    monkeypatch.setattr(security, "_SLOWED", 0)
    service = shown[0]
    is_open = service.config.service.model_copy(update={"anonymous": "read"})
    monkeypatch.setattr(
        service, "config", service.config.model_copy(update={"service": is_open})
    )
    app = make_app(service, Pulse(), TOKEN)
    app.rates = Rates(safe=Buckets(0.01, 2.0), kept=Buckets(0.01, 3.0))  # type: ignore[attr-defined]
    answers: dict[str, list[int]] = {}

    for address in ("192.0.2.1", "192.0.2.2"):
        transport = httpx.ASGITransport(app=app, client=(address, 4711))
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            answers[address] = [
                (await client.get(path)).status_code
                for path in ["/v1/articles"] * 3 + ["/web/none"] * 4
            ]

    assert answers["192.0.2.1"] == [200, 200, 429, 307, 307, 307, 429]
    assert answers["192.0.2.1"] == answers["192.0.2.2"]


@pytest.mark.parametrize(
    "wrong",
    [{"name": " "}, {"name": "desk", "lasts": "0s"}, {"name": "desk", "lasts": 1e12}],
    ids=["no name", "no time", "for ever"],
)
async def test_what_makes_no_token_is_refused(
    writer: httpx.AsyncClient, wrong: dict[str, object]
) -> None:
    answer = await writer.post("/v1/tokens", json=wrong)

    assert answer.status_code == 422


async def test_a_token_is_told_once_and_opens_until_it_is_let_go(
    service: Service, writer: httpx.AsyncClient
) -> None:
    made = (
        await writer.post("/v1/tokens", json={"name": "desk", "lasts": "1h"})
    ).json()
    listed = (await writer.get("/v1/tokens")).text
    own = bearing(made["token"])
    inside = await writer.get("/v1/articles", headers=own)
    beyond = await writer.get("/v1/tokens", headers=own)
    gone = await writer.delete(f"/v1/tokens/{made['id']}")
    after = await writer.get("/v1/articles", headers=own)
    again = await writer.delete(f"/v1/tokens/{made['id']}")

    assert (made["scope"], made["name"]) == ("read", "desk")
    assert made["token"] not in listed
    assert made["token"].encode() not in service.folder.database.read_bytes()
    assert (inside.status_code, beyond.status_code) == (200, 403)
    assert (gone.status_code, after.status_code, again.status_code) == (204, 401, 404)


async def test_a_new_token_is_kept_under_no_key(
    service: Service, writer: httpx.AsyncClient
) -> None:
    """Whoever asks twice is given two; an answer that is kept would have it readable."""
    key = {"Idempotency-Key": "once"}
    made = [
        (await writer.post("/v1/tokens", json={"name": "desk"}, headers=key)).json()
        for _ in range(2)
    ]
    files = [one for one in service.folder.path.iterdir() if one.is_file()]
    kept = b"".join(one.read_bytes() for one in files)

    assert made[0]["token"] != made[1]["token"]
    assert all(one["token"].encode() not in kept for one in made)


async def test_a_token_ends_with_its_time(service: Service) -> None:
    given = await give_token(service, "desk", Scope.READ, timedelta(seconds=60))
    with service.session() as session:
        keys = Keys(TOKEN, digests(session))
    now = service.means.now()

    assert keys.bearer(given.token, now) is not None
    assert keys.bearer(given.token, now + timedelta(seconds=61)) is None


async def test_anybody_may_read_where_the_settings_say_so(service: Service) -> None:
    settings = service.config.service.model_copy(update={"anonymous": "read"})
    config = service.config.model_copy(update={"service": settings})
    app = make_app(replace(service, config=config), Pulse(), TOKEN)

    async with speaking_to(app) as client:
        read = await client.get("/v1/articles")
        changed = await client.post("/v1/sources/nobody/pause")

        shown = await client.get("/login?code=12-ab")

    assert (read.status_code, changed.status_code) == (200, 403)
    assert (shown.status_code, 'value="12-ab"' in shown.text) == (200, True)


async def test_a_token_given_twice_is_no_token(stranger: httpx.AsyncClient) -> None:
    twice = [("Authorization", f"Bearer {TOKEN}")] * 2

    answer = await stranger.post("/v1/fetch", headers=twice)

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
        ("GET", "/login", 200),
        ("POST", "/login", 403),
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
    sent = {} if status == 401 else bearing(GIVEN[Scope.READ])
    app = make_app(shown[0], Pulse(), TOKEN)

    @app.get("/break")
    @app.get("/v1/break")
    def break_down() -> None:
        raise RuntimeError("the words of an error")

    async with speaking_to(app) as client:
        answer = await client.request(method, path, headers=sent)

    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    nonce = re.search(r"'nonce-([\w-]{22})'", answer.headers["Content-Security-Policy"])
    assert nonce
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
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
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs/oauth2-redirect"])
async def test_no_page_that_loads_scripts_is_offered(
    reader: httpx.AsyncClient, path: str
) -> None:
    assert (await reader.get(path)).status_code == 404


async def test_the_description_of_the_api_says_what_each_route_needs(
    reader: httpx.AsyncClient,
) -> None:
    paths = (await reader.get("/openapi.json")).json()["paths"]

    assert paths["/healthz"]["get"]["security"] == []
    assert paths["/v1/articles"]["get"]["security"] == [{"token": ["read"]}]
    assert paths["/v1/fetch"]["post"]["security"] == [{"token": ["fetch"]}]
    assert paths["/v1/tokens"]["get"]["security"] == [{"token": ["admin"]}]
    assert all("security" in one for many in paths.values() for one in many.values())


async def test_a_websocket_is_closed_before_anything_sees_it() -> None:
    sent = []

    async def send(message: Message) -> None:
        sent.append(message["type"])

    async def app(*_: object) -> None:
        sent.append("seen")

    guard = Guard(
        app=app, keys=Keys(TOKEN, {}), address="127.0.0.1", names=(), now=utc_now
    )
    await guard({"type": "websocket"}, app, send)

    assert sent == ["websocket.close"]


async def test_no_answer_lets_another_origin_read(reader: httpx.AsyncClient) -> None:
    answer = await reader.get("/v1/articles", headers={"Origin": "https://a.example"})

    assert not [name for name in answer.headers if name.startswith("access-control")]
