"""How likely a link leads to an article, judged by its address and its words.

The rules hold for any site; what a site's own addresses turned out to be is added,
and overrules them once it is plain.
"""

import re
from urllib.parse import unquote, urlsplit

from crawler.discover.shapes import NO_SHAPES, Shapes

_THRESHOLD = 4
_DEEPEST_SECTION = 3
_LONGEST_SECTION = 30
_SLUG = ((5, 4), (4, 3), (3, 2), (0, 0))  # words in the last segment -> points
_HEADLINE = 2
_LONG = 2  # points of a text as long as a headline
_NEVER = -30
_LIST = -7
_ARCHIVED_WORDS = 3
_YEAR_AND_MONTH = 2

_DATE_PATH = re.compile(r"/(?:19|20)\d\d[/-]?(?:[01]\d|[1-9])(?:[/-]?\d{1,2})?(?=\D|$)")
_ID = re.compile(r"(?<!\d)\d{4,}(?!\d)")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_PAGE = re.compile(r"\.(?:s?html?|php|aspx?|jsp)$", re.IGNORECASE)
_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|ico|css|js|json|xml|rss|atom|pdf|zip|gz|mp[34]|"
    r"m3u8|webm|docx?|xlsx?|txt|apk|exe)$",
    re.IGNORECASE,
)

# Path segments of services, and of lists of articles; the words of several languages.
_SERVICES = frozenset({
    "about", "account", "advertise", "cart", "contact", "contacto", "cookie",
    "cookies", "datenschutz", "faq", "feed", "feeds", "impressum", "imprint",
    "kontakt", "legal", "login", "logout", "mentions-legales", "newsletter",
    "privacy", "privacy-policy", "profil", "profile", "register", "rss", "search",
    "shop", "sitemap", "subscribe", "suche", "terms", "user", "users", "wp-admin",
    "wp-content", "wp-json", "wp-login.php",
})  # fmt: skip
_LISTS = _SERVICES | {
    "amp", "auteur", "author", "authors", "autor",
    "categoria", "categories", "category", "comments", "indeks", "index", "kategori",
    "kategorie", "label", "page", "pages", "penulis", "schlagwort", "tag", "tags",
    "thema", "topic", "topics",
}  # fmt: skip

#: Before the addresses of lists by month; many systems put all their stories there.
_ARCHIVES = frozenset({"archive", "archives"})
_DAY = re.compile(r"(?:19|20)\d\d(?:[-_]?\d{1,2}){0,2}|\d{1,3}")


def looks_like_article(
    url: str, text: str, shapes: Shapes = NO_SHAPES, *, headed: bool = False
) -> bool:
    """Whether a link is worth fetching as an article.

    Args:
        url: Absolute URL.
        text: The longest text the page links to it with.
        shapes: What the site's addresses turned out to be.
        headed: Whether the page links to it in a heading. A headline there is one,
            however plain its address is.
    """
    said = _HEADLINE if headed and _text_score(text) == _LONG else 0
    return article_score(url, text) + said + shapes.points(url) >= _THRESHOLD


def looks_like_section(url: str, text: str) -> bool:
    """Whether a link of a menu may lead to a list of articles.

    Its address is short and plain, and it is named in a few words.
    """
    parts = urlsplit(url)
    segments = [s for s in unquote(parts.path).lower().split("/") if s]
    return (
        0 < len(segments) <= _DEEPEST_SECTION
        and not (parts.query or _FILE.search(parts.path))
        and not _SERVICES.intersection(segments)
        and 0 < len(text) <= _LONGEST_SECTION
        and article_score(url, text) < _THRESHOLD
    )


def article_score(url: str, text: str) -> int:
    """Return the evidence for an article; 4 and more is one, -30 never is."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    segments = [segment for segment in path.split("/") if segment]
    if not segments or _FILE.search(path):
        return _NEVER
    lowered = [segment.lower() for segment in segments]
    if _LISTS.intersection(lowered) or _is_in_archive(lowered):
        return _LIST
    return _path_score(path, segments) + _query_score(parts.query) + _text_score(text)


def _is_in_archive(segments: list[str]) -> bool:
    """Tell whether an address is of an archive, and of no story in it.

    A story there has a number that is no date, a few words, or a name behind year
    and month.
    """
    place = next((n for n, s in enumerate(segments) if s in _ARCHIVES), None)
    if place is None:
        return False
    *before, last = segments[place:]
    name = _PAGE.sub("", last)
    if not before or _DAY.fullmatch(name):
        return True
    is_named = name.isdecimal() or len(_WORDS.findall(name)) >= _ARCHIVED_WORDS
    return not (is_named or sum(map(str.isdecimal, before)) >= _YEAR_AND_MONTH)


def _path_score(path: str, segments: list[str]) -> int:
    last = _PAGE.sub("", segments[-1])
    words = len(_WORDS.findall(last))
    score = next(points for least, points in _SLUG if words >= least)
    score += 3 if _DATE_PATH.search(path) else 0
    score += 2 if _ID.search(last) or _ID.search(segments[-2:][0]) else 0
    score += 1 if _PAGE.search(path) else 0
    return score + (1 if len(segments) >= 2 else 0)


def _query_score(query: str) -> int:
    """An id in the query is how old systems name an article."""
    return 2 if _ID.search(query) else 0


def _text_score(text: str) -> int:
    """A headline has several words; scripts without blanks say more in less."""
    length = len(text) + 2 * len(_WIDE.findall(text))
    words = len(text.split())
    if length >= 40 or (length >= 25 and words >= 4):
        return _LONG
    if length >= 20:
        return 1
    return 0 if length >= 10 else -1
