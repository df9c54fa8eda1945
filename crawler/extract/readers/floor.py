"""The second opinion: trafilatura, asked only where the page's own shape is unclear."""

from crawler.extract.page import Page

# trafilatura is quadratic in elements: 30,000 `<br>` hold it for a minute. Of 2,700
# news pages the one in a thousand with the most has 19,000 tags.
_MOST_TAGS = 20_000


def second_opinion(page: Page) -> list[str]:
    """Return the lines trafilatura takes for the text; costs 20-40 ms.

    It is imported on the first call: most pages never need it. It is not asked of
    a page of very many tags, which could hold it for minutes.
    """
    if page.markup.count("<") > _MOST_TAGS:
        return []
    from trafilatura import extract

    text = extract(page.markup, include_comments=False, fast=True)
    return [line.strip() for line in (text or "").split("\n") if line.strip()]
