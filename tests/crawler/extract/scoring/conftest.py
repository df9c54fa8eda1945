import pytest

from crawler.extract.layout.blocks import Layout
from tests.crawler.extract.scoring.pages import BOATS, FERRY, QUAY, laid_out


@pytest.fixture(scope="session")
def news() -> Layout:
    """A menu, a story of three paragraphs and a list of links."""
    return laid_out(
        "<nav><ul><li><a href=/>Home page</a></li></ul></nav>"
        f"<article class=story><h1>The ferry is back</h1><p>{FERRY}</p><p>{QUAY}</p>"
        f"<p>{BOATS}</p></article>"
        "<div class=more><h3>Related articles</h3><p><a href=/a>New lamps for the pier</a></p>"
        "<p><a href=/b>A bridge that nobody wanted</a></p></div>"
    )
