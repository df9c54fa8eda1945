"""What is done again and again, and when it is left out."""

import pytest

from crawler.daemon.ticking import tried
from crawler.service.pulse import Pulse
from storage.errors import StorageError

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("name", "is_full", "is_done"),
    [
        ("days", False, True),
        ("days", True, False),
        ("asked", True, True),
        ("erasures", True, True),
        ("retention", True, True),
    ],
)
async def test_on_a_full_disk_only_what_needs_no_room_is_done(
    name: str, *, is_full: bool, is_done: bool
) -> None:
    done = []

    async def job() -> None:
        done.append(name)

    await tried(Pulse(disk_full=is_full), name, job)()

    assert bool(done) is is_done


async def test_what_cannot_be_kept_is_left_to_the_next_tick() -> None:
    async def job() -> None:
        raise StorageError("not now")

    await tried(Pulse(), "days", job)()
