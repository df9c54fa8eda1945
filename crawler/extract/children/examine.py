"""Dissect a page in a child process of its own, with limits, to explain it."""

import asyncio
import os
import sys
from datetime import timedelta

from crawler.errors import ExtractFailed
from crawler.extract.anatomy import Anatomy
from crawler.extract.children.anatomy_wire import decode_anatomy, encode_page
from crawler.extract.children.environment import child_environment
from crawler.extract.children.pool import ChildLimits
from crawler.extract.children.wire import LENGTH
from crawler.extract.source import PageSource

#: A child of its own starts slowly where the machine is busy; CPU time is what counts.
_LIMITS = ChildLimits(wall=timedelta(seconds=60))


async def examine(source: PageSource, limits: ChildLimits = _LIMITS) -> Anatomy:
    """Return a page's anatomy, as a child made it.

    Raises:
        ExtractFailed: The child died, ran out of CPU time or memory, or did not
            answer in time.
    """
    frames = encode_page(source)
    given = b"".join(LENGTH.pack(len(frame)) + frame for frame in frames)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "crawler.extract.children.dissector",
        str(max(1, round(limits.cpu.total_seconds()))),
        str(limits.memory_bytes),
        env=child_environment(os.environ),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(limits.wall.total_seconds()):
            answer, _ = await process.communicate(given)
    except TimeoutError as error:
        raise ExtractFailed(f"no answer in {limits.wall}") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise ExtractFailed(f"the child ended with status {process.returncode}")
    try:
        return decode_anatomy(answer)
    except ValueError as error:
        raise ExtractFailed(f"the child answered nonsense: {error}"[:300]) from error
