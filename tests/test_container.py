"""What the container asks its service: the command in the Dockerfile, run here."""

import json
import os
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("extra", ["objects", "parquet", "postgres"])
def test_the_image_has_what_services_of_the_fleet_need(extra: str) -> None:
    locks = re.findall(r"-r (\S+\.lock)", DOCKERFILE.read_text())
    pinned = {
        line.partition("==")[0]
        for lock in locks
        for line in (DOCKERFILE.parent / lock).read_text().splitlines()
    }

    project = tomllib.loads(DOCKERFILE.with_name("pyproject.toml").read_text())
    wanted = project["project"]["optional-dependencies"][extra]
    assert {re.split(r"[\[>]", one)[0] for one in wanted} <= pinned


def test_a_service_is_healthy_on_whatever_port_it_is(tmp_path: Path) -> None:
    with answering() as address, DataFolder(tmp_path).lock({"address": address}):
        healthy = is_healthy(tmp_path)

    assert healthy


def test_without_a_service_nothing_is_healthy(tmp_path: Path) -> None:
    assert not is_healthy(tmp_path)
