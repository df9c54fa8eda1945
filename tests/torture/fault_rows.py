"""The catalogue: every fault of its rows N1-N30 and C6-C8."""

from tests.torture import fault_rows_feeds, fault_rows_web, fault_rows_wire
from tests.torture.fault_scripts import page, story
from tests.torture.fault_variant import Variant

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
    *fault_rows_wire.VARIANTS,
    *fault_rows_web.VARIANTS,
    *fault_rows_feeds.VARIANTS,
)
