"""The wall around every route: who may ask, who may change, what a browser may do.

It stands outside the whole application, so its headers are on every answer, the
error pages included. Reading is free to whoever reaches the loopback address; all
methods but GET and HEAD need the token of this run.

One place is apart, where hubs call (crawler.web.callback): there alone the public
name counts as ours, GET and POST need no token, and nothing else is answered.
"""

import hashlib
import hmac
from collections.abc import Collection, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crawler.web.problems import refusal

MAX_BODY_BYTES = 1024**2
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
#: In the scope of a request for a head alone, which routes see as GET: a stream would
#: never end.
ASKED_FOR_HEAD = "kliping.head"
SAFE_METHODS = frozenset({"GET", "HEAD"})
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


#: What a browser may do with a kept page: show it, with what is kept of it. It is in a
#: sandbox without scripts, forms and pop-ups, whatever else fails. The origin stays
#: ours, or no image of ours would be shown in it; nothing there could make use of it.
REPLAY = "/web/"
REPLAY_HEADERS: Mapping[str, str] = {
    **HEADERS,
    "Content-Security-Policy": (
        "sandbox allow-same-origin; default-src 'none'; img-src 'self' data:; "
        "style-src 'self' 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-DNS-Prefetch-Control": "off",
}


class Guard:
    """Lets a request through, or answers it with a refusal."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: str,
        names: Collection[str],
        public: Collection[str] = (),
        place: str = "",
    ) -> None:
        """Stand before an application.

        Args:
            app: What is guarded.
            token: What unsafe methods must bear.
            names: Hosts that may be asked for, beside the loopback's own names.
            public: Host headers that count as ours where hubs call, as they are sent.
            place: Where hubs call; without public names, nowhere.
        """
        self._app = app
        self._digest = _digest(token)
        self._names = LOOPBACK_NAMES | frozenset(names)
        self._public = frozenset(public)
        self._place = f"{place}/" if self._public else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        is_replay = scope["path"].startswith(REPLAY)
        answer = _with_headers(send, REPLAY_HEADERS if is_replay else HEADERS)
        headers = Headers(scope=scope)
        refused = self._refused(scope, headers)
        if refused is not None:
            status, detail = refused
            said = (
                refusal(scope["path"], status, detail)
                if detail
                else Response(None, status)
            )
            await said(scope, receive, answer)
        elif scope["method"] == "HEAD":
            asked = {**scope, "method": "GET", ASKED_FOR_HEAD: True}
            await self._app(asked, receive, _bodiless(answer))
        else:
            await self._app(scope, receive, answer)

    def _refused(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """Return why a request is refused: a status and a sentence, or None."""
        hosts = headers.getlist("host")
        if self._place is not None and scope["path"].startswith(self._place):
            return self._refused_hub(scope, hosts)  # without a word
        if not self._is_our_name(hosts, scope):
            return 421, "This service answers to its own address only."
        if scope["method"] in SAFE_METHODS:
            return None
        if not self._bears_token(headers.getlist("authorization")):
            return 401, "Changes need the token of this run as Authorization: Bearer."
        if _stated_length(headers) > MAX_BODY_BYTES:
            return 413, f"A request may have at most {MAX_BODY_BYTES} bytes."
        return None

    def _refused_hub(self, scope: Scope, hosts: list[str]) -> tuple[int, str] | None:
        is_public = len(hosts) == 1 and hosts[0].lower() in self._public
        if not (is_public or self._is_our_name(hosts, scope)):
            return 421, ""
        return None if scope["method"] in {"GET", "POST"} else (404, "")

    def _is_our_name(self, hosts: list[str], scope: Scope) -> bool:
        """Tell whether Host names us; other names are DNS rebinding."""
        if len(hosts) != 1:
            return False
        port = (scope.get("server") or (None, None))[1]
        allowed = {f"{name}:{port}" for name in self._names}
        if port in {None, 80}:
            allowed |= self._names
        return hosts[0].lower() in allowed

    def _bears_token(self, authorizations: list[str]) -> bool:
        if len(authorizations) != 1:
            return False
        scheme, _, token = authorizations[0].partition(" ")
        matches = hmac.compare_digest(_digest(token.strip()), self._digest)
        return matches and scheme.lower() == "bearer"


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _stated_length(headers: Headers) -> int:
    stated = headers.get("content-length", "0")
    return int(stated) if stated.isascii() and stated.isdigit() else 0


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
