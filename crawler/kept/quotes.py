"""Does a list quote what is erased? Its address, its headline, or eight words on end.

Feeds often hold whole articles, and front pages their first lines. Both sides are read
as search reads them (storage.search.tokens), so that markup, entities and typography between
the words make no difference, and languages without blanks are compared too.
"""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote, urlsplit

from storage.search.tokens import tokens as words_of

#: So many words on end are no coincidence.
_RUN = 8
#: A shorter headline is anybody's.
_SHORTEST_TITLE = 3
_TAG = re.compile(r"<[^>]{0,2000}>")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
#: What may stand behind an address; else it is the beginning of another one.
_ENDS = r"(?=/?(?:[\s\"'<>?#&),;\\]|$))"


#: A link, or an address in the text; what may stand behind that is no part of it.
_ADDRESS = re.compile(r"""(?<=href=["'])[^"'<>]+|https?://[^\s"'<>\\]+""")
_BEHIND = ".,;)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotes:
    """What to look for.

    Attributes:
        addresses: Matches any of the addresses; None without any.
        runs: Runs of tokens, joined by blanks, by how many they are.
    """

    addresses: re.Pattern[str] | None
    runs: dict[int, frozenset[str]]

    @classmethod
    def of(cls, urls: Iterable[str], texts: Iterable[str]) -> Self:
        """Return what quotes some addresses and texts; a text's lines stand alone."""
        named = sorted({found for url in urls if (found := _bare(url))})
        pattern = "|".join(map(re.escape, named))
        runs: dict[int, set[str]] = {}
        for line in {line for text in texts for line in text.splitlines()}:
            tokens = words_of(line)
            if len(tokens) >= _SHORTEST_TITLE:
                size = min(len(tokens), _RUN)
                runs.setdefault(size, set()).update(_runs(tokens, size))
        return cls(
            addresses=re.compile(f"(?:{pattern}){_ENDS}") if named else None,
            runs={size: frozenset(found) for size, found in runs.items()},
        )

    def are_in(self, page: str) -> bool:
        """Tell whether a page or feed quotes any of it."""
        text = _plain(page)
        if self.addresses and (
            self.addresses.search(text) or self.addresses.search(unquote(text))
        ):
            return True
        tokens = words_of(_TAG.sub(" ", text))
        return any(
            not found.isdisjoint(_runs(tokens, size))
            for size, found in self.runs.items()
        )


def addresses_in(page: str) -> set[str]:
    """Return all that looks like an address in a page or feed, as it is written there."""
    found = {address.rstrip(_BEHIND) for address in _ADDRESS.findall(_plain(page))}
    return found | {unquote(address) for address in found}


def _plain(page: str) -> str:
    text = html.unescape(html.unescape(page))
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return text.replace("\\/", "/")


def _bare(url: str) -> str | None:
    """Return an address without its scheme, unless it is a site's front page."""
    parts = urlsplit(url)
    place = f"{parts.netloc}{parts.path.rstrip('/')}"
    place += f"?{parts.query}" if parts.query else ""
    return place if parts.path.strip("/") or parts.query else None


def _runs(tokens: list[str], size: int) -> Iterable[str]:
    return (" ".join(tokens[at : at + size]) for at in range(len(tokens) - size + 1))
