"""Articles as JSON documents, and back.

A document holds every field of an Article, so `read_document` answers with an
equal value. A time keeps its offset from UTC; the name of a zone is not kept.
"""

import hashlib
import json
import re
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from storage.model.article import Article

_ARTICLES: TypeAdapter[Article] = TypeAdapter(Article)
_CONTROLS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: As JSON writes them.
_CONTROL_ESCAPE = re.compile(rb"\\(?:u00[01]|[bf])|\x7f")


def article_document(article: Article) -> dict[str, Any]:
    """Return the article as plain JSON values."""
    document: dict[str, Any] = _ARTICLES.dump_python(article, mode="json")
    return document


def read_document(document: dict[str, Any]) -> Article:
    """Return the article that a document was made of."""
    return _ARTICLES.validate_python(document)


def document_sha256(document: dict[str, Any]) -> str:
    """Return the digest of a document, in hexadecimal; the order of keys is no matter."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def storable(article: Article) -> Article:
    """Return the article without what no database can hold as text, or drives terminals.

    Control characters are dropped, and a lone surrogate becomes U+FFFD. Both come out
    of escapes, JSON-LD's and HTML's; PostgreSQL refuses NUL and UTF-8 the other.
    """
    if _is_storable(article):
        return article
    return read_document(_cleaned(article_document(article)))


def _is_storable(article: Article) -> bool:
    """Tell whether an article has neither; a false no costs time alone."""
    try:
        return _CONTROL_ESCAPE.search(_ARTICLES.dump_json(article)) is None
    except PydanticSerializationError:  # a lone surrogate
        return False


def _cleaned(value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    match value:
        case str():
            halves = _CONTROLS.sub("", value).encode("utf-16", "surrogatepass")
            return halves.decode("utf-16", "replace")
        case dict():
            return {key: _cleaned(item) for key, item in value.items()}
        case list():
            return [_cleaned(item) for item in value]
        case _:
            return value
