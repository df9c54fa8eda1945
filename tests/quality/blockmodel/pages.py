"""Annotated pages as the block model sees them: layout, witnesses, labels, weights."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from crawler.extract import article
from crawler.extract.layout.blocks import Layout
from crawler.extract.scoring.features import Witnesses
from tests.quality.adapter import source_of
from tests.quality.blockmodel.labels import UNKNOWN, label_snippets, label_text
from tests.quality.scores import load

#: Set -> what one of its pages counts; weak annotations and old layouts count less.
SETS: Mapping[str, float] = {
    "fundus": 1.0,
    "wcxb_dev": 1.0,
    "daniel": 0.6,
    "magic": 1.0,
    "indonesian": 1.0,
    "zhce": 1.0,
    "trafilatura": 1.0,
    "mozilla": 0.8,
    "newspaper": 0.5,
}
_LONGEST = 400
_SHORTEST_PAGE = 30.0
_LIKE_ITS_PAGE = 0.75


class AnnotatedPage(Protocol):
    """A page of a shared set, as far as it is looked at here."""

    html: bytes
    url: str
    gold: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelledPage:
    """A page with what is known of its blocks.

    Attributes:
        name: Of its set.
        page: As the scorer has it.
        site: What it must not be parted from.
        layout: Its blocks.
        witnesses: What else it says of its text.
        labels: 1 story, 0 not, -1 unknown; one a block.
        weights: What a mistake on each block costs; 0 where unknown.
    """

    name: str
    page: Any
    site: str
    layout: Layout
    witnesses: Witnesses
    labels: NDArray[np.int64]
    weights: NDArray[np.float64]


def labelled_pages(name: str) -> Iterator[LabelledPage]:
    """Yield the pages of a set, as far as the extractor asks the block model about them."""
    corpora, score = load("corpora"), load("score")
    for page in corpora.load(name):
        if not (page.gold.get("text") or page.gold.get("with")):
            continue
        seen = _look(page)
        if seen is None or not seen[0].blocks:
            continue
        layout, witnesses = seen
        blocks = [block.text for block in layout.blocks]
        sizes = np.array([len(score.tokens(text)) for text in blocks], dtype=float)
        if page.gold.get("text"):
            text = score.drop_title(page.gold["text"], page.gold.get("title"))
            labels = np.array(label_text(text, blocks, score.tokens))
            weights = _weights(labels, sizes)
            if _best(page, blocks, labels) < _LIKE_ITS_PAGE:
                weights = weights * 0.0  # annotated on another state of the page
        else:
            labels = np.array(label_snippets(page.gold, blocks))
            known = (np.minimum(sizes, 100) + 5) / 150
            weights = np.where(labels == UNKNOWN, 0.0, known)
        yield LabelledPage(
            name=name,
            page=page._replace(html=b""),
            site=corpora.site_of(page.url) or page.id,
            layout=layout,
            witnesses=witnesses,
            labels=labels,
            weights=weights * SETS.get(name, 1.0),
        )


def _look(page: AnnotatedPage) -> tuple[Layout, Witnesses] | None:
    """Return what the extractor shows the block model, without asking it."""
    seen: list[tuple[Layout, Witnesses]] = []

    def look(layout: Layout, witnesses: Witnesses) -> list[float]:
        seen.append((layout, witnesses))
        raise MemoryError  # the one error that extraction passes on

    with patch.object(article, "score_blocks", look), suppress(MemoryError):
        article.extract(source_of(page.html, page.url))
    return seen[0] if seen else None


def _weights(
    labels: NDArray[np.int64], sizes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return each block's share in its page's text, so that all pages weigh alike."""
    story = max(_SHORTEST_PAGE, float(sizes[labels == 1].sum()))
    return (np.minimum(sizes, _LONGEST) + 2.0) / story


def _best(page: AnnotatedPage, blocks: list[str], labels: NDArray[np.int64]) -> float:
    """Return the F1 that the labels themselves would have."""
    text = "\n".join(
        block for block, label in zip(blocks, labels, strict=True) if label
    )
    scored = load("score").score_page(page.gold, {"text": text})
    return float(scored.get("f") or 0.0)
