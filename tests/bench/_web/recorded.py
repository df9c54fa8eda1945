"""The files of a host that serves recorded pages: robots.txt, a feed, the pages packed."""

import gzip
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from tests.bench._pages import Page


def by_site(hosts: int, pages: Sequence[Page]) -> list[list[Page]]:
    """Deal pages to hosts, as many to each; pages of a site lie together."""
    ordered = sorted(pages, key=lambda page: (urlsplit(page.url).netloc, page.name))
    each = len(ordered) // hosts
    return [ordered[each * host : each * (host + 1)] for host in range(hosts)]


def write_recorded(folder: Path, base: str, pages: Sequence[Page]) -> list[str]:
    """Write the files of a host, packed with gzip; return the pages' paths.

    A path is the recorded one, so far as it can name a file, and a number.
    """
    paths = [f"/{_named(page.url)}-{at}.html" for at, page in enumerate(pages)]
    _write(folder, "/robots.txt", b"User-agent: *\nAllow: /\n")
    _write(folder, "/feed.xml", _feed(base, paths))
    _write(folder, "/index.html", b"<!DOCTYPE html><title>Recorded</title>")
    for path, page in zip(paths, pages, strict=True):
        _write(folder, path, page.html)
    return paths


def _named(url: str) -> str:
    return re.sub(r"[^A-Za-z0-9/_-]+", "-", urlsplit(url).path).strip("/")[:120]


def _feed(base: str, paths: Sequence[str]) -> bytes:
    feed = ET.Element("rss", version="2.0")
    channel = ET.SubElement(feed, "channel")
    ET.SubElement(channel, "title").text = "Recorded"
    ET.SubElement(channel, "link").text = f"{base}/"
    for path in paths:
        item = ET.SubElement(channel, "item")
        ET.SubElement(item, "link").text = base + path
    return ET.tostring(feed, encoding="utf-8", xml_declaration=True)


def _write(folder: Path, path: str, body: bytes) -> None:
    file = folder / f"{path.lstrip('/')}.gz"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(body, 6, mtime=0))
