"""What `serve` and `demo` do before they have begun, and what ends them then."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from crawler.cli.exits import PagesRefused
from crawler.errors import UsageError


@contextmanager
def loading() -> Iterator[None]:
    """Look for no garbage while modules are loaded, nor later at what they leave.

    They make hundreds of thousands of objects that stay for good; to look through
    them again and again took a seventh of the time to load the service.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


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
