"""What pywb replays of our WARC file is what the servers sent.

pywb is GPL: it is installed into an environment of its own, runs as a process of
its own on loopback, and nothing of ours depends on it.
"""

import argparse
import asyncio
import random
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from crawler.fetch.decode import decode_body
from storage.model import Exchange
from storage.warc.capture import capture_records, revisit_records
from storage.warc.record import read_member
from storage.warc.segment import Segment
from tests.crawler.fetch.odd import CUT, WHOLE
from tests.crawler.fetch.servers import client, serving

PYWB = "pywb==2.10.0"
START_SECONDS = 60.0
#: What pywb itself makes of some: no fault of the file. It replays a cut response as
#: its headers say, not as far as it came.
PYWB_DIFFERS = {
    "trailers": "hands out the trailers as body",
    "length beside chunks": "believes the length, not the chunks (RFC 9112, 6.3)",
    **dict.fromkeys(CUT, "the response is cut"),
}
#: How much later each page was received again, unchanged.
LATER = timedelta(minutes=5)
AGAIN = " again"


@dataclass(frozen=True)
class Expected:
    """A capture that a replay tool is asked for."""

    name: str
    url: str
    at: datetime
    body: bytes


def run(args: argparse.Namespace, _dice: random.Random) -> dict[str, object]:
    """Replay every odd server's page, and each once more from its revisit."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, expected = _write(folder, asyncio.run(_talks()))
        tools = _environment(Path(args.tools) if args.tools else folder / "tools")
        differing = dict(_replayed(folder, path, tools, expected))
    known = {name for name in differing if name.removesuffix(AGAIN) in PYWB_DIFFERS}
    return {
        "tool": PYWB,
        "captures": len(expected),
        "revisits": sum(one.name.endswith(AGAIN) for one in expected),
        "exact": len(expected) - len(differing),
        "pywb_differs": {n: PYWB_DIFFERS[n.removesuffix(AGAIN)] for n in known},
        "broken": [f"{n}: {differing[n]!r}" for n in differing if n not in known],
    }


async def _talks() -> dict[str, Exchange]:
    talks = {}
    for name, odd in (WHOLE | CUT).items():
        async with serving(odd.sent, hang_up=True) as server, client() as visitor:
            exchange = await visitor.exchange(server.url())
        if exchange.body:
            talks[name] = exchange
    return talks


def _write(folder: Path, talks: dict[str, Exchange]) -> tuple[Path, list[Expected]]:
    now = datetime.now(UTC)
    segment = Segment(folder, software="kliping/test", operator="tests", now=now)
    expected = []
    with closing(segment):
        for name, first in talks.items():
            made = capture_records(first)
            segment.append([made.request, made.response, *made.strays])
            expected.append(Expected(name, first.url, first.started_at, first.body))
            again = replace(first, started_at=first.started_at + LATER)
            repeat = revisit_records(again, read_member(made.response))
            if repeat is not None and first.truncated is None:
                segment.append([repeat.request, repeat.response])
                seen = Expected(name + AGAIN, first.url, again.started_at, first.body)
                expected.append(seen)
        return folder / segment.seal().name, expected


def _environment(folder: Path) -> Path:
    """Return where pywb's commands are; install it unless it is there."""
    if not (folder / "bin" / "wayback").exists():
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, PYWB], check=True, timeout=600, stdout=sys.stderr)
    return folder / "bin"


def _replayed(
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
    with _wayback(folder, tools) as port:
        for one in expected:
            got = _ask(
                f"http://127.0.0.1:{port}/news/{one.at:%Y%m%d%H%M%S}id_/{one.url}"
            )
            if got != one.body:
                yield one.name, got[:80]


@contextmanager
def _wayback(folder: Path, tools: Path) -> Iterator[int]:
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
