"""What quotes an erased address."""

import pytest

from crawler.takedown.quotes import Quotes


@pytest.mark.parametrize("known", ["/~ann/story", "/%7Eann/story"])
@pytest.mark.parametrize("listed", ["/~ann/story", "/%7eann/story", "/%7Eann/story"])
def test_an_address_is_quoted_however_it_is_spelled(known: str, listed: str) -> None:
    quotes = Quotes.of([f"https://a.example{known}"], ())

    assert quotes.are_in(f"<link>https://a.example{listed}</link>")
    assert not quotes.are_in(f"<link>https://a.example{listed}-2</link>")
