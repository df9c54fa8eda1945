"""XML read element by element."""

import pytest
from lxml import etree

from crawler.discover.markup import Reading, clean_xml, text_of

_ITEMS = "".join(f"<item><n>{n}</n></item> behind " for n in range(20_000))
_DOCUMENT = clean_xml(f"<list><title>All</title>{_ITEMS}<end/></list>".encode())


def test_each_element_is_whole_when_it_is_told_of() -> None:
    told = [text_of(item) for item in Reading(_DOCUMENT, names={"item"})]

    assert told == [str(n) for n in range(20_000)]


def test_what_was_read_is_forgotten_and_the_rest_is_kept() -> None:
    reading = Reading(_DOCUMENT, names={"item"})
    most = max(len(reading.root) for _ in reading)

    assert [child.tag for child in reading.root] == ["title", "item", "end"]
    assert most < 20_000 / 4  # one piece of the document at a time


def test_a_document_that_breaks_off_says_so() -> None:
    with pytest.raises(etree.XMLSyntaxError):
        list(Reading(_DOCUMENT[:-4], names={"item"}))
