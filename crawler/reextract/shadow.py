"""A run's file: what every version's capture is read as now, beside the archive.

The first line says what was asked for, each further one what came of a version, in the
order of their ids, then of a page that was passed over as no article, and the last one
that all were read. So a run that was interrupted
is found, and goes on behind its last whole line. Nothing here is evidence: it can be
made again from the captures.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError

from crawler.errors import UsageError
from storage.folder import DataFolder
from storage.sql.reextraction import NewReading, Within

_FOLDER = "reextract"
_SUFFIX = ".jsonl"
_DONE = b'"done"\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is read again, and by what.

    Attributes:
        extractor: The extractor's version.
        rules_sha256: The digest of all site rules.
        within: Which versions.
    """

    extractor: str
    rules_sha256: str
    within: Within


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one version, or of a page that was passed over as no article.

    Attributes:
        version_id: The version; 0 for such a page.
        capture_id: The page's capture; 0 for a version.
        article_id: Its article.
        number: Its number.
        url: The article's URL.
        title: Its title as archived.
        differs: In which fields the new reading differs; empty for the same. Of a page
            that reads as an article now it is that it is one.
        why: Why there is no new article; empty where there is one.
        words: Words archived, and read now.
        was_sha256: The digest of the archived document.
        document: The new one where it differs.
        extractor: What read it.
    """

    version_id: int = 0
    capture_id: int = 0
    article_id: int = 0
    number: int = 0
    url: str = ""
    title: str = ""
    differs: tuple[str, ...] = ()
    why: str = ""
    words: tuple[int, int] = (0, 0)
    was_sha256: str = ""
    document: dict[str, Any] | None = None
    extractor: str = ""


@dataclass(slots=True)
class Tally:
    """How a run fares: versions by what came of them, and pages passed over.

    Attributes:
        same: Versions that read as they did.
        changed: Versions that read otherwise.
        unread: Versions that read as no article, or not at all.
        passed: Pages that are no article still.
        found: Pages that read as an article now.
    """

    same: int = 0
    changed: int = 0
    unread: int = 0
    passed: int = 0
    found: int = 0

    @property
    def done(self) -> int:
        """How many were read."""
        return self.same + self.changed + self.unread + self.passed + self.found

    def add(self, outcome: Outcome) -> None:
        """Count one in."""
        if outcome.capture_id:
            self.found += bool(outcome.differs)
            self.passed += not outcome.differs
            return
        self.same += not outcome.differs and not outcome.why
        self.changed += bool(outcome.differs)
        self.unread += bool(outcome.why)


def _age(name: str) -> tuple[str, int]:
    stem, _, number = name.partition("-")
    return stem, int(number or 1)


_SCOPE = TypeAdapter(Scope)
_OUTCOME = TypeAdapter(Outcome)


@dataclass(slots=True)
class Shadow:
    """A run and its file."""

    path: Path
    scope: Scope

    @property
    def name(self) -> str:
        """The run's name."""
        return self.path.name.removesuffix(_SUFFIX)

    @classmethod
    def begin(cls, folder: DataFolder, scope: Scope, now: datetime) -> Self:
        """Make the file of a new run."""
        place = folder.path / _FOLDER
        place.mkdir(mode=0o700, exist_ok=True)
        stem = f"{now:%Y%m%dT%H%M%SZ}"
        names = (stem, *(f"{stem}-{n}" for n in range(2, 1000)))
        path = next(p for n in names if not (p := place / f"{n}{_SUFFIX}").exists())
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(_SCOPE.dump_json(scope) + b"\n")
        return cls(path, scope)

    @classmethod
    def named(cls, folder: DataFolder, name: str) -> Self:
        """Return a run by its name.

        Raises:
            UsageError: there is none.
        """
        for shadow in cls.all(folder):
            if shadow.name == name:
                return shadow
        raise UsageError(f"no run is named {name!r}; see `kliping reextract --runs`")

    @classmethod
    def all(cls, folder: DataFolder) -> list[Self]:
        """Return all runs, the newest first (of one second, the last begun first)."""
        runs = []
        for path in (folder.path / _FOLDER).glob(f"*{_SUFFIX}"):
            with path.open("rb") as file:
                line = file.readline()
            try:
                runs.append(cls(path, _SCOPE.validate_json(line)))
            except ValidationError:
                continue  # it was interrupted before its first line was written
        return sorted(runs, key=lambda run: _age(run.name), reverse=True)

    @classmethod
    def unfinished(cls, folder: DataFolder, scope: Scope) -> Self | None:
        """Return the newest interrupted run that was asked for the same, if any."""
        for run in cls.all(folder):
            if run.scope == scope:
                return None if run.is_done() else run
        return None

    def is_done(self) -> bool:
        """Tell whether all versions were read."""
        with self.path.open("rb") as file:
            file.seek(-min(len(_DONE), self.path.stat().st_size), os.SEEK_END)
            return file.read() == _DONE

    def resume(self) -> tuple[int, int, Tally]:
        """Cut a torn last line off; return where it stands, and how it fared.

        Returns:
            The last version and the last passed-over capture read, and the tally.
        """
        version, capture, tally, whole = 0, 0, Tally(), 0
        with self.path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                whole += len(line)
                if whole > len(line) and line != _DONE:
                    outcome = _OUTCOME.validate_json(line)
                    version = max(version, outcome.version_id)
                    capture = max(capture, outcome.capture_id)
                    tally.add(outcome)
        os.truncate(self.path, whole)
        return version, capture, tally

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Append what came of some versions."""
        with self.path.open("ab") as file:
            for outcome in outcomes:
                line = _OUTCOME.dump_json(outcome, exclude_defaults=True)
                file.write(line + b"\n")

    def end(self) -> None:
        """Note that all were read."""
        with self.path.open("ab") as file:
            file.write(_DONE)
            file.flush()
            os.fsync(file.fileno())

    def outcomes(self) -> Iterator[Outcome]:
        """Yield what came of each version and page that is not as it was."""
        with self.path.open("rb") as file:
            file.readline()
            for line in file:
                if line.endswith(b"\n") and line != _DONE:
                    outcome = _OUTCOME.validate_json(line)
                    if outcome.differs or outcome.why:
                        yield outcome

    def readings(self) -> Iterator[NewReading]:
        """Yield the new readings, to be put in place of the old ones.

        Raises:
            UsageError: the run did not come to its end.
        """
        self._refuse_unfinished()
        for outcome in self.outcomes():
            if outcome.document is not None:
                yield NewReading(
                    version_id=outcome.version_id,
                    was_sha256=outcome.was_sha256,
                    document=outcome.document,
                    extractor=outcome.extractor,
                )

    def found(self) -> list[int]:
        """Return the captures of pages that read as an article now.

        Raises:
            UsageError: the run did not come to its end.
        """
        self._refuse_unfinished()
        return [outcome.capture_id for outcome in self.outcomes() if outcome.capture_id]

    def _refuse_unfinished(self) -> None:
        if not self.is_done():
            raise UsageError(f"{self.name} was interrupted; run the same command again")
