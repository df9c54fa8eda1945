"""What a reader would see differ between two readings of one capture. Pure."""

from storage.model.article import Article

#: Evidence and counters are no part of the story, and are not compared.
_FIELDS = (
    "title",
    "text",
    "blocks",
    "authors",
    "published",
    "modified",
    "language",
    "site",
    "url",
    "section",
    "tags",
    "image",
    "description",
    "dateline",
    "captions",
    "marks",
    "entries",
    "series",
    "parts",
)


def differences(old: Article, new: Article) -> tuple[str, ...]:
    """Return the fields in which two readings differ; `blocks` only for equal texts."""
    found = [name for name in _FIELDS if getattr(old, name) != getattr(new, name)]
    if "text" in found:
        found.remove("blocks")
    return tuple(found)
