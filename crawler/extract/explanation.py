"""Why a page is read as it is: one view for terminals, pages and programs. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crawler.extract.anatomy import Anatomy, Fate, PageBlock
from crawler.extract.readers.rules import UNMATCHED, RuleMatch
from storage.model.article import Article, Claim, Removed
from storage.model.extraction import Extraction
from storage.model.verdict import VerdictKind

_FIRST = ("title", "authors", "published", "modified", "site", "section", "body")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """A field: who won, and who lost."""

    name: str
    winner: Claim
    losers: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All there is to say of how a page was read.

    Attributes:
        url: Where the page is from.
        title: Its headline, or nothing.
        language: Of the text, or None.
        verdict: What it is.
        evidence: What says so.
        extractor: Which extractor read it.
        fields: The fields that witnesses speak of, the well-known ones first.
        facts: (name, value) of what was read from the text itself.
        marks: Flags, site rules that matched nothing aside.
        unmatched: Keys of site rules that matched nothing on the page.
        counters: (name, number) as the page counts.
        removed: Lines kept out of the text, in page order.
        blocks: All blocks in page order; empty where the page was not read again.
        rules: What each site rule in force matched.
        notes: What else a reader must know, such as why there are no blocks.
    """

    url: str
    title: str
    language: str | None
    verdict: VerdictKind
    evidence: tuple[str, ...]
    extractor: str
    fields: tuple[FieldView, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    marks: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()
    counters: tuple[tuple[str, int], ...] = ()
    removed: tuple[Removed, ...] = ()
    blocks: tuple[PageBlock, ...] = ()
    rules: tuple[RuleMatch, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def fates(self) -> tuple[tuple[Fate, int], ...]:
        """How many blocks met which fate; fates without any are left out."""
        counts = ((fate, sum(b.fate is fate for b in self.blocks)) for fate in Fate)
        return tuple((fate, count) for fate, count in counts if count)


def explanation_of(
    extraction: Extraction,
    *,
    blocks: Sequence[PageBlock] = (),
    rules: Sequence[RuleMatch] = (),
    url: str = "",
    notes: Sequence[str] = (),
) -> Explanation:
    """Return why a page is read as an extraction says.

    Args:
        extraction: What was made of it.
        blocks: Its blocks, where it was dissected.
        rules: What its site's rules matched.
        url: Where it is from, where no article says so.
        notes: What else a reader must know.
    """
    article = extraction.article or Article(url=url, title="", blocks=())
    return Explanation(
        url=article.url or url,
        title=article.title,
        language=article.language,
        verdict=extraction.verdict.kind,
        evidence=extraction.verdict.evidence,
        extractor=extraction.extractor,
        fields=tuple(_fields(article)),
        facts=tuple(_facts(article)),
        marks=tuple(m for m in article.marks if not m.startswith(UNMATCHED)),
        unmatched=tuple(
            m.removeprefix(UNMATCHED) for m in article.marks if m.startswith(UNMATCHED)
        ),
        counters=tuple(sorted(article.counters.items())),
        removed=article.removed,
        blocks=tuple(blocks),
        rules=tuple(rules),
        notes=tuple(notes),
    )


def explain(anatomy: Anatomy, *, url: str = "") -> Explanation:
    """Return why a dissected page is read as it is."""
    return explanation_of(
        anatomy.extraction, blocks=anatomy.blocks, rules=anatomy.rules, url=url
    )


def _fields(article: Article) -> Iterator[FieldView]:
    known = article.provenance
    names = [name for name in _FIRST if name in known]
    for name in (*names, *sorted(set(known) - set(names))):
        said = known[name]
        winner = said.winner if name != "body" else _measured(said.winner, article)
        yield FieldView(name=name, winner=winner, losers=said.losers)


def _measured(body: Claim, article: Article) -> Claim:
    """Return the claim of the body with its size, for the text itself is elsewhere."""
    count = len(article.blocks)
    blocks = f"{count} block{'' if count == 1 else 's'}"
    size = f"{blocks}, {len(article.text)} characters"
    return replace(body, value=size, raw=size)


def _facts(article: Article) -> Iterator[tuple[str, str]]:
    if article.language:
        yield "language", article.language
    if article.dateline:
        said = (article.dateline.place, article.dateline.source, article.dateline.date)
        yield "dateline", ", ".join(filter(None, said))
    for caption in article.captions:
        yield "caption", caption


def explanation_document(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as plain JSON values."""
    from pydantic import TypeAdapter  # slow to load, and commands print without it

    document: dict[str, Any] = TypeAdapter(Explanation).dump_python(
        explanation, mode="json"
    )
    return document
