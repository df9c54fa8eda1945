"""The catalogue: every fault of its rows N1-N30 and C6-C8."""

from tests.torture.faults import (
    rows_contents,
    rows_feeds,
    rows_hosts,
    rows_redirects,
    rows_statuses,
    rows_wire,
)
from tests.torture.faults.scripts import page, story
from tests.torture.faults.variant import Variant

#: Asked for first: what follows is measured on a service that has its parts loaded.
SOUND = Variant(
    row="-",
    name="nothing is wrong",
    pages={"/story": page(story("A calm day at the harbour"))},
    ends="archived",
    takes="total",
    asked={"/story": 1},
)
VARIANTS = (
    *rows_wire.VARIANTS,
    *rows_redirects.VARIANTS,
    *rows_statuses.VARIANTS,
    *rows_contents.VARIANTS,
    *rows_hosts.VARIANTS,
    *rows_feeds.VARIANTS,
)
