"""The sort-friendly form of a URL (SURT), under which archives look it up; pure.

Host reversed and first, then the path, without scheme, userinfo, fragment, a leading
`www.` and session ids; case and the order of the query do not count. All tools of web
archives build their keys so (Heritrix, "SURT"; OpenWayback's rules), and differ where
they must not: keys are compared as text. So this follows what cdxj-indexer writes, in
its odd cases too.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote_from_bytes, unquote_to_bytes

_SCHEME = re.compile(rb"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_DOUBLED = re.compile(rb"^(?:https?://)*(?=https?://)")
_PARTS = re.compile(
    rb"(?P<scheme>[a-z][a-z0-9+.-]*):(?://(?P<authority>[^/?#]*))?"
    rb"(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?",
    re.IGNORECASE | re.DOTALL,
)
#: What is written as it is: all visible ASCII but the percent and number signs.
_PLAIN = bytes(set(range(0x21, 0x7F)) - set(b"%#"))
_ODD = re.compile(rb"[^!-~]|[%#]")
_DEFAULT_PORTS = {b"http": 80, b"https": 443}
_WWW = re.compile(rb"www\d*\.")
_NUMBERS = re.compile(rb"(?:[1-9]\d*(?:\.\d+){0,3}|0[0-7]*(?:\.[0-7]+){0,3})")
#: Session ids in a path (ASP.NET) and in a query; what stands around them stays.
_PATH_SESSIONS = (
    re.compile(rb"(.*/)\((?:[a-z]\([0-9a-z]{24}\))+\)/([^?]+\.aspx.*)", re.IGNORECASE),
    re.compile(rb"(.*/)\([0-9a-z]{24}\)/([^?]+\.aspx.*)", re.IGNORECASE),
)
_QUERY_SESSIONS = tuple(
    re.compile(rb"(.*)(?:" + session + rb")(?:&(.*))?", re.IGNORECASE)
    for session in (
        rb"jsessionid=[0-9a-z]{32}",
        rb"phpsessid=[0-9a-z]{32}",
        rb"sid=[0-9a-z]{32}",
        rb"aspsessionid[a-z]{8}=[a-z]{24}",
        rb"cfid=[^&]+&cftoken=[^&]+",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """A URL in its parts, each as it stands; host and port None for none."""

    scheme: bytes
    host: bytes | None
    port: int | None
    path: bytes
    query: bytes


def surt(url: str) -> str:
    """Return the key of a URL; the URL itself where it cannot be taken apart."""
    if not url:
        return "-"
    try:
        parts = _parted(url.encode("utf-8"))
        return _joined(parts).decode("ascii")
    except ValueError:  # such as a port that is no number
        return url


def _parted(url: bytes) -> _Parts:
    text = url.strip().translate(None, b"\n\r\t")
    if not text:
        raise ValueError("no URL")
    if not _SCHEME.match(text):
        text = b"http://" + text
    text = _DOUBLED.sub(b"", text, count=1)
    found = _PARTS.fullmatch(text)
    if found is None:
        raise ValueError("no URL")
    scheme, path = found["scheme"], found["path"]
    host, port = _host_and_port(found["authority"] or b"")
    if not host and scheme.startswith(b"http") and path:
        host, _, path = path.lstrip(b"/").partition(b"/")
        path = b"/" + path
    return _Parts(
        scheme=scheme,
        host=host or None,
        port=port,
        path=path,
        query=found["query"] or b"",
    )


def _host_and_port(authority: bytes) -> tuple[bytes, int | None]:
    """Return host and port; the port None for none, also for a 0.

    Raises:
        ValueError: the port is no number, or too large.
    """
    place = authority.rstrip(b":").rpartition(b"@")[2]
    _, bracket, within = place.partition(b"[")
    if bracket:
        host, _, rest = within.partition(b"]")
        port = rest.partition(b":")[2]
    else:
        host, _, port = place.partition(b":")
    if port and not port.isdigit():
        raise ValueError("a port that is no number")
    number = int(port or b"0")
    if number > 0xFFFF:
        raise ValueError("a port out of range")
    return host.lower(), number or None


def _joined(parts: _Parts) -> bytes:
    host = _plain_host(parts.host) if parts.host else b""
    path = _plain_path(parts.path, is_tree=bool(host))
    query = _plain_query(parts.query)
    if not host:
        start = parts.scheme + b":"
    else:
        port = parts.port
        if port == _DEFAULT_PORTS.get(parts.scheme.lower()):
            port = None
        named = b"" if port is None else b":%d" % port
        start = b",".join(reversed(host.split(b"."))) + named + b")"
    if query and not path:
        path = b"/"
    return start + path + (b"?" + query if query else b"")


def _plain_host(host: bytes) -> bytes:
    host = _unquoted(host)
    if not host.isascii():
        with suppress(ValueError):  # no name that can be; it is quoted below
            host = host.decode("utf-8", "ignore").encode("idna")
    host = host.replace(b"..", b".").strip(b".")
    host = _address(host) or _quoted(host).lower()
    return _WWW.sub(b"", host, count=1) if _WWW.match(host) else host


def _address(host: bytes) -> bytes | None:
    """Return an IPv4 address that is written as numbers, None where it is none.

    Parts may be octal, and the last fills what is left (as inet_aton(3) reads it).
    """
    if host.isdigit():
        return _dotted(int(host) & 0xFFFFFFFF)
    if not _NUMBERS.fullmatch(host):
        return None
    try:
        numbers = [int(n, 8 if n[:1] == b"0" else 10) for n in host.split(b".")]
    except ValueError:
        return None
    *high, low = numbers
    if any(n > 0xFF for n in high) or low >= 256 ** (4 - len(high)):
        return None
    return _dotted(sum(n << (24 - 8 * at) for at, n in enumerate(high)) + low)


def _dotted(number: int) -> bytes:
    return b".".join(b"%d" % byte for byte in number.to_bytes(4, "big"))


def _plain_path(path: bytes, *, is_tree: bool) -> bytes:
    path = _unquoted(path)
    path = _quoted(_resolved(path) if is_tree else path).lower()
    if b".aspx" in path:
        path = _without_sessions(_PATH_SESSIONS, path)
    return path[:-1] if path.endswith(b"/") and len(path) > 1 else path


def _resolved(path: bytes) -> bytes:
    """Return a path without `.`, `..` and empty segments; the last may be empty."""
    kept: list[bytes] = []
    for segment in path.split(b"/")[1:]:
        if segment == b".":
            continue
        if segment == b".." and kept:
            kept.pop()
        else:
            kept.append(segment)
    *folders, last = kept or [b""]
    return b"".join((b"/", *(f + b"/" for f in folders if f), last))


def _plain_query(query: bytes) -> bytes:
    query = _quoted(_unquoted(query)).lower()
    if b"id" in query:
        query = _without_sessions(_QUERY_SESSIONS, query)
    arguments = sorted(argument.split(b"=", 1) for argument in query.split(b"&"))
    return b"&".join(b"=".join(argument) for argument in arguments)


def _without_sessions(patterns: tuple[re.Pattern[bytes], ...], text: bytes) -> bytes:
    for pattern in patterns:
        found = pattern.fullmatch(text)
        if found is not None:
            text = found[1] + (found[2] or b"")
    return text


def _quoted(text: bytes) -> bytes:
    if not _ODD.search(text):  # nearly always, and the library is slow
        return text
    return quote_from_bytes(text, safe=_PLAIN).encode("ascii")


def _unquoted(text: bytes) -> bytes:
    """Return a text with nothing percent-encoded in it, however often it was."""
    if b"%" not in text:
        return text
    return _until_settled(unquote_to_bytes, text)


def _until_settled(change: Callable[[bytes], bytes], text: bytes) -> bytes:
    while (changed := change(text)) != text:
        text = changed
    return text
