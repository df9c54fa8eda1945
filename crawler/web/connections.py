"""Connections to the pages: how many there are, and how long one may take to ask.

To connect needs no token, and each connection costs a file of the process, which the
crawl needs too. So of too many the one ends that has waited longest for its request,
and a request that is not whole in time ends its connection.
"""

import asyncio
import logging
import resource
from dataclasses import dataclass
from math import inf
from typing import Any

from h11 import IDLE, SEND_BODY
from uvicorn.protocols.http.h11_impl import H11Protocol

log = logging.getLogger(__name__)

#: Connections at most, and the share of the files that the process may open.
_MOST, _SHARE = 512, 4
_TELL_EVERY = 60.0


@dataclass(slots=True, kw_only=True)
class Bounds:
    """What connections may cost.

    Attributes:
        most: How many there may be.
        patience: Seconds until a request has to be whole, its body included.
    """

    most: int
    patience: float
    _told_at: float = -inf

    def tell(self, now: float) -> None:
        """Say that there are too many, once a minute at most."""
        if now - self._told_at >= _TELL_EVERY:
            self._told_at = now
            log.warning("over %d connections to the pages; the idle end", self.most)


def most_connections() -> int:
    """Return how many connections leave enough files for all else."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST if files == resource.RLIM_INFINITY else min(_MOST, files // _SHARE)


class BoundedConnection(H11Protocol):
    """A connection within bounds."""

    def __init__(self, *given: Any, bounds: Bounds, **named: Any) -> None:  # noqa: ANN401  # uvicorn's
        """Take what uvicorn gives, and the bounds that all connections share."""
        super().__init__(*given, **named)
        self._bounds = bounds
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Wait for a request; end another that waits if there are too many."""
        super().connection_made(transport)
        self._look()
        if len(self.connections) > self._bounds.most:
            self._bounds.tell(self.loop.time())
            self._longest_waiting()._end()  # noqa: SLF001  # of our own kind

    def data_received(self, data: bytes) -> None:
        """Take what came, and see whether the request is whole."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _look(self) -> None:
        """Wait while a request is not whole; h11 knows."""
        is_whole = self.conn.their_state not in {IDLE, SEND_BODY}
        if is_whole or self.transport.is_closing():
            self._stop_waiting()
        elif self._patience is None:
            self._patience = self.loop.call_later(self._bounds.patience, self._end)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _longest_waiting(self) -> "BoundedConnection":
        """Return the one whose patience ends first; this one if no other waits."""
        waiting = [
            (other._patience.when(), other)  # noqa: SLF001  # as above
            for other in self.connections
            if isinstance(other, BoundedConnection) and other._patience is not None  # noqa: SLF001
        ]
        return min(waiting, key=lambda one: one[0], default=(0.0, self))[1]

    def _end(self) -> None:
        self._stop_waiting()
        self.connections.discard(self)  # at once: others may come in this very turn
        self.transport.abort()
