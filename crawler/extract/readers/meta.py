"""Meta tags, link relations and the title element."""

import re
from collections.abc import Sequence

from selectolax.lexbor import LexborNode

from crawler.extract.page import Page
from crawler.extract.readers.draft import Draft, Field, Witness, witness

_NAMES: dict[str, Field] = {
    "og:title": Field.TITLE,
    "twitter:title": Field.TITLE,
    "dc.title": Field.TITLE,
    "parsely-title": Field.TITLE,
    "sailthru.title": Field.TITLE,
    "article:published_time": Field.PUBLISHED,
    "og:published_time": Field.PUBLISHED,
    "og:article:published_time": Field.PUBLISHED,
    "datepublished": Field.PUBLISHED,
    "parsely-pub-date": Field.PUBLISHED,
    "sailthru.date": Field.PUBLISHED,
    "pubdate": Field.PUBLISHED,
    "publishdate": Field.PUBLISHED,
    "publish-date": Field.PUBLISHED,
    "publish_date": Field.PUBLISHED,
    "published_time": Field.PUBLISHED,
    "publication_date": Field.PUBLISHED,
    "cxenseparse:recs:publishtime": Field.PUBLISHED,
    "dc.date.issued": Field.PUBLISHED,
    "dc.date.created": Field.PUBLISHED,
    "dcterms.created": Field.PUBLISHED,
    "dc.date": Field.PUBLISHED,
    "date": Field.PUBLISHED,
    "article.published": Field.PUBLISHED,
    "originalpublicationdate": Field.PUBLISHED,
    "citation_publication_date": Field.PUBLISHED,
    "article:modified_time": Field.MODIFIED,
    "og:updated_time": Field.MODIFIED,
    "lastmod": Field.MODIFIED,
    "last-modified": Field.MODIFIED,
    "dcterms.modified": Field.MODIFIED,
    "datemodified": Field.MODIFIED,
    "og:site_name": Field.SITE,
    "application-name": Field.SITE,
    "al:android:app_name": Field.SITE,
    "article:author": Field.AUTHOR,
    "author": Field.AUTHOR,
    "og:article:author": Field.AUTHOR,
    "parsely-author": Field.AUTHOR,
    "sailthru.author": Field.AUTHOR,
    "dc.creator": Field.AUTHOR,
    "dcterms.creator": Field.AUTHOR,
    "byl": Field.AUTHOR,
    "cxenseparse:author": Field.AUTHOR,
    "citation_author": Field.AUTHOR,
    "article:section": Field.SECTION,
    "parsely-section": Field.SECTION,
    "article:tag": Field.TAG,
    "news_keywords": Field.TAG,
    "keywords": Field.TAG,
    "og:image": Field.IMAGE,
    "og:image:secure_url": Field.IMAGE,
    "twitter:image": Field.IMAGE,
    "og:description": Field.DESCRIPTION,
    "description": Field.DESCRIPTION,
    "twitter:description": Field.DESCRIPTION,
    "og:url": Field.CANONICAL,
    "og:type": Field.KIND,
    "og:locale": Field.INTERFACE,
    "content-language": Field.INTERFACE,
    "article:content_tier": Field.FREE,
    "isaccessibleforfree": Field.FREE,
}
# Order of trust among names of one field.
_RANK = {name: rank for rank, name in enumerate(_NAMES)}
# All that is read, in one look: every look walks the whole page.
_RSS = "application/rss+xml"
_SELECTOR = "meta, title, link[rel][href], link[type][title], html[lang]"
_MAX_DATE = 60
_LISTS = frozenset({"news_keywords", "keywords"})
# Names that no table holds but that say what they are: `w-published-date`, `dc:date`.
_DATED = re.compile(r"date|publi[cs]h|modif|updat|created|issued")
_NO_DATE = re.compile(
    r"expir|valid|event|start|end|birth|until|publisher|publication(?!.?date)|upload|template|candidate|format|update.?freq"
)
_CHANGED = re.compile(r"modif|updat|chang|revis|last")
_DAY = re.compile(r"\d{4}")


def read_meta(page: Page) -> Draft:
    """Return what meta tags, link relations and `<title>` say, by order of trust."""
    # A node that several of the selectors match is returned for each.
    nodes = {node.mem_id: node for node in page.select(_SELECTOR)}.values()
    found: list[tuple[int, Witness]] = []
    for node in nodes:
        if node.tag != "meta":
            continue
        attributes = node.attributes
        content = attributes.get("content") or attributes.get("value")
        if not content or not content.strip():
            continue
        for key in ("property", "name", "http-equiv", "itemprop"):
            name = (attributes.get(key) or "").strip().lower()
            field = _NAMES.get(name)
            if field is None:
                if _DATED.search(name) and _DAY.search(content[:80]):
                    found += _dated(name, content)
                continue
            parts = content.split(",") if name in _LISTS else [content]
            found += [
                (_RANK[name], witness(field, f"meta:{name}", part))
                for part in parts
                if part.strip()
            ]
            break
    found.sort(key=lambda pair: pair[0])
    return (
        *(w for _, w in found),
        *_head([node for node in nodes if node.tag != "meta"]),
    )


def _dated(name: str, content: str) -> list[tuple[int, Witness]]:
    """Return the time in a tag whose name only looks like that of one."""
    if len(content) > _MAX_DATE or _NO_DATE.search(name):
        return []
    changed = _CHANGED.search(name) is not None
    field, kind = (
        (Field.MODIFIED, "modified") if changed else (Field.PUBLISHED, "published")
    )
    return [(len(_RANK), witness(field, f"meta:{kind}:{name[:40]}", content))]


def _head(nodes: Sequence[LexborNode]) -> list[Witness]:
    """Return what the first title, canonical link, feed and language say."""
    head = [witness(Field.TITLE, "title", text) for text in _window_titles(nodes)]
    found: dict[Field, Witness] = {}
    for node in nodes:
        attributes = node.attributes
        if node.tag == "html":
            told = witness(Field.INTERFACE, "html:lang", attributes.get("lang") or "")
            found.setdefault(Field.INTERFACE, told)
            continue
        href, title = attributes.get("href"), attributes.get("title")
        if (
            attributes.get("rel") or ""
        ).lower() == "canonical" and "href" in attributes:
            told = witness(Field.CANONICAL, "link:canonical", href or "")
            found.setdefault(Field.CANONICAL, told)
        if (attributes.get("type") or "").lower() == _RSS and "title" in attributes:
            told = witness(Field.SITE, "link:feed", title or "")
            found.setdefault(Field.SITE, told)
    order = (Field.CANONICAL, Field.SITE, Field.INTERFACE)
    return [*head, *(found[field] for field in order if field in found)]


def _window_titles(nodes: Sequence[LexborNode]) -> list[str]:
    """Return the text of `<title>`; some pages have it after the head has ended."""
    titles = [(node, node.parent) for node in nodes if node.tag == "title"]
    best = [n for n, above in titles if above is not None and above.tag == "head"] or [
        node
        for node, above in titles[:3]
        if above is not None and above.tag not in {"svg", "symbol", "g"}
    ]
    return [text for node in best[:1] if (text := node.text()).strip()]
