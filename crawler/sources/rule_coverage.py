"""On how many sample pages each site rule matched something. Pure."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from crawler.extract.readers.rules import RuleMatch
from crawler.render import stated
from storage.model.article import Article
from storage.model.extraction import Extraction

#: A rule's key and its selector or line.
_Rule = tuple[str, str]


class Coverage:
    """Counts, page by page, what each rule in force matched."""

    def __init__(self) -> None:
        """Begin with no page."""
        self._pages: Counter[_Rule] = Counter()
        self._matched: Counter[_Rule] = Counter()
        self._taken: Counter[_Rule] = Counter()
        self._tried = 0

    def add(self, matches: Sequence[RuleMatch], article: Article | None) -> None:
        """Count a page: what its rules matched and what was made of it."""
        self._tried += 1
        for match in matches:
            rule = (match.key, match.rule)
            self._pages[rule] += 1
            self._matched[rule] += bool(match.matches)
            self._taken[rule] += is_taken(match, article)

    @property
    def pages(self) -> int:
        """How many pages were counted."""
        return self._tried

    @property
    def has_lost(self) -> bool:
        """Whether a rule matched on no page."""
        return any(not self._matched[rule] for rule in self._pages)

    def rules(self) -> list[dict[str, Any]]:
        """Return each rule, on how many pages it held, matched and was taken."""
        return [self._counted(rule) for rule in self._pages]

    def _counted(self, rule: _Rule) -> dict[str, Any]:
        return {
            "key": rule[0],
            "rule": rule[1],
            "pages": self._pages[rule],
            "matched": self._matched[rule],
            "taken": self._taken[rule],
        }


def is_taken(match: RuleMatch, article: Article | None) -> bool:
    """Tell whether what a rule matched is in the article; `remove` rules just match."""
    if not match.matches or article is None:
        return False
    if match.key in {"remove", "drop_lines"}:
        return True
    won = article.provenance.get(match.key)
    return won is not None and won.winner.origin.startswith("rule")


def fields_of(extraction: Extraction) -> dict[str, Any]:
    """Return what is compared of two readings of a page."""
    article = extraction.article or Article(url="", title="", blocks=())
    return {
        "title": article.title or None,
        "authors": list(article.authors),
        "published": stated(article.published),
        "language": article.language,
        "blocks": len(article.blocks),
        "characters": len(article.text),
        "removed": len(article.removed),
    }
