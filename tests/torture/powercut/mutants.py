"""The service with its commits in the wrong order, to see that the harness tells.

`python -m tests.torture.powercut.mutants ARGUMENTS` is `kliping ARGUMENTS`, but rows are
committed before the records they speak of are synced.
"""

import functools

import storage.commit
from crawler.cli import main
from storage.warc.segment import Segment


def commit_first() -> None:
    """Put the sync of a segment behind the COMMIT that should come after it."""
    late: list[Segment] = []
    sync, reach = Segment.sync, storage.commit.reach

    @functools.wraps(reach)
    def reach_and_sync(name: str) -> None:
        reach(name)
        if name == "after_commit":
            while late:
                sync(late.pop())

    def remember(segment: Segment) -> None:
        late.append(segment)

    Segment.sync = remember  # type: ignore[method-assign]
    storage.commit.reach = reach_and_sync  # type: ignore[attr-defined]


if __name__ == "__main__":
    commit_first()
    main()
