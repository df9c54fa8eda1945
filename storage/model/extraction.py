"""What the extractor made of one capture."""

from dataclasses import dataclass

from storage.model.article import Article
from storage.model.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """The keys of a page's blocks, by which a site's template is learned.

    Attributes:
        keys: Of all its blocks, each once.
        samples: How the text of each begins.
        kept: Those of the blocks that became the text.
    """

    keys: tuple[int, ...]
    samples: tuple[str, ...]
    kept: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """What one page of a multi-page article says of the others.

    Attributes:
        number: Which page this is, counted from 1.
        first: Page 1's URL, where this is a later page.
        following: Later pages' numbers and URLs; there may be gaps.
        single: Where the whole article stands on one page, or None.
        total: How many pages there are, as far as it says.
        evidence: Why these are pages of one article.
    """

    number: int = 1
    first: str | None = None
    following: tuple[tuple[int, str], ...] = ()
    single: str | None = None
    total: int | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What the extractor made of one capture.

    `article` is the best reading of the page even when the verdict is that it
    is none; None only where nothing could be read. `extractor` names the
    extractor's version. `footprint` is None for a page that teaches nothing of
    its site's template.
    `paging` says where the article goes on, if it does.
    """

    verdict: Verdict
    extractor: str
    article: Article | None = None
    footprint: Footprint | None = None
    paging: Paging | None = None
