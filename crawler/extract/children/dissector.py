"""The dissecting child: one page in on stdin, its anatomy out on stdout.

`python -m crawler.extract.children.dissector CPU_SECONDS MEMORY_BYTES`. It limits itself
before it reads a byte of the page, as the extracting child does.
"""

import os
import resource
import sys
from typing import BinaryIO

from crawler.extract.anatomy import dissect
from crawler.extract.children.anatomy_wire import decode_page, encode_anatomy
from crawler.extract.children.wire import read_frame


def main() -> None:
    """Dissect one page."""
    cpu_seconds, memory_bytes = (int(argument) for argument in sys.argv[1:3])
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu_limit = int(used.ru_utime + used.ru_stime) + 1 + cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_limit, cpu_limit))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The anatomy goes out on a copy of stdout: a library's print cannot spoil it.
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        serve(sys.stdin.buffer, out)


def serve(source: BinaryIO, out: BinaryIO) -> None:
    """Dissect the page on one stream and write its anatomy to another."""
    head, body = read_frame(source), read_frame(source)
    if head is not None and body is not None:
        out.write(encode_anatomy(dissect(decode_page(head, body))))
        out.flush()


if __name__ == "__main__":
    main()
