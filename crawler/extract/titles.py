"""Clean headlines of the site's name, and choose between the page's headlines.

A site's name is cut only on evidence: the page declares it, the host's other
titles teach it, or the page's own h1 is the title without it. The more doubtful
the cut, the more evidence it needs: "Support-Dadunation" without a space is cut
for a declared name, never for the host's name alone, as in "Rusia-Ukraina".
"""

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crawler.extract.titles_words import (
    CHAIN_WORDS,
    DOMAIN_ENDINGS,
    HOST_LABELS,
    PAGE_WORDS,
    PUBLICATION_WORDS,
)
from crawler.lexicon.match import looks_like_date
from storage.model import Claim, Provenance

_MIN_WORDS = 2
_MIN_LETTERS = 8
_MIN_CJK = 4
_LEARNED_TITLES = 5
_LEARNED_SHARE = 0.5
_LEARNED_SHARE_OF_KNOWN = 0.05
_MAX_CUTS = 6
_CUT_HEADLINE = 110

_SEPARATORS = re.compile(
    r"(?P<before>\s*)(?P<mark>-{1,3}|[–—―−‐|｜│¦»›«‹•·∙⋅・_<>:：/~]|::)(?P<after>\s*)"
)
_HARD_MARKS = frozenset("|｜│¦»›«‹•_<>")
_COLONS = frozenset(":：/~・·")
_COUNTER = re.compile(r"^\(\d{1,3}\+?\)\s+")
_PAGE_MARK = re.compile(
    rf"(?:\s*[|\-–—,(•»:]\s*|\s+)(?:(?:{PAGE_WORDS})\s?(?:\d{{1,3}}|all|semua)"
    r"(?:\s?(?:/|of|von|dari|de|di|sur|из|z|av|van)\s?\d{1,3})?|第\s?\d{1,3}\s?[页頁])\)?$"
)
_TRAILING_DATE = re.compile(r"[\s,;:|–—-]+(?P<date>[^,;|–—-]*\d[^|]*)$")
_DANGLING = " \t|｜–—―-‐»›«‹•·_<:："
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_DOMAIN_ENDING = re.compile(rf"\.(?:{DOMAIN_ENDINGS})$", re.IGNORECASE)
_ELLIPSIS = ("…", "...")


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleEvidence:
    """What is known of a page when its title is cleaned.

    Attributes:
        site_names: Names the page or feed declares for its site.
        host: The host name; weak evidence.
        h1: The headline inside the article.
        section: The section the page declares.
        learned_suffixes: Suffix with its separator, such as `" - Kompas.com"`, to
            (distinct titles that end so, distinct titles known).
        learned_prefixes: The same for what stands in front.
    """

    site_names: tuple[str, ...] = ()
    host: str = ""
    h1: str | None = None
    section: str | None = None
    learned_suffixes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    learned_prefixes: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """The evidence as comparable keys."""

    declared: frozenset[str]
    hosts: frozenset[str]
    heads: frozenset[str]
    section: str


def clean_title(raw: str, evidence: TitleEvidence) -> str:
    """Return a title without counters, page marks and the site's name.

    A title that is nothing but the site's name is returned as it is.
    """
    heads = frozenset({_key(evidence.h1)} - {""}) if evidence.h1 else frozenset[str]()
    return _clean(raw, evidence, heads)


def choose_title(
    candidates: Sequence[Claim], evidence: TitleEvidence
) -> Provenance | None:
    """Return the headline on which most candidates agree, each cleaned first.

    Candidates come in order of trust, which decides ties and the spelling. One that
    is cut (an ellipsis, or exactly 110 characters) gives way to a longer one with
    its start; one that is only the site's name gives way to any other.
    """
    heads = {_key(_tidy(claim.raw)) for claim in candidates}
    heads |= {_key(evidence.h1)} if evidence.h1 else set()
    cleaned = [
        replace(
            claim,
            value=_clean(
                claim.raw, evidence, frozenset(heads - {_key(_tidy(claim.raw)), ""})
            ),
        )
        for claim in candidates
    ]
    usable = [claim for claim in cleaned if _key(claim.value)]
    if not usable:
        return None
    names = _names(evidence, frozenset())
    named = [
        claim
        for claim in usable
        if _key(claim.value) not in names.declared | names.hosts
    ]
    winner = _most_agreed(named or usable)
    losers = tuple(claim for claim in cleaned if claim is not winner)
    return Provenance(winner=winner, losers=losers)


def _most_agreed(claims: Sequence[Claim]) -> Claim:
    whole = [_completed(claim, claims) for claim in claims]
    votes = Counter(_key(claim.value) for claim in whole)
    return max(whole, key=lambda claim: votes[_key(claim.value)])


def _completed(claim: Claim, claims: Sequence[Claim]) -> Claim:
    """Return the longer claim that a cut one is the start of, or the claim."""
    value = claim.value
    if not (value.endswith(_ELLIPSIS) or len(value) == _CUT_HEADLINE):
        return claim
    start = value.rstrip(".… ")
    longer = (
        c
        for c in claims
        if len(c.value) > len(start) + 1
        and c.value.startswith(start)
        and c is not claim
    )
    return next((c for c in longer if not c.value.endswith(_ELLIPSIS)), claim)


def _clean(raw: str, evidence: TitleEvidence, heads: frozenset[str]) -> str:
    title = _strip_page_mark(_tidy(raw))
    names = _names(evidence, heads)
    title = _cut_prefix(title, evidence, names)
    cut: set[str] = set()
    for _ in range(_MAX_CUTS):
        shorter = _cut_suffix(title, evidence, names, cut)
        if shorter is None:
            break
        title = _strip_page_mark(shorter)
    return title


def _tidy(raw: str) -> str:
    text = html.unescape(html.unescape(raw))
    text = " ".join(unicodedata.normalize("NFC", text).replace("\u200b", "").split())
    return _COUNTER.sub("", text)


def _strip_page_mark(title: str) -> str:
    stripped = _PAGE_MARK.sub("", title)
    return stripped if _enough(stripped) else title


def _names(evidence: TitleEvidence, heads: frozenset[str]) -> _Names:
    declared = {
        form
        for name in evidence.site_names
        for form in _name_forms(html.unescape(name))
    }
    host = evidence.host.lower().removeprefix("www.").split(":")[0]
    labels = [label for label in host.split(".")[:-1] if label not in HOST_LABELS]
    hosts = {_key(host), *map(_key, labels), _key(".".join(host.split(".")[-2:]))}
    return _Names(
        declared=frozenset(declared - {""}),
        hosts=frozenset(key for key in hosts if len(key) >= 3),
        heads=heads,
        section=_key(evidence.section or ""),
    )


def _name_forms(name: str) -> Iterator[str]:
    """Yield a name's key, with and without `The`, a domain ending, a feed's tail."""
    short = re.sub(
        r"\s+[-–|»:]\s+(?:RSS|Feed|Atom|Latest|News)\b.*$",
        "",
        name,
        flags=re.IGNORECASE,
    )
    for form in {
        name,
        short,
        _DOMAIN_ENDING.sub("", short),
    }:
        key = _key(form)
        yield key
        if form.lower().startswith("the ") and len(key) > 6:
            yield key[3:]


def _cut_prefix(title: str, evidence: TitleEvidence, names: _Names) -> str:
    for prefix, counts in evidence.learned_prefixes.items():
        rest = title[len(prefix) :].strip()
        if (
            title.startswith(prefix)
            and _is_learned(prefix, counts, names)
            and _enough(rest)
        ):
            return rest
    for match in _SEPARATORS.finditer(title):
        rest = title[match.end() :]
        if _key(rest) in names.heads and _enough(rest) and _spaced(match):
            return rest
    return title


def _cut_suffix(
    title: str, evidence: TitleEvidence, names: _Names, cut: set[str]
) -> str | None:
    """Return the title one suffix shorter, or None; `cut` remembers what went."""
    for suffix, counts in evidence.learned_suffixes.items():
        rest = title[: -len(suffix)].rstrip(_DANGLING)
        if (
            title.endswith(suffix)
            and _is_learned(suffix, counts, names)
            and _enough(rest)
        ):
            cut.add("site")
            return rest
    for match in reversed(list(_SEPARATORS.finditer(title))):
        left, right = title[: match.start()].rstrip(_DANGLING), title[match.end() :]
        if not _enough(left):
            continue
        if _key(left) in names.heads and _key(right):
            return left
        what = _recognise(right, match, names, cut)
        if what == "chain":
            cut.add(what)
            return title.partition(" < ")[0] if " < " in left else left
        if what is not None:
            cut.add(what)
            return left
    return None


def _recognise(
    right: str, match: re.Match[str], names: _Names, cut: set[str]
) -> str | None:
    """Say what stands after a separator, or None if it may be the headline."""
    key = _key(right)
    if not key:
        return "dangling"
    loose = _spaced(match) or match["mark"] in _HARD_MARKS
    if "site" not in cut and _is_site(
        right, names, loose and match["mark"] not in _COLONS
    ):
        return "site"
    if not loose or not ("site" in cut or match["mark"] in _HARD_MARKS):
        return None
    if names.section and key == names.section:
        return "section"
    if key in CHAIN_WORDS:
        return "chain"
    return "date" if "site" in cut and looks_like_date(right) else None


def _is_site(right: str, names: _Names, loose: bool) -> bool:  # noqa: FBT001 - evidence, not a switch
    """Tell whether a text is the site's name; a glued one must be declared."""
    undated = _without_date(right)
    forms = {_key(right), _key(undated), _key(_DOMAIN_ENDING.sub("", undated))}
    if forms & names.declared:
        return True
    return loose and (bool(forms & names.hosts) or _names_site_and_more(right, names))


def _spaced(match: re.Match[str]) -> bool:
    return bool(match["before"] or match["after"])


def _names_site_and_more(right: str, names: _Names) -> bool:
    """Tell whether a text is a declared name with words such as "News", "Online"."""
    words = [_key(word) for word in right.split()]
    known = names.declared | names.hosts
    kept = "".join(word for word in words if word not in PUBLICATION_WORDS)
    if kept in known and len(words) <= 5:
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


def _is_learned(affix: str, counts: tuple[int, int], names: _Names) -> bool:
    seen, known = counts
    if seen < _LEARNED_TITLES or known <= 0:
        return False
    share = seen / known
    if share >= _LEARNED_SHARE:
        return True
    key = _key(affix)
    return share >= _LEARNED_SHARE_OF_KNOWN and any(
        key.endswith(name) for name in names.declared
    )


def _enough(rest: str) -> bool:
    """Tell whether what is left can be a headline."""
    if len(_CJK.findall(rest)) >= _MIN_CJK:
        return True
    return len(rest.split()) >= _MIN_WORDS and len(rest) >= _MIN_LETTERS


def _key(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
