"""What every reader of links needs: absolute URLs, clean titles, no repeats."""

import hashlib
import html
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice

from crawler.errors import BadUrl
from crawler.urls import MAX_URL_BYTES, fetch_url, without_session
from storage.model.link import FoundLink

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--[^<>]*-->")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_BREAKS = re.compile(r"[\t\r\n]+")
_LONGEST_TITLE = 500
_NO_SCHEME = re.compile(r"(?![a-z][\w+.-]*:)|https?:", re.IGNORECASE)
_MAX_SEEN = 20_000
_NEVER = datetime(1, 1, 1, tzinfo=UTC)


def absolute(raw: str | None, base: str) -> str | None:
    """Return an http(s) URL that may be fetched, or None if this is none.

    As in browsers, line breaks and tabs in it are nothing, and blanks are escaped. A
    session's number is left out: with it each reading would find other links.
    """
    text = _written(raw)
    if not text or len(text) > MAX_URL_BYTES:
        return None
    try:
        return without_session(fetch_url(text, base))
    except BadUrl:
        return None


def is_too_long(raw: str | None) -> bool:
    """Tell whether a link is none for its length alone, as it would be sent."""
    text = _written(raw)
    if 12 * len(text) <= MAX_URL_BYTES or not _NO_SCHEME.match(text):
        return False
    sent = text.encode("utf-8", "replace")
    return len(sent) + 2 * sum(byte > 0x7F for byte in sent) > MAX_URL_BYTES


@dataclass(slots=True)
class Addresses:
    """The addresses of a list's items, and how many had none but one too long."""

    too_long: int = 0

    def first(self, written: Iterable[str], base: str) -> str | None:
        """Return the first of an item's links that may be fetched, or None."""
        written = list(written)
        found = next(filter(None, (absolute(one, base) for one in written)), None)
        if found is None:
            self.too_long += any(map(is_too_long, written))
        return found


def as_written(raw: str | None, base: str) -> str | None:
    """Return an http(s) URL letter by letter, where it is a whole one that is sound.

    Hubs compare topics as strings; a relative one is resolved.
    """
    sound = absolute(raw, base)
    text = (raw or "").strip()
    is_whole = text.lower().startswith(("http://", "https://"))
    return text if sound and is_whole else sound


def _written(raw: str | None) -> str:
    return _BREAKS.sub("", (raw or "").strip()).replace(" ", "%20")


def clean_title(raw: str | None) -> str | None:
    """Return a title as plain text: unescaped twice, no tags, one line.

    Twice, because many feeds escape what was already escaped; a title that
    shows `&lt;b&gt;` to its readers loses those letters.
    """
    return clean_text((raw or "")[: 10 * _LONGEST_TITLE], _LONGEST_TITLE)


def clean_text(text: str, limit: int) -> str | None:
    """Return at most so many characters of what markup says, on one line."""
    for _ in range(2):
        text = html.unescape(_TAG.sub(" ", text))
    text = " ".join(_CONTROL.sub(" ", text).split())
    return text[:limit].strip() or None


def guid_of(raw: str | None) -> str | None:
    """Return what stands for a feed's name of an item: 16 hex digits of its SHA-256."""
    name = (raw or "").strip()
    if not name:
        return None
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:16]


def guid_url_of(raw: str | None) -> str | None:
    """Return a feed's name of an item where it is an address.

    Whether a feed calls it a permanent link says little: many state `false` of one.
    """
    name = (raw or "").strip()
    is_address = name.lower().startswith(("http://", "https://"))
    return absolute(name, name) if is_address else None


def with_sole_guids(links: Iterable[FoundLink]) -> tuple[FoundLink, ...]:
    """Take the GUIDs away that several items of a feed have: they name none."""
    links = tuple(links)
    times = Counter(link.guid for link in links)
    return tuple(
        link if times[link.guid] == 1 else replace(link, guid=None, guid_url=None)
        for link in links
    )


def without_repeats(links: Iterable[FoundLink]) -> list[FoundLink]:
    """Keep the first link to each URL."""
    return list({link.url: link for link in reversed(list(links))}.values())[::-1]


def of_site(
    links: Iterable[FoundLink], url: str, same_site: Callable[[str, str], bool]
) -> list[FoundLink]:
    """Keep the links to a URL's own site; `same_site` is asked once a host."""
    own: dict[str, bool] = {}
    kept = []
    for link in links:
        host = link.url.split("/", 3)[2]
        if host not in own:
            own[host] = same_site(link.url, url)
        if own[host]:
            kept.append(link)
    return kept


def newest(links: Iterable[FoundLink], limit: int) -> tuple[FoundLink, ...]:
    """Keep at most `limit` links, the newest; in the order they came if all fit.

    No more than 20,000 are looked at, whatever a hostile feed holds, and few more
    than are kept are held at a time.
    """
    kept: list[FoundLink] = []
    seen: set[str] = set()
    for link in islice(links, _MAX_SEEN):
        if link.url not in seen:
            seen.add(link.url)
            kept.append(link)
        if len(kept) >= 2 * limit:
            kept = _newest_of(kept, limit)
    return tuple(_newest_of(kept, limit))


def _newest_of(links: list[FoundLink], limit: int) -> list[FoundLink]:
    if len(links) > limit:
        links.sort(key=lambda link: link.published or _NEVER, reverse=True)
    return links[:limit]
