"""Ask the service that runs on this machine: its HTTP API, over loopback only."""

import json as json_text
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from crawler.errors import CrawlError

#: Seconds for an answer: a fetch by hand waits for its host's turn.
PATIENCE = 300.0
_LARGEST = 64 * 1024**2


class ServiceUnreachable(CrawlError):
    """The running service does not answer at the address it gave."""


class ServiceRefused(CrawlError):
    """The running service said no, and names each fault of what it was sent.

    `status` is its HTTP status, `problem` its document.
    """

    def __init__(
        self, status: int, detail: str, problem: Mapping[str, Any] | None = None
    ) -> None:
        """Keep the status and what the service says."""
        said = [f"the running service says: {detail} ({status})", *_faults(problem)]
        super().__init__("; ".join(said))
        self.status = status
        self.problem = problem or {}


def call(  # what a request consists of
    address: str,
    token: str,
    method: str,
    path: str,
    json: Mapping[str, object] | None = None,
    *,
    patience: float = PATIENCE,
) -> dict[str, Any]:
    """Call a route of the running service and return its JSON object.

    Args:
        address: Of the service, such as `http://127.0.0.1:8765`; loopback only,
            so that the token never leaves the machine.
        token: Sent as a bearer token.
        method: An HTTP method.
        path: Absolute path of the route.
        json: The request's document.
        patience: Seconds to wait for its answer.

    Raises:
        ServiceUnreachable: nobody answers there, or not as the service would.
        ServiceRefused: it answered with an error.
    """
    import http.client  # slow to load, and every command knows the errors above

    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme != "http" or not _is_loopback(host):
        raise ServiceUnreachable(f"{address} is not an address on this machine")
    connection = http.client.HTTPConnection(host, parts.port, timeout=patience)
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    body = None
    if json is not None:
        body = json_text.dumps(json).encode()
        headers["Content-Type"] = "application/json"
    try:
        connection.request(method, path, body=body, headers=headers)
        response = connection.getresponse()
        status, payload = response.status, response.read(_LARGEST)
    except (OSError, http.client.HTTPException) as error:
        why = str(error) or type(error).__name__
        raise ServiceUnreachable(f"the service at {address}: {why}") from error
    finally:
        connection.close()
    return _answer(address, status, payload)


def _answer(address: str, status: int, payload: bytes) -> dict[str, Any]:
    try:
        document = json_text.loads(payload) if payload else {}
    except ValueError:
        document = None
    if status >= 400:
        problem = document if isinstance(document, dict) else None
        raise ServiceRefused(status, _detail(document, status), problem)
    if not isinstance(document, dict):
        raise ServiceUnreachable(f"the service at {address} did not answer with JSON")
    return document


def _detail(document: object, status: int) -> str:
    if isinstance(document, dict):
        for name in ("detail", "title"):
            if isinstance(said := document.get(name), str) and said:
                return said
    with suppress(ValueError):
        return HTTPStatus(status).phrase
    return "an error"


def _faults(problem: Mapping[str, Any] | None) -> list[str]:
    """Return the single faults that a problem document names, if its detail does not."""
    said = (problem or {}).get("problems")
    faults = map(str, said) if isinstance(said, list) else ()
    detail = str((problem or {}).get("detail"))
    return [one.removeprefix("body.") for one in faults if one not in detail]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
