"""A mail server on loopback that speaks SMTP, and fails as it is told."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any


@dataclass
class Mailbox:
    """What a mail server answers, and what it took.

    `answers` has what it says to a command in the place of yes, once each; `hangs_at`
    is a command it never answers, `leaves_at` one at which it closes the connection.
    """

    port: int = 0
    letters: list[bytes] = field(default_factory=list)
    envelopes: list[list[str]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    hangs_at: str = ""
    leaves_at: str = ""
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    server: ssl.SSLContext | None = None

    @property
    def mail(self) -> EmailMessage:
        """The only letter."""
        (letter,) = self.letters
        found: Any = message_from_bytes(letter, policy=default)
        return found  # type: ignore[no-any-return]

    async def converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            await self._converse(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(b"220 here\r\n")
        envelope: list[str] = []
        while line := (await reader.readline()).decode().strip():
            verb = line.split(" ")[0].upper()
            envelope.append(line)
            said = await self._said(verb, line)
            writer.write(said.encode() + b"\r\n")
            await writer.drain()
            if verb == "STARTTLS":
                await writer.start_tls(self.server)
            if said.startswith("354"):
                letter = await reader.readuntil(b"\r\n.\r\n")
                end = await self._said(".", "")
                if end.startswith("250"):
                    self.letters.append(_undotted(letter))
                    self.envelopes.append(envelope)
                writer.write(end.encode() + b"\r\n")

    async def _said(self, verb: str, line: str) -> str:
        if verb == self.hangs_at:
            self.reached.set()
            await asyncio.sleep(3600)
        if verb == self.leaves_at:
            raise OSError
        if queue := self.answers.get(verb):
            return queue.pop(0)
        if verb == "AUTH":
            self.logins.append(base64.b64decode(line.split(" ")[2]).decode())
            return "235 welcome"
        if verb == "EHLO":
            tls = "250-STARTTLS\r\n" if self.server else ""
            return f"250-mail.example\r\n{tls}250 AUTH PLAIN"
        others = {"DATA": "354 go on", "QUIT": "221 bye", "STARTTLS": "220 go on"}
        return others.get(verb, "250 yes")


def _undotted(letter: bytes) -> bytes:
    lines = letter.removesuffix(b".\r\n").splitlines(keepends=True)
    return b"".join(line[1:] if line.startswith(b".") else line for line in lines)


@asynccontextmanager
async def mailbox(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Mailbox]:
    """Serve a mailbox until the block ends."""
    box = Mailbox(server=starttls)
    tasks: set[asyncio.Task[None]] = set()

    async def converse(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await box.converse(reader, writer)

    server = await asyncio.start_server(converse, "127.0.0.1", 0, ssl=tls)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
