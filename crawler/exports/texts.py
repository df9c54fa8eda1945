"""Versions as Markdown, a file each, under names that stay."""

import os
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from crawler.exports.fields import values_of
from crawler.front_matter import front_matter
from crawler.render import markdown_body
from storage.documents import read_document
from storage.sql.selection import Told

_SLUG_BYTES = 80
_NOT_WORD = re.compile(r"[\W_]+")


def write_markdown(told: Iterable[Told], folder: Path, *, many: bool) -> None:
    """Write each version to a file of its own in a folder.

    What is there of the same version under an earlier headline is removed.

    Args:
        told: The versions.
        folder: Where; it is there.
        many: Articles come in several versions, so a name says which.
    """
    standing = {path.name.partition("-")[0]: path for path in folder.glob("*-*.md")}
    for one in told:
        stem = stem_of(one, many=many)
        path = folder / _writable(f"{stem}-{_slug(one.title)}.md")
        path.write_text(as_file(one), encoding="utf-8", errors="replace")
        if standing.get(stem, path) != path:
            standing[stem].unlink()


def _writable(name: str) -> str:
    """Return a file's name without letters that this process cannot name files by.

    Under the locale C that is all but ASCII; Python is in UTF-8 there, unless told not to.
    """
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        stem, _, slug = name.removesuffix(".md").partition("-")
        letters = unicodedata.normalize("NFKD", slug).encode("ascii", "ignore")
        return f"{stem}-{_slug(letters.decode())}.md"
    return name


def write_markdown_zip(told: Iterable[Told], out: BinaryIO, *, many: bool) -> None:
    """Write each version to a file of its own in a ZIP file.

    Args:
        told: The versions.
        out: Where to; it can be sought in.
        many: Articles come in several versions, so a name says which.
    """
    with ZipFile(out, "w", ZIP_DEFLATED) as bundle:
        for one in told:
            name = f"{stem_of(one, many=many)}-{_slug(one.title)}.md"
            bundle.writestr(name, as_file(one).encode("utf-8", "replace"))


def stem_of(one: Told, *, many: bool) -> str:
    """Return what a name begins with: `0000123`, or `0000123.2` for version 2."""
    return f"{one.id:07}.{one.version}" if many else f"{one.id:07}"


def as_file(one: Told) -> str:
    """Return a version as Markdown with all fields but the text before it."""
    fields = values_of(one)
    del fields["text"]
    body = markdown_body(read_document(one.document))
    return f"{front_matter(fields)}\n\n{body}\n"


def _slug(title: str) -> str:
    """Return letters and digits of a headline, of any script, 80 bytes at most."""
    words = _NOT_WORD.sub("-", unicodedata.normalize("NFKC", title).casefold())
    cut = words.encode("utf-8", "ignore")[:_SLUG_BYTES].decode("utf-8", "ignore")
    return cut.strip("-") or "untitled"
