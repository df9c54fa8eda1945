"""XML made safe to parse: one charset, no control characters, no DTD."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from lxml import etree

from crawler.charset import decoded
from crawler.errors import NotReadable

_DECLARATION = re.compile(r"<\?xml\b[^>]{0,500}\?>")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: A document type that declares nothing itself (XML 1.0, section 2.8), with what stands
#: before it. Each part is read once, never anew; that of HTML is none of a list.
_DOCTYPE = re.compile(
    rb"((?:\xef\xbb\xbf)?(?>\s+|<\?.*?\?>|<!--.*?-->)*+)"
    rb"<!DOCTYPE\s++(?!html[\s>])[\w:.-]++"
    rb"(?>\s++(?:PUBLIC|SYSTEM)(?>\s*+(?:\"[^\"]*\"|'[^']*')){1,2}+)?\s*+>",
    re.DOTALL | re.IGNORECASE,
)
_MARK = re.compile(rb"<[!?]")
_FORBIDDEN = (b"<!doctype", b"<!entity", b"<!element", b"<!attlist", b"<!notation")
_PIECE = 64 * 1024
_SAFE: dict[str, Any] = {
    "encoding": "utf-8",
    "resolve_entities": False,
    "no_network": True,
    "huge_tree": False,
    "load_dtd": False,
    "remove_comments": True,
    "remove_pis": True,
}
_SPANS = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"))


def clean_xml(body: bytes, content_type: str | None = None) -> bytes:
    """Return an XML document as UTF-8 without declaration or control characters.

    A document type that declares nothing itself is left out, as that of RSS 0.91:
    what it names elsewhere is never asked for.

    Raises:
        NotReadable: It has another document type or an entity declaration.
    """
    text = decoded(body, content_type).lstrip("\ufeff \t\r\n")
    declaration = _DECLARATION.match(text)
    text = text[declaration.end() :] if declaration else text
    return without_dtd(_CONTROL.sub("", text).encode())


def without_dtd(body: bytes) -> bytes:
    """Return a document in UTF-8 without a document type that declares nothing itself.

    Raises:
        NotReadable: It has another one, or an entity declaration.
    """
    found = _DOCTYPE.match(body)
    rest = found[1] + body[found.end() :] if found else body
    _refuse_dtd(rest)
    return rest


def _refuse_dtd(body: bytes) -> None:
    """Refuse document types and entity declarations, in one linear pass.

    Comments, CDATA sections and processing instructions are passed over: an
    article quoted in a CDATA section may hold `<!DOCTYPE html>`. One that is
    never closed hides nothing, its contents are looked at too.

    Raises:
        NotReadable: There is one.
    """
    closed = dict.fromkeys((opening for opening, _ in _SPANS), True)
    at = 0
    while mark := _MARK.search(body, at):
        at = mark.end()
        if body[mark.start() : mark.start() + 10].lower().startswith(_FORBIDDEN):
            raise NotReadable("XML with a document type or entity declaration")
        for opening, closing in _SPANS:
            if closed[opening] and body.startswith(opening, mark.start()):
                end = body.find(closing, mark.start() + len(opening))
                closed[opening] = end >= 0
                at = max(at, end)
                break


def parse_xml(clean: bytes) -> etree._Element | None:
    """Parse what `clean_xml` returned, or return None if it is not well-formed."""
    try:
        return etree.fromstring(clean, etree.XMLParser(**_SAFE))
    except etree.XMLSyntaxError:
        return None


def pull_parser(*, recover: bool = False) -> etree.XMLPullParser:
    """Return a parser that tells of elements as they begin and end."""
    return etree.XMLPullParser(events=("start", "end"), recover=recover, **_SAFE)


class Reading:
    """A document's elements of some names, each forgotten once the next is read.

    Iterating raises etree.XMLSyntaxError where the document is not well-formed.
    Afterwards `root` is what was left: the document without those elements.
    """

    root: etree._Element

    def __init__(self, clean: bytes, *, names: Collection[str]) -> None:
        """Take what `clean_xml` returned, and local names in lower case."""
        self._clean = clean
        self._names = names
        self._last: etree._Element | None = None

    def __iter__(self) -> Iterator[etree._Element]:
        """Yield each element when it ends; it is emptied before the next."""
        parser = pull_parser()
        is_root = True
        for event, element in self._events(parser):
            if is_root:
                self.root, is_root = element, False
            if event == "end" and local_name(element) in self._names:
                yield element
                self._forget(element)

    def _events(
        self, parser: etree.XMLPullParser
    ) -> Iterator[tuple[str, etree._Element]]:
        for at in range(0, len(self._clean), _PIECE):
            parser.feed(self._clean[at : at + _PIECE])
            yield from parser.read_events()  # type: ignore[misc]
        parser.close()
        yield from parser.read_events()  # type: ignore[misc]

    def _forget(self, element: etree._Element) -> None:
        """Empty an element, and take the one before it out of the document.

        Never itself: the parser may still be writing the text behind it.
        """
        element.clear(keep_tail=True)  # type: ignore[call-arg]  # not in the stubs
        before, self._last = self._last, element
        parent = None if before is None else before.getparent()
        if before is not None and parent is not None:
            parent.remove(before)


def local_name(element: etree._Element) -> str:
    """Return an element's name without its namespace, in lower case."""
    return etree.QName(element).localname.lower()


def children(element: etree._Element) -> Iterator[etree._Element]:
    """Yield child elements; what is not an element has no name."""
    return (child for child in element if isinstance(child.tag, str))


def text_of(element: etree._Element) -> str | None:
    """Return the text in an element and below it, or None if there is none."""
    return "".join(map(str, element.itertext(with_tail=False))).strip() or None


def first_text(fields: Mapping[str, etree._Element], *names: str) -> str | None:
    """Return the text of the first named field that has any."""
    found = (text_of(fields[name]) for name in names if name in fields)
    return next(filter(None, found), None)
