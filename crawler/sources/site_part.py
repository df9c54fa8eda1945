"""A part of a site, such as `/news/`, and what is inside it. Pure."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from storage.model.link import FoundLink

#: So many of a list's links have to be inside for it to be the part's.
_MOSTLY = 0.9


def folder_of(url: str) -> str:
    """Return the folder that a URL stands for, without its last slash.

    >>> folder_of("https://a.example/news/index.html")
    '/news'
    >>> folder_of("https://a.example/index.html")
    ''
    """
    folder, _, last = urlsplit(url).path.rstrip("/").rpartition("/")
    return folder if "." in last else f"{folder}/{last}".rstrip("/")


def folders_above(url: str) -> Iterator[str]:
    """Yield the folders that a URL is inside of, the nearest first, without last slashes.

    >>> list(folders_above("https://a.example/news/2026/pier"))
    ['/news/2026/pier', '/news/2026', '/news', '']
    """
    folder = urlsplit(url).path.rstrip("/")
    yield folder
    while folder:
        folder = folder.rpartition("/")[0]
        yield folder


def is_inside(url: str, part: str) -> bool:
    """Tell whether a URL is in a folder of its site, or is it; all are in no folder."""
    return f"{urlsplit(url).path.rstrip('/')}/".startswith(f"{part}/")


def is_of_part(links: Sequence[FoundLink], part: str) -> bool:
    """Tell whether a list is of a part of its site: nine of ten links are inside."""
    inside = sum(is_inside(link.url, part) for link in links)
    return inside >= _MOSTLY * len(links)
