"""Send events to the operator's webhook, and again until somebody takes them.

The URL is the operator's own, so it may be in a private network; redirects are not
followed, for they are not the operator's.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlmodel import Session

from crawler.errors import FetchError
from crawler.fetch.client import Client
from crawler.health.telling import body_of, next_try, signed
from crawler.means import Means
from crawler.redaction import redact
from storage.sql.events import Event, due_events, note_failed, note_sent
from storage.writer import Tx

_AT_ONCE = 20
#: Nobody reads more of an answer.
_MOST_BYTES = 4 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sends events.

    Attributes:
        means: The archive.
        sessions: Opens a session for reading.
        client: Makes a client that reaches the webhook.
        webhook: Where they are sent.
        secret: What signs them.
    """

    means: Means
    sessions: Callable[[], AbstractContextManager[Session]]
    client: Callable[[], Client]
    webhook: str
    secret: str

    async def send_due(self) -> int:
        """Send what is due, oldest first; return how many were taken.

        After one that is not taken the others wait for the next time.
        """
        taken = 0
        while due := await asyncio.to_thread(self._due):
            sent = await self._send_all(due)
            taken += sent
            if sent < len(due):
                break
        return taken

    async def _send_all(self, due: Sequence[Event]) -> int:
        async with self.client() as client:
            for number, event in enumerate(due):
                why = await self._send(client, event)
                again = next_try(event, self.means.now())
                await self.means.writer.run(partial(self._note, event, why, again))
                if why is not None:
                    self._tell(event, why, again)
                    return number
        return len(due)

    def _due(self) -> list[Event]:
        with self.sessions() as session:
            return due_events(session, self.means.now(), _AT_ONCE)

    async def _send(self, client: Client, event: Event) -> str | None:
        """Send one; return why it was not taken, if so."""
        body = body_of(event)
        headers = signed(self.secret, event.id, body, self.means.now())
        try:
            answer = await client.exchange(
                self.webhook,
                content=body,
                extra_headers=headers,
                raw_limit=_MOST_BYTES,
            )
        except FetchError as error:
            return redact(error.reason)
        return None if 200 <= answer.status < 300 else f"HTTP {answer.status}"

    def _note(
        self, event: Event, why: str | None, again: datetime | None, tx: Tx
    ) -> None:
        if why is None:
            note_sent(tx.session, event.id, self.means.now())
        else:
            note_failed(tx.session, event.id, why, again)

    def _tell(self, event: Event, why: str, again: datetime | None) -> None:
        said = "event not taken" if again else "event given up"
        self.means.log.warning(said, number=event.id, type=event.type, why=why)
