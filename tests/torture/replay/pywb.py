"""What pywb replays of a WARC file.

pywb is GPL: it is installed into an environment of its own, runs as a process of
its own on loopback, and nothing of ours depends on it.
"""

import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from crawler.fetch.decode import decode_body
from tests.crawler.fetch.odd import CUT
from tests.torture.replay.captures import Expected

PYWB = "pywb==2.10.0"
START_SECONDS = 60.0
#: What pywb itself makes of some: no fault of the file. It replays a cut response as
#: its headers say, not as far as it came.
DIFFERS = {
    "trailers": "hands out the trailers as body",
    "length beside chunks": "believes the length, not the chunks (RFC 9112, 6.3)",
    **dict.fromkeys(CUT, "the response is cut"),
}


def environment(folder: Path) -> Path:
    """Return where pywb's commands are; install it unless it is there."""
    if not (folder / "bin" / "wayback").exists():
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, PYWB], check=True, timeout=600, stdout=sys.stderr)
    return folder / "bin"


def replayed(
    folder: Path, path: Path, tools: Path, expected: list[Expected]
) -> Iterator[tuple[str, bytes]]:
    """Yield what is not replayed as it was received, and how it begins."""
    manager = str(tools / "wb-manager")
    for arguments in (["init", "news"], ["add", "news", str(path)]):
        subprocess.run(
            [manager, *arguments],
            cwd=folder,
            check=True,
            timeout=120,
            stdout=sys.stderr,
            stderr=sys.stderr,
        )
    with serving_wayback(folder, tools) as port:
        for one in expected:
            got = _ask(
                f"http://127.0.0.1:{port}/news/{one.at:%Y%m%d%H%M%S}id_/{one.url}"
            )
            if got != one.body:
                yield one.name, got[:80]


@contextmanager
def serving_wayback(folder: Path, tools: Path) -> Iterator[int]:
    """Serve a folder of collections until the context ends; yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    process = subprocess.Popen(
        [str(tools / "wayback"), "--bind", "127.0.0.1", "--port", str(port)],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


def _ask(url: str) -> bytes:
    """Return a replayed body, whatever its status, its content coding removed."""
    headers = {"Accept-Encoding": "gzip, br"}
    try:
        with httpx.stream("GET", url, headers=headers, trust_env=False) as answer:
            coding = answer.headers.get("Content-Encoding", "")
            raw = b"".join(answer.iter_raw())
    except httpx.HTTPError as error:
        return repr(error).encode()
    return decode_body(raw, coding, 2**20, 1000).body
