"""A host's order of day and month is learned from days above 12."""

import pytest

from crawler.dates.order import learn_day_first


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["31/05/2024", "Posted 14-06-24"], True),
        (["05/31/2024", "06/14/2024 8 pm"], False),
        (["31/05/2024"], None),
        (["31/05/2024", "14/06/2024", "06/14/2024"], None),
        (["05/06/2024", "01/02/2024"], None),
        (["31.05.2024", "14.06.2024"], None),
        (["2024-05-31", "2024/06/14"], None),
        ([], None),
    ],
)
def test_the_order_is_learned(texts: list[str], order: bool | None) -> None:
    assert learn_day_first(texts) is order
