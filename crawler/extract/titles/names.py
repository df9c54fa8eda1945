"""What a site is called, and whether a part of a title is its name."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from crawler.extract.titles.words import (
    DOMAIN_ENDINGS,
    HOST_LABELS,
    PUBLICATION_WORDS,
)
from crawler.lexicon.match import looks_like_date

_NOT_TOLD = re.compile(r"[\W_]+")
_TRAILING_DATE = re.compile(r"[\s,;:|–—-]+(?P<date>[^,;|–—-]*\d[^|]*)$")
_DOMAIN_ENDING = re.compile(rf"\.(?:{DOMAIN_ENDINGS})$", re.IGNORECASE)
_FEED_TAIL = re.compile(
    r"\s+[-–|»:]\s+(?:RSS|Feed|Atom|Latest|News)\b.*$", re.IGNORECASE
)
_MIN_HOST = 3
_MIN_FITTING = 5
_MAX_NAME_WORDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names of a site as comparable keys.

    Attributes:
        declared: Names the page or feed declares, in their forms.
        hosts: Labels of the host name that may be the site's name.
        domains: The host and its registered domain, ending included.
        letters: All letters of the host but its ending.
        section: The declared section.
    """

    declared: frozenset[str]
    hosts: frozenset[str]
    domains: frozenset[str]
    letters: str
    section: str


@lru_cache(maxsize=2048)
def key_of(text: str) -> str:
    """Return letters and digits in lower case, for telling equal titles."""
    return _NOT_TOLD.sub("", text).casefold()


def names_of(site_names: Sequence[str], host: str, section: str | None) -> Names:
    """Return a site's names in all their forms."""
    declared = {form for name in site_names for form in _forms(html.unescape(name))}
    bare = host.lower().removeprefix("www.").split(":")[0]
    parts = bare.split(".")
    labels = {key_of(part) for part in parts[:-1] if part not in HOST_LABELS}
    domains = {key_of(bare), key_of(".".join(parts[-2:]))} if len(parts) > 1 else set()
    return Names(
        declared=frozenset(declared - {""}),
        hosts=frozenset(k for k in domains | labels if len(k) >= _MIN_HOST),
        domains=frozenset(domains - {""}),
        letters=" ".join(key_of(part) for part in parts[:-1]),
        section=key_of(section or ""),
    )


def _forms(name: str) -> Iterator[str]:
    """Yield a name's key, with and without `The`, a domain ending, a feed's tail."""
    short = _FEED_TAIL.sub("", name)
    for form in {name, short, _DOMAIN_ENDING.sub("", short)}:
        key = key_of(form)
        yield key
        if form.lower().startswith("the ") and len(key) > 6:
            yield key[3:]


def is_site(part: str, names: Names, *, loose: bool) -> bool:
    """Tell whether a part of a title is the site's name.

    Args:
        part: What stands after or before a separator.
        names: The site's names.
        loose: The separator is no colon and stands apart; a glued part must be a
            declared name.
    """
    undated = _without_date(part)
    forms = {key_of(part), key_of(undated), key_of(_DOMAIN_ENDING.sub("", undated))}
    if forms & names.declared:
        return True
    return loose and (bool(forms & names.hosts) or _names_site_and_more(part, names))


def is_domain(part: str, names: Names) -> bool:
    """Tell whether a part is the host's own address, `paper.example`."""
    return "." in part and key_of(part) in names.domains


def fits_host(part: str, names: Names) -> bool:
    """Tell whether every word of a part stands in the host name: `Bay Tires` on `tires.bay`."""
    words = part.split()
    if not names.letters or len(words) > _MAX_NAME_WORDS:
        return False
    keys = [key for word in words if (key := key_of(word))]
    rare = [key for key in keys if key not in PUBLICATION_WORDS]
    joined = "".join(keys)
    if len(joined) < _MIN_FITTING or not joined.isascii() or not rare:
        return False
    return joined in names.letters.replace(" ", "") or (
        len(keys) > 1
        and all(len(key) > 1 and key in names.letters for key in rare)
        and sum(map(len, rare)) >= _MIN_FITTING
    )


def _names_site_and_more(part: str, names: Names) -> bool:
    """Tell whether a text is a declared name with words such as "News", "Online"."""
    words = [key_of(word) for word in part.split()]
    known = names.declared | names.hosts
    kept = "".join(word for word in words if word not in PUBLICATION_WORDS)
    if kept in known and len(words) <= _MAX_NAME_WORDS:
        return True
    ends = range(len(words) - 1, max(0, len(words) - 3), -1)
    return any(
        "".join(words[:end]) in known and set(words[end:]) <= PUBLICATION_WORDS
        for end in ends
    )


def _without_date(text: str) -> str:
    match = _TRAILING_DATE.search(text)
    if match and looks_like_date(match["date"]):
        return text[: match.start()]
    return text
