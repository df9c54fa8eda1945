"""The second opinion: trafilatura, asked only where the page's own shape is unclear."""

from crawler.extract.page import Page


def second_opinion(page: Page) -> list[str]:
    """Return the lines trafilatura takes for the text; costs 20-40 ms.

    It is imported on the first call: most pages never need it.
    """
    from trafilatura import extract

    text = extract(page.markup, include_comments=False, fast=True)
    return [line.strip() for line in (text or "").split("\n") if line.strip()]
