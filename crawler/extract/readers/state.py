"""Who wrote a story and when, as an application's state in a script says it.

Applications send what they show as JSON: in a script of that type (Next.js,
`__NEXT_DATA__`), as an assignment (`Fusion.globalContent={…}`), or in pieces of a stream
(`self.__next_f.push([1,"…"])`). It holds many stories. The page's own is the object
with the page's title; what is beside that title is said of it.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from crawler.extract.measure import fold
from crawler.extract.page import Page
from crawler.extract.readers.devalue import revived
from crawler.extract.readers.draft import Draft, Field, Witness, of_field, witness
from crawler.extract.readers.richtext import is_title

AUTHOR, PUBLISHED = "state:author", "state:published"
_MAX_SCRIPT = 3_000_000
_MAX_OBJECTS = 50_000
_MAX_ASSIGNED = 12
_MAX_NAMES = 12
_LONGEST = 120
_SHORTEST_TITLE = 8
#: What JSON never writes with escapes.
_PLAIN = re.compile("[A-Za-z0-9]+")
_ASKED = (b"author", b"byline", b"writer", b"creator", b"credits", b"journalist")  # fmt: skip
_TITLES = frozenset(
    {"headline", "headlines", "title", "name", "heading", "articletitle", "shorttitle"}
)
_AUTHORS = (
    "authors", "author", "bylines", "byline", "writers", "writer", "journalists", "journalist", "creators", "creator",
    "authorname", "authornames", "contributors",
)  # fmt: skip
_NAMES = ("name", "fullname", "displayname", "title", "text")
_PUBLISHED = (
    "datepublished", "publishedat", "publisheddate", "publishdate", "publicationdate", "firstpublished", "firstpublishedat",
    "firstpublishdate", "displaydate", "pubdate", "published", "publishtime", "publishedtime",
)  # fmt: skip
_ASSIGNED = re.compile(r"""=\s*(?=\{\s*")|JSON\.parse\(\s*(?=")""")
_PUSHED = re.compile(r'__next_f\.push\(\[1,\s*("(?:[^"\\]|\\.)*")\]\)')
_ROW = re.compile(r"^[0-9a-f]+:(?=[\[{])")
#: The script in which Nuxt sends its state as one flat list.
_FLAT = "__NUXT_DATA__"
_DECODER = json.JSONDecoder(strict=False)

Node = Mapping[str, object]


def read_state(page: Page, draft: Draft) -> Draft:
    """Return the authors and times beside the page's title in the state of its application.

    Nothing is read where structured data or meta tags already say both: state is large.

    Args:
        page: The page.
        draft: What the other readers found.
    """
    if _is_said(draft) or all(page.encoded.find(word) < 0 for word in _ASKED):
        return ()
    named = [c.value for c in of_field(draft, Field.TITLE)]
    titles = frozenset(map(fold, _long(named)))
    found: list[Witness] = []
    for state in states_of(page, named):
        for node in _objects(state):
            if _is_titled(node, titles):
                found += _said(node)
    return tuple(found[:_MAX_NAMES])


def states_of(page: Page, titles: Iterable[str]) -> Iterator[object]:
    """Yield the values of the scripts that hold one of some titles of a page."""
    traces = frozenset(t for title in _long(titles) for t in _traces(title))
    return _states(page, traces) if traces else iter(())


def _long(titles: Iterable[str]) -> list[str]:
    return [title for title in titles if len(fold(title)) >= _SHORTEST_TITLE]


def _is_said(draft: Draft) -> bool:
    told = [w for w in draft if w.claim.origin.startswith(("json-ld:", "meta:"))]
    return {Field.AUTHOR, Field.PUBLISHED} <= {w.field for w in told}


def _traces(title: str) -> Iterator[str]:
    """Yield what a script that holds a headline holds for sure, "" where that is nothing.

    One for each half of the title: what of it is plain letters may be the site's name,
    which the script need not hold.
    """
    middle = len(title) // 2
    for half in (title[:middle], title[middle:]):
        yield max(_PLAIN.findall(half), key=len, default="")


def _states(page: Page, traces: Collection[str]) -> Iterator[object]:
    """Yield the values of those of a page's scripts that hold one of some traces."""
    pushed = ""
    for script in page.select("script:not([src])"):
        kind = script.attributes.get("type") or ""
        if "ld+json" in kind:
            continue
        text = script.text()
        if len(text) > _MAX_SCRIPT:
            continue
        if (
            "json" not in kind and "__next_f" in text
        ):  # a row may stand in several of them
            pushed += "".join(str(_parsed(piece)) for piece in _PUSHED.findall(text))
        elif not any(trace in text for trace in traces):
            continue
        elif "json" in kind:
            value = _parsed(text)
            if isinstance(value, list) and script.attributes.get("id") == _FLAT:
                value = revived(value)
            yield value
        else:
            yield from _assigned(text)
    for line in pushed.split("\n"):
        row = _ROW.match(line)
        if row:
            yield _parsed(line[row.end() :])


def _assigned(text: str) -> Iterator[object]:
    """Yield the objects that a script assigns or parses."""
    end = count = 0
    for found in _ASSIGNED.finditer(text):
        if found.end() < end or count >= _MAX_ASSIGNED:
            continue
        count += 1
        try:
            value, end = _DECODER.raw_decode(text, found.end())
        except (ValueError, RecursionError):
            continue
        yield _parsed(value) if isinstance(value, str) else value


def _parsed(text: str) -> object:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _objects(value: object) -> Iterator[Node]:
    """Yield every object of a value, outer ones first."""
    waiting, seen = [value], 0
    while waiting and seen < _MAX_OBJECTS:
        current = waiting.pop()
        seen += 1
        if isinstance(current, dict):
            yield {_key(key): item for key, item in current.items()}
            waiting += current.values()
        elif isinstance(current, list):
            waiting += current


def _key(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()


def _is_titled(node: Node, titles: Collection[str]) -> bool:
    return any(
        len(text) <= 2 * _LONGEST
        and len(fold(text)) >= _SHORTEST_TITLE
        and is_title(text, titles)
        for key in _TITLES & node.keys()
        for text in _strings(node[key])
    )


def _strings(value: object) -> list[str]:
    """Return a text, or the texts right within an object: `{"rendered": "…"}`."""
    if isinstance(value, str):
        return [value]
    return (
        [v for v in value.values() if isinstance(v, str)]
        if isinstance(value, dict)
        else []
    )


def _said(node: Node) -> Iterator[Witness]:
    credited = node.get("credits")
    by = credited.get("by") if isinstance(credited, dict) else None
    for value in (by, *(node.get(key) for key in _AUTHORS)):
        names = list(_names(value))
        if names:
            yield from (witness(Field.AUTHOR, AUTHOR, name) for name in names)
            break
    for key in _PUBLISHED:
        stated = node.get(key)
        if isinstance(stated, str) and any(map(str.isdigit, stated)):
            yield witness(Field.PUBLISHED, PUBLISHED, stated[:_LONGEST])
            return


def _names(value: object) -> Iterator[str]:
    """Yield the names in what stands for authors: a text, an object, or a list of either."""
    if isinstance(value, list):
        for item in value[:_MAX_NAMES]:
            yield from _names(item)
    elif isinstance(value, dict):
        fields = {_key(key): item for key, item in value.items()}
        first, last = fields.get("firstname"), fields.get("lastname")
        if isinstance(first, str) and isinstance(last, str):
            yield f"{first} {last}"
            return
        named = (fields.get(key) for key in _NAMES)
        yield from [name for name in named if isinstance(name, str) and name][:1]
    elif isinstance(value, str) and 0 < len(value) <= _LONGEST:
        yield value
