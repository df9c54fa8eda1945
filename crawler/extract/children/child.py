"""The extracting child: frames in on stdin, extractions out on stdout.

`python -m crawler.extract.children.child CPU_SECONDS MEMORY_BYTES`. It has no network use,
limits itself before it reads a byte of a page, and ends when stdin does, which is
when its parent does.
"""

import logging
import os
import resource
import signal
import sys
from typing import BinaryIO

from crawler.extract.children.wire import (
    NOTICE,
    decode_source,
    encode_extraction,
    read_frames,
    utf8,
    write_frame,
)
from crawler.extract.source import HostKnowledge
from crawler.garbage import collect_seldom, loading


def main() -> None:
    """Serve extractions until stdin ends."""
    cpu_seconds, memory_bytes = (int(argument) for argument in sys.argv[1:3])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    collect_seldom()
    # Frames go out on a copy of stdout, so that a library's print cannot break one.
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        logging.getLogger("crawler").addHandler(_Notices(out))
        serve(sys.stdin.buffer, out, cpu_seconds)


def serve(source: BinaryIO, out: BinaryIO, cpu_seconds: int) -> None:
    """Extract page after page, each with its own CPU limit."""
    with loading():
        from crawler.extract.article import extract

    heard: HostKnowledge | None = None
    while (frames := read_frames(source, 3)) is not None:
        head, known, body = frames
        _allow(cpu_seconds)
        page = decode_source(head, known, body, heard)
        heard = page.known or heard
        write_frame(out, encode_extraction(extract(page)))


class _Notices(logging.Handler):
    """Tells the parent what is logged: a child has no log of its own."""

    def __init__(self, out: BinaryIO) -> None:
        super().__init__(logging.WARNING)
        self._out = out

    def emit(self, record: logging.LogRecord) -> None:
        """Write a frame that is no answer."""
        write_frame(self._out, NOTICE + utf8(record.getMessage()))


def _allow(seconds: int) -> None:
    """Set the CPU limit to what is used so far and some more."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(usage.ru_utime + usage.ru_stime) + 1 + seconds
    resource.setrlimit(
        resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1])
    )


if __name__ == "__main__":
    main()
