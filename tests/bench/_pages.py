"""Pages to measure on: annotated sets where there are some, our own pages elsewhere."""

import json
import lzma
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tests.shared import find_shared

_PACKED = ".jsonl.xz"
_OWN = Path(__file__).parents[1] / "pages"


class Page(NamedTuple):
    """A page by its set and name."""

    name: str
    url: str
    html: bytes


def draw_pages(
    data: Path | None, sets: Sequence[str], *, size: int, seed: int
) -> list[Page]:
    """Return `size` pages, drawn by the digest of seed and name; 0 is all of them.

    Args:
        data: A folder of packed sets; the shared one, then our own pages, without it.
        sets: Names of sets; all of the folder where there are none.
        size: How many pages.
        seed: Another seed draws other pages.
    """
    folder = data or find_shared("corpus")
    found = _packed(folder, sets) if folder is not None else _own()
    pages = sorted(found, key=lambda page: _digest(seed, page.name))
    return pages[: size or None]


def _packed(folder: Path, sets: Sequence[str]) -> Iterator[Page]:
    paths = (
        [folder / f"{name}{_PACKED}" for name in sets]
        if sets
        else sorted(folder.glob(f"*{_PACKED}"))
    )
    for path in paths:
        with lzma.open(path, "rt", encoding="ascii") as lines:
            for line in lines:
                page = json.loads(line)
                name = f"{path.name.removesuffix(_PACKED)}/{page['id']}"
                yield Page(name, page["url"], page["html"].encode("latin-1"))


def _own() -> Iterator[Page]:
    for path in sorted(_OWN.rglob("*.html")):
        name = str(path.relative_to(_OWN))
        yield Page(name, f"https://lamp.example/{name}", path.read_bytes())


def _digest(seed: int, name: str) -> str:
    return sha256(f"{seed} {name}".encode()).hexdigest()
