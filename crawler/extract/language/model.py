"""The language model, from an unpacked copy that all processes of a machine share.

To unpack what py3langid brings takes half a second, and 70 MB in every process. So the
first process that needs it leaves its arrays in the cache folder, and whoever comes
later maps them into memory, which takes milliseconds and memory that all share. Where
the folder cannot be written, or another user could have, each process unpacks for itself:
of an array that was tampered with no page could be read.

`python -m crawler.extract.language.model` leaves them there and prints where.
"""

import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from shutil import rmtree
from stat import S_IWOTH
from typing import Any, TypeVar
from zlib import crc32

import numpy as np
from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier
from py3langid.modelio import load_model

PACKED = MODEL_DIR / MODEL_FILE
#: What `load_model` returns, in its order: a table and a row of numbers, names, and
#: three arrays that are read number by number.
_PARTS = ("ptc", "pc", "classes", "nextmove", "row", "output")
_TAIL = 64
_Answer = TypeVar("_Answer")
_LOG = logging.getLogger(__name__)


@cache
def language_model() -> LanguageIdentifier:
    """Return the model; the first call of a process loads it."""
    return load(PACKED, cache_folder())


def ask_model(question: Callable[[LanguageIdentifier], _Answer]) -> _Answer:
    """Return what the model answers.

    A number in a copy may have flipped, on a disk or in memory. Where that leads
    nowhere, the copy is deleted, for the next process to write it anew, and this one
    unpacks for itself.
    """
    if unpacked_model.cache_info().currsize:
        return question(unpacked_model())
    try:
        return question(language_model())
    except (IndexError, ValueError, OverflowError):
        return question(unpacked_model())


@cache
def unpacked_model() -> LanguageIdentifier:
    """Return the model as this process alone has it; the copy that all share goes."""
    if (caches := cache_folder()) is not None:
        damaged = copy_of(PACKED, caches)
        rmtree(damaged, ignore_errors=True)
        _LOG.warning(
            "the language model's copy was damaged and is deleted: %s", damaged
        )
    return load(PACKED, None)


def cache_folder() -> Path | None:
    """Return the folder for what can be made again, or None where there is none.

    It is the service's (systemd's `CacheDirectory=`), or else one of the user's.
    """
    if given := os.environ.get("CACHE_DIRECTORY"):
        return Path(given.partition(":")[0])
    try:
        above = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:  # a user without a home
        return None
    return above / "kliping"


def load(packed: Path, caches: Path | None) -> LanguageIdentifier:
    """Return the model in a packed file, from its copy below a folder if there is one.

    A copy that is missing or damaged is written anew.
    """
    if caches is None:
        return _identifier(load_model(packed))
    folder = copy_of(packed, caches)
    with suppress(OSError, ValueError, EOFError):
        return _identifier(_read(folder))
    parts = load_model(packed)
    try:
        _write(folder, parts)
        return _identifier(_read(folder))  # this process shares it, too
    except OSError:
        return _identifier(parts)


def copy_of(packed: Path, caches: Path) -> Path:
    """Return the folder of a packed model's copy.

    Its name tells the model: an xz file ends with a checksum of what it unpacks to,
    and with its sizes.
    """
    with packed.open("rb") as file:
        file.seek(-_TAIL, os.SEEK_END)
        return caches / f"language-model-{crc32(file.read()):08x}"


def _identifier(parts: Sequence[Any]) -> LanguageIdentifier:
    ptc, pc, classes, nextmove, row, output = parts
    return LanguageIdentifier(ptc, pc, classes, nextmove, output, tk_row=row)


def _read(folder: Path) -> tuple[Any, ...]:
    """Return the parts of a copy, mapped into memory.

    Raises:
        OSError: One is missing, or another user may have written it.
        ValueError: One is shorter than it says, or does not fit the others.
        EOFError: One is empty.
    """
    _refuse_of_others(folder)
    ptc, pc, classes, nextmove, row, output = (
        np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r")) for name in _PARTS
    )
    if ptc.shape[1:] != pc.shape or pc.shape != classes.shape:
        raise ValueError(f"{folder}: not as many languages everywhere")
    if row.shape != output.shape or nextmove.size % 256:
        raise ValueError(f"{folder}: not as many states everywhere")
    # A number of a memoryview is Python's own, which a walk is faster with.
    numbers = (array.data for array in (nextmove, row, output))
    return ptc, pc, classes.tolist(), *numbers


def _refuse_of_others(folder: Path) -> None:
    """Refuse a copy's folder that another user than root could write in, or lead away.

    Raises:
        OSError: They could, or it is not there.
    """
    for place in (folder.parent, folder):
        standing = place.stat()
        owners = {place.lstat().st_uid, standing.st_uid}
        if not owners <= {0, os.geteuid()} or standing.st_mode & S_IWOTH:
            raise PermissionError(f"{place} is another user's, or open to all")


def _write(folder: Path, parts: Sequence[Any]) -> None:
    """Leave the parts in a folder; each file is whole as soon as it has its name."""
    folder.mkdir(parents=True, exist_ok=True)
    _refuse_of_others(folder)
    for name, part in zip(_PARTS, parts, strict=True):
        unfinished = folder / f"{name}.{os.getpid()}"
        try:
            with unfinished.open("wb") as file:
                np.save(file, np.asarray(part))
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(folder / f"{name}.npy")
        finally:
            unfinished.unlink(missing_ok=True)


if __name__ == "__main__":
    language_model()
    sys.stdout.write(f"{cache_folder()}\n")
