"""What the container asks its service: the command in the Dockerfile, run here."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from storage.folder import DataFolder

DOCKERFILE = Path(__file__).parents[1] / "Dockerfile"


class _Alive(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def answering() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Alive) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def is_healthy(folder: Path) -> bool:
    """Run the container's health check on a data folder."""
    _, _, check = DOCKERFILE.read_text().partition("HEALTHCHECK")
    _, *arguments = json.loads(check[check.index("[") : check.index("]\n") + 1])
    env = {**os.environ, "KLIPING_STORAGE__FOLDER": str(folder)}
    done = subprocess.run(
        [sys.executable, *arguments], env=env, capture_output=True, check=False
    )
    return done.returncode == 0


def test_a_service_is_healthy_on_whatever_port_it_is(tmp_path: Path) -> None:
    with answering() as address, DataFolder(tmp_path).lock({"address": address}):
        healthy = is_healthy(tmp_path)

    assert healthy


def test_without_a_service_nothing_is_healthy(tmp_path: Path) -> None:
    assert not is_healthy(tmp_path)
