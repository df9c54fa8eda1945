"""What the page's own headings say."""

from crawler.extract.page import read_page
from crawler.extract.readers.dom import read_dom
from crawler.extract.readers.draft import Field, of_field
from tests.quality.adapter import source_of


def test_the_lines_of_a_heading_can_be_told_apart() -> None:
    markup = "<body><h1><span>River floods</span> <small>by night</small></h1>"
    page = read_page(source_of(markup.encode(), "https://paper.example/a"))

    (claim,) = of_field(read_dom(page), Field.TITLE)

    assert [line.strip() for line in claim.raw.split("\n") if line.strip()] == [
        "River floods",
        "by night",
    ]
    assert claim.value == "River floods by night"
