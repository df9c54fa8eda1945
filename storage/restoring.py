"""Make a data folder of a backup; every byte is compared with its digest first."""

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator
from functools import partial
from pathlib import Path

from storage.errors import BadBackup
from storage.folder import DataFolder
from storage.manifest import (
    File,
    Manifest,
    Progress,
    chunks,
    is_whole,
    opened,
    read_manifest,
)
from storage.takedown.erasure_list import LIST
from storage.warc.segment import sync_folder, write_error


def restore(backup: Path, folder: Path, progress: Progress) -> Manifest:
    """Make a data folder of a backup; every byte is compared with its digest first.

    Args:
        backup: The backup's folder.
        folder: The data folder; it must be empty or not be there. A list of
            erasures may be in it: who opens the folder carries it out on the rows.
        progress: Called with bytes done and bytes in all.

    Raises:
        BadBackup: there is no backup, it is not whole, or the folder is not empty.
        DiskFull: there is no room for it.
        WriteFailed: it cannot be written.
    """
    manifest, wrong = _to_restore(backup, folder)
    if wrong:
        raise BadBackup(
            f"{backup}: not what was backed up: {', '.join(wrong)}; "
            "`restore --damaged` takes what is left"
        )
    _restored(backup, manifest, folder, progress)
    return manifest


def restore_damaged(
    backup: Path, folder: Path, progress: Progress
) -> tuple[Manifest, tuple[str, ...]]:
    """Make a data folder of what is left of a backup; return which files are not whole.

    Damaged WARC files come as they are, for most of their records are sound; those that
    are not there are left out. Takes and raises what `restore` does.

    Raises:
        BadBackup: the rows are not whole, too, or what is not whole is no file of the
            backup, but a link out of it, a pipe or a device.
    """
    manifest, wrong = _to_restore(backup, folder)
    if manifest.database.path in wrong:
        raise BadBackup(
            f"{backup / manifest.database.path} is not what was backed up: put the "
            "files of `warc` into the data folder and make the rows by `kliping rebuild`"
        )
    for path in wrong:
        _refuse_strange(backup, backup / path)
    _restored(backup, manifest, folder, progress, wrong)
    return manifest, wrong


def _refuse_strange(backup: Path, path: Path) -> None:
    """Refuse to copy what no digest vouches for from outside of a backup.

    It may be a stranger's: a link to a file of this machine would publish that.
    """
    if not os.path.lexists(path):
        return
    is_inside = path.resolve().is_relative_to(backup.resolve())
    if not is_inside or path.is_symlink() or not path.is_file():
        raise BadBackup(
            f"{path} is no file of the backup, but a link or a device, and not what was "
            "backed up: remove it, and restore what is left"
        )


def _to_restore(backup: Path, folder: Path) -> tuple[Manifest, tuple[str, ...]]:
    """Return what a backup is and which of its files are not what they were."""
    manifest = read_manifest(backup)
    if folder.exists() and any(path.name != LIST for path in folder.iterdir()):
        raise BadBackup(f"{folder} is not empty")
    wrong = (file.path for file in manifest.files if not is_whole(backup, file))
    return manifest, tuple(wrong)


def _restored(
    backup: Path,
    manifest: Manifest,
    folder: Path,
    progress: Progress,
    wrong: Collection[str] = (),
) -> None:
    try:
        _restore(backup, manifest, folder, progress, wrong)
    except OSError as error:
        raise write_error(error, f"restore into {folder}") from error


def _restore(
    backup: Path,
    manifest: Manifest,
    folder: Path,
    progress: Progress,
    wrong: Collection[str],
) -> None:
    """Copy the files, the rows last: without them the folder is no archive."""
    data = DataFolder(folder)
    done = 0
    for file in manifest.segments:
        _put_back(backup, folder, file, wrong)
        done += file.size
        progress(done, manifest.size)
    data.sync()
    if manifest.days:
        data.fixity.mkdir(mode=0o700)
    for file in manifest.days:
        _put_back(backup, folder, file, wrong)
    _copied(backup / manifest.database.path, data.database, manifest.database)
    sync_folder(folder)
    progress(manifest.size, manifest.size)


def _put_back(backup: Path, folder: Path, file: File, wrong: Collection[str]) -> None:
    source, place = backup / file.path, folder / file.path
    if file.path not in wrong:
        _copied(source, place, file)
    elif source.exists():
        _write(place, _left_of(source, file.size))


def _copied(source: Path, place: Path, file: File) -> None:
    if _write(place, chunks(partial(opened, source), file.size)) != file.sha256:
        raise BadBackup(f"{source} changed while it was restored")


def _left_of(source: Path, size: int) -> Iterator[bytes]:
    """Yield a file's first bytes up to where it cannot be read."""
    try:
        yield from chunks(partial(opened, source), size)
    except OSError:
        return


def _write(place: Path, chunks: Iterable[bytes]) -> str:
    """Write a new file durably; return its SHA-256 in hex."""
    digest = hashlib.sha256()
    with place.open("xb") as target:
        os.fchmod(target.fileno(), 0o600)
        for chunk in chunks:
            target.write(chunk)
            digest.update(chunk)
        target.flush()
        os.fsync(target.fileno())
    return digest.hexdigest()
