"""Words of attributes lean as the sites that use them say, each site once."""

from collections.abc import Sequence

import numpy as np
from selectolax.lexbor import LexborHTMLParser

from crawler.extract.layout.walk import lay_out
from crawler.extract.scoring.features import Witnesses
from tests.quality.blockmodel.leanings import (
    count_words,
    leanings,
    without_site,
)
from tests.quality.blockmodel.pages import LabelledPage

_MARKUP = (
    "<div class=prose><p>The ferry came back on Monday.</p></div>"
    "<div class=promo><p>All news of this week.</p></div>"
)


def _page(site: str, labels: Sequence[int] = (1, 0)) -> LabelledPage:
    body = LexborHTMLParser(f"<body>{_MARKUP}</body>").body
    assert body is not None
    return LabelledPage(
        name="own",
        page=None,
        site=site,
        layout=lay_out(body, {}),
        witnesses=Witnesses(),
        labels=np.array(labels),
        weights=np.ones(len(labels)),
    )


def _sites(count: int) -> list[LabelledPage]:
    return [_page(f"site{number}.example") for number in range(count)]


def test_shares_of_a_page_stand_below_its_words() -> None:
    counted = count_words([_page("a.example")])

    assert counted["prose"] == {"a.example": (1.0, 0.0)}
    assert counted["promo"] == {"a.example": (0.0, 1.0)}
    assert counted["class"] == {"a.example": (1.0, 1.0)}


def test_a_site_counts_once_however_many_pages_it_has() -> None:
    assert count_words([_page("a.example")] * 9) == count_words([_page("a.example")])


def test_a_page_not_known_throughout_is_left_out() -> None:
    assert count_words([_page("a.example", (1, -1))]) == {}


def test_words_lean_to_what_stands_below_them() -> None:
    found = leanings(count_words(_sites(5)))

    assert found["prose"] == -found["promo"] > 0


def test_a_word_that_stands_below_both_does_not_lean() -> None:
    assert "class" not in leanings(count_words(_sites(5)))


def test_a_word_of_few_sites_says_nothing() -> None:
    assert leanings(count_words(_sites(4))) == {}


def test_a_word_of_few_other_sites_says_nothing() -> None:
    counted = count_words(_sites(5))

    assert without_site(leanings(counted), counted, "site0.example") == {}


def test_a_site_does_not_witness_about_its_own_pages() -> None:
    counted = count_words([*_sites(5), _page("odd.example", (0, 1))])
    known = leanings(counted)

    assert known["prose"] < without_site(known, counted, "odd.example")["prose"]
