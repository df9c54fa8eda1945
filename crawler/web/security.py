"""The wall around every route: who may ask, how often, what a browser may do.

It stands outside the whole application, so its headers are on every answer, the
error pages included. What a request needs is decided by crawler.web.access; who asks
is told by a bearer token or a browser's cookie.

One place is apart, where hubs call (crawler.web.callback): there alone the public
name counts as ours, GET and POST need no token, and nothing else is answered.
"""

import asyncio
import secrets
from base64 import b64decode
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crawler.web.access import (
    LOGIN,
    SAFE_METHODS,
    is_cookie_heard,
    scope_needed,
)
from crawler.web.current import CALLER, NONCE
from crawler.web.keys import ANYBODY, OPERATOR, Caller, Keys
from crawler.web.login import COOKIE, LOOPBACK_NAMES, SECURE_COOKIE, login_page
from crawler.web.problems import is_for_programs, refusal
from crawler.web.rates import Buckets

MAX_BODY_BYTES = 1024**2
_NONCE_BYTES = 16
_NOT_DONE = "Nothing was done: your login has ended. Log in, then do it again."
_MOST_DIGITS = 15
#: Seconds that a refusal is held back of who asks too often: a flood waits, we do not.
_SLOWED = 1.0
_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
#: In the scope of a request for a head alone, which routes see as GET: a stream would
#: never end.
ASKED_FOR_HEAD = "kliping.head"
HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

#: Hubs are shown no page.
HUB_HEADERS: Mapping[str, str] = {
    **HEADERS,
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
#: What a browser may do with a kept page: show it, with what is kept of it. It is in a
#: sandbox without scripts, forms and pop-ups, whatever else fails. The origin stays
#: ours, or no image of ours would be shown in it; nothing there could make use of it.
REPLAY = "/web/"
#: Files that cost next to nothing: a page needs several.
STATIC = "/static/"
REPLAY_HEADERS: Mapping[str, str] = {
    **HEADERS,
    "Content-Security-Policy": (
        "sandbox allow-same-origin; default-src 'none'; img-src 'self' data:; "
        "style-src 'self' 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-DNS-Prefetch-Control": "off",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused.

    Attributes:
        status: HTTP status.
        detail: A sentence; an answer without a word has none.
        wait: In how many seconds it may be asked again, if that is why.
    """

    status: int
    detail: str
    wait: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How often whoever bears one token may ask, and err.

    Whoever bears none is known by the address they come from.

    Attributes:
        safe: Readings.
        kept: Of them those of kept pages: one shows tens of kept images and styles.
        unsafe: All else.
        wrong: Wrong tokens, by the address they come from.
    """

    safe: Buckets = field(default_factory=lambda: Buckets(10.0, 50.0))
    kept: Buckets = field(default_factory=lambda: Buckets(50.0, 500.0))
    unsafe: Buckets = field(default_factory=lambda: Buckets(2.0, 120.0))
    wrong: Buckets = field(default_factory=lambda: Buckets(1 / 6, 10.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Lets a request through, or answers it with a refusal.

    Attributes:
        app: What is guarded.
        keys: Who may ask.
        address: Where we listen; asked for with its port, as the loopback's names.
        names: Hosts that may be asked for beside those, as they are or with that port.
        now: Tells the time, UTC.
        is_open: Whether anybody may read.
        public: Host headers that count as ours where hubs call, as they are sent.
        place: Where hubs call; without public names, nowhere.
    """

    app: ASGIApp
    keys: Keys
    address: str
    names: Collection[str]
    now: Callable[[], datetime]
    is_open: bool = False
    public: Collection[str] = ()
    place: str = ""
    rates: Rates = field(default_factory=Rates)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        NONCE.set(secrets.token_urlsafe(_NONCE_BYTES))
        added = HUB_HEADERS if self._is_hubs(scope) else _headers_for(scope["path"])
        answer = _with_headers(send, added)
        refused = self._refused(scope, Headers(scope=scope))
        if refused is not None:
            if refused.wait is not None:
                await asyncio.sleep(_SLOWED)
            await _said(scope, refused)(scope, receive, answer)
        elif scope["method"] == "HEAD":
            asked = {**scope, "method": "GET", ASKED_FOR_HEAD: True}
            await self.app(asked, receive, _bodiless(answer))
        else:
            await self.app(scope, receive, answer)

    def _refused(self, scope: Scope, headers: Headers) -> Refusal | None:
        CALLER.set(None)  # whoever asked before in this context
        hosts = headers.getlist("host")
        if self._is_hubs(scope):
            return self._refused_hub(scope, hosts)  # without a word
        if not self._is_our_name(hosts, scope):
            return Refusal(421, "This service answers to its own names only.")
        needed = scope_needed(scope["method"], scope["path"])
        if needed is None:
            return self._refused_open(scope, headers)
        caller = self._caller(scope, headers)
        if isinstance(caller, Refusal):
            return caller
        CALLER.set(caller)
        if not caller.scope.opens(needed):
            return Refusal(
                403, f"This needs the scope {needed}; yours is {caller.scope}."
            )
        scope.setdefault("state", {})["token_id"] = caller.token_id
        return self._refused_rate(scope, caller) or _refused_length(headers)

    def _refused_open(self, scope: Scope, headers: Headers) -> Refusal | None:
        """Judge what anybody may ask: a log-in counts as a wrong token, right or not."""
        if scope["path"] != LOGIN:
            return None
        if not is_cookie_heard("POST", headers, headers.get("host", "")):
            return Refusal(403, "Another site sent this form.")
        return self._refused_address(scope) or _refused_length(headers)

    def _caller(self, scope: Scope, headers: Headers) -> Caller | Refusal:
        """Return who asks; wrong tokens are counted by address."""
        if given := headers.getlist("authorization"):
            return self._bearer(given) or self._wrong(scope)
        cookie = _cookie(headers)
        host = headers.get("host", "")
        if cookie is not None and is_cookie_heard(scope["method"], headers, host):
            if (found := self.keys.login(cookie, self.now())) is not None:
                return found
        elif cookie is not None and scope["method"] not in SAFE_METHODS:
            return Refusal(403, "Another site sent this.")
        return (
            ANYBODY if self.is_open else Refusal(401, "Please log in, or send a token.")
        )

    def _bearer(self, given: list[str]) -> Caller | None:
        if len(given) != 1:
            return None
        token = _token(given[0])
        return self.keys.bearer(token, self.now()) if token else None

    def _wrong(self, scope: Scope) -> Refusal:
        return self._refused_address(scope) or Refusal(401, "This token opens nothing.")

    def _refused_address(self, scope: Scope) -> Refusal | None:
        bucket = self.rates.wrong.of(_address(scope))
        if bucket.take(monotonic()):
            return None
        return Refusal(429, "Too many wrong tokens came from here.", bucket.wait())

    def _refused_rate(self, scope: Scope, caller: Caller) -> Refusal | None:
        if caller is OPERATOR or scope["path"].startswith(STATIC):
            return None
        bucket = self._buckets(scope).of(str(caller.token_id or _address(scope)))
        if bucket.take(monotonic()):
            return None
        return Refusal(429, "This is asked too often.", bucket.wait())

    def _buckets(self, scope: Scope) -> Buckets:
        if scope["method"] not in SAFE_METHODS:
            return self.rates.unsafe
        is_kept = scope["path"].startswith(REPLAY)
        return self.rates.kept if is_kept else self.rates.safe

    def _is_hubs(self, scope: Scope) -> bool:
        return bool(self.public) and scope["path"].startswith(f"{self.place}/")

    def _refused_hub(self, scope: Scope, hosts: list[str]) -> Refusal | None:
        is_public = len(hosts) == 1 and hosts[0].lower() in self.public
        if not (is_public or self._is_our_name(hosts, scope)):
            return Refusal(421, "")
        return None if scope["method"] in {"GET", "POST"} else Refusal(404, "")

    def _is_our_name(self, hosts: list[str], scope: Scope) -> bool:
        """Tell whether Host names us; other names are DNS rebinding."""
        if len(hosts) != 1:
            return False
        port = (scope.get("server") or (None, None))[1]
        given = {name.lower() for name in self.names}
        ours = LOOPBACK_NAMES | {self.address} | given
        allowed = {f"{name}:{port}" for name in ours} | given
        if port in {None, 80}:
            allowed |= ours
        return hosts[0].lower() in allowed


def _said(scope: Scope, refused: Refusal) -> Response:
    path = scope["path"]
    if not refused.detail:
        return Response(None, refused.status)
    if refused.status == 401 and not is_for_programs(path):
        query = scope["query_string"].decode("ascii", "replace")
        fault = "" if scope["method"] in SAFE_METHODS else _NOT_DONE
        return login_page(path, query, fault=fault)
    wait = {} if refused.wait is None else {"Retry-After": str(int(refused.wait) + 1)}
    return refusal(path, refused.status, refused.detail, headers=wait)


def _address(scope: Scope) -> str:
    return str((scope.get("client") or ("",))[0])


def _token(authorization: str) -> str | None:
    """Return the token that is sent: a bearer's, or a password (RFC 7617) for any name."""
    scheme, _, sent = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return sent.strip()
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(sent.strip(), validate=True).decode().partition(":")[2]
    except ValueError:
        return None


def _cookie(headers: Headers) -> str | None:
    found = cookie_parser(headers.get("cookie", ""))
    return found.get(SECURE_COOKIE) or found.get(COOKIE)


def _refused_length(headers: Headers) -> Refusal | None:
    stated = headers.get("content-length", "0")
    if not (stated.isascii() and stated.isdigit()):
        return None
    if len(stated) > _MOST_DIGITS or int(stated) > MAX_BODY_BYTES:
        return Refusal(413, f"A request may have at most {MAX_BODY_BYTES} bytes.")
    return None


def _headers_for(path: str) -> Mapping[str, str]:
    if path.startswith(REPLAY):
        return REPLAY_HEADERS
    return {**HEADERS, "Content-Security-Policy": _POLICY.format(nonce=NONCE.get())}


def _with_headers(send: Send, added: Mapping[str, str]) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in added.items():
                headers[name] = value
        await send(message)

    return answer


def _bodiless(send: Send) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return answer
