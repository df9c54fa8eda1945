"""Shards read by the workers of a Dask cluster that is there already."""

from collections.abc import Generator, Sequence
from typing import Any

from crawler.bulk.orders import Order
from crawler.bulk.running import Finished, read_here
from crawler.errors import UsageError

_PATIENCE = "30s"


class DaskRunner:
    """The workers of one scheduler; each needs Kliping, and the shelf within reach."""

    def __init__(self, scheduler: str) -> None:
        """Name the scheduler, as `tcp://HOST:PORT`."""
        self._scheduler = scheduler

    def run(self, orders: Sequence[Order]) -> Generator[Finished, None, None]:
        """Yield shards as they end; those of a worker that died go to another.

        Raises:
            UsageError: Dask is not installed, or the scheduler is not reached.
        """
        distributed = _distributed()
        with self._client(distributed) as client:
            keys = [order.file for order in orders]
            asked = client.map(read_here, list(orders), key=keys, pure=False)
            named = dict(zip(keys, orders, strict=True))
            try:
                for future in distributed.as_completed(asked, loop=client.loop):
                    yield _finished(named[future.key], future)
            finally:
                client.cancel(asked)

    def _client(self, distributed: Any) -> Any:  # noqa: ANN401  # Dask has no types
        try:
            return distributed.Client(
                self._scheduler, timeout=_PATIENCE, set_as_default=False
            )
        except (OSError, ValueError) as error:
            raise UsageError(
                f"no Dask scheduler answers at {self._scheduler}: {error}"
            ) from error


def _distributed() -> Any:  # noqa: ANN401  # Dask has no types
    try:
        import distributed
    except ImportError as error:
        raise UsageError(
            "--engine dask needs Dask: pip install 'kliping[dask]'"
        ) from error
    return distributed


def _finished(order: Order, future: Any) -> Finished:  # noqa: ANN401  # Dask has no types
    error = future.exception()  # of Dask: what a shard fails of is in its result
    if error is not None:
        return Finished(order=order, why=str(error) or type(error).__name__)
    found: Finished = future.result()
    return found
