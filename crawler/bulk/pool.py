"""Shards read by processes of this machine."""

import multiprocessing
from collections import Counter
from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress

from crawler.bulk.orders import Order
from crawler.bulk.running import MOST_TRIES, Finished, read_here


class PoolRunner:
    """Processes that are started for it, and end with it."""

    def __init__(self, workers: int) -> None:
        """Have so many processes."""
        self._workers = workers

    def run(self, orders: Sequence[Order]) -> Generator[Finished, None, None]:
        """Yield shards as they end.

        A process that is killed breaks the pool: then what is left is begun anew.
        """
        tries: Counter[str] = Counter()
        left = {order.file: order for order in orders}
        while left:
            tries.update(left.keys())
            for finished in self._round(list(left.values())):
                del left[finished.order.file]
                yield finished
            for file in [name for name in left if tries[name] >= MOST_TRIES]:
                yield Finished(order=left.pop(file), why="its processes were killed")

    def _round(self, orders: Sequence[Order]) -> Generator[Finished, None, None]:
        """Yield shards until all are done, or a process died."""
        others = set(multiprocessing.active_children())
        pool = ProcessPoolExecutor(self._workers, multiprocessing.get_context("spawn"))
        try:
            asked = [pool.submit(read_here, order) for order in orders]
            for future in as_completed(asked):
                with suppress(BrokenProcessPool):
                    yield future.result()
        except BaseException:  # given up: what is under way is of no use to anybody
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            raise
        finally:
            pool.shutdown(cancel_futures=True)
