"""An article put together: the text's blocks, and each field with who stated it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from crawler.extract.boilerplate import Cleaned
from crawler.extract.bylines.ends import naming_lines
from crawler.extract.bylines.merge import merge_authors
from crawler.extract.bylines.near import visible_bylines
from crawler.extract.cuts import Mended, mend_lines
from crawler.extract.datelines.dateline import read_dateline
from crawler.extract.language.detection import detect_language
from crawler.extract.layout.blocks import Layout
from crawler.extract.liveblog.entries import LivePage, Split, live_marks, split_entries
from crawler.extract.merge import (
    merge_counters,
    merge_stated,
    raw_title,
    registered,
    site_names,
)
from crawler.extract.nearby import Nearby
from crawler.extract.page import Page
from crawler.extract.readers.draft import Draft, Field, of_field
from crawler.extract.readers.rules import unmatched_marks
from crawler.extract.reservations import reserved_marks
from crawler.extract.signs import is_free
from crawler.extract.source import PageSource, SiteRules
from crawler.extract.times.published import Times
from crawler.extract.times.sightings import frame_of
from crawler.extract.times.times import Shown, read_dates
from storage.model.article import Article, Block, Claim, Provenance, Removed

_SHORT_STORY = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read of a page, and what was decided of it.

    Attributes:
        source: The capture.
        page: Its markup.
        layout: Its blocks.
        draft: All that was claimed of its fields.
        rules: The site rules that hold, if any.
        title: The title that won.
        titles: All that were claimed, folded.
        body: Indexes of the blocks taken for the story.
        origin: Who took them for it.
        language: Of the text, where its blocks say.
        live: Its entries, of a live page.
    """

    source: PageSource
    page: Page
    layout: Layout
    draft: Draft
    rules: SiteRules | None
    title: Provenance | None
    titles: Collection[str]
    body: Sequence[int]
    origin: str
    language: str | None
    live: LivePage | None


def assemble(read: Read, cleaned: Cleaned, nearby: Nearby) -> Article:
    """Return the article.

    Args:
        read: The page.
        cleaned: The story's blocks, and what was taken from between them.
        nearby: What stands around them.
    """
    draft, page = read.draft, read.page
    names, body = site_names(draft), cleaned.sources or read.body
    authors, authors_by = merge_authors(
        draft,
        names,
        visible_bylines(read.layout, body, read.titles),
        domain=registered(page.host),
    )
    if read.live is None:
        cleaned = _without_bylines(cleaned, authors)
    mended = mend_lines([block.text for block in cleaned.blocks])
    language = read.language or detect_language(
        " ".join(mended.lines), read.source.hint.language
    )
    facts = {**dict(reversed(nearby.facts)), **cleaned.found}
    times = _times(read, cleaned, facts, language)
    published, published_by, modified, modified_by = times
    text = _text(read, cleaned, mended, times)
    stated = merge_stated(draft, page)
    winner = read.title.winner if read.title else None
    provenance = {
        "title": read.title,
        "authors": authors_by,
        "published": published_by,
        "modified": modified_by,
        "body": Provenance(winner=Claim(origin=read.origin, raw="", value="")),
        **stated.provenance,
    }
    return Article(
        url=stated.url,
        title=winner.value if winner else "",
        raw_title=raw_title(draft, winner),
        blocks=text.blocks,
        entries=text.entries,
        site=stated.site,
        authors=authors,
        published=published,
        modified=modified,
        section=stated.section,
        tags=stated.tags,
        image=stated.image,
        description=stated.description,
        language=language,
        interface_language=stated.interface_language,
        dateline=read_dateline(mended.lines[0], site_names=names)
        if mended.lines
        else None,
        captions=tuple(dict.fromkeys((*nearby.captions, *cleaned.captions))),
        counters=merge_counters(draft, facts.get),
        marks=_marks(read, cleaned, mended, nearby),
        provenance={key: p for key, p in provenance.items() if p is not None},
        removed=_in_order(cleaned.removed, (*cleaned.unlikely, *nearby.removed)),
    )


def _without_bylines(cleaned: Cleaned, authors: Collection[str]) -> Cleaned:
    """Leave out the lines at the text's ends that only name who wrote it."""
    if not cleaned.sources:
        return cleaned
    texts = [block.text for block in cleaned.blocks]
    gone = naming_lines(texts, authors)
    kept = [i for i in range(len(texts)) if i not in gone]
    lines = (
        Removed(
            text=texts[i],
            boilerplate="byline",
            rule="names_author",
            index=cleaned.sources[i],
        )
        for i in gone
    )
    return replace(
        cleaned,
        blocks=tuple(cleaned.blocks[i] for i in kept),
        sources=tuple(cleaned.sources[i] for i in kept),
        removed=(*cleaned.removed, *lines),
    )


def _times(
    read: Read, cleaned: Cleaned, facts: Mapping[str, str], language: str | None
) -> Times:
    """Return when the story was published and changed, with the witnesses."""
    frame = frame_of(read.layout, cleaned.sources or read.body, read.titles)
    shown = Shown(layout=read.layout, frame=frame, said=facts, language=language)
    return read_dates(read.source, read.page, read.draft, shown)


def _text(read: Read, cleaned: Cleaned, mended: Mended, times: Times) -> Split:
    """Return the blocks with their lines mended, and the entries of a live page."""
    blocks: tuple[Block, ...] = tuple(
        replace(cleaned.blocks[made_of[0]], text=line)
        for line, made_of in zip(mended.lines, mended.sources, strict=True)
    )
    if read.live is None:
        return Split(blocks=blocks, entries=())
    places = [cleaned.sources[s[0]] for s in mended.sources if cleaned.sources]
    return split_entries(
        blocks,
        places,
        read.live,
        published=times[0],
        captured_at=read.source.captured_at,
    )


def _marks(
    read: Read, cleaned: Cleaned, mended: Mended, nearby: Nearby
) -> tuple[str, ...]:
    marks: Iterable[str] = (
        *_walled(read.draft, cleaned, nearby),
        *_live(read, cleaned),
        *cleaned.marks,
        *reserved_marks(read.source, read.page),
        *mended.defects,
        *unmatched_marks(read.page, read.rules),
    )
    return tuple(dict.fromkeys(marks))


def _walled(draft: Draft, cleaned: Cleaned, nearby: Nearby) -> tuple[str, ...]:
    short = sum(len(block.text) for block in cleaned.blocks) < _SHORT_STORY
    asked = short and nearby.get("paywalled") is not None
    free = is_free(of_field(draft, Field.FREE))
    return ("paywalled",) if free is False or asked else ()


def _live(read: Read, cleaned: Cleaned) -> Iterable[str]:
    if read.live is None:
        return ()
    return live_marks(read.live, cleaned.blocks, read.source.captured_at)


def _in_order(
    removed: Sequence[Removed], others: Sequence[Removed]
) -> tuple[Removed, ...]:
    """Return removed lines in page order, each once; the first list's reason stands."""
    lines = {line.index: line for line in (*others, *removed)}
    return tuple(lines[index] for index in sorted(lines))
