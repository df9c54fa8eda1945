"""Copies of a story: whose words they are, and how far each differs from the first.

An agency is believed by what is written beside the text: its dateline, its byline, a
credit at the end of the first or last lines. Which names are agencies' is in
`crawler.extract.bylines.words`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session

from crawler.extract.bylines.names import is_agency
from storage.documents import read_document
from storage.model.article import Article
from storage.sql.copies import copies_of
from storage.sql.summaries import ArticleSummary
from storage.sql.versions import version
from storage.worddiff import DiffKind, pieces, word_diff

#: So many copies are compared word for word; the others are listed alone.
MOST_COMPARED = 100
_CREDIT_LENGTH = 60
#: A credit behind a text: "(AFP)", "[dpa/KNA]", "– Reuters", "Source: ANTARA".
_BEHIND = re.compile(
    r"(?:[(\[（［【]|\s[–—-]\s?|[:：©]\s?)([^()\[\]（）［］【】:：©–—]{2,40})[)\]）］】]?[.。]?$"
)
_FRAME = "()[]（）［］【】© "
_PARTS = re.compile(r"\s*[/,;|]\s*|\s+(?:and|und|dan|et|y|e)\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """A news agency whose text an article has, and what says so."""

    name: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """An article of a cluster.

    Attributes:
        article: The article.
        changed: The share of words that differ from the cluster's first seen, 0 to 1;
            None for those beyond the first 100.
        agency: Whose text it says it is.
    """

    article: ArticleSummary
    changed: float | None
    agency: Agency | None


def agency_of(article: Article) -> Agency | None:
    """Return the agency whose text an article says it is, if any."""
    for place, text in _credits(article):
        names = [name.strip() for name in _PARTS.split(text)]
        if all(map(is_agency, names)):
            return Agency(name=names[0], evidence=f"{place}: {text.strip()}")
    return None


def share_changed(first: str, other: str) -> float:
    """Return the share of the words of two texts that only one of them has, 0 to 1."""
    words = dict.fromkeys(DiffKind, 0)
    for part in word_diff(first, other):
        words[part.kind] += sum(1 for piece in pieces(part.text) if not piece.isspace())
    changed = words[DiffKind.INSERT] + words[DiffKind.DELETE]
    return changed / max(changed + 2 * words[DiffKind.EQUAL], 1)


def copies(session: Session, article_id: int) -> list[Copy]:
    """Return the articles of an article's cluster, itself included, the first seen first.

    Empty for one that has no copies.
    """
    found: list[Copy] = []
    first = ""
    for place, (summary, _) in enumerate(copies_of(session, article_id)):
        standing = version(session, summary.id, None)
        if standing is None or place >= MOST_COMPARED:
            found.append(Copy(article=summary, changed=None, agency=None))
            continue
        first = first or standing.text
        found.append(
            Copy(
                article=summary,
                changed=round(share_changed(first, standing.text), 3),
                agency=agency_of(read_document(standing.document)),
            )
        )
    return found


def _credits(article: Article) -> Iterator[tuple[str, str]]:
    """Yield where an agency may be named, and what is written there."""
    if article.dateline is not None and article.dateline.source:
        yield "dateline", article.dateline.source
    for name in article.authors:
        yield "byline", name
    if article.blocks:
        for place, block in (("end", article.blocks[-1]), ("lead", article.blocks[0])):
            if len(block.text) <= _CREDIT_LENGTH:
                yield place, block.text.strip(_FRAME)
            if behind := _BEHIND.search(block.text):
                yield place, behind[1]
    for line in article.removed:
        if len(line.text) <= _CREDIT_LENGTH:
            yield "line beside the text", line.text.strip(_FRAME)
            if behind := _BEHIND.search(line.text):
                yield "line beside the text", behind[1]
