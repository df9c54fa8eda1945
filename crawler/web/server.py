"""Serve the pages inside the running loop, on a loopback address only."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from ipaddress import ip_address

import uvicorn
from starlette.types import ASGIApp

from crawler.errors import ConfigError, UsageError
from crawler.jobs.running import Jobs
from crawler.pulse import Pulse
from crawler.service import Service
from crawler.web.app import make_app

_TOKEN_BYTES = 32
_LOOK_AGAIN = 0.01
_GRACE_SECONDS = 1


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
        ConfigError: the configured address is not a loopback address.
        UsageError: the port is taken or may not be used.
    """
    settings = service.config.service
    with _listen(settings.address, settings.port) as listener:
        host, port = listener.getsockname()[:2]
        address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        server = _server(make_app(service, pulse, token, jobs))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            while not server.started:
                await asyncio.wait({serving}, timeout=_LOOK_AGAIN)
                if serving.done():
                    serving.result()  # it ended before it began: raise what it raised
            service.lock.note({"address": address, "token": token})
            yield address
        finally:
            server.should_exit = True
            await serving


def _server(app: ASGIApp) -> _Server:
    return _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
    )


def _listen(address: str, port: int) -> socket.socket:
    """Bind a loopback address; nothing else may be served without a login."""
    host = "127.0.0.1" if address == "localhost" else address
    try:
        is_loopback = ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        problem = (
            f"service.address: {address} is not a loopback address; pages are "
            "served to this machine only (127.0.0.1, ::1, localhost)"
        )
        raise ConfigError([problem])
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise UsageError(
            f"cannot serve pages on {host} port {port}: {error.strerror}; "
            "another service may be running there (see service.port)"
        ) from error
