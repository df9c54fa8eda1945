"""What `serve` and `demo` do before they have begun, and what ends them then."""

from collections.abc import Iterator
from contextlib import contextmanager

from crawler.cli.exits import PagesRefused
from crawler.errors import UsageError


@contextmanager
def serving(setting: str) -> Iterator[None]:
    """Tell a port that cannot be had from a command line that cannot be read.

    Args:
        setting: Where this command's port is set.

    Raises:
        PagesRefused: the system does not let us have the port.
    """
    try:
        yield
    except UsageError as error:
        if not isinstance(error.__cause__, OSError):
            raise
        raise PagesRefused(str(error).replace("service.port", setting)) from error
