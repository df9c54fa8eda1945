"""Why an article is what it is: winners and losers, removed lines, evidence. Pure."""

from collections.abc import Iterator, Sequence

from storage.model import Article, Claim, Verdict


def explain_verdict(verdict: Verdict) -> Iterator[str]:
    """Yield what a page was found to be, and each piece of evidence."""
    yield f"Verdict: {verdict.kind}"
    yield from (f"  {line}" for line in verdict.evidence)


def explain_article(article: Article) -> Iterator[str]:
    """Yield every field's winner and losers, marks, and what was kept out."""
    yield "Fields:"
    for name, provenance in sorted(article.provenance.items()):
        yield f"  {name}: {_claim(provenance.winner)}"
        yield from (f"    lost: {_claim(loser)}" for loser in provenance.losers)
    yield from _listed("Marks", article.marks)
    counted = [f"{name} {count}" for name, count in sorted(article.counters.items())]
    yield from _listed("Counters", counted)
    yield f"Removed lines: {len(article.removed)}"
    for line in article.removed:
        yield f"  [{line.index}] {line.boilerplate} ({line.rule}): {_short(line.text)}"


def _listed(name: str, values: Sequence[str]) -> Iterator[str]:
    if values:
        yield f"{name}:"
        yield from (f"  {value}" for value in values)


def _claim(claim: Claim) -> str:
    raw = "" if claim.raw == claim.value else f', as the page has it "{claim.raw}"'
    return _short(f'"{claim.value}" from {claim.origin}{raw}', 240)


def _short(text: str, width: int = 160) -> str:
    line = " ".join(text.split())
    return line if len(line) <= width else f"{line[: width - 1]}…"
