"""A feed as Atom (RFC 4287). Pure."""

from lxml import etree

from crawler import __version__
from crawler.web.feeds.feed import CHANGES, Entry, Feed, allowed, stated

MEDIA = "application/atom+xml"
_ATOM = "http://www.w3.org/2005/Atom"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NAME = "Kliping"


def atom(feed: Feed) -> bytes:
    """Return a feed as an Atom document."""
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})  # type: ignore[dict-item]  # its stubs forget the default
    _say(root, "id", feed.id)
    _say(root, "title", feed.title)
    _say(root, "updated", stated(feed.updated))
    _link(root, "self", f"{feed.base}{feed.path}", MEDIA)
    _link(root, "alternate", f"{feed.base}{feed.page}", "text/html")
    _author(root, _NAME)  # of entries that name none (section 4.2.1)
    _say(root, "generator", _NAME, version=__version__)
    for entry in feed.entries:
        _add(root, entry)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _add(root: etree._Element, entry: Entry) -> None:
    element = etree.SubElement(root, f"{{{_ATOM}}}entry")
    if entry.language:
        element.set(_LANG, entry.language)
    _say(element, "id", entry.id)
    _say(element, "title", entry.title)
    _link(element, "alternate", entry.url, "text/html")
    _link(element, "related", entry.page, "text/html", title="in the archive")
    _say(element, "published", stated(entry.published))
    _say(element, "updated", stated(entry.updated))
    for name in entry.authors:
        _author(element, name)
    if entry.change is not None:
        label = f"changed: {entry.change}"
        _say(element, "category", term=entry.change, scheme=CHANGES, label=label)
    for tag in entry.tags:
        _say(element, "category", term=tag)
    _say(element, "summary", entry.summary)
    if entry.html is not None:
        _say(element, "content", entry.html, type="html")


def _say(parent: etree._Element, name: str, text: str = "", **said: str) -> None:
    element = etree.SubElement(parent, f"{{{_ATOM}}}{name}")
    element.text = allowed(text) or None
    for key, value in said.items():
        element.set(key, allowed(value))


def _link(
    parent: etree._Element, relation: str, url: str, media: str, **said: str
) -> None:
    _say(parent, "link", rel=relation, type=media, href=url, **said)


def _author(parent: etree._Element, name: str) -> None:
    author = etree.SubElement(parent, f"{{{_ATOM}}}author")
    _say(author, "name", name)
