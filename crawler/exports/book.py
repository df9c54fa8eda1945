"""Articles as a book: EPUB 3, a chapter each, with contents; no markup is the sites'."""

import re
import uuid
import zipfile
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from typing import BinaryIO

from crawler.exports.fields import values_of
from crawler.render import elements
from storage.documents import read_document
from storage.model.article import Article
from storage.sql.selection import Told

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Languages that are written from right to left.
_RIGHT_TO_LEFT = frozenset(
    ["ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "syr", "ug", "ur", "yi"]
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_STYLE = "h1{font-size:1.4em}.of{font-size:.85em}pre{white-space:pre-wrap}"
_CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="EPUB/package.opf" \
media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
_PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"\
{language}>
<head><title>{title}</title><link rel="stylesheet" href="book.css"/></head>
<body>
{body}
</body>
</html>
"""
_PACKAGE = """<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">{id}</dc:identifier>
<dc:title>{title}</dc:title>
<dc:language>{language}</dc:language>
<meta property="dcterms:modified">{made_at:%Y-%m-%dT%H:%M:%SZ}</meta>
</metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="css" href="book.css" media-type="text/css"/>
{items}
</manifest>
<spine{direction}>
<itemref idref="nav"/>
{places}
</spine>
</package>
"""


def write_book(
    told: Iterable[Told], out: BinaryIO, *, title: str, made_at: datetime
) -> None:
    """Write an EPUB; chapter after chapter, the contents at the end.

    Args:
        told: The versions, a chapter each.
        out: A file.
        title: The book's.
        made_at: When it is made, UTC.
    """
    chapters: list[tuple[str, str]] = []
    languages: Counter[str] = Counter()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        first = zipfile.ZipInfo("mimetype", date_time=_stamp(made_at))
        book.writestr(first, "application/epub+zip", zipfile.ZIP_STORED)
        _put(book, "META-INF/container.xml", _CONTAINER, made_at)
        _put(book, "EPUB/book.css", _STYLE, made_at)
        for one in told:
            name = f"a{one.id:07}-{one.version}"
            chapters.append((name, _plain(one.title) or one.url))
            languages[_language_of(one.document.get("language"))] += 1
            _put(book, f"EPUB/{name}.xhtml", _chapter(one), made_at)
        main = languages.most_common(1)[0][0] if languages else "und"
        _put(book, "EPUB/nav.xhtml", _contents(title, chapters), made_at)
        package = _package(title, chapters, main or "und", made_at)
        _put(book, "EPUB/package.opf", package, made_at)


def _put(book: zipfile.ZipFile, name: str, text: str, made_at: datetime) -> None:
    info = zipfile.ZipInfo(name, date_time=_stamp(made_at))
    info.external_attr = 0o644 << 16
    book.writestr(info, text.encode("utf-8", "replace"), zipfile.ZIP_DEFLATED)


def _stamp(at: datetime) -> tuple[int, int, int, int, int, int]:
    """Return a time as zip files hold it."""
    return (at.year, at.month, at.day, at.hour, at.minute, at.second)


def _chapter(one: Told) -> str:
    article = read_document(one.document)
    title = escape(_plain(article.title)) or "—"
    said = values_of(one)
    published = (said["published"] or "").replace("T", " ")
    line = " | ".join(
        x for x in (", ".join(article.authors), published, one.source or "") if x
    )
    body = "\n".join(
        (
            f"<h1>{title}</h1>",
            f'<p class="of">{escape(_plain(line))}</p>' if line else "",
            f'<p class="of"><a href="{escape(one.url)}">{escape(one.url)}</a></p>',
            _plain("\n".join(elements(article))),
        )
    )
    return _PAGE.format(language=_attributes(article), title=title, body=body)


def _attributes(article: Article) -> str:
    """Return a chapter's language and direction; what is not known is not said."""
    language = _language_of(article.language)
    if not language:
        return ""
    direction = "rtl" if _is_right_to_left(language) else "ltr"
    return f' xml:lang="{language}" lang="{language}" dir="{direction}"'


def _language_of(said: str | None) -> str:
    return said if said and _LANGUAGE.fullmatch(said) else ""


def _is_right_to_left(language: str) -> bool:
    return language.partition("-")[0].lower() in _RIGHT_TO_LEFT


def _contents(title: str, chapters: list[tuple[str, str]]) -> str:
    listed = "\n".join(
        f'<li><a href="{name}.xhtml" dir="auto">{escape(said)}</a></li>'
        for name, said in chapters
    )
    title = escape(_plain(title))
    listing = (
        f"<ol>\n{listed}\n</ol>"
        if listed
        else '<ol><li><a href="nav.xhtml">—</a></li></ol>'
    )
    body = f'<nav epub:type="toc" id="toc"><h1>{title}</h1>\n{listing}\n</nav>'
    return _PAGE.format(language="", title=title, body=body)


def _package(
    title: str, chapters: list[tuple[str, str]], language: str, made_at: datetime
) -> str:
    seed = f"kliping:{title}:{made_at.isoformat()}:{len(chapters)}"
    rtl = ' page-progression-direction="rtl"' if _is_right_to_left(language) else ""
    return _PACKAGE.format(
        id=uuid.uuid5(uuid.NAMESPACE_URL, seed).urn,
        title=escape(_plain(title)),
        language=language,
        made_at=made_at.astimezone(UTC),
        items="\n".join(
            f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"/>'
            for name, _ in chapters
        ),
        places="\n".join(f'<itemref idref="{name}"/>' for name, _ in chapters),
        direction=rtl,
    )


def _plain(text: str) -> str:
    """Return text without what XML cannot hold (XML 1.0, section 2.2)."""
    return _NOT_XML.sub("", text)
