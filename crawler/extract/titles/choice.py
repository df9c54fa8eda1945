"""Choose the headline: each distinct candidate is weighed by who says it and who agrees.

A candidate's points are the sum of its signs' weights; most points win.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from crawler.extract.measure import weight
from crawler.extract.titles.cleaning import (
    Cleaner,
    TitleEvidence,
    is_enough,
    marks_of,
    strip_dangling,
    tidy,
    without_counter,
)
from crawler.extract.titles.names import key_of, names_of
from crawler.extract.titles.seen import Seen
from crawler.extract.titles.signs import Context, context_of, ends_another, signs_of
from crawler.extract.titles.weights import WEIGHTS
from crawler.lexicon.match import looks_like_date
from storage.model.article import Claim, Provenance

#: The origin of what the list that named a page calls it.
FEED = "feed"
_WITNESSES = {
    "json-ld:headline": "ld",
    "meta:og:title": "og",
    "meta:twitter:title": "twitter",
    "title": "title",
    FEED: "feed",
}
# Whose headlines show where another one's suffix begins.
_HEADS = ("dom:h1", "hook:", "rule:", "json-ld:headline", "meta:og:title", FEED)
# Who says a headline without what stands below it in the same heading.
_WHOLE = ("json-ld:headline", "meta:og:title", "meta:twitter:title", FEED)
# Witnesses that may say the headline among other things.
_PARTED = frozenset({"ld", "og", "twitter", "title"})
_MAX_PARTS = 6
_MAX_LINES = 9
_MAX_LOSERS = 12
_H1_WEIGHT = range(8, 300)
_HEADING_NEAR = range(-1, 9)
_HEADING_LEVEL = 3
_LINE_WEIGHT = range(15, 200)
_LINE_NEAR = range(1, 5)
_ELLIPSIS = ("…", "...")
_CUT_HEADLINE = 110
_QUOTES = frozenset("\"'“”„«»‘’")
_BROKEN = (" -", " –", " |", ":")


@dataclass(slots=True, kw_only=True)
class Candidate:
    """One distinct headline: who says it, and its signs with their strength."""

    key: str
    claims: list[Claim] = field(default_factory=list)
    signs: dict[str, float] = field(default_factory=dict)

    @property
    def claim(self) -> Claim:
        """Return the first claim with the spelling that most of them have."""
        if len(self.claims) == 1:
            return self.claims[0]
        votes = Counter(claim.value for claim in self.claims)
        return max(self.claims, key=lambda claim: votes[claim.value])

    @property
    def points(self) -> float:
        """Return the sum of its signs' weights."""
        return sum(WEIGHTS.get(sign, 0.0) * much for sign, much in self.signs.items())


def choose_title(
    claims: Sequence[Claim],
    evidence: TitleEvidence,
    *,
    seen: Seen | None = None,
    url: str = "",
    news: bool = False,
) -> Provenance | None:
    """Return the headline with the most points, each candidate cleaned first.

    One that is cut (an ellipsis, exactly 110 characters, a quotation mark inside an
    attribute) gives way to a longer one with its start.

    Args:
        claims: Those of the title, in order of trust, which decides ties.
        evidence: What is known of the page.
        seen: What stands visibly where the story begins.
        url: The page's address, whose words often are the headline's.
        news: The structured data calls the page a news article.
    """
    found = weigh_titles(claims, evidence, seen=seen or Seen(), url=url, news=news)
    if not found:
        return None
    best = _completed(max(found, key=lambda c: c.points), found)
    winner = best.claim
    losers = [c for x in found for c in x.claims if c is not winner]
    return Provenance(winner=winner, losers=tuple(losers[:_MAX_LOSERS]))


def weigh_titles(
    claims: Sequence[Claim],
    evidence: TitleEvidence,
    *,
    seen: Seen,
    url: str,
    news: bool,
) -> list[Candidate]:
    """Return the distinct headlines that a page offers, with their signs."""
    names = names_of(evidence.site_names, evidence.host, evidence.section)
    told = [(claim, _tidied(claim)) for claim in claims]
    told = _without_sublines([(c, text) for c, text in told if key_of(text)])
    context = context_of(
        names,
        title=next((text for c, text in told if c.origin == "title"), ""),
        url=url,
        news=news,
    )
    found = _said(told, evidence, context, seen)
    for claim in _headings(seen, context) if found else _line(seen):
        if key_of(claim.value) not in found:
            _add(found, claim, claim.value, "heading")
    said = [(c.key, frozenset(c.signs)) for c in found.values()]
    for candidate, (key, signs) in zip(found.values(), said, strict=True):
        value = candidate.claim.value
        candidate.signs = signs_of(key, value, signs, context, seen)
        if ends_another(key, said):
            candidate.signs["shorter_front"] = 1.0
    return list(found.values())


def _tidied(claim: Claim) -> str:
    """Return a claim's text tidied; only a window's title counts what is unread."""
    text = tidy(claim.raw)
    return without_counter(text) if claim.origin == "title" else text


def _without_sublines(told: Sequence[tuple[Claim, str]]) -> list[tuple[Claim, str]]:
    """Return the claims, each `h1` without what stands in it below the headline.

    Its first lines are the headline where another witness says just them.
    """
    whole = {key_of(text) for claim, text in told if claim.origin in _WHOLE}

    def headline(claim: Claim, text: str) -> str:
        lines = claim.raw.split("\n") if claim.origin == "dom:h1" else []
        ends = range(1, min(len(lines), _MAX_LINES))
        firsts = (tidy(" ".join(lines[:end])) for end in ends)
        return next((f for f in firsts if is_enough(f) and key_of(f) in whole), text)

    return [(claim, headline(claim, text)) for claim, text in told]


def _said(
    told: Sequence[tuple[Claim, str]],
    evidence: TitleEvidence,
    context: Context,
    seen: Seen,
) -> dict[str, Candidate]:
    """Return what witnesses say, cleaned, by key."""
    h1s = _h1s(told, context)
    cleaner = Cleaner(context.names, _heads(told, context), evidence)
    cleaned: dict[str, str] = {}
    parts: dict[str, tuple[str, ...]] = {}
    found: dict[str, Candidate] = {}
    signs: set[str] = set()
    for claim, text in told:
        sign = _sign(claim, text, h1s)
        if sign is None:
            continue
        if sign == "ld" and "ld" in signs:
            sign = "ld_more"
        signs.add(sign)
        if text not in cleaned:
            cleaned[text] = cleaner.clean(text)
            parts[text] = tuple(_visible_parts(text, seen))
        _add(found, claim, cleaned[text], sign)
        if sign in _PARTED:
            for part in parts[text]:
                _add(found, claim, part, f"part_{sign}")
    return found


def _add(found: dict[str, Candidate], claim: Claim, value: str, sign: str) -> None:
    key = key_of(value)
    candidate = found.get(key)
    if candidate is None:
        candidate = found[key] = Candidate(key=key)
    candidate.signs[sign] = 1.0
    if all(c.origin != claim.origin or c.value != value for c in candidate.claims):
        told = Claim(origin=claim.origin, raw=claim.raw, value=value)
        candidate.claims.append(told)


def _h1s(told: Sequence[tuple[Claim, str]], context: Context) -> list[str]:
    """Return the keys of `h1` that may be a headline, the story's own first."""
    keys = (
        key_of(text)
        for claim, text in told
        if claim.origin == "dom:h1" and weight(text) in _H1_WEIGHT
    )
    return [key for key in dict.fromkeys(keys) if key not in context.names.declared]


def _heads(told: Sequence[tuple[Claim, str]], context: Context) -> frozenset[str]:
    """Return the keys of headlines that show where a suffix begins."""
    heads = {
        key_of(text)
        for claim, text in told
        if claim.origin.startswith(_HEADS) and not text.endswith(_BROKEN)
    }
    return frozenset(heads - context.affixes)


def _sign(claim: Claim, text: str, h1s: Sequence[str]) -> str | None:
    """Return what a claim's word counts as; None where it is no headline."""
    if claim.origin == "dom:h1":
        key = key_of(text)
        if key not in h1s:
            return None
        return "h1" if key == h1s[0] else "h1_more"
    if claim.origin.startswith(("hook:", "rule:")):
        return claim.origin.partition(":")[0]
    return _WITNESSES.get(claim.origin, "said")


def _visible_parts(text: str, seen: Seen) -> Iterator[str]:
    """Yield runs of a title's parts that stand as a line where the story begins."""
    marks = marks_of(text)[-_MAX_PARTS:]
    starts = [0, *(mark.end for mark in marks)]
    ends = [*(mark.start for mark in marks), len(text)]
    for i, start in enumerate(starts):
        for end in reversed(ends[i:]):
            part = strip_dangling(text[start:end])
            if (
                len(part) < len(text)
                and is_enough(part)
                and seen.distance(part) is not None
            ):
                yield part
                break


def _headings(seen: Seen, context: Context) -> Iterator[Claim]:
    for key, heading in seen.headings.items():
        if (
            heading.level <= _HEADING_LEVEL
            and heading.distance in _HEADING_NEAR
            and key not in context.names.declared
            and is_enough(heading.text)
        ):
            origin = f"text:h{heading.level}"
            yield Claim(origin=origin, raw=heading.text, value=heading.text)


def _line(seen: Seen) -> Iterator[Claim]:
    """Yield the line just above the story, where nothing claims to be a title."""
    for line, distance in reversed(list(seen.lines.items())):
        if (
            distance in _LINE_NEAR
            and weight(line) in _LINE_WEIGHT
            and is_enough(line)
            and not looks_like_date(line)
            and not line.startswith(("【", "(", "["))
        ):
            yield Claim(origin="text:line", raw=line, value=line)
            return


def _completed(best: Candidate, found: Sequence[Candidate]) -> Candidate:
    """Return the longer candidate that a cut one is the start of, or the candidate."""
    value = best.claim.value
    start = value.rstrip(".… ")
    whole = not value.endswith(_ELLIPSIS) and len(value) != _CUT_HEADLINE
    longer = [
        other
        for other in found
        if other.key != best.key
        and other.claim.value.startswith(start)
        and not other.claim.value.endswith(_ELLIPSIS)
        and (not whole or _is_cut_at_quote(start, other.claim.value))
    ]
    return max(longer, key=lambda c: c.points, default=best)


def _is_cut_at_quote(start: str, longer: str) -> bool:
    """Tell whether a text ends where a longer one opens a quotation."""
    return longer[len(start) :].lstrip(" -–:")[:1] in _QUOTES
