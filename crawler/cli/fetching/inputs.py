"""What `fetch` is to read: URLs, files of markup or text, or what stdin holds."""

import gzip
import re
import sys
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from crawler.charset import is_binary
from crawler.errors import BadUrl, UsageError
from crawler.urls import fetch_url

_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
#: How an address begins whose scheme was left out: a host name, and what is behind.
_HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?/|www\.", re.IGNORECASE)
#: Markup shows in its first characters, or where a document begins behind some others.
_MARKUP = re.compile(
    r"\s*<[!?a-z]|[^\0]{,4096}?<(?:!doctype\s+html|html)\b", re.IGNORECASE
)
_LARGEST = 20 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A URL to be fetched."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Bytes that need no network; `name` says where they are from."""

    name: str
    url: str
    body: bytes
    is_text: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A name that stands for nothing that can be read; harms no other."""

    name: str
    why: UsageError


Input = Address | Given | Unreadable


def is_address(name: str) -> bool:
    """Tell whether a name on the command line is a URL, and no file."""
    return _ADDRESS.fullmatch(name) is not None


def read_inputs(
    names: Sequence[str], *, url: str | None, from_text: bool
) -> Iterator[Input]:
    """Yield what each name on the command line stands for, Unreadable if nothing.

    Args:
        names: URLs, file names, or `-` for stdin. A file or stdin holds markup or
            one URL a line; its content decides.
        url: The address of what is given as a file.
        from_text: Files and stdin hold an article's plain text.

    Raises:
        UsageError: that address is no URL.
    """
    if url is not None:
        url = _address_of_files(url)
    for name in names:
        try:
            yield from _read_input(name, url, from_text=from_text)
        except UsageError as error:
            yield Unreadable(name=name, why=error)


def _address_of_files(url: str) -> str:
    try:
        return fetch_url(url)
    except BadUrl as error:
        raise UsageError(f"--url {error}") from error


def _read_input(name: str, url: str | None, *, from_text: bool) -> Sequence[Input]:
    if is_address(name):
        return (Address(url=name),)
    body = _unpacked(name, _read(name))
    if from_text or is_binary(body) or _MARKUP.match(_text(body)):
        where = url or _own_address(name)
        return (Given(name=name, url=where, body=body, is_text=from_text),)
    return tuple(Address(url=line) for line in _addresses(name, body))


def _read(name: str) -> bytes:
    if name == "-":
        return _whole(name, sys.stdin.buffer.read)
    if not name:
        raise UsageError("an empty argument is neither a URL nor a file")
    path = Path(name)
    if not path.exists():
        raise UsageError(_why_neither(name))
    try:
        with path.open("rb") as file:
            return _whole(name, file.read)
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}") from error


def _why_neither(name: str) -> str:
    """Return why a name that is no file is no URL either."""
    try:
        if _SCHEME.match(name):
            fetch_url(name)
    except BadUrl as error:
        return str(error)
    if _HOST.match(name):
        return f"{name}: no file, and a URL begins with https:// or http://"
    return f"{name}: neither a URL (https://…) nor a file"


def _text(body: bytes) -> str:
    """Return lines as text; files of some systems are UTF-16, which a mark tells."""
    is_wide = body.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    return body.decode("utf-16" if is_wide else "utf-8-sig", "replace")


def _unpacked(name: str, body: bytes) -> bytes:
    """Return what a gzip file holds; anything else as it is."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        with gzip.open(BytesIO(body)) as file:
            return _whole(name, file.read)
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{name}: no whole gzip file: {error}") from error


def _whole(name: str, read: Callable[[int], bytes]) -> bytes:
    body = read(_LARGEST + 1)
    if len(body) > _LARGEST:
        raise UsageError(f"{name}: larger than {_LARGEST} bytes")
    return body


def _own_address(name: str) -> str:
    """Return a URL for what has none; its path is not empty as a front page's is."""
    return "stdin:-" if name == "-" else Path(name).resolve().as_uri()


def _addresses(name: str, body: bytes) -> list[str]:
    lines = [line.strip() for line in _text(body).split("\n")]
    wanted = [line for line in lines if line and not line.startswith("#")]
    wrong = next((w for w in wanted if not _ADDRESS.fullmatch(w)), None)
    if wrong is not None or not wanted:
        what = f"line {lines.index(wrong) + 1} is no URL" if wrong else "empty"
        raise UsageError(
            f"{name}: neither markup nor one URL a line ({what}); "
            "for an article's plain text say --from-text"
        )
    return wanted
