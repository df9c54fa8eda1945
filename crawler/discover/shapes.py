"""The shapes of a site's addresses, and which of them turned out to be articles.

`/sport/2026/11/22/old-mill-reopens.html` has the shape `/sport/##/##/##/slug.html`.
What a site's addresses looked like that were archived, and those that were no
article, says more of its next one than any rule for all sites.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log2
from urllib.parse import unquote, urlsplit

#: Fewer addresses of a shape say nothing.
_ENOUGH = 5
#: Most points for or against; more than any address earns by itself.
_MOST = 12
_PAGE = re.compile(r"\.(?:s?html?|php|aspx?|jsp)$")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_NUMBER = re.compile(r"\d+")
_SLUG_WORDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """How often addresses of each shape were articles, and how often not.

    Each address counts twice: with the names of its sections, and without.
    """

    articles: Mapping[str, int] = field(default_factory=dict)
    others: Mapping[str, int] = field(default_factory=dict)

    def points(self, url: str) -> int:
        """Return the evidence for an article, -12 to 12; 0 where little is known.

        The shape with the sections' names is asked first: one section may hold
        articles where its neighbour holds topics.
        """
        for shape in _shapes(url):
            yes, no = self.articles.get(shape, 0), self.others.get(shape, 0)
            if yes + no >= _ENOUGH:
                odds = log2((yes + 0.5) / (no + 0.5))
                return max(-_MOST, min(_MOST, round(2 * odds)))
        return 0


#: What is known of a site that was never read.
NO_SHAPES = Shapes()


def learn_shapes(seen: Iterable[tuple[str, bool]]) -> Shapes:
    """Count the shapes of a site's addresses, each with whether it was an article."""
    articles: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for url, was_article in seen:
        (articles if was_article else others).update(set(_shapes(url)))
    return Shapes(articles=articles, others=others)


def named_shape(url: str) -> str:
    """Return the shape of an address, with the names of its sections."""
    return _shapes(url)[0]


def _shapes(url: str) -> tuple[str, str]:
    """Return an address's shape with the names of its sections, and without."""
    parts = urlsplit(url)
    *sections, last = unquote(parts.path).lower().rstrip("/").split("/")
    ending = _PAGE.search(last)
    last = _kind(last[: ending.start()] if ending else last)
    tail = f"{last}{ending[0] if ending else ''}{_query(parts.query)}"
    named = [_name_or_kind(section) for section in sections]
    plain = [_kind(section) for section in sections]
    return (
        "/".join((parts.netloc, *named, tail)),
        "/".join((parts.netloc, *plain, tail, "*")),
    )


def _name_or_kind(section: str) -> str:
    kind = _kind(section)
    return section if kind == "word" else kind


def _kind(segment: str) -> str:
    """Return what a segment is: nothing, `##`, `slug`, `slug##`, `word`, `word##`."""
    if not segment:
        return ""
    words = len(_WORDS.findall(segment))
    digits = "##" if _NUMBER.search(segment) else ""
    if not words and digits:
        return digits
    return ("slug" if words >= _SLUG_WORDS else "word") + digits


def _query(query: str) -> str:
    """Return the names in a query, each with whether its value is a number."""
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    kinds = sorted(f"{name}={_kind(value)}" for name, _, value in pairs)
    return "?" + "&".join(kinds) if kinds else ""
