"""The bylines that stand as lines around the story: under the headline, above or below the text.

Four forms are read: a label and names ("By Jane Doe", "Posted by jdoe on May 3"),
names whose line links to a page about an author, right under the headline a bare name
beside a date, and a line of names alone that begins or ends the text, where the story
says nothing of those people.
"""

import re
from collections.abc import Collection, Iterator, Sequence

from crawler.extract.bylines.credits import (
    credits_another,
    is_label,
    read_credit,
    unglued,
)
from crawler.extract.bylines.ideographic import is_bare_name, read_closing, read_opening
from crawler.extract.bylines.korean import read_head
from crawler.extract.bylines.names import Kind, has_rank, is_personal, key_of, names_in
from crawler.extract.bylines.words import PATHS_OF_AUTHORS
from crawler.extract.layout.blocks import Layout, TextBlock
from crawler.lexicon.match import looks_like_date, match_line
from storage.model.article import Claim

_FOREIGN = frozenset(
    {
        "related",
        "comments",
        "navigation",
        "footer",
        "ad",
        "cookies",
        "dialog",
        "newsletter",
        "caption",
    }
)
# Between headline and text a box named teaser is the story's own.
_UNDER_HEADLINE = _FOREIGN - {"related"}
_PEOPLE = re.compile(
    rf"/(?:{PATHS_OF_AUTHORS}|people|person|contributors?|profiles?|staff"
    r"|users?[\w-]*|redaktion|team|bios?|experts?|by)[/=]\S{2,}",
)
_ALPHABETIC = re.compile("[A-Za-z\u00c0-\u024f\u0370-\u058f\u1e00-\u1fff]{2}")
_BARS = re.compile(r"\s*[|•·]\s*|\s+[-–—/]\s+")
_DATELIKE = re.compile(r"[\d\s.:,/-]+(?:uhr|h|am|pm)?", re.IGNORECASE)
_LONGEST = 160
_LINKED = 100
_SHORTEST = 70
_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_DIGIT = re.compile(r"\d")
_MOSTLY = 0.4
_ABOVE = 12
_BEFORE = 30
_AFTER = 8
_HEADLINE_REACH = 60
_LONE = range(6, 60)
_LONE_BEFORE = 5
_STORY = 90
_JOINED = 3
_ENDS = re.compile(r"\W{0,3}\w.*\w")
_LONGEST_TITLE = 300


def visible_bylines(
    layout: Layout, body: Sequence[int], titles: Collection[str]
) -> list[Claim]:
    """Return the bylines around a story, the nearest to the headline first.

    Args:
        layout: The page.
        body: Indexes of the story's blocks, in order.
        titles: Folded titles of the page.
    """
    if not body:
        return []
    headline = _headline(layout, body[0], titles)
    start = max(0, headline - 4) if headline >= 0 else max(0, body[0] - _ABOVE)
    start = max(start, body[0] - _BEFORE)
    head = _UNDER_HEADLINE if headline >= 0 else _FOREIGN
    found = list(_credits(layout, start, body[0] + 2, "text:byline", head))
    found += _opening(layout, body[0])
    found += _linked(layout, start, body[0] + 1)
    if headline >= 0:
        found += _bare(layout, headline + 1, min(body[0] + 3, headline + 8))
    if not any(claim.origin == "text:byline" for claim in found):
        end = body[-1]
        found += _closing(layout, end)
        found += _credits(layout, max(body[0] + 2, end - 1), end + _AFTER, "text:end")
    return [*found, *_lone(layout, body, titles)]


def _opening(layout: Layout, first: int) -> Iterator[Claim]:
    """Yield the byline in the brackets that begin a story, as East Asian papers set it."""
    text = layout.blocks[first].text
    if not text.isascii() and (names := read_head(text) or read_opening(text)):
        yield Claim(origin="text:byline", raw=text[:60], value=names)


def _closing(layout: Layout, end: int) -> Iterator[Claim]:
    for block in layout.blocks[end : end + 2]:
        if not block.text.isascii() and (names := read_closing(block.text)):
            yield Claim(origin="text:end", raw=block.text[-60:], value=names)
            return


def _lone(
    layout: Layout, body: Sequence[int], titles: Collection[str]
) -> Iterator[Claim]:
    """Yield a line of names alone just before the first paragraph, or behind the last.

    Heads of parts and people of the story are spelled like names: what the story or
    its headline speaks of is no writer.
    """
    long = [i for i in body if len(layout.blocks[i].text) >= _STORY]
    if not long:
        return
    first, last = long[0], body[-1]
    ends = (last + 1, long[-1]), (last, long[-1])
    said = "".join((*titles, *(layout.folded[i] for i in long)))
    before = range(first - 1, max(-1, first - 1 - _LONE_BEFORE), -1)
    for index, story in (*((i, first) for i in before), *ends):
        if index < len(layout.blocks) and _is_lone(layout, index, story, said):
            text = layout.blocks[index].text
            yield Claim(origin="text:lone", raw=text, value=text)
            return


def _is_lone(layout: Layout, index: int, story: int, said: str) -> bool:
    """Tell a paragraph of the story's own container that is personal names alone."""
    block, beside = layout.blocks[index], layout.blocks[story]
    if (
        len(block.text) not in _LONE
        or block.links
        or not _ENDS.fullmatch(block.text)
        or block.tag != beside.tag
        or _above(layout, block) != _above(layout, beside)
        or not _may_be_name(block.text)
    ):
        return False
    names = names_in(block.text, frozenset())
    whole = "".join(key_of(name.text) for name in names)
    return (
        bool(names)
        and all(name.kind is Kind.PERSON for name in names)
        and len(whole) >= len(layout.folded[index]) - _JOINED * (len(names) - 1)
        and not any(key_of(word) in said for n in names for word in n.text.split())
    )


def _above(layout: Layout, block: TextBlock) -> int:
    return layout.containers[block.container].parent


def _headline(layout: Layout, first: int, titles: Collection[str]) -> int:
    """Return the index of the block that holds the headline, or -1."""
    shortest = min(map(len, titles), default=0)
    for index in range(
        min(first + 1, len(layout.blocks) - 1), max(-1, first - _HEADLINE_REACH), -1
    ):
        block = layout.blocks[index]
        if block.tag == "h1" or (
            shortest <= len(block.text) < _LONGEST_TITLE
            and layout.is_headed(index, titles)
        ):
            return index
    return -1


def _blocks(
    layout: Layout, start: int, end: int, foreign: frozenset[str] = _FOREIGN
) -> Iterator[tuple[int, TextBlock]]:
    for index in range(start, min(end, len(layout.blocks))):
        block = layout.blocks[index]
        if (
            len(block.text) <= _LONGEST
            and layout.chrome[block.container] not in foreign
        ):
            yield index, block


def _credits(
    layout: Layout,
    start: int,
    end: int,
    origin: str,
    foreign: frozenset[str] = _FOREIGN,
) -> Iterator[Claim]:
    labelled = -2
    for index, block in _blocks(layout, start, end, foreign):
        for line in block.spaced.split("\n"):
            names = read_credit(line)
            if not names and labelled == index - 1 and _is_name(line):
                names = line
            if names:
                yield Claim(origin=origin, raw=line, value=names)
        if is_label(block.text):
            labelled = index


def _linked(layout: Layout, start: int, end: int) -> Iterator[Claim]:
    for _, block in _blocks(layout, start, end):
        text = block.spaced
        if not block.target or len(text) > _LINKED or not _PEOPLE.search(block.target):
            continue
        text = unglued(text)
        credit = read_credit(text)
        if credit or (block.link_density > _MOSTLY and not credits_another(text)):
            yield Claim(origin="text:link", raw=text, value=credit or text)


def _bare(layout: Layout, start: int, end: int) -> Iterator[Claim]:
    """Yield a line under the headline that is one name, beside a date or a rank."""
    for index, block in _blocks(layout, start, end):
        text = block.text
        if index == start and not block.links and is_bare_name(text):
            yield Claim(origin="text:name", raw=text, value=text)
            return
        if len(text) > _SHORTEST or block.tag in _HEADINGS or not _may_be_name(text):
            continue
        name = _only_names(unglued(block.spaced))
        if not name:
            continue
        dated = name != text and _DIGIT.search(text)
        if dated or any(
            _stands_by_name(layout, near) for near in (index - 1, index + 1)
        ):
            yield Claim(origin="text:name", raw=text, value=name)
            return


def _only_names(text: str) -> str:
    """Return the personal names in a line whose other parts are dates, with commas, or nothing."""
    parts = [part for part in _BARS.split(text) if not _DATELIKE.fullmatch(part)]
    names = names_in(parts[0], frozenset()) if len(parts) == 1 else ()
    people = all(name.kind is Kind.PERSON for name in names)
    return ", ".join(name.text for name in names) if people else ""


def _may_be_name(text: str) -> bool:
    return bool(_ALPHABETIC.search(text)) and match_line(text) is None


def _stands_by_name(layout: Layout, index: int) -> bool:
    """Tell a date or a rank, as they stand above or below a name."""
    if not 0 <= index < len(layout.blocks):
        return False
    text = layout.blocks[index].text
    return len(text) <= _SHORTEST and (looks_like_date(text) or has_rank(text))


def _is_name(line: str) -> bool:
    names = names_in(line, frozenset())
    return bool(names) and all(is_personal(name.text) for name in names)
