"""Bytes -> text: byte order mark, UTF-8, header, declaration, then a guess.

Pages, feeds, sitemaps and style sheets are all decoded here: what lists an article
and the article itself are never read with two charsets.
"""

import codecs
import re

import cchardet

from crawler.euc_jp import ERRORS

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: How markup begins that is written wide, without a mark.
_SHAPES = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META = re.compile(
    rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]+)|"
    rb"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]+)",
    re.IGNORECASE,
)
# The Encoding Standard reads these labels as their supersets.
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
#: Labels of the Encoding Standard (WHATWG, section 4.2) that Python does not know.
_LABELS = {
    label: codec
    for codec, labels in (
        ("big5", "big-5 cn-big5 x-x-big5"),
        ("cp1251", "win-1251 win1251 x-cp1251"),
        ("cp874", "dos-874 windows-874 x-windows-874"),
        ("cp932", "windows-31j x-sjis"),
        (
            "cp949",
            "cseuckr iso-ir-149 ks_c_5601-1989 ksc_5601 windows-949 x-windows-949",
        ),
        ("euc_jp", "cseucpkdfmtjapanese x-euc-jp"),
        ("gb18030", "csgb2312 gb_2312 gb_2312-80 x-gbk"),
        ("iso8859-6", "iso-8859-6-e iso-8859-6-i"),
        ("iso8859-8", "iso-8859-8-e iso-8859-8-i logical visual"),
        ("koi8-r", "koi koi8"),
        ("koi8-u", "koi8-ru"),
        ("mac-cyrillic", "x-mac-cyrillic x-mac-ukrainian"),
        ("mac-roman", "csmacintosh mac x-mac-roman"),
        ("utf-16-le", "csunicode iso-10646-ucs-2 ucs-2 unicode"),
        ("utf-8", "unicode-1-1-utf-8 utf8mb3 utf8mb4"),
    )
    for label in labels.split()
}
#: What Python decodes and no browser: `undefined` is what scripts write for nothing.
_NO_CHARSETS = frozenset(
    ["idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"]
)
#: As `_codec` names Latin-1.
_UNTOLD = "cp1252"
_SAMPLE = 64 * 1024
#: A guess looks at what is not ASCII, and at so much before it.
_BEFORE = 1024
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
#: How ISO-2022-JP turns to Japanese; it is ASCII byte by byte.
_JAPANESE = re.compile(rb"\x1b\$[@B][\x21-\x7e]{2}")
#: Where a declaration is looked for.
_HEAD = 2048
#: Formats that a page is not: PDF, images, archives, sound and film.
_NO_TEXT = (
    *(b"%PDF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"\x1f\x8b"),
    *(b"RIFF", b"\x00\x00\x00"),
)
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
#: Bytes that no text has (WHATWG MIME Sniffing, "binary data byte").
_BINARY = bytes([*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)])
_FEW = 8
_CONTROLS = re.compile("[\0-\x08\x0e-\x1f\x7f]+")
_ANY = bytes([*_BINARY, 0x1B, 0x7F])


def is_binary(body: bytes, content_type: str | None = None) -> bool:
    """Tell what is no text, whatever its type is said to be: an image, a stream of bytes.

    Text has no control characters but by accident; of random bytes they are a tenth.
    """
    if body.startswith(_NO_TEXT):
        return True
    sample = body[:_SAMPLE]
    if _is_wide(sample) or "utf-16" in (content_type or "").lower():
        return False
    controls = len(sample) - len(sample.translate(None, _BINARY))
    return controls > max(_FEW, len(sample) // 20)


def _is_wide(sample: bytes) -> bool:
    """Tell UTF-16, which is often written without a mark: of markup every other byte is 0."""
    halves = (sample[start::2] for start in (0, 1))
    zeros = sorted(half.count(0) / max(1, len(half)) for half in halves)
    return sample.startswith(_WIDE) or (zeros[0] < 0.05 and zeros[1] > 0.5)


def decode(body: bytes, content_type: str | None = None) -> tuple[str, str]:
    """Return the text of a page or a list and the charset it was read with.

    Valid UTF-8 with non-ASCII characters is believed before a declaration
    that says otherwise: multi-byte sequences are not valid by chance.
    """
    for bom, name in _BOMS:
        if body.startswith(bom):
            return _read(body[len(bom) :], name), name
    for shape, name in _SHAPES:
        if body.startswith(shape):
            return _read(body, name), name
    if (text := _as_utf8(body)) is not None:
        return text, "utf-8"
    name = _believed(body, content_type)
    return _read(body, name), name


def decoded(body: bytes, content_type: str | None = None) -> str:
    """Return the text of a page or a list."""
    return decode(body, content_type)[0]


def _believed(body: bytes, content_type: str | None) -> str:
    """Return which charset a body that is no UTF-8 is read with.

    The header counts before the page's own declaration, but for Latin-1, which
    servers say that were told nothing. What says UTF-8 here is not believed: a stray
    byte or a character cut at the end is passed over, more are a lie.
    """
    header, page = _of_header(content_type), _of_page(body)
    if header == _UNTOLD and page is not None and page != "utf-8" and _fits(body, page):
        return page
    declared = header or page
    if declared != "utf-8":
        return declared or _guess(body)
    if _is_nearly_utf8(body):
        return "utf-8"
    others = (name for name in (header, page) if name not in {None, "utf-8"})
    return next(others, None) or _guess(body)


def _of_header(content_type: str | None) -> str | None:
    found = _HEADER.search(content_type or "")
    return _codec(found[1]) if found else None


def _of_page(body: bytes) -> str | None:
    found = _META.search(body, 0, _HEAD)
    if found is None:
        return None
    name = _codec((found[1] or found[2]).decode("ascii", "replace"))
    # A declaration that can be read as ASCII cannot be UTF-16.
    return "utf-8" if name and name.startswith("utf-16") else name


def _fits(body: bytes, name: str) -> bool:
    try:
        text = body.decode(name, ERRORS if name == "euc_jp" else "strict")
    except UnicodeDecodeError:
        return False
    return "\ufffd" not in text


def _is_nearly_utf8(body: bytes) -> bool:
    """Tell whether most of what is not ASCII is UTF-8 after all."""
    text = body.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    others = len(text) - len(text.encode("ascii", "ignore")) - wrong
    return others >= wrong


def _codec(label: str) -> str | None:
    try:
        name = codecs.lookup(_LABELS.get(label.lower(), label)).name
    except (LookupError, ValueError):
        return None
    if name in _NO_CHARSETS:
        return None
    try:
        b"xx".decode(name, "replace")
    except LookupError:  # a bytes-to-bytes codec such as zlib is no charset
        return None
    return _SUPERSETS.get(name, name)


def _as_utf8(body: bytes) -> str | None:
    if body.isascii():
        return None
    try:
        return _read(body, "utf-8", "strict")
    except UnicodeDecodeError:
        return None


def _guess(body: bytes) -> str:
    first = _NOT_ASCII.search(body)
    if first is None:
        escapes = _JAPANESE.search(body) and _fits(body, "iso2022_jp")
        return "iso2022_jp" if escapes else "utf-8"
    start = max(0, first.start() - _BEFORE)
    found = cchardet.detect(body[start : start + _SAMPLE]).get("encoding")
    name = _codec(found) if found else None
    return name or "cp1252"


def _read(body: bytes, name: str, errors: str = "replace") -> str:
    """Decode without control characters: some drive terminals, `runs` uses others."""
    text = body.decode(name, ERRORS if name == "euc_jp" else errors)
    # No charset but UTF-16, UTF-32 and those with escapes writes others with these bytes.
    if len(body.translate(None, _ANY)) < len(body):
        text = _CONTROLS.sub("", text.replace("\v", " "))
    return text
