"""Page numbers in addresses: `/story/2/`, `?page=2`, `/story-2.html`, `?page=all`.

Pages of one article share an address but for such a number. What differs in
anything else is another article, a list or a comment page.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

#: The number that stands for the whole article on one page.
ALL = 0
#: Later numbers are those of lists and ids.
MAX_NUMBER = 60

PARAMETERS = (
    "page", "p", "pg", "pag", "pagina", "pageno", "page_no", "pagenum", "pagenumber",
    "page_number", "pageindex", "paged", "currentpage", "part", "pn", "seite", "hal",
    "halaman", "sayfa", "strona", "stranica", "str", "side", "sida", "sivu", "trang",
    "start", "limitstart",
)  # fmt: skip
WORDS = (
    "page", "seite", "pagina", "pag", "p", "hal", "halaman", "sayfa", "strona",
    "stranica", "side", "sida", "sivu", "trang",
)  # fmt: skip
SINGLE = (
    "all", "showall", "viewall", "view_all", "single", "singlepage", "single_page",
    "onepage", "one_page", "full", "fullpage", "allpages", "all_pages",
)  # fmt: skip
# Joomla's page breaks count from 0.
_FROM_ZERO = frozenset({"start", "limitstart"})
_EVERYTHING = frozenset(
    {"all", "alle", "full", "semua", "todo", "todas", "tout", "toutes"}
)
_YES = frozenset({"", "1", "true", "yes", "on", "all"})
_TRACKING = re.compile(r"(?:utm_|fbclid|gclid|mc_|ref$|source$|cmp|xtor|share)")
_EXTENSION = re.compile(r"\.(?:[sx]?html?|php\d?|aspx?|jsp|cfm)$", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)$", re.IGNORECASE)
_PATH = re.compile(
    rf"(?P<base>.+?)(?:/(?:{'|'.join(WORDS)})[-_/]?|[-_,.~](?:{'|'.join(WORDS)})[-_]?|[-_,.~/])"
    r"(?P<number>\d{1,2})",
    re.IGNORECASE,
)
_PATH_ALL = re.compile(
    r"(?P<base>.+?)[-_/](?:all|all-?pages|view-?all|full|full-?page|single|single-?page|one-?page)",
    re.IGNORECASE,
)
_COMMENTS = re.compile(
    r"comment|cpage|reply|komentar|kommentar|replytocom", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Numbered:
    """An address without its page number, and that number; `ALL` for all pages."""

    base: str
    number: int


def plain(url: str) -> str | None:
    """Return an address as comparable: no scheme, `www.`, file ending or tracking."""
    split = _split(url)
    return None if split is None else _joined(split[0], _stem(split[1]), split[2])


def numbered(url: str) -> Numbered | None:
    """Return an address as a page of something, or None where no number is in it."""
    split = _split(url)
    if split is None or _COMMENTS.search(url):
        return None
    host, path, query = split
    for name, value in query.items():
        number = _of_parameter(name.lower(), value.lower())
        if number is not None:
            rest = {key: given for key, given in query.items() if key != name}
            return _numbered(host, _stem(path), rest, number)
    bare = _EXTENSION.sub("", path.rstrip("/"))
    if found := _PATH_ALL.fullmatch(bare):
        return _numbered(host, _stem(found["base"]), query, ALL)
    if found := _PATH.fullmatch(bare):
        return _numbered(host, _stem(found["base"]), query, int(found["number"]))
    return None


def _numbered(
    host: str, path: str, query: dict[str, str], number: int
) -> Numbered | None:
    if number > MAX_NUMBER or (not path and not query):
        return None  # a front page has no parts
    return Numbered(_joined(host, path, query), number)


def _of_parameter(name: str, value: str) -> int | None:
    if name in PARAMETERS:
        if value in _EVERYTHING:
            return ALL
        if value.isdecimal() and len(value) <= 2:
            return int(value) + (name in _FROM_ZERO)
        return None
    return ALL if name in SINGLE and value in _YES else None


def _split(url: str) -> tuple[str, str, dict[str, str]] | None:
    try:
        parts = urlsplit(url)
        host = (parts.netloc or "").lower().removeprefix("www.")
    except ValueError:
        return None
    query: dict[str, str] = {}
    for pair in parts.query.replace(";", "&").split("&"):
        name, _, value = pair.partition("=")
        if name and not _TRACKING.match(name.lower()):
            query[name] = value
    return host, unquote(parts.path), query


def _stem(path: str) -> str:
    return _INDEX.sub("", _EXTENSION.sub("", path.rstrip("/")))


def _joined(host: str, path: str, query: dict[str, str]) -> str:
    rest = "&".join(f"{name}={value}" for name, value in sorted(query.items()))
    return f"{host}{path}?{rest}" if rest else f"{host}{path}"
