"""Nodes wrote at the same time: read their files side by side, in the order of dates."""

import heapq
from collections.abc import Iterable, Iterator


def take_turns(lanes: Iterable[Iterator[str]]) -> None:
    """Let that lane go on which is the earliest, until all are at their ends.

    Args:
        lanes: Each yields the date (ISO 8601, UTC) of what it does when it is next
            asked. A date before the lane's last counts as that one: fetches that
            began earlier may end later, and clocks are set back.
    """
    numbered = enumerate(lanes)
    waiting = [(next(lane, ""), number, lane) for number, lane in numbered]
    heapq.heapify(waiting)
    while waiting:
        at, number, lane = waiting[0]
        following = next(lane, None)
        if following is None:
            heapq.heappop(waiting)
        else:
            heapq.heapreplace(waiting, (max(at, following), number, lane))
