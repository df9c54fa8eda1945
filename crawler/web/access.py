"""What a request needs and what a browser's word is worth; pure.

Everything needs a scope: reading needs `read`, all else `admin`, but for what is named
here. Only /healthz answers anybody; POST /login brings its token in its body.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD"})
OPEN = "/healthz"
LOGIN = "/login"

#: Changes that need less than `admin`: what makes the service fetch or write out
#: something, and what ends one's own login.
_FETCHING = frozenset(
    [
        "/fetch",
        "/v1/fetch",
        "/v1/links",
        "/v1/links/list",
        "/v1/sources/probe",
        "/v1/exports",
        "/jobs",
    ]
)
_JOBS = ("/v1/jobs",)
_ENDING = re.compile(r"/jobs/[^/]+/remove")
_LOGOUT = "/logout"
#: Readings that show more than the archive, and forms that only lead to changes.
_FOR_ADMINS = ("/settings", "/v1/config", "/v1/tokens", "/add", "/takedowns/new")
_LAB = re.compile(r"/sources/[^/]+/rules")


class Scope(StrEnum):
    """What a token opens; each opens what those before it do."""

    READ = "read"
    FETCH = "fetch"
    ADMIN = "admin"

    def opens(self, needed: "Scope") -> bool:
        """Tell whether it is enough.

        >>> Scope.FETCH.opens(Scope.READ), Scope.READ.opens(Scope.FETCH)
        (True, False)
        """
        order = list(Scope)
        return order.index(self) >= order.index(needed)


def scope_needed(method: str, path: str) -> Scope | None:
    """Return what a request needs; None where anybody may ask.

    >>> scope_needed("GET", "/v1/articles"), scope_needed("POST", "/v1/sources")
    (<Scope.READ: 'read'>, <Scope.ADMIN: 'admin'>)
    """
    is_safe = method in SAFE_METHODS
    if (is_safe and path == OPEN) or (method, path) == ("POST", LOGIN):
        return None
    if is_safe:
        is_for_admins = _is_under(path, _FOR_ADMINS) or _LAB.fullmatch(path)
        return Scope.ADMIN if is_for_admins else Scope.READ
    if (method, path) == ("POST", _LOGOUT):
        return Scope.READ
    is_fetching = (
        method == "POST" and (path in _FETCHING or _ENDING.fullmatch(path))
    ) or (method == "DELETE" and _is_under(path, _JOBS))
    return Scope.FETCH if is_fetching else Scope.ADMIN


def is_cookie_heard(method: str, headers: Mapping[str, str], host: str) -> bool:
    """Tell whether a browser's cookie counts: not when another site made it ask.

    A browser says who made it ask in Sec-Fetch-Site (Fetch Metadata Request Headers,
    W3C); an older one in Origin. Links from elsewhere may open a page, no more.

    Args:
        method: Of the request.
        headers: Its headers, by lower-case names.
        host: Its Host header.
    """
    site = headers.get("sec-fetch-site")
    if method in SAFE_METHODS:
        if site is None or site in {"same-origin", "none"}:
            return True
        is_opened = headers.get("sec-fetch-mode") == "navigate"
        return is_opened and headers.get("sec-fetch-dest") == "document"
    if site is not None:
        return site == "same-origin"
    try:
        return urlsplit(headers.get("origin", "")).netloc.lower() == host.lower()
    except ValueError:
        return False


def _is_under(path: str, places: tuple[str, ...]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)
