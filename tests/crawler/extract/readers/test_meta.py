"""Meta tags and `<title>` are read wherever a parser leaves them."""

from datetime import UTC, datetime

import pytest

from crawler.extract.page import read_page
from crawler.extract.readers.draft import Field, of_field
from crawler.extract.readers.meta import read_meta
from crawler.extract.source import PageSource


def _titles(markup: str) -> list[str]:
    source = PageSource(
        "https://paper.example/a", markup.encode(), datetime(2025, 1, 1, tzinfo=UTC)
    )
    return [
        claim.value for claim in of_field(read_meta(read_page(source)), Field.TITLE)
    ]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param(
            "<html><head><title>Old mill</title></head><body><p>a</body></html>",
            ["Old mill"],
            id="in the head",
        ),
        pytest.param(
            "<html><head><div></div><title>Old mill</title></head><body></body></html>",
            ["Old mill"],
            id="after an element that ends the head",
        ),
        pytest.param(
            "<html><body><svg><title>Icon</title></svg><p>a</p></body></html>",
            [],
            id="a drawing's own title",
        ),
        pytest.param(
            "<html><head><title> </title></head><body></body></html>", [], id="empty"
        ),
    ],
)
def test_the_windows_title(markup: str, expected: list[str]) -> None:
    assert _titles(markup) == expected
