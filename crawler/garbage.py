"""When Python looks for garbage that stands in circles: seldom, and never while it loads."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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


def collect_seldom() -> None:
    """Look for garbage once in 50,000 objects made, not in 700.

    A page makes some ten thousand that stand in no circle and go when it is done; to
    look for circles every 700 of them costs a twentieth of the time.
    """
    gc.set_threshold(50_000, 20, 100)
