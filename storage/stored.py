"""What a file's bytes are, and what an object store says of it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

_CHUNK = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A file as the store speaks of it; `version` is None where it keeps none."""

    size: int
    e_tag: str | None
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """The bytes of a file, and their digests in hex; MD5 is what stores tell."""

    size: int
    sha256: str
    md5: str


def digests_of(path: Path) -> Digests:
    """Return the size and digests of a file, reading it once."""
    with path.open("rb") as file:
        return digests_in(iter(partial(file.read, _CHUNK), b""))


def digests_in(chunks: Iterable[bytes]) -> Digests:
    """Return the size and digests of the bytes that come in pieces."""
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    size = 0
    for chunk in chunks:
        size += len(chunk)
        sha256.update(chunk)
        md5.update(chunk)
    return Digests(size=size, sha256=sha256.hexdigest(), md5=md5.hexdigest())
