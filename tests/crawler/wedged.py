"""The service as `kliping serve` runs it, with a job that wedges its event loop.

`python -m tests.crawler.wedged CONFIG`: once it is ready and a line comes on stdin, the
loop is blocked for good.
"""

import asyncio
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

from crawler.config.file import load_config
from crawler.daemon.daemon import run
from crawler.daemon.supervisor import supervisor_of
from crawler.logs import log_to_stderr


def wedge_the_loop() -> None:
    sys.stdin.readline()
    time.sleep(3600)


async def serve(path: Path) -> None:
    loop = asyncio.get_running_loop()

    def ready(address: str) -> None:
        print(address, flush=True)
        loop.add_reader(sys.stdin, wedge_the_loop)

    await run(
        load_config(path, {}),
        ready,
        supervisor=supervisor_of(os.environ),
        stuck_after=timedelta(seconds=0.5),
    )


if __name__ == "__main__":
    log_to_stderr("info")
    asyncio.run(serve(Path(sys.argv[1])))
