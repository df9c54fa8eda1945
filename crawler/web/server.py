"""Serve the pages inside the running loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import partial

import uvicorn
from anyio.to_thread import current_default_thread_limiter
from starlette.types import ASGIApp

from crawler.config.tree import is_loopback
from crawler.errors import ConfigError, UsageError
from crawler.jobs.running import Jobs
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.web.app import make_app
from crawler.web.connections import BoundedConnection, Bounds, most_connections
from crawler.web.keys import new_token
from storage.sql.tokens import has_token

_LOOK_AGAIN = 0.01
_GRACE_SECONDS = 1
#: Connections that are accepted in one turn of the loop: before those that are too many
#: are ended, each has taken a file.
_BACKLOG = 64
#: Seconds that a request may take on its way beside what a hub's delivery may.
_PATIENCE = 30.0
#: So many pages are made at a time. Each is work of the interpreter, which the loop that
#: crawls needs too: with forty it gets its turn too seldom.
_THREADS = 2
#: Where this machine reaches what listens on all its addresses.
_NEAR = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # looked up, not bound
_CLOSED = (
    "service.address: {address} is reached from other machines, and no token was given "
    "out yet; `kliping token add NAME --scope read` makes one"
)


class _Server(uvicorn.Server):
    """A server that leaves the process's signals to the daemon."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serve_pages(
    service: Service, pulse: Pulse, jobs: Jobs | None = None
) -> AsyncIterator[str]:
    """Serve until the context ends; yield the address once it answers.

    A token made for this run is written into the data folder's lock note, where
    commands of the same user find it.

    Raises:
        ConfigError: others would reach the configured address, and none has a token.
        UsageError: the port is taken or may not be used.
    """
    with ExitStack() as stack:
        listeners = [stack.enter_context(one) for one in _listen(service)]
        host, port = listeners[-1].getsockname()[:2]
        host = _NEAR.get(host, host)
        address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        current_default_thread_limiter().total_tokens = _THREADS
        token = new_token()
        app = make_app(service, pulse, token, jobs)
        total = service.config.limits.total.total_seconds()
        bounds = Bounds(most=most_connections(), patience=total + _PATIENCE)
        server = _server(app, bounds)
        serving = asyncio.create_task(server.serve(sockets=listeners))
        try:
            while not server.started:
                await asyncio.wait({serving}, timeout=_LOOK_AGAIN)
                if serving.done():
                    serving.result()  # it ended before it began: raise what it raised
            app.state.figures.warm()
            service.lock.note({"address": address, "token": token})
            yield address
        finally:
            server.should_exit = True
            app.state.streams.close()  # or they would be waited for
            await serving


def _server(app: ASGIApp, bounds: Bounds) -> _Server:
    return _Server(
        uvicorn.Config(
            app,
            http=partial(BoundedConnection, bounds=bounds),  # type: ignore[arg-type]  # called only
            backlog=_BACKLOG,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
    )


def _listen(service: Service) -> Iterator[socket.socket]:
    """Bind the address, and the loopback too where commands could not reach us else.

    Others reach us only once a token was given out.
    """
    settings = service.config.service
    if not is_loopback(settings.address):
        with service.session() as session:
            if not has_token(session, service.means.now()):
                raise ConfigError([_CLOSED.format(address=settings.address)])
    host = "127.0.0.1" if settings.address == "localhost" else settings.address
    first = _bound(host, settings.port)
    yield first
    if not is_loopback(host) and host not in _NEAR:
        yield _bound("127.0.0.1", first.getsockname()[1])


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, port), family=family)
        # asyncio sets it on sockets of a named protocol only; these inherit it, or
        # each answer after the first would wait 40 ms for the other side's delayed ACK.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        raise UsageError(
            f"cannot serve pages on {host} port {port}: {error.strerror}; "
            "another service may be running there (see service.port)"
        ) from error
    return bound
