"""Layouts of small pages written for the tests of the block model."""

from selectolax.lexbor import LexborHTMLParser

from crawler.extract.layout.blocks import Layout
from crawler.extract.layout.walk import lay_out

FERRY = "The ferry came back on Monday, a week later than the harbour office had said it would."
QUAY = "Two men on the quay waved, and the captain sounded the horn until the town woke up."
BOATS = "Smaller boats had carried the mail in the meantime; none of them was lost in the fog."


def laid_out(body: str) -> Layout:
    """Return the layout of a page with this body."""
    root = LexborHTMLParser(f"<html><body>{body}</body></html>").body
    assert root is not None
    return lay_out(root, {})
