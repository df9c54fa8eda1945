"""An article as text, Markdown, HTML or a JSON document. Pure."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from html import escape

from crawler.front_matter import front_matter
from storage.model.article import Article, Block, BlockKind
from storage.model.moment import Moment, Precision


class Format(StrEnum):
    """How an article is printed."""

    TEXT = "text"
    MARKDOWN = "md"
    JSON = "json"
    JSON_LINES = "jsonl"
    HTML = "html"


_STYLE = (
    "body{max-width:38em;margin:2em auto;padding:0 1em;font:1.1em/1.6 serif}"
    "header p{color:#555;font:.85em sans-serif}pre{overflow-x:auto}"
)
_MARKUP = re.compile(r"([\\`*_\[\]<~|]|&(?=[#\w]))")
#: What opens a heading, list, quote or rule where a line begins (CommonMark, section 4).
_LINE_START = re.compile(r"^([#>+=-]|\d{1,9}(?=[.)]))", re.MULTILINE)


def as_text(article: Article) -> str:
    """Return title, byline and paragraphs, a blank line between them."""
    head = [article.title, _byline(article)]
    opened = _openings(article)
    lines = (
        line
        for place, block in enumerate(article.blocks)
        for line in (opened.get(place, ""), _line(block))
    )
    return "\n\n".join(x for x in (*head, *lines) if x)


def as_markdown(article: Article, facts: Mapping[str, object]) -> str:
    """Return Markdown with YAML front matter: the article's fields, then `facts`."""
    matter = front_matter({**_fields(article), **facts})
    return f"{matter}\n\n{markdown_body(article)}"


def markdown_body(article: Article) -> str:
    """Return headline and text as Markdown (CommonMark); no HTML can come of it."""
    parts = [f"# {_escaped(_one_line(article.title))}"]
    opened = _openings(article)
    for place, block in enumerate(article.blocks):
        if place in opened:
            parts.append(f"*{_escaped(opened[place])}*")
        parts.append(_markdown(block))
    return "\n\n".join(parts)


def as_html(article: Article) -> str:
    """Return a page that stands alone; not one byte of markup is the site's."""
    language = f' lang="{escape(article.language)}"' if article.language else ""
    body = "\n".join(elements(article))
    source = escape(article.url)
    linked = f'<a href="{source}" rel="noreferrer">{source}</a>'
    origin = linked if article.url.startswith(("http://", "https://")) else source
    return (
        f'<!doctype html>\n<html{language}>\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(article.title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f'<body>\n<article dir="auto">\n<header>\n<h1>{escape(article.title)}</h1>\n'
        f"<p>{escape(_byline(article))}</p>\n<p>{origin}</p>\n</header>\n"
        f"{body}\n</article>\n</body>\n</html>"
    )


def stated(moment: Moment | None) -> str | None:
    """Return a time as exactly as the page states it, and no more."""
    if moment is None:
        return None
    if moment.precision is Precision.DAY:
        return moment.at.date().isoformat()
    until = "minutes" if moment.precision is Precision.MINUTE else "seconds"
    at = moment.at if moment.zone_stated else moment.at.replace(tzinfo=None)
    return at.isoformat(timespec=until)


def _fields(article: Article) -> dict[str, object]:
    return {
        "title": article.title,
        "url": article.url,
        "site": article.site,
        "authors": list(article.authors),
        "published": stated(article.published),
        "modified": stated(article.modified),
        "section": article.section,
        "tags": list(article.tags),
        "language": article.language,
        "description": article.description,
        "image": article.image,
        "marks": list(article.marks),
    }


def _openings(article: Article) -> dict[int, str]:
    """Return the line above each entry of a live blog: its time and authors."""
    lines = {}
    for entry in article.entries:
        at = stated(entry.at)
        said = (at.replace("T", " ") if at else None, ", ".join(entry.authors))
        lines[entry.start] = " | ".join(x for x in said if x)
    return {place: line for place, line in lines.items() if line}


def _byline(article: Article) -> str:
    date = stated(article.published)
    said = (
        ", ".join(article.authors),
        date.replace("T", " ") if date else None,
        article.site,
        article.language,
    )
    return " | ".join(x for x in said if x)


def _line(block: Block) -> str:
    match block.kind:
        case BlockKind.LIST_ITEM:
            return f"{'  ' * max(block.level - 1, 0)}- {block.text}"
        case BlockKind.QUOTE:
            return _prefixed("> ", block.text)
        case _:
            return block.text


def _prefixed(prefix: str, text: str) -> str:
    return "\n".join(prefix + line for line in text.split("\n"))


def _markdown(block: Block) -> str:
    match block.kind:
        case BlockKind.HEADING:
            level = min(max(block.level, 2), 6)
            return f"{'#' * level} {_escaped(_one_line(block.text))}"
        case BlockKind.LIST_ITEM:
            indent = "  " * max(block.level - 1, 0)
            return f"{indent}- {_escaped(block.text)}"
        case BlockKind.QUOTE:
            return _prefixed("> ", _escaped(block.text))
        case BlockKind.PREFORMATTED | BlockKind.TABLE:
            return f"{_fence(block.text)}\n{block.text}\n{_fence(block.text)}"
        case _:
            return _escaped(block.text)


def _fence(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(3, longest + 1)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _escaped(text: str) -> str:
    """Return text that says in Markdown what it says: nothing in it is markup."""
    lines = "\n".join(line.strip() for line in text.strip().splitlines())
    return _LINE_START.sub(_escape_start, _MARKUP.sub(r"\\\1", lines))


def _escape_start(found: re.Match[str]) -> str:
    """Escape what opens a block; of a list's number it is what follows that does."""
    opens = found[1]
    return f"{opens}\\" if opens[0].isdigit() else f"\\{opens}"


_TAGS = {
    BlockKind.PARAGRAPH: "p",
    BlockKind.LIST_ITEM: "li",
    BlockKind.QUOTE: "blockquote",
    BlockKind.TABLE: "pre",
    BlockKind.PREFORMATTED: "pre",
    BlockKind.EMBED: "p",
}


def elements(article: Article) -> Iterator[str]:
    """Yield the text's elements of HTML; a run of list items stands in one list."""
    is_listing = False
    opened = _openings(article)
    for place, block in enumerate(article.blocks):
        is_item = block.kind is BlockKind.LIST_ITEM
        if is_listing and (not is_item or place in opened):
            yield "</ul>"
            is_listing = False
        if place in opened:
            yield f"<p><small>{escape(opened[place])}</small></p>"
        if is_item and not is_listing:
            yield "<ul>"
        is_listing = is_item
        level = min(max(block.level, 2), 6)
        tag = _TAGS.get(block.kind, f"h{level}")
        yield f"<{tag}>{escape(block.text)}</{tag}>"
    if is_listing:
        yield "</ul>"
