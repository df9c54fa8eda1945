"""A POST that comes again with its Idempotency-Key is answered as it was, not done again.

After the IETF's draft-ietf-httpapi-idempotency-key-header: the same key with the same
request is given the same answer for a day, with another request 422, and 409 while the
first is worked at. A key belongs to the token that it came with. What failed on our
side, or has to be asked again later, is no answer: it may be tried again with its key.
"""

import hashlib
import re
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crawler.jobs.running import KEPT
from crawler.service.service import Service
from crawler.troubles import Trouble, TroubleKind
from crawler.web.problems import refusal
from storage.sql.answers import (
    Answer,
    Asked,
    Before,
    claim_key,
    keep_answer,
    release_key,
)

HEADER = "Idempotency-Key"
#: A longer answer is not kept, and its request may be done again.
_MOST_BYTES = 16 * 1024**2
_KEY = re.compile(r'"([\x20-\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255})')
#: Its answer has a token, which is kept nowhere.
_TOKENS = "/v1/tokens"
_IN_WORK = Trouble(status=409, kind=TroubleKind.CONFLICT, retryable=True, retry_after=2)
#: Headers of an answer that say how it went over the wire, or are made anew.
_OF_THE_WIRE = frozenset({"content-length", "date", "server", "transfer-encoding"})


class Idempotent:
    """Lets each request with a key through once."""

    def __init__(self, app: ASGIApp, *, service: Service, max_bytes: int) -> None:
        """Stand before an application.

        Args:
            app: What is asked.
            service: Where answers are kept.
            max_bytes: How long a request may be.
        """
        self._app = app
        self._service = service
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        keys = Headers(scope=scope).getlist(HEADER) if _is_post(scope) else []
        if not keys:
            await self._app(scope, receive, send)
            return
        answer = await self._answer(scope, receive, send, keys)
        if answer is not None:
            await answer(scope, receive, send)

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, keys: list[str]
    ) -> Response | None:
        """Return an answer that is known without doing it; else do it."""
        path = scope["path"]
        match = _KEY.fullmatch(keys[0]) if len(keys) == 1 else None
        if match is None:
            return refusal(path, 400, f"{HEADER} is one string of 1 to 255 characters.")
        body = await self._body(scope, receive)
        if body is None:
            return refusal(
                path, 413, f"A request may have at most {self._max_bytes} bytes."
            )
        work = _Work(
            service=self._service,
            owner=str(scope.get("state", {}).get("token_id") or ""),
            key=match[1] or match[2],
            asked=Asked(path=path, sha256=_digest(scope, body)),
        )
        before = await work.claim()
        if before is None:
            await work.do(self._app, scope, _given(body, receive), send)
            return None
        if not before.is_same:
            return refusal(path, 422, f"This {HEADER} came with another request.")
        if before.answer is None:
            return refusal(path, 409, "It is worked at.", trouble=_IN_WORK)
        headers = {**before.answer.headers, "Idempotency-Replayed": "true"}
        return Response(before.answer.body, before.answer.status, headers)

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """Return a request's body, None where it is too long."""
        parts, length = [], 0
        try:
            async for part in Request(scope, receive).stream():
                length += len(part)
                if length > self._max_bytes:
                    return None
                parts.append(part)
        except ClientDisconnect:
            pass
        return b"".join(parts)


@dataclass
class _Work:
    """A request that is done once."""

    service: Service
    owner: str
    key: str
    asked: Asked
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)

    async def claim(self) -> Before | None:
        """Take the key, or return who has it."""
        now = self.service.means.now()
        return await self.service.means.writer.run(
            lambda tx: claim_key(
                tx.session, self.owner, self.key, self.asked, at=now, since=now - KEPT
            )
        )

    async def do(
        self, app: ASGIApp, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Do it; keep what it was answered before that is sent to its end."""

        async def listen(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._begin(message)
            elif message["type"] == "http.response.body":
                self.body += message.get("body", b"")
                if not message.get("more_body", False):
                    await self._keep()
            await send(message)

        try:
            await app(scope, receive, listen)
        except BaseException:
            await self._release()
            raise

    def _begin(self, message: Message) -> None:
        self.status = message["status"]
        headers = MutableHeaders(raw=list(message["headers"]))
        self.headers = {
            name: value
            for name, value in headers.items()
            if name.lower() not in _OF_THE_WIRE
        }

    async def _keep(self) -> None:
        is_final = self.status < 500 and self.status not in {409, 413, 429}
        if not is_final or len(self.body) > _MOST_BYTES:
            await self._release()
            return
        answer = Answer(status=self.status, headers=self.headers, body=bytes(self.body))
        await self.service.means.writer.run(
            lambda tx: keep_answer(tx.session, self.owner, self.key, answer)
        )

    async def _release(self) -> None:
        await self.service.means.writer.run(
            lambda tx: release_key(tx.session, self.owner, self.key)
        )


def _is_post(scope: Scope) -> bool:
    is_post = scope["type"] == "http" and scope["method"] == "POST"
    path = str(scope["path"])
    return is_post and path.startswith("/v1/") and path != _TOKENS


def _digest(scope: Scope, body: bytes) -> str:
    """Return the digest of all that a request says."""
    media = Headers(scope=scope).get("content-type", "")
    said = (scope["path"].encode("utf-8", "surrogatepass"), scope["query_string"])
    digest = hashlib.sha256()
    for part in (*said, media.encode("latin-1", "replace"), body):
        digest.update(len(part).to_bytes(8) + part)
    return digest.hexdigest()


def _given(body: bytes, receive: Receive) -> Receive:
    """Return what gives a body that was read already."""
    is_given = False

    async def give() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return give
