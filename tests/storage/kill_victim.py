"""Keep captures until a failpoint kills this process; print what was acknowledged.

Arguments: the data folder, how many captures to keep, and the number of the
first. Each acknowledged number is printed on a line of its own, at once.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session

from storage.recovery import recover
from storage.writer import Writer
from tests.storage.kept import keeping, kept


def _main(path: Path, count: int, first: int) -> None:
    with kept(path) as archive, archive.folder.lock("victim"):
        with Session(archive.engine) as session:
            recover(archive.folder, session, datetime.now(UTC))
        writer = Writer(
            archive.engine, archive.open_segment, now=lambda: datetime.now(UTC)
        )
        for number in range(first, first + count):
            writer.submit(keeping(number)).result()
            print(number, flush=True)
        writer.close()


if __name__ == "__main__":
    _main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
