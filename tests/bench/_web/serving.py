"""Serve a news web on loopback: by nginx where it is, else by ourselves."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.bench._pages import Page
from tests.bench._web.recorded import by_site, write_recorded
from tests.bench._web.site import write_site
from tests.torture.fleet.hosts import address

_START_SECONDS = 20.0
_ROOT = Path(__file__).parents[3]
_NGINX = """\
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log error;
worker_processes 1;
events {{ worker_connections 4096; }}
http {{
  types {{ text/html html; text/xml xml; text/plain txt; }}
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  open_file_cache max=10000;
  keepalive_requests 100000;
  gzip_static always;
  gunzip on;
  server {{
    {listens}
    root {folder}/sites/$server_addr;
    rewrite ^/$ /index.html;
  }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """The news web while it is served.

    Attributes:
        bases: Address of each host, without a path.
        paths: Of each host, those of its articles; as many of each.
        server: What serves it.
    """

    bases: tuple[str, ...]
    paths: tuple[tuple[str, ...], ...]
    server: str

    @property
    def feeds(self) -> tuple[str, ...]:
        """The feed of each host, which links all its articles."""
        return tuple(f"{base}/feed.xml" for base in self.bases)

    @property
    def articles(self) -> tuple[str, ...]:
        """The articles, one of each host in turn."""
        return tuple(
            base + path
            for row in zip(*self.paths, strict=True)
            for base, path in zip(self.bases, row, strict=True)
        )


@contextmanager
def news_web(hosts: int, pages: int, *, filled: bool = True) -> Iterator[Web]:
    """Write and serve a generated news web until the block ends; see `write_site`."""

    def write(root: Path, host: int, base: str) -> list[str]:
        return write_site(root, host, base, pages, filled=filled)

    with _served(hosts, write) as web:
        yield web


@contextmanager
def recorded_web(hosts: int, pages: Sequence[Page]) -> Iterator[Web]:
    """Write and serve recorded pages until the block ends; see `write_recorded`."""
    dealt = by_site(hosts, pages)

    def write(root: Path, host: int, base: str) -> list[str]:
        return write_recorded(root, base, dealt[host])

    with _served(hosts, write) as web:
        yield web


@contextmanager
def _served(
    hosts: int, write: Callable[[Path, int, str], Sequence[str]]
) -> Iterator[Web]:
    """Serve what is written for each host, by its folder, number and address."""
    with tempfile.TemporaryDirectory(prefix="kliping-web-") as name:
        folder, port = Path(name), _free_port()
        bases = tuple(f"http://{address(host)}:{port}" for host in range(hosts))
        paths = tuple(
            tuple(write(folder / "sites" / address(host), host, base))
            for host, base in enumerate(bases)
        )
        nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        command = (
            [nginx, "-c", str(_write_nginx(folder, hosts, port))]
            if nginx
            else [sys.executable, "-m", "tests.bench._web.plain", name, str(port)]
        )
        with _running(command, [(address(host), port) for host in (0, hosts - 1)]):
            yield Web(bases=bases, paths=paths, server="nginx" if nginx else "python")


def _write_nginx(folder: Path, hosts: int, port: int) -> Path:
    listens = (f"listen {address(host)}:{port};" for host in range(hosts))
    path = folder / "nginx.conf"
    text = _NGINX.format(
        folder=folder,
        listens="\n    ".join(listens),
        user="user root;" if os.geteuid() == 0 else "",
    )
    path.write_text(text, encoding="utf-8")
    return path


@contextmanager
def _running(
    command: Sequence[str], asked: Sequence[tuple[str, int]]
) -> Iterator[None]:
    """Run a server until the block ends; it begins once these places answer."""
    with subprocess.Popen(
        command, cwd=_ROOT, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            for place in asked:
                _wait(place, process)
            yield
        finally:
            process.terminate()


def _wait(place: tuple[str, int], process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < ends:
        with suppress(OSError), socket.create_connection(place, 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"the server does not answer at {place}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
