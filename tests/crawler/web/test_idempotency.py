"""Requests that come again with their Idempotency-Key."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from crawler.jobs.running import Jobs
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.web.app import make_app
from storage.sql.answers import Answer as Kept
from storage.sql.answers import (
    Asked,
    claim_key,
    forget_answers,
    keep_answer,
    release_unanswered,
)
from storage.writer import Tx
from tests.crawler.web.conftest import TOKEN, speaking_to
from tests.crawler.web.material import HARBOUR, NOON, keep

pytestmark = pytest.mark.anyio

EXPORTS = "/v1/exports"
KEY = {"Idempotency-Key": '"8e03978e-40d5-43e8-bc93-6894a57f9324"'}


async def jobs(client: httpx.AsyncClient) -> int:
    return len((await client.get("/v1/jobs")).json()["jobs"])


async def test_the_same_request_is_answered_alike_and_done_once(
    writer: httpx.AsyncClient,
) -> None:
    first = await writer.post(EXPORTS, json={}, headers=KEY)
    again = await writer.post(EXPORTS, json={}, headers=KEY)

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert await jobs(writer) == 1


async def test_a_refusal_is_an_answer_too(writer: httpx.AsyncClient) -> None:
    wrong = {"format": "exe"}

    first = await writer.post(EXPORTS, json=wrong, headers=KEY)
    again = await writer.post(EXPORTS, json=wrong, headers=KEY)

    assert (first.status_code, again.status_code) == (422, 422)
    assert again.json() == first.json()


@pytest.mark.parametrize(
    ("path", "body"), [(EXPORTS, {"format": "csv"}), ("/v1/sources/a/pause", {})]
)
async def test_a_key_is_for_one_request(
    writer: httpx.AsyncClient, path: str, body: dict[str, object]
) -> None:
    await writer.post(EXPORTS, json={}, headers=KEY)

    answer = await writer.post(path, json=body, headers=KEY)

    assert (answer.status_code, answer.json()["class"]) == (422, "invalid")
    assert await jobs(writer) == 1


@pytest.mark.parametrize("key", ['""', "", "a" * 256, '"a', "a b", '"a", "b"'])
async def test_a_key_that_is_none_is_refused(
    writer: httpx.AsyncClient, key: str
) -> None:
    answer = await writer.post(EXPORTS, json={}, headers={"Idempotency-Key": key})

    assert answer.status_code == 400
    assert await jobs(writer) == 0


async def test_a_bare_key_is_the_quoted_one(writer: httpx.AsyncClient) -> None:
    await writer.post(EXPORTS, json={}, headers={"Idempotency-Key": "abc"})
    await writer.post(EXPORTS, json={}, headers={"Idempotency-Key": '"abc"'})

    assert await jobs(writer) == 1


async def test_a_request_that_is_worked_at_is_not_begun_again(
    service: Service, pulse: Pulse
) -> None:
    app = make_app(service, pulse, TOKEN)
    begun, go = asyncio.Event(), asyncio.Event()

    @app.post("/v1/slow")
    async def slow() -> dict[str, str]:
        begun.set()
        await go.wait()
        return {}

    async with speaking_to(app) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        first = asyncio.create_task(client.post("/v1/slow", headers=KEY))
        await begun.wait()
        again = await client.post("/v1/slow", headers=KEY)
        go.set()
        done = await first

    assert (again.status_code, again.json()["retryable"]) == (409, True)
    assert done.status_code == 200


async def test_what_broke_down_may_be_tried_again(
    service: Service, pulse: Pulse
) -> None:
    app = make_app(service, pulse, TOKEN)
    times: list[int] = []

    @app.post("/v1/break")
    async def break_down() -> dict[str, int]:
        times.append(1)
        if len(times) == 1:
            raise RuntimeError
        return {"times": len(times)}

    async with speaking_to(app) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        first = await client.post("/v1/break", headers=KEY)
        again = await client.post("/v1/break", headers=KEY)

    assert (first.status_code, again.json()) == (500, {"times": 2})


async def test_a_long_body_is_refused_with_a_key_too(
    writer: httpx.AsyncClient,
) -> None:
    async def endless():  # noqa: ANN202
        for _ in range(20):
            yield b" " * 65536

    answer = await writer.post(EXPORTS, content=endless(), headers=KEY)

    assert answer.status_code == 413


async def test_a_refused_token_takes_no_key(writer: httpx.AsyncClient) -> None:
    wrong = KEY | {"Authorization": "Bearer wrong"}

    refused = await writer.post(EXPORTS, json={}, headers=wrong)
    answer = await writer.post(EXPORTS, json={}, headers=KEY)

    assert (refused.status_code, answer.status_code) == (401, 202)


async def test_answers_from_before_a_takedown_are_forgotten(
    writer: httpx.AsyncClient, service: Service
) -> None:
    article = await keep(service, HARBOUR, "Harbour Post", NOON)
    await writer.post(EXPORTS, json={}, headers=KEY)
    wanted = {"articles": [str(article)], "depth": "hide"}
    own = {"Idempotency-Key": "takedown"}

    taken = await writer.post("/v1/takedowns", json=wanted, headers=own)
    again = await writer.post("/v1/takedowns", json=wanted, headers=own)
    export = await writer.post(EXPORTS, json={}, headers=KEY)

    assert again.json() == taken.json()
    assert "Idempotency-Replayed" in again.headers
    assert "Idempotency-Replayed" not in export.headers


async def test_keys_are_let_go_after_a_day_and_after_a_death(service: Service) -> None:
    asked = Asked(path="/v1/fetch", sha256="00")
    day = timedelta(days=1)
    answer = Kept(status=200, headers={}, body=b"{}")

    def claim(tx: Tx, key: str, days: int = 0) -> bool:
        at = NOON + days * day
        taken = claim_key(tx.session, "", key, asked, at=at, since=at - day)
        return taken is None

    def work(tx: Tx) -> list[bool]:
        found = [claim(tx, "a"), claim(tx, "a")]
        keep_answer(tx.session, "", "a", answer)
        found += [claim(tx, "a"), claim(tx, "a", days=2)]
        release_unanswered(tx.session)
        found += [claim(tx, "a")]
        keep_answer(tx.session, "", "a", answer)
        forget_answers(tx.session, NOON + day)
        return [*found, claim(tx, "a")]

    found = await service.means.writer.run(work)

    assert found == [True, False, False, True, True, True]
    await Jobs(service).take_up()
