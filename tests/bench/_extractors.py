"""Extractors behind one interface, bytes and URL in, and the process that times one."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import find_spec
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

Extractor = Callable[[bytes, str], object]

_CAPTURED_AT = datetime(2026, 11, 1, tzinfo=UTC)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)")
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


def _kliping() -> Extractor:
    from crawler.garbage import collect_seldom, loading

    with loading():  # as in the child that reads pages
        from crawler.extract.article import extract
        from crawler.extract.source import PageSource
    collect_seldom()
    return lambda html, url: extract(PageSource(url, html, _CAPTURED_AT))


def _trafilatura() -> Extractor:
    from trafilatura import bare_extraction

    return lambda html, url: bare_extraction(
        _decode(html), url=url or None, include_comments=False, with_metadata=True
    )


def _trafilatura_text() -> Extractor:
    from trafilatura import bare_extraction

    return lambda html, url: bare_extraction(
        _decode(html), url=url or None, include_comments=False, with_metadata=False
    )


def _trafilatura_fast() -> Extractor:
    from trafilatura import bare_extraction

    return lambda html, url: bare_extraction(
        _decode(html),
        url=url or None,
        include_comments=False,
        with_metadata=True,
        fast=True,
    )


def _resiliparse() -> Extractor:
    from resiliparse.extract.html2text import extract_plain_text

    return lambda html, _url: extract_plain_text(
        _decode(html), main_content=True, alt_texts=False
    )


#: Name -> (what must be installed, how to get it ready).
EXTRACTORS: dict[str, tuple[str, Callable[[], Extractor]]] = {
    "kliping": ("crawler", _kliping),
    "trafilatura": ("trafilatura", _trafilatura),
    "trafilatura text": ("trafilatura", _trafilatura_text),
    "trafilatura fast": ("trafilatura", _trafilatura_fast),
    "resiliparse": ("resiliparse", _resiliparse),
}


def is_installed(name: str) -> bool:
    """Tell whether an extractor's package is there."""
    return find_spec(EXTRACTORS[name][0]) is not None


def _decode(html: bytes) -> str:
    """Decode as cheaply as may be: a peer is not charged for a detection of its own."""
    try:
        return html.decode("utf-8-sig")
    except UnicodeDecodeError:
        found = _CHARSET.search(html[:4096])
        name = found[1].decode().lower() if found else "cp1252"
    try:
        return html.decode({"gb2312": "gb18030", "gbk": "gb18030"}.get(name, name))
    except (LookupError, UnicodeDecodeError):
        return html.decode("cp1252", "replace")


class Worker:
    """One extractor in a process of its own, so that its peak memory is its own."""

    def __init__(self, name: str) -> None:
        """Start the process; it imports what it needs."""
        context = get_context("spawn")
        self.name = name
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(name, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> Self:
        """Return the worker."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the process end."""
        self._pipe.close()
        self._process.join(10)

    def time(self, html: bytes, url: str) -> tuple[float, bool]:
        """Return the CPU seconds of one page, and whether it came to an end."""
        self._pipe.send((html, url))
        seconds, ended = self._pipe.recv()
        return seconds, ended

    def peak_bytes(self) -> int:
        """Return the most memory the process ever held."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        found = _PEAK.search(status)
        return int(found[1]) * 1024 if found else 0


def _serve(name: str, pipe: Connection) -> None:
    extract = EXTRACTORS[name][1]()
    while True:
        try:
            html, url = pipe.recv()
        except EOFError:
            return
        ended = True
        started = time.process_time()
        try:
            extract(html, url)
        except Exception:  # noqa: BLE001 - a peer may fail as it likes; it is counted
            ended = False
        pipe.send((time.process_time() - started, ended))
