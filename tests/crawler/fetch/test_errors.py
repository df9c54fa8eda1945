"""No foreign error leaves the client."""

import inspect
import ssl
from collections.abc import Iterator
from types import ModuleType

import h11
import httpcore
import httpx
import pytest

from crawler.errors import (
    BadResponse,
    BadUrl,
    ConnectFailed,
    FetchError,
    FetchTimeout,
    TooManyRedirects,
)
from crawler.fetch.client import translate
from tests.crawler.fetch.servers import client

URL = "http://127.0.0.1/"


def errors_of(module: ModuleType) -> Iterator[type[Exception]]:
    for name in module.__all__:
        named = getattr(module, name)
        if inspect.isclass(named) and issubclass(named, Exception):
            yield named


FOREIGN = [*errors_of(httpx), *errors_of(httpcore)]
FOREIGN += [
    h11.LocalProtocolError,
    h11.RemoteProtocolError,
    OSError,
    ssl.SSLError,
    ssl.SSLCertVerificationError,
    TimeoutError,
]


def made(kind: type[Exception]) -> Exception:
    """Return an error of a kind; a few want more than a message."""
    if issubclass(kind, httpx.HTTPStatusError):
        request = httpx.Request("GET", URL)
        return kind("x", request=request, response=httpx.Response(500))
    if kind in {httpx.StreamConsumed, httpx.StreamClosed}:
        return kind()
    if kind in {httpx.ResponseNotRead, httpx.RequestNotRead}:
        return kind()
    return kind("what went wrong")


@pytest.mark.anyio
@pytest.mark.parametrize("kind", FOREIGN, ids=lambda k: f"{k.__module__}.{k.__name__}")
async def test_foreign_error_becomes_ours(
    kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    error = made(kind)
    visitor = client()

    async def fail(_request: httpx.Request) -> httpx.Response:
        raise error

    monkeypatch.setattr(visitor._transport, "handle_async_request", fail)

    with pytest.raises(FetchError) as caught:
        await visitor.exchange(URL)
    assert caught.value.__cause__ is error
    assert caught.value.url == URL
    assert caught.value.why


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (httpx.ConnectTimeout(""), ConnectFailed),
        (httpx.ReadTimeout(""), FetchTimeout),
        (httpx.PoolTimeout(""), FetchTimeout),
        (TimeoutError(), FetchTimeout),
        (httpx.ConnectError("refused"), ConnectFailed),
        (httpx.ReadError(""), ConnectFailed),
        (ssl.SSLError("bad record"), ConnectFailed),
        (httpx.RemoteProtocolError("no"), BadResponse),
        (httpx.LocalProtocolError("no"), BadUrl),
        (httpx.InvalidURL("no"), BadUrl),
        (httpx.TooManyRedirects("no"), TooManyRedirects),
        (httpx.RequestError("vague"), ConnectFailed),
    ],
    ids=repr,
)
def test_error_means_what_its_kind_says(
    error: Exception, ours: type[FetchError]
) -> None:
    assert type(translate(error, URL)) is ours


def test_error_without_words_is_told_by_what_is_known() -> None:
    assert translate(httpx.ReadTimeout(""), URL).why == "its time was up"
    assert translate(httpx.ReadError(""), URL).why == "no more is known"


def test_our_own_mistake_is_not_a_fetch_error() -> None:
    with pytest.raises(ZeroDivisionError):
        translate(ZeroDivisionError(), URL)
