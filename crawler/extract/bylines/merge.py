"""Many claims of who wrote a story -> the authors.

Each origin is a witness. Its names are weighed by what it is, by what its names
are (a person's name before an account's, that before a desk's) and by how many
other witnesses name one of them. The best witness's people are the authors; a
longer list of another trusted witness that holds all of them replaces it. Only
where no witness names a person do an organisation or the site stand as author.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from crawler.extract.bylines.names import Kind, Name, is_personal, key_of, names_in
from crawler.extract.readers.authors import FAR
from crawler.extract.readers.draft import Draft, Field, of_field
from storage.model.article import Claim, Provenance

_MAX_LOSERS = 12
_MAX_AUTHORS = 30
_ADDRESS_ONLY = re.compile(
    r"^(?:https?:)?//|^www\.|^@|facebook\.com|twitter\.com", re.IGNORECASE
)
_TRUST: tuple[tuple[str, float], ...] = (
    ("rule:", 20.0),
    ("json-ld:author", 4.0),
    ("json-ld:creator", 3.9),
    ("text:byline", 3.8),
    ("dom:byline", 3.6),
    ("hook:", 3.0),
    ("text:link", 3.0),
    ("meta:author", 2.9),
    ("meta:", 3.0),
    ("state:", 2.8),
    ("feed", 2.8),
    ("text:end", 2.5),
    ("text:name", 1.8),
    ("text:lone", 1.4),
    ("text", 3.0),
    ("dom:author box", 0.9),
)
_OF_KIND: Mapping[Kind, float] = {
    Kind.PERSON: 2.0,
    Kind.SHORT: 0.0,
    Kind.DESK: -4.0,
    Kind.LOOSE: -3.0,
    Kind.ACCOUNT: -9.0,
}
_AGREEMENT = 1.5
_DECLARED = ("json-ld:", "meta:")
# Witnesses whose lists of people are of writers only.
_LISTING = ("json-ld:", "meta:", "text:byline")
# How many more people a fuller list may name; the tags that libraries read name all.
_FEW = 4
_WHOLE_LIST = "meta:citation_author"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Witness:
    """What one origin says: its claims and the names in them."""

    origin: str
    trust: float
    claims: tuple[Claim, ...]
    names: Mapping[str, Name]

    @property
    def best(self) -> Kind:
        return max((name.kind for name in self.names.values()), default=Kind.NOTHING)

    def of(self, kind: Kind) -> dict[str, Name]:
        return {key: name for key, name in self.names.items() if name.kind is kind}


def merge_authors(
    draft: Draft,
    site_names: Sequence[str],
    visible: Iterable[Claim],
    *,
    domain: str = "",
) -> tuple[tuple[str, ...], Provenance | None]:
    """Return who wrote a story, and which claims said so.

    Args:
        draft: All structured claims.
        site_names: Every declared name of the site.
        visible: Claims read from the page's visible lines.
        domain: The page's registered one, which may be a name the site did not declare.
    """
    claims = [
        c
        for c in (*of_field(draft, Field.AUTHOR), *visible)
        if c.value and not _ADDRESS_ONLY.search(c.value)
    ]
    sites = _site_keys(site_names)
    found = _witnesses(claims, sites, key_of(domain.partition(".")[0]))
    witnesses = [w for w in found if w.best > Kind.ACCOUNT]
    if not witnesses:
        return (), None
    chosen = max(witnesses, key=lambda w: _score(w, witnesses))
    chosen = _fuller(chosen, witnesses)
    names = _spelled_out(chosen, witnesses, sites)
    authors = tuple(_in_small_letters(names, witnesses))[:_MAX_AUTHORS]
    winner = replace(chosen.claims[0], value=", ".join(authors))
    losers = tuple(c for c in claims if c not in chosen.claims)[:_MAX_LOSERS]
    return authors, Provenance(winner=winner, losers=losers)


def _site_keys(site_names: Sequence[str]) -> frozenset[str]:
    """Return the site's names as keys, without its owner's, who may well be the writer.

    A personal site declares both; a name that looks like a person's counts as the
    site's only where the site has no other.
    """
    keys = [key_of(name) for name in site_names]
    return frozenset(
        key
        for place, (name, key) in enumerate(zip(site_names, keys, strict=True))
        if key
        and not (
            place
            and is_personal(name)
            and not any(key in other or other in key for other in keys[:place] if other)
        )
    )


def _witnesses(
    claims: Sequence[Claim], sites: frozenset[str], label: str
) -> list[_Witness]:
    found: list[_Witness] = []
    for origin in dict.fromkeys(c.origin for c in claims):
        own = tuple(c for c in claims if c.origin == origin)
        names: dict[str, Name] = {}
        declared = not origin.startswith((FAR, "text"))
        for claim in own:
            for name in names_in(claim.value, sites):
                if name.kind is Kind.LOOSE and not declared:
                    continue
                key = key_of(name.text)
                if name.kind is Kind.SHORT and key == label:
                    name = Name(name.text, Kind.DESK)  # noqa: PLW2901
                names.setdefault(key, name)
        found.append(
            _Witness(origin=origin, trust=_trust(origin), claims=own, names=names)
        )
    return found


def _trust(origin: str) -> float:
    return next((trust for start, trust in _TRUST if origin.startswith(start)), 1.0)


def _score(witness: _Witness, witnesses: Sequence[_Witness]) -> float:
    own = witness.of(witness.best).keys()
    families = {_family(w) for w in witnesses if own & w.names.keys()} - {
        _family(witness)
    }
    return witness.trust + _OF_KIND[witness.best] + _AGREEMENT * len(families)


def _family(witness: _Witness) -> str:
    """Return which part of the page a witness reads: agreement within one tells little."""
    origin = witness.origin
    return (
        "meta"
        if origin.startswith("meta:")
        else "data"
        if origin.startswith(("json-ld:", "state:"))
        else "shown"
    )


def _fuller(chosen: _Witness, witnesses: Sequence[_Witness]) -> _Witness:
    """Return a trusted witness that names all of these people and more."""
    people = chosen.of(Kind.PERSON).keys()
    if not people:
        return chosen
    for other in witnesses:
        theirs = other.of(Kind.PERSON).keys()
        if (
            other.origin.startswith(_LISTING)
            and people < theirs
            and (len(theirs) <= len(people) + _FEW or other.origin == _WHOLE_LIST)
        ):
            return other
    return chosen


def _spelled_out(
    chosen: _Witness, witnesses: Sequence[_Witness], sites: frozenset[str]
) -> list[str]:
    """Return the names of the best kind, a first name in full where another witness has it.

    An agency that the page's data lists beside people is an author too; the site
    itself is not.
    """
    kind = chosen.best
    names = [name.text for name in chosen.of(kind).values()]
    if (
        kind >= Kind.SHORT
        and chosen.origin.startswith(_DECLARED)
        and len(names) < len(chosen.names)
    ):
        return [
            name.text
            for key, name in chosen.names.items()
            if name.kind is kind
            or (name.kind is Kind.DESK and not _is_site(key, sites))
        ]
    if kind in {Kind.PERSON, Kind.DESK}:
        return names
    people = [n.text for w in witnesses for n in w.of(Kind.PERSON).values()]
    return [
        next((full for full in people if full.split()[0] == name), name)
        for name in names
    ]


def _in_small_letters(
    names: Sequence[str], witnesses: Sequence[_Witness]
) -> Iterator[str]:
    """Yield each name, one in capitals as a witness spells it that does not shout."""
    for name in names:
        key = key_of(name)
        spelled = [w.names[key].text for w in witnesses if key in w.names]
        quiet = next((text for text in spelled if not text.isupper()), name)
        yield quiet if name.isupper() else name


def _is_site(key: str, sites: frozenset[str]) -> bool:
    return any(key.startswith(site) or site.endswith(key) for site in sites)
