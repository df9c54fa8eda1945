"""Bytes -> text, when the bytes themselves are the best witness of their charset."""

import codecs
import re

import cchardet

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SHAPES = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARED = (
    re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']"""),
    re.compile(
        rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE
    ),
)
_HEADER = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_SEVEN_BIT = ("iso-2022-", "iso2022_", "hz", "utf-7")
_HEAD = 2048


def decode(body: bytes, content_type: str | None = None) -> str:
    """Return the text of a feed, sitemap or page.

    A byte order mark wins. Bytes that are valid UTF-8 are UTF-8 whatever they
    are labelled, because labels are wrong more often than that test. Then the
    HTTP header, the document's own declaration and a guess are tried, in this
    order; what nothing decodes is read as windows-1252 with U+FFFD for gaps.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    for shape, name in _SHAPES:
        if body.startswith(shape):
            return body.decode(name, "replace")
    named = _names(body, content_type)
    if body.isascii():
        named = [name for name in named if name.startswith(_SEVEN_BIT)]
        return _first(body, [*named, "ascii"])
    return _first(body, ["utf-8", *named]) or _guess(body)


def _names(body: bytes, content_type: str | None) -> list[str]:
    found = _HEADER.search(content_type or "")
    names = [found[1]] if found else []
    declared = (pattern.search(body, 0, _HEAD) for pattern in _DECLARED)
    names += [match[1].decode("ascii") for match in declared if match]
    return [_known_as(name.lower()) for name in names]


def _known_as(name: str) -> str:
    """Name the charset browsers use for a label (WHATWG Encoding, section 4.2)."""
    return {
        "shift_jis": "cp932",
        "shift-jis": "cp932",
        "sjis": "cp932",
        "x-sjis": "cp932",
        "x-euc-jp": "euc_jp",
        "gb2312": "gb18030",
        "gbk": "gb18030",
        "ks_c_5601-1987": "cp949",
        "euc-kr": "cp949",
        "iso-8859-1": "cp1252",
        "latin1": "cp1252",
        "us-ascii": "cp1252",
        "iso-8859-9": "cp1254",
        "windows-31j": "cp932",
    }.get(name, name)


def _first(body: bytes, names: list[str]) -> str:
    for name in names:
        try:
            text = body.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
        if isinstance(text, str):
            return text
    return ""


def _guess(body: bytes) -> str:
    guessed = cchardet.detect(body[: 64 * 1024]).get("encoding")
    return (_first(body, [guessed]) if guessed else "") or body.decode(
        "cp1252", "replace"
    )
