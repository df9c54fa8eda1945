"""A WebSub hub on loopback, as the Recommendation has it, and some that are not."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx


@dataclass
class Hub:
    """What a hub was asked for, what it holds, and how it behaves.

    Attributes:
        status: How a request is answered; `headers` go with it.
        lease: What it grants, in seconds; None is what was asked for.
        verifies: Whether it verifies at all, after its answer.
        first: Whether it verifies before its answer.
        method: The digest it signs with.
    """

    port: int = 0
    status: int = 202
    headers: dict[str, str] = field(default_factory=dict)
    lease: str | None = None
    verifies: bool = True
    first: bool = False
    method: str = "sha256"
    asked: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    held: dict[str, dict[str, str]] = field(default_factory=dict)
    answers: list[tuple[int, str]] = field(default_factory=list)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hub"

    async def take(self, form: dict[str, str]) -> None:
        """Take a request, and verify what it asks for."""
        self.asked.append(form)
        if not self.verifies or self.status >= 300:
            return
        if self.first:
            await self.verify(form)
        else:
            self._tasks.append(asyncio.create_task(self.verify(form)))

    async def verify(self, form: dict[str, str], **said: str) -> httpx.Response:
        """Verify the intent of a request (section 5.3)."""
        mode, challenge = form["hub.mode"], f"challenge-{len(self.answers)}-äö"
        query = {
            "hub.mode": mode,
            "hub.topic": form["hub.topic"],
            "hub.challenge": challenge,
        }
        if mode == "subscribe":
            query["hub.lease_seconds"] = self.lease or form["hub.lease_seconds"]
        answer = await self.call(form["hub.callback"], query | said)
        if answer.status_code == 200 and answer.text == challenge:
            if mode == "subscribe":
                self.held[form["hub.callback"]] = form
            else:
                self.held.pop(form["hub.callback"], None)
        return answer

    async def call(self, callback: str, query: dict[str, str]) -> httpx.Response:
        """Ask a callback something."""
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(callback, params=query)
        self.answers.append((answer.status_code, answer.text))
        return answer

    async def publish(self, topic: str, body: bytes = b"<news/>") -> list[int]:
        """Deliver a topic's news to all who hold it (section 7)."""
        said = []
        async with httpx.AsyncClient(trust_env=False) as client:
            for callback, form in self.held.items():
                if form["hub.topic"] == topic:
                    signed = sign(form["hub.secret"], body, self.method)
                    answer = await client.post(callback, content=body, headers=signed)
                    said.append(answer.status_code)
        return said

    async def settled(self) -> None:
        """Wait for what was begun."""
        tasks, self._tasks = self._tasks, []
        await asyncio.gather(*tasks)


def sign(secret: str, body: bytes, method: str = "sha256") -> dict[str, str]:
    """Return a delivery's signature as its header."""
    made = hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()
    return {"X-Hub-Signature": f"{method}={made}"}


@asynccontextmanager
async def open_hub(address: str = "127.0.0.1") -> AsyncIterator[Hub]:
    """Serve a hub."""
    hub = Hub()

    async def converse(reader: asyncio.StreamReader, writer: Any) -> None:  # noqa: ANN401
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.split("\r\n")
                fields = dict(line.split(": ", 1) for line in lines if line)
                length = int(
                    {k.lower(): v for k, v in fields.items()}["content-length"]
                )
                form = dict(parse_qsl((await reader.readexactly(length)).decode()))
                assert first.startswith("POST ")
                hub.paths.append(first.split(" ")[1])
                await hub.take(form)
                said = "".join(f"{k}: {v}\r\n" for k, v in hub.headers.items())
                writer.write(
                    f"HTTP/1.1 {hub.status} Said\r\n{said}Content-Length: 0\r\n\r\n".encode()
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(converse, address, 0)
    hub.port = server.sockets[0].getsockname()[1]
    try:
        yield hub
        await hub.settled()
    finally:
        server.close()
