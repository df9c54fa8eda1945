"""Whatever is sent, the API answers with what it says of itself, and never breaks down."""

import json
from typing import Any

import httpx
import pytest

from crawler.web.describing import operations

pytestmark = pytest.mark.anyio

ODD = ["%00", "%FF", "%ED%A0%80", "9" * 400, "-1", "1e400", "NaN", "%25", "a" * 9000]
STRINGS = ["\x00", "\ud800", "a" * 9000, "\u202e", ""]
VALUES: list[Any] = [*STRINGS, 10**400, -1, 1.5, True, None, [], {}, [[]], float("inf")]


async def answers(
    client: httpx.AsyncClient,
    method: str,
    path: str,
    **sent: Any,  # noqa: ANN401
) -> None:
    answer = await client.request(method, path, **sent)

    assert answer.status_code < 500, (method, path, sent, answer.text)


async def test_no_parameter_breaks_it(writer: httpx.AsyncClient) -> None:
    document = (await writer.get("/openapi.json")).json()
    for path, method, operation in operations(document):
        if method != "get" or path == "/readyz":
            continue
        asked = operation.get("parameters", [])
        filled = path.format(**{one["name"]: "1" for one in asked})
        for odd in ODD:
            if "{" in path:
                await answers(
                    writer, "GET", path.format(**{one["name"]: odd for one in asked})
                )
            for one in asked:
                if one["in"] == "query":
                    await answers(writer, "GET", f"{filled}?{one['name']}={odd}")


async def test_no_body_breaks_it(writer: httpx.AsyncClient) -> None:
    document = (await writer.get("/openapi.json")).json()
    for path, method, operation in operations(document):
        if "requestBody" not in operation:
            continue
        (media,) = operation["requestBody"]["content"].values()
        place = path.format(name="Harbour Post")
        good: dict[str, Any] = media["example"]
        if path == "/v1/fetch":
            good = good | {"wait": 0}
        for name in media["example"]:
            for value in VALUES:
                body = json.dumps(
                    {**good, name: value}
                    if "wait" in media["example"]
                    else {**media["example"], name: value}
                )
                await answers(
                    writer,
                    method.upper(),
                    place,
                    content=body,
                    headers={"Content-Type": "application/json"},
                )


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"urls": ' + b"9" * 5000 + b"}",
        b'{"urls": ["\\ud800"]}',
        b'{"urls": [NaN]}',
        b"null",
        b'"\x00"',
    ],
    ids=range(7),
)
async def test_no_bytes_break_it(writer: httpx.AsyncClient, body: bytes) -> None:
    await answers(
        writer,
        "POST",
        "/v1/links",
        content=body,
        headers={"Content-Type": "application/json"},
    )
