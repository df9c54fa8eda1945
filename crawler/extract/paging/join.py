"""Join the pages of a multi-page article into one article."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from crawler.extract.measure import ends_sentence, fold, weight
from storage.model.article import Article, Block, BlockKind, Claim, Entry, Provenance
from storage.model.moment import Moment

#: What begins the mark of an article that lacks pages, with the reason after it.
PARTIAL = "partial: "
# Shorter lines may well stand twice in a story.
_TELLING = 25
# So much of a page's text stands again on the page that has all.
_SHARE = 0.8
_JOINABLE = frozenset({BlockKind.PARAGRAPH, BlockKind.QUOTE})
_ENDS = tuple(".!?…:;。！？।؟۔")


def join_parts(
    first: Article, others: Sequence[Article], urls: Sequence[str]
) -> Article:
    """Return one article of all pages' text; fields are the first page's that has them.

    At the seams headline, standfirst and whatever else both pages have are left
    out once. A paragraph is put together again only where the page broke off
    without a final mark and the next goes on with a small letter.

    Args:
        first: Page 1.
        others: The pages after it, in order.
        urls: Where all of them are found, in order.
    """
    pages = (first, *others)
    heads = _heads(first)
    seen: set[str] = set()
    blocks: list[Block] = []
    entries: list[Entry] = []
    for place, page in enumerate(pages):
        following = pages[place + 1] if place + 1 < len(pages) else None
        start = _skip(page.blocks, heads | seen) if place else 0
        end = len(page.blocks)
        if following is not None:
            end -= _shared_end(page.blocks[start:], following.blocks)
        seen |= {fold(block.text) for block in page.blocks if _tells(block)}
        moved = len(blocks) - start
        kept = list(page.blocks[start:end])
        if blocks and kept and _goes_on(blocks[-1], kept[0]):
            torn, rest = blocks[-1].text, kept.pop(0).text
            blocks[-1] = replace(blocks[-1], text=f"{torn} {rest}")
            moved -= 1
        blocks += kept
        entries += _moved(page.entries, moved, start, end)
    return _with_fields(
        replace(first, blocks=tuple(blocks), entries=tuple(entries)), pages, urls
    )


def is_repeated(page: Article, before: Iterable[Article]) -> bool:
    """Tell a page that has no text of its own: the server ignores the number."""
    known = {fold(block.text) for one in before for block in one.blocks}
    return all(fold(b.text) in known for b in page.blocks if _tells(b))


def is_same_story(first: Article, page: Article) -> bool:
    """Tell whether a page is of the same article, by its headline or canonical URL."""
    if page.url and page.url == first.url:
        return True
    ours, theirs = fold(first.title), fold(page.title)
    if not ours or not theirs:
        return True
    return (
        theirs.startswith(ours)
        or ours.startswith(theirs)
        or ours in fold(page.raw_title)
    )


def holds_all(whole: Article, first: Article) -> bool:
    """Tell whether a page has page 1's text and more."""
    text = fold(whole.text)
    sizes = {fold(b.text): weight(b.text) for b in first.blocks if _tells(b)}
    shared = sum(size for folded, size in sizes.items() if folded in text)
    return shared >= _SHARE * sum(sizes.values()) and len(text) > len(fold(first.text))


def _heads(first: Article) -> set[str]:
    """Return what later pages repeat above their text."""
    lines = (first.title, first.raw_title, first.description or "", *first.authors)
    return {fold(line) for line in lines} - {""}


def _shared_end(blocks: Sequence[Block], following: Sequence[Block]) -> int:
    """Count the lines that end the next page as well: they are said once, at the end."""
    count = 0
    for ours, theirs in zip(reversed(blocks), reversed(following), strict=False):
        if not _tells(ours) or fold(ours.text) != fold(theirs.text):
            break
        count += 1
    return count if count < len(following) else 0


def _skip(blocks: Iterable[Block], known: set[str]) -> int:
    """Count the blocks from the start that are known already."""
    count = 0
    for block in blocks:
        if fold(block.text) not in known:
            break
        count += 1
    return count


def _tells(block: Block) -> bool:
    return weight(block.text) >= _TELLING


def _goes_on(before: Block, after: Block) -> bool:
    if before.kind is not after.kind or before.kind not in _JOINABLE:
        return False
    broken = not ends_sentence(before.text) and not before.text.rstrip(
        "\"'”’»)]"
    ).endswith(_ENDS)
    return broken and before.text[-1:].isalpha() and after.text[:1].islower()


def _moved(entries: Iterable[Entry], by: int, start: int, end: int) -> Iterable[Entry]:
    for entry in entries:
        first, last = max(entry.start, start), min(entry.end, end)
        if first < last:
            yield replace(entry, start=first + by, end=last + by)


def _with_fields(
    joined: Article, pages: Sequence[Article], urls: Sequence[str]
) -> Article:
    first = pages[0]
    flags = (mark for page in pages[1:] for mark in page.marks if ":" not in mark)
    captions = (line for page in pages for line in page.captions)
    tags = (tag for page in pages for tag in page.tags)
    said = Claim(origin="pages", raw="\n".join(urls), value=f"{len(urls)} pages")
    return replace(
        joined,
        authors=next((p.authors for p in pages if p.authors), ()),
        published=next((p.published for p in pages if p.published), None),
        modified=_latest(pages),
        captions=tuple(dict.fromkeys(captions)),
        tags=tuple(dict.fromkeys(tags)),
        marks=tuple(dict.fromkeys((*first.marks, *flags, "multi_page"))),
        provenance={**first.provenance, "parts": Provenance(winner=said)},
        removed=tuple(line for page in pages for line in page.removed),
        parts=tuple(urls),
    )


def _latest(pages: Sequence[Article]) -> Moment | None:
    stated = [page.modified for page in pages if page.modified is not None]
    return max(stated, key=lambda moment: moment.at, default=None)
