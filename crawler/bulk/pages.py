"""Which pages of an archive's own WARC file are to be read, with what is known of each.

A list is JSON lines, gzipped: a line for a page, and before the first page of a site one
with what the site's pages have taught. So it is written and read a line at a time.
"""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import TypeAdapter

from crawler.extract.source import HostKnowledge
from crawler.reading.page import Prior
from storage.sql.captures import capture_document, capture_of
from storage.sql.tables import CaptureRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A capture that is to be read, and what is known of it."""

    row: CaptureRow
    prior: Prior


_PRIOR = TypeAdapter(Prior)
_KNOWN = TypeAdapter(HostKnowledge)


def site_line(number: int, known: HostKnowledge) -> bytes:
    """Return the line of a site; `number` is what its pages call it by."""
    return _line({"site": number, "known": _KNOWN.dump_python(known, mode="json")})


def page_line(page: Page, site: int) -> bytes:
    """Return the line of a page of a site that has its line before."""
    prior = replace(page.prior, known=None)
    document = _PRIOR.dump_python(prior, mode="json")
    document["own"] = sorted(prior.own)
    return _line({"of": site, "row": capture_document(page.row), "prior": document})


def read_pages(file: BinaryIO) -> Iterator[Page]:
    """Yield the pages of a list, in its order."""
    sites: dict[int, HostKnowledge] = {}
    with gzip.open(file) as lines:
        for line in lines:
            members = json.loads(line)
            if "site" in members:
                sites[members["site"]] = _KNOWN.validate_python(members["known"])
                continue
            yield _page(members, sites[members["of"]])


def pack(plain: Path, packed: Path) -> None:
    """Gzip a list; the same lines make the same bytes."""
    with (
        plain.open("rb") as lines,
        packed.open("wb") as out,
        gzip.GzipFile("", "wb", 6, out, mtime=0) as zipped,
    ):
        while chunk := lines.read(1024 * 1024):
            zipped.write(chunk)


def _page(members: Mapping[str, Any], known: HostKnowledge) -> Page:
    prior = _PRIOR.validate_python(members["prior"])
    return Page(row=capture_of(members["row"]), prior=replace(prior, known=known))


def _line(members: Mapping[str, Any]) -> bytes:
    return json.dumps(members, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
