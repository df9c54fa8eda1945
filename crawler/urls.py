"""URL identity: what to ask for, what counts as the same page, whose it is.

Two parsers that disagree about a URL are a security hole, so there is one:
ada-url, the WHATWG URL standard as browsers follow it.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from ipaddress import ip_address

from ada_url import URL
from publicsuffixlist import PublicSuffixList

from crawler.errors import BadUrl

MAX_URL_BYTES = 4096
MAX_HOST_LENGTH = 253

_PORTS = {"http:": "80", "https:": "443"}
_FORBIDDEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\\]")
_ENDS = "".join(map(chr, range(0x21)))  # what WHATWG strips from both ends
_PORT = re.compile(r":\d+$(?<!:\d{6})")
#: A page asks for the same few addresses a dozen times.
_REMEMBERED = 1024
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
#: What Java, PHP, ASP and ColdFusion write into the links of who keeps no cookies. A
#: `sid` may also be a story's number: only letters and digits in a mix are a session.
_SESSION = re.compile(
    r";jsessionid=[^/?;]*"
    r"|(?<=[?&])(?:"
    r"(?:jsessionid|phpsessid|aspsessionid\w*)=[\w.!,-]{8,}"
    r"|(?:cfid|cftoken)=[\w-]+"
    r"|(?:sid|sessionid)=(?=\w*\d)(?=\w*[a-z])\w{16,}"
    r")(?:&|$)",
    re.IGNORECASE,
)


@lru_cache(_REMEMBERED)
def fetch_url(raw: str, base: str | None = None) -> str:
    """Return the URL a browser would request for a link, without its fragment.

    Args:
        raw: The link as the page, the feed or a person wrote it.
        base: What a relative link is relative to.

    Raises:
        BadUrl: Not http(s), user information, a backslash, white space or
            control characters inside, or too long.
    """
    link = raw.strip(_ENDS)
    if _FORBIDDEN.search(link):
        raise BadUrl(_shortened(raw), "white space, backslash or control character")
    parsed = _parse(link, base)
    if parsed.protocol not in _PORTS:
        raise BadUrl(_shortened(raw), "not an http or https URL")
    if parsed.username or parsed.password:
        raise BadUrl(_shortened(raw), "user information in a URL")
    if len(parsed.hostname) > MAX_HOST_LENGTH:
        raise BadUrl(_shortened(raw), f"host name over {MAX_HOST_LENGTH} characters")
    parsed.hash = ""
    url = str(parsed.href)
    if len(url) > MAX_URL_BYTES:
        raise BadUrl(_shortened(raw), f"URL over {MAX_URL_BYTES} bytes")
    return url


def linked_url(raw: str, base: str | None = None) -> str:
    """Return the URL that a browser would request, its blanks escaped as there.

    Lists, settings and records hold no blanks: what has one there is no URL.

    Raises:
        BadUrl: As `fetch_url`.
    """
    return fetch_url(raw.strip(_ENDS).replace(" ", "%20"), base)


@lru_cache(_REMEMBERED)
def url_key(url: str) -> str:
    """Return our identity of a URL: equal keys are one page to the ledger.

    The scheme, a default port, the fragment and known tracking parameters say
    nothing about which page is meant. All other parameters do, and so does
    the order among those of one name.

    Raises:
        BadUrl: As `fetch_url`.
    """
    parsed = _parse(fetch_url(url), None)
    path = _upper_escapes(parsed.pathname)
    query = _identifying(parsed.search.removeprefix("?"))
    return f"{_host_of(parsed)}{path}" + (f"?{query}" if query else "")


def without_tracking(url: str) -> str:
    """Return a URL without known tracking parameters, else as it is.

    >>> without_tracking("https://a.example/story?id=7&utm_source=rss")
    'https://a.example/story?id=7'
    """
    place, _, query = url.partition("?")
    given = query.split("&")
    kept = [part for part in given if not _is_tracking(_name(part))]
    if len(kept) == len(given):
        return url
    return f"{place}?{'&'.join(kept)}" if kept else place


def without_session(url: str) -> str:
    """Return a URL without the number of a visitor's session, else as it is.

    Sites that give each visitor without cookies other links serve them without one.

    >>> without_session("https://a.example/story;jsessionid=0A1B2C?id=7")
    'https://a.example/story?id=7'
    """
    kept = _SESSION.sub("", url)
    return url if kept == url else kept.rstrip("?&")


@lru_cache(_REMEMBERED)
def host_key(url: str) -> str:
    """Return the host, with `:port` when it is not the scheme's default.

    A name's last dot says nothing: with and without it one host is asked.
    """
    return _host_of(_parse(url, None))


@lru_cache(_REMEMBERED)
def registrable_domain(host: str) -> str:
    """Return the domain its owner registered: `a.b.co.uk` is of `b.co.uk`.

    An IP address, and a public suffix itself, is its own domain.
    """
    name = host.lower().removesuffix(".")
    if is_address(name):
        return name
    return str(_suffixes().privatesuffix(name) or name)


def domain_of(host: str) -> str:
    """Return the registrable domain of a host key; a port says another server."""
    name, port = _parted(host)
    return registrable_domain(name) + port


def address_of(addresses: Iterable[str], host: str) -> str:
    """Return which address stands for a host: the first in order, IPv4 before IPv6.

    Names on one server have the same addresses, in whatever order DNS tells them.
    """
    first = min(map(ip_address, addresses), key=lambda a: (a.version, int(a)))
    return f"{first}{_parted(host)[1]}"


def same_site(a: str, b: str) -> bool:
    """Return whether two URLs belong to one registrable domain."""
    return _site(a) == _site(b)


def is_address(host: str) -> bool:
    """Return whether a URL's host is an IP address; IPv6 may be in brackets."""
    try:
        ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _parse(link: str, base: str | None) -> URL:
    try:
        return URL(link, base)
    except ValueError as error:
        raise BadUrl(_shortened(link), "not a URL") from error


def _host_of(parsed: URL) -> str:
    name = str(parsed.hostname.removesuffix("."))
    return f"{name}:{parsed.port}" if parsed.port else name


def _parted(host: str) -> tuple[str, str]:
    """Return the name of a host key, and its `:port` or nothing."""
    found = _PORT.search(host)
    return (host[: found.start()], found.group()) if found else (host, "")


def _shortened(raw: str) -> str:
    return raw if len(raw) <= 200 else f"{raw[:200]}…"


def _site(url: str) -> str:
    return registrable_domain(_parse(url, None).hostname)


def _identifying(query: str) -> str:
    kept = [p for p in query.split("&") if p and not _is_tracking(_name(p))]
    return "&".join(sorted(map(_upper_escapes, kept), key=_name))


def _name(parameter: str) -> str:
    return parameter.partition("=")[0]


def _is_tracking(name: str) -> bool:
    exact, prefixes = _tracking_parameters()
    return name.lower() in exact or name.lower().startswith(prefixes)


def _upper_escapes(text: str) -> str:
    return _ESCAPE.sub(lambda match: match.group().upper(), text)


@cache
def _tracking_parameters() -> tuple[frozenset[str], tuple[str, ...]]:
    listed = files("crawler.fetch").joinpath("data", "tracking_parameters.txt")
    lines = listed.read_text(encoding="utf-8").splitlines()
    names = [name for line in lines if (name := line.partition("#")[0].strip())]
    exact = frozenset(name for name in names if not name.endswith("*"))
    return exact, tuple(name[:-1] for name in names if name.endswith("*"))


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
