"""What we say in a request, and where a response sends us next. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from crawler.urls import linked_url
from storage.model.exchange import Exchange

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ACCEPT = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,"
    "application/json;q=0.9,*/*;q=0.8"
)
#: Headers of a page's script that go on, and the values that do. A page may say these to
#: anybody without being let (Fetch, "CORS-safelisted request-header"), so they reach no
#: further than its GET does.
_OF_SCRIPTS = {
    "Accept": re.compile(r"[ !#-'*-9;=A-Z^-z|~]{1,128}"),
    "Accept-Language": re.compile(r"[0-9A-Za-z *,.;=-]{1,128}"),
}

#: Header fields: names and values.
Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the last full response said of itself, for a conditional request."""

    etag: str | None = None
    last_modified: str | None = None


def script_headers(said: Mapping[str, str]) -> Fields:
    """Return which headers of a page's script go on: what it would rather have.

    Args:
        said: Its headers, their names in lower case.
    """
    return tuple(
        (name, said[name.lower()])
        for name, allowed in _OF_SCRIPTS.items()
        if allowed.fullmatch(said.get(name.lower(), ""))
    )


def request_headers(
    user_agent: str, validators: Validators | None, others: Fields = ()
) -> Fields:
    """Return the headers of every request, Host aside; others stand in place of ours.

    Never zstd: no replay tool reads it.
    """
    conditions = validators or Validators()
    headers = (
        ("User-Agent", user_agent),
        ("Accept", _ACCEPT),
        ("Accept-Encoding", "gzip, deflate, br"),
        ("Connection", "keep-alive"),
        ("If-None-Match", conditions.etag),
        ("If-Modified-Since", conditions.last_modified),
    )
    named = {name for name, _ in others}
    ours = ((name, value) for name, value in headers if name not in named)
    return (*((name, value) for name, value in ours if value is not None), *others)


def next_url(exchange: Exchange) -> str | None:
    """Return where a response redirects to, or None when it is an answer.

    Raises:
        BadUrl: It redirects to something that cannot be asked for.
    """
    if exchange.status not in _REDIRECTS:
        return None
    location = exchange.header("location")
    if not location:
        return None
    written = _as_browsers_read(location.encode("latin-1"))
    return linked_url(written, exchange.url)


def _as_browsers_read(location: bytes) -> str:
    """Return an address as UTF-8, or else with the bytes of its charset escaped."""
    try:
        return location.decode()
    except UnicodeDecodeError:
        return "".join(chr(b) if b < 0x80 else f"%{b:02X}" for b in location)
