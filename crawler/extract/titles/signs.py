"""Signs that a text is the page's headline: who says it, where it stands, whom it agrees with."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from crawler.extract.measure import weight
from crawler.extract.titles.cleaning import marks_of
from crawler.extract.titles.names import Names, key_of
from crawler.extract.titles.seen import Seen

# Witnesses whose agreement, or lack of it, tells more than their words alone.
_PAIRS = (
    ("ld", "h1"),
    ("ld", "title"),
    ("ld_news", "h1"),
    ("ld_news", "og"),
    ("og", "title"),
)
# Those who say a whole headline, so that a part of one is told as a part.
_STRONG = frozenset({"h1", "hook", "ld", "og", "title", "twitter", "feed"})
_LEAST_KEY = 6
_TINY = 15
_SHORT = 25
_NEAR = range(-2, 13)
_SLUG_WORDS = 3
_SHORT_WORD = 2
_WORDS = re.compile(r"\w+")
_SPELLINGS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ı": "i", "ł": "l", "ø": "o"}
)
_BARS = ("|", "｜", "_")
_DASHES = (" - ", " – ", " — ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What all candidates of a page are weighed against.

    Attributes:
        names: The site's names.
        affixes: Keys of what follows a separator in `<title>`.
        title: Words of `<title>`.
        slug: Words of the address, where it has several.
        news: The structured data calls the page a news article.
    """

    names: Names
    affixes: frozenset[str]
    title: frozenset[str]
    slug: frozenset[str]
    news: bool


def context_of(names: Names, *, title: str, url: str, news: bool) -> Context:
    """Return what a page's candidates are weighed against."""
    return Context(
        names=names,
        affixes=frozenset(_affixes(title)),
        title=frozenset(_words(title)),
        slug=_slug(url),
        news=news,
    )


def signs_of(
    key: str, value: str, said: Collection[str], context: Context, seen: Seen
) -> dict[str, float]:
    """Return the signs of a candidate with their strength, 0 to 1.

    Args:
        key: Its key.
        value: It as it stands.
        said: The signs of those who say it.
        context: The page.
        seen: What stands visibly where the story begins.
    """
    signs = dict.fromkeys(said, 1.0)
    if context.news and "ld" in signs:
        signs["ld_news"] = 1.0
    signs |= {f"{a}+{b}": 1.0 for a, b in _PAIRS if a in signs and b in signs}
    signs |= dict.fromkeys(_places(key, value, seen), 1.0)
    signs |= dict.fromkeys(_shapes(key, value, context), 1.0)
    words = _words(value)
    if context.title:
        signs["title_cover"] = len(words & context.title) / len(context.title)
    told = {_ascii(word) for word in words if len(word) > _SHORT_WORD}
    if context.slug and told and all(map(str.isascii, told)):
        common = len(told & context.slug)
        signs["slug_share"] = common / len(told)
        signs["slug_cover"] = common / len(context.slug)
    return signs


def ends_another(key: str, others: Sequence[tuple[str, Collection[str]]]) -> bool:
    """Tell whether a candidate is the end of a headline that a witness has whole."""
    return any(
        other.endswith(key)
        and other != key
        and len(other) >= _LEAST_KEY
        and not _STRONG.isdisjoint(said)
        for other, said in others
    )


def _places(key: str, value: str, seen: Seen) -> Iterator[str]:
    heading = seen.headings.get(key)
    distance = heading.distance if heading else seen.lines.get(value)
    if heading:
        yield f"seen_h{heading.level}"
    if distance is not None and distance in _NEAR:
        yield "near"


def _shapes(key: str, value: str, context: Context) -> Iterator[str]:
    size = weight(value)
    if size < _TINY:
        yield "tiny"
    elif size < _SHORT:
        yield "short"
    if key in context.names.declared or key in context.names.hosts:
        yield "site"
    if key in context.affixes:
        yield "affix"
    if any(bar in value for bar in _BARS):
        yield "pipe"
    elif any(dash in value for dash in _DASHES):
        yield "dash"


def _affixes(title: str) -> set[str]:
    return {key_of(title[m.end :]) for m in marks_of(title) if m.loose} - {""}


def _words(text: str) -> set[str]:
    return set(_WORDS.findall(text.casefold()))


def _ascii(word: str) -> str:
    """Return a word as addresses spell it."""
    if word.isascii():
        return word
    plain = unicodedata.normalize("NFKD", word.translate(_SPELLINGS))
    return "".join(mark for mark in plain if not unicodedata.combining(mark))


def _slug(url: str) -> frozenset[str]:
    """Return the words of an address's wordiest part."""
    path = unquote(urlsplit(url).path).replace("_", "-").lower()
    wordiest = max(path.split("/"), key=lambda part: part.count("-"))
    words = {
        _ascii(word)
        for word in _WORDS.findall(wordiest)
        if len(word) > _SHORT_WORD and not word.isdigit()
    }
    return frozenset(words if len(words) >= _SLUG_WORDS else ())
