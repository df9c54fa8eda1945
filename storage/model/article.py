"""An article and what it is made of: blocks, claims, and lines that were removed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from storage.model.moment import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Blurb:
    """What a feed says of an article besides its title and times, as plain text."""

    authors: tuple[str, ...] = ()
    summary: str | None = None
    image: str | None = None
    tags: tuple[str, ...] = ()


class BlockKind(StrEnum):
    """What a block of an article's text is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list_item"
    QUOTE = "quote"
    TABLE = "table"
    PREFORMATTED = "preformatted"
    EMBED = "embed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of text; `level` is 2-6 for headings, list depth for items."""

    kind: BlockKind
    text: str
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one witness says a field is; `raw` is as the page has it."""

    origin: str
    raw: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Who won a field, and who lost."""

    winner: Claim
    losers: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A line kept out of the text.

    Attributes:
        text: The line.
        boilerplate: Its class, such as `view_count` or `recent_posts`.
        rule: Which rule said so.
        index: Its place among the page's blocks, counted from 0.
    """

    text: str
    boilerplate: str
    rule: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    """The dateline of the first paragraph; it stays in the text.

    `rest` is the character offset in that paragraph where the prose begins.
    """

    place: str | None
    source: str | None
    date: str | None
    rest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a live blog.

    Attributes:
        start: Index of its first block in the article.
        end: Index after its last block.
        title: Its headline, which is a block as well; or nothing.
        at: Its time as the page states it, or None.
        authors: Who wrote it, where it says so itself.
        anchor: The fragment that leads to it on the page, or None.
    """

    start: int
    end: int
    title: str = ""
    at: Moment | None = None
    authors: tuple[str, ...] = ()
    anchor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The series of articles that an article is a part of, as far as it says."""

    name: str | None = None
    number: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What a page says, merged from all witnesses.

    `counters` holds numbers such as `views`, `comments`, `shares`; `marks` holds
    flags such as `paywalled`, `multi_page`, `live_blog`, `needs_review`, what the page
    says against being kept or mined (`noarchive`, `noai`, `tdm_reserved`), and text
    defects such as `cut_mid_word: paragraph 0, last token "anta"`. `parts` holds
    the URLs of the pages it was joined from, in order; it is empty for one page.
    `entries` are those of a live blog, in page order; their text is in `blocks`.
    """

    url: str
    title: str
    blocks: tuple[Block, ...]
    raw_title: str = ""
    site: str | None = None
    authors: tuple[str, ...] = ()
    published: Moment | None = None
    modified: Moment | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    description: str | None = None
    language: str | None = None
    interface_language: str | None = None
    dateline: Dateline | None = None
    captions: tuple[str, ...] = ()
    counters: Mapping[str, int] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    provenance: Mapping[str, Provenance] = field(default_factory=dict)
    removed: tuple[Removed, ...] = ()
    parts: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    series: Series | None = None

    @property
    def text(self) -> str:
        """The blocks' texts, a blank line between them."""
        return "\n\n".join(block.text for block in self.blocks)
