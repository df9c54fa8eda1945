"""Which answers of a foreign WARC file are taken in, and as which exchange. Pure."""

from datetime import timedelta

from crawler.errors import BadUrl, NotReadable
from crawler.fetch.decode import read_response
from crawler.fetch.limits import Limits
from crawler.urls import fetch_url
from storage.model.exchange import Exchange
from storage.warc.foreign import Answer

#: Answers that are a whole page.
_WHOLE = frozenset({200, 203})
_PAGES = ("text/html", "application/xhtml+xml")
_UNTOLD = ("", "text/plain", "application/octet-stream", "unk")
_SNIFFED = 512


def taken(answer: Answer, block: bytes, limits: Limits) -> Exchange | str:
    """Return an answer as the exchange it was, or why it is passed over.

    Only whole pages of HTML are taken. What headers say of chunks and codings is
    believed only of a body that has them (`crawler.fetch.decode`).

    Args:
        answer: The answer.
        block: Its block; of a revisit with the body that it repeats.
        limits: What a page may grow to.
    """
    try:
        url = fetch_url(answer.url)
        stored = read_response(block, limits)
    except BadUrl:
        return "not a URL that may be fetched"
    except NotReadable:
        return "not HTTP"
    exchange = Exchange(
        url=url,
        started_at=answer.at,
        elapsed=timedelta(0),
        request=answer.request,
        response=block,
        status=stored.status,
        headers=stored.headers,
        body=stored.body,
        ip=answer.ip,
        protocol=answer.protocol,
        tls=answer.tls,
        certificate=answer.certificate,
        truncated=answer.truncated,
        decode_error=stored.decode_error,
        origin=answer.origin,
    )
    return _why_not(exchange) or exchange


def _why_not(exchange: Exchange) -> str | None:
    """Return why an exchange is no whole page of HTML, or None."""
    media = (exchange.header("Content-Type") or "").partition(";")[0].strip().lower()
    is_html = media in _PAGES or (media in _UNTOLD and _looks_like_html(exchange.body))
    faults = (
        (exchange.status not in _WHOLE, f"HTTP {exchange.status}"),
        (exchange.truncated is not None, f"cut short ({exchange.truncated})"),
        (exchange.decode_error is not None, "cannot be decoded"),
        (not exchange.body, "empty"),
        (not is_html, f"not HTML ({media.partition('/')[0] or 'untold'})"),
    )
    return next((why for is_so, why in faults if is_so), None)


def _looks_like_html(body: bytes) -> bool:
    start = body[:_SNIFFED].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))
