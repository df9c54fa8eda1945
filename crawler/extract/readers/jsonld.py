"""JSON-LD: what the page's structured data says of the article.

Broken JSON is common (raw line breaks in strings, trailing commas, comments
around the script) and is mended once; what cannot be read is left out.
"""

import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from math import isfinite

from crawler.extract.measure import fold
from crawler.extract.page import Page
from crawler.extract.readers.draft import Draft, Field, Witness, witness

_ARTICLE = re.compile(
    r"article|blogposting|report|newsitem|liveblog|review|opinion|posting|creativework",
    re.IGNORECASE,
)
_SITE_KINDS = frozenset({"website", "webpage", "organization", "newsmediaorganization"})
_MAX_NESTING = 60
_MAX_SCRIPT = 2_000_000
_TRAILING = re.compile(r",\s*([}\]])")
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/)\s*;?\s*$"
)
_TEXTS = (
    ("headline", Field.TITLE),
    ("name", Field.TITLE),
    ("alternativeHeadline", Field.TITLE),
    ("datePublished", Field.PUBLISHED),
    ("dateCreated", Field.PUBLISHED),
    ("dateModified", Field.MODIFIED),
    ("articleBody", Field.BODY),
    ("text", Field.BODY),
    ("description", Field.DESCRIPTION),
)
_TIMES = frozenset({Field.PUBLISHED, Field.MODIFIED})
_COUNTERS = (
    ("comment", Field.COMMENTS),
    ("read", Field.VIEWS),
    ("view", Field.VIEWS),
    ("visit", Field.VIEWS),
    ("share", Field.SHARES),
    ("like", Field.LIKES),
)

Node = dict[str, object]


def read_jsonld(page: Page) -> Draft:
    """Return what all JSON-LD blocks of a page say, articles before the rest."""
    nodes: list[Node] = []
    for script in page.select('script[type*="ld+json"]'):
        parsed = _parse(script.text() or "")
        nodes.extend(_nodes(parsed, 0))
    articles = _own_first(page, [n for n in nodes if _is_article(n)])
    draft: list[Witness] = []
    for node in articles:
        draft.extend(_article(node))
    for node in nodes:
        kinds = _kinds(node)
        if kinds & _SITE_KINDS:
            draft.extend(_site(node, kinds, alone=not articles))
        elif "breadcrumblist" in kinds:
            draft.extend(_breadcrumbs(node))
    return tuple(draft)


def _own_first(page: Page, articles: list[Node]) -> list[Node]:
    """Return the page's own article before others that it lists, where its title tells it."""
    headlines = {n["headline"] for n in articles if isinstance(n.get("headline"), str)}
    if len(headlines) < 2:
        return articles
    titles = [fold(node.text()) for node in page.select("title, h1")[:4]]

    def is_others(node: Node) -> bool:
        own = fold(unescape(str(node.get("headline") or "")))
        return not own or not any(
            own in title or title in own for title in titles if title
        )

    return sorted(articles, key=is_others)


def _parse(raw: str) -> object:
    if len(raw) > _MAX_SCRIPT or raw.count("[") + raw.count("{") > 50_000:
        return None
    text = _WRAPPING.sub("", _WRAPPING.sub("", raw)).strip().rstrip(";")
    for attempt in (text, _TRAILING.sub(r"\1", text), unescape(text)):
        try:
            return json.loads(attempt, strict=False)
        except ValueError:
            continue
        except RecursionError:
            return None
    return None


def _nodes(value: object, depth: int) -> Iterator[Node]:
    """Yield every typed object of a graph, outer ones first."""
    if depth > _MAX_NESTING:
        return
    if isinstance(value, list):
        for item in value[:500]:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value:
            yield value
        for key, item in value.items():
            if key in {
                "@graph",
                "mainEntity",
                "mainEntityOfPage",
                "itemListElement",
                "hasPart",
            } and isinstance(item, dict | list):
                if key in {"itemListElement", "hasPart"} and "@type" in value:
                    continue
                yield from _nodes(item, depth + 1)


def _kinds(node: Node) -> set[str]:
    kind = node.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return {k.rsplit("/", 1)[-1].lower() for k in kinds if isinstance(k, str)}


def _is_article(node: Node) -> bool:
    kinds = _kinds(node)
    return any(_ARTICLE.search(kind) for kind in kinds) and not kinds & {
        "itemlist",
        "collectionpage",
    }


def _article(node: Node) -> Iterator[Witness]:
    for kind in sorted(_kinds(node)):
        yield witness(Field.KIND, "json-ld:@type", kind)
    for key, field in _TEXTS:
        text = node.get(key)
        if key == "name" and node.get("headline"):
            continue
        if field in _TIMES:
            text = _time(text)
        if isinstance(text, str) and text.strip():
            yield witness(field, f"json-ld:{key}", unescape(text))
    for key, field, read in _LISTS:
        for text in read(node.get(key)):
            yield witness(field, f"json-ld:{key}", text)
    free = node.get("isAccessibleForFree")
    if free is not None:
        yield witness(Field.FREE, "json-ld:isAccessibleForFree", str(free))
    yield from _counts(node)
    yield from _series(node)


def _time(value: object) -> object:
    """Return seconds or milliseconds since 1970 as text, anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return str(int(value)) if isfinite(value) else None


def _series(node: Node) -> Iterator[Witness]:
    whole = node.get("isPartOf")
    for item in whole if isinstance(whole, list) else [whole]:
        if isinstance(item, dict) and any("series" in k for k in _kinds(item)):
            for name in _names(item):
                yield witness(Field.SERIES, "json-ld:isPartOf", name)
            place = node.get("position")
            if isinstance(place, int | str):
                yield witness(Field.EPISODE, "json-ld:position", str(place))


def _counts(node: Node) -> Iterator[Witness]:
    count = node.get("commentCount")
    if isinstance(count, int | str) and str(count).isdigit():
        yield witness(Field.COMMENTS, "json-ld:commentCount", str(count))
    statistics = node.get("interactionStatistic")
    for item in statistics if isinstance(statistics, list) else [statistics]:
        if not isinstance(item, dict):
            continue
        number = item.get("userInteractionCount")
        kind = json.dumps(
            item.get("interactionType") or item.get("@type") or "", default=str
        ).lower()
        for word, field in _COUNTERS:
            if word in kind and str(number).isdigit():
                yield witness(field, "json-ld:interactionStatistic", str(number))
                break


def _site(node: Node, kinds: set[str], *, alone: bool) -> Iterator[Witness]:
    name = node.get("name")
    if isinstance(name, str) and name.strip() and "webpage" not in kinds:
        yield witness(Field.SITE, "json-ld:site", unescape(name))
    if "webpage" in kinds and alone:
        for key, field in (
            ("datePublished", Field.PUBLISHED),
            ("dateModified", Field.MODIFIED),
        ):
            text = _time(node.get(key))
            if isinstance(text, str):
                yield witness(field, f"json-ld:webpage.{key}", text)


def _breadcrumbs(node: Node) -> Iterator[Witness]:
    items = node.get("itemListElement")
    names = []
    for item in items if isinstance(items, list) else []:
        inner = item.get("item") if isinstance(item, dict) else None
        name = item.get("name") if isinstance(item, dict) else None
        if name is None and isinstance(inner, dict):
            name = inner.get("name")
        if isinstance(name, str):
            names.append(unescape(name))
    for name in names[1:3]:
        yield witness(Field.SECTION, "json-ld:breadcrumb", name)


def _names(value: object) -> list[str]:
    if isinstance(value, str):
        return [unescape(value)] if value.strip() else []
    if isinstance(value, list):
        return [name for item in value[:30] for name in _names(item)]
    if isinstance(value, dict):
        name = value.get("name")
        if isinstance(name, list):
            return [unescape(n) for n in name if isinstance(n, str) and n.strip()]
        return [unescape(name)] if isinstance(name, str) and name.strip() else []
    return []


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [unescape(part).strip() for part in value.split(",") if part.strip()]
    if isinstance(value, list):
        return [
            unescape(v).strip() for v in value[:50] if isinstance(v, str) and v.strip()
        ]
    return []


def _urls(value: object) -> list[str]:
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, list):
        return [url for item in value[:3] for url in _urls(item)]
    if isinstance(value, dict):
        return _urls(value.get("url") or value.get("@id") or value.get("contentUrl"))
    return []


# How each list-like property is read; below the functions it names.
_LISTS: tuple[tuple[str, Field, Callable[[object], list[str]]], ...] = (
    ("author", Field.AUTHOR, _names),
    ("creator", Field.AUTHOR, _names),
    ("publisher", Field.SITE, _names),
    ("articleSection", Field.SECTION, _strings),
    ("keywords", Field.TAG, _strings),
    ("image", Field.IMAGE, _urls),
    ("thumbnailUrl", Field.IMAGE, _urls),
    ("url", Field.CANONICAL, _urls),
    ("mainEntityOfPage", Field.CANONICAL, _urls),
)
