"""Erase articles, be killed at every step of it, and search every byte for them.

The archive is filled through the storage layer: versions, further pages, renderings,
other addresses, revisits by the same link and by others', feeds that hold the whole
text, pages counted in templates, former versions, packed bodies, stray records. Each
article has words that stand nowhere else in the world. Those to be erased are shared
out; each share is erased by a process that is killed at one step, and finished by the
next one. Then all files are searched, as they are, unpacked and decoded; all other
records are compared with what they were, and the archive is verified.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from sqlmodel import Session, col, select

from storage.fixity import verify
from storage.sql.articles import find_article, list_articles
from storage.sql.engine import reading_engine, sqlite_url
from storage.sql.search import search
from storage.sql.tables import ErasureRow, TakedownRow
from storage.sql.versions import version
from tests.storage.erasures import (
    POINTS,
    Open,
    begin,
    digests,
    erase_and_die,
    fill,
    open_archive,
    plant_leftovers,
    tails,
    words_left,
)
from tests.storage.filling import Planted


def run(args: argparse.Namespace, dice: random.Random) -> dict[str, object]:
    """Erase `args.erase` of `args.articles` articles; nothing of them may be left."""
    articles, erased = (160, 24) if args.smoke else (args.articles, args.erase)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        started = time.monotonic()
        with open_archive(path, rotate_bytes=articles * 500) as archive:
            planted = fill(archive, articles, dice)
            filled = time.monotonic() - started
            chosen = _chosen(planted, erased, dice)
            plant_leftovers(archive, chosen)
            half, rest = chosen[: erased // 2], chosen[erased // 2 :]
            before = digests(archive.folder)
            known = words_left(archive.folder)
            began = time.monotonic()
            _erase_open(archive, half)
            took = time.monotonic() - began
        deaths = _erase_killed(path, rest, dice)
        return _judged(
            path,
            planted,
            chosen,
            before,
            {
                "articles": articles,
                "erased": erased,
                "words": len(known),
                "unplanted": len(tails(planted) - set(known)),
                "fill_seconds": round(filled, 1),
                "erase_seconds": round(took, 2),
                "ms_an_article": round(1000 * took / max(len(half), 1), 1),
                "kills": deaths,
            },
        )


def _chosen(
    planted: Sequence[Planted], erased: int, dice: random.Random
) -> list[Planted]:
    """Return what is to be erased, the last one and some that survive elsewhere."""
    survivors = [one for one in planted[:-1] if one.survives][: max(1, erased // 100)]
    others = [one for one in planted[:-1] if not one.survives]
    chosen = [*survivors, *dice.sample(others, erased - len(survivors) - 1)]
    dice.shuffle(chosen)
    return [planted[-1], *chosen]


def _erase_open(archive: Open, chosen: Sequence[Planted]) -> None:
    """Erase in a process that goes on writing: some records are in its open file."""
    begin(archive, "open", [one.url for one in chosen], everywhere=True)
    archive.eraser.finish()


def _erase_killed(
    path: Path, chosen: Sequence[Planted], dice: random.Random
) -> dict[str, int]:
    """Erase a share for each step; return how many processes died there."""
    deaths = dict.fromkeys(POINTS, 0)
    for share, point in enumerate(POINTS):
        urls = [one.url for one in chosen[share :: len(POINTS)]]
        nth = dice.randrange(1, 4) if point == "mid_erase" else 1
        code = erase_and_die(path, point, urls, f"{point}:kill:{nth}")
        deaths[point] += code == -9
        assert erase_and_die(path, point, [], None) == 0
    return deaths


def _judged(
    path: Path,
    planted: Sequence[Planted],
    chosen: Sequence[Planted],
    before: dict[tuple[str, int, int], str],
    figures: dict[str, object],
) -> dict[str, object]:
    engine = reading_engine(sqlite_url(path))
    with open_archive(path) as archive, Session(engine) as session:
        left = words_left(archive.folder)
        gone = tails([one for one in chosen if not one.survives])
        stay = [one for one in planted if one not in chosen]
        found = sorted(gone & set(left))
        entered = {
            (row.segment, row.offset): row for row in session.exec(select(ErasureRow))
        }
        after = digests(archive.folder)
        wrong = [
            place
            for place, digest in before.items()
            if after.get(place) != _expected(place, digest, entered)
        ]
        damages = [damage.why for damage in verify(archive.folder, session, full=True)]
        states = session.exec(select(TakedownRow.state)).all()
        shown = {one.key for one in list_articles(session, limit=10**6)}
        hits = [
            one.number
            for one in chosen[:50]
            if not one.survives and search(session, min(one.words))
        ]
        lost = [
            one.number
            for one in stay
            if not (tails([one]) & set(left)) or find_article(session, one.url) is None
        ]
        copies = {
            one.number: [
                find_article(session, f"https://{one.url.split('/')[2]}/copy/{number}")
                for number in (f"{one.number}-1", f"{one.number}-2")
            ]
            for one in chosen
            if one.survives
        }
        unread = [
            number
            for number, found_as in copies.items()
            if not all(
                row and row.versions and version(session, row.id or 0, None)
                for row in found_as
            )
        ]
        erased = session.exec(
            select(ErasureRow).where(col(ErasureRow.erased_at).is_not(None))
        ).all()
    engine.dispose()
    kills = figures["kills"]
    assert isinstance(kills, dict)
    return figures | {
        "files": len({segment for segment, _, _ in before}),
        "records": len(before),
        "records_erased": len(erased),
        "records_changed_otherwise": len(wrong),
        "words_left": len(found),
        "where": sorted({file for word in found for file in left[word]}),
        "samples": found[:3],
        "damages": damages[:3],
        "survivors": sum(one.survives for one in chosen),
        "broken": ["words are left"] * bool(found)
        + ["other records changed"] * bool(wrong)
        + ["verify finds damage"] * bool(damages)
        + ["not finished"] * (set(states) != {"erased"})
        + ["still listed"] * bool(shown & {one.url for one in chosen})
        + ["still found"] * bool(hits)
        + ["others lost"] * bool(lost or unread)
        + ["a word was never planted"] * bool(figures["unplanted"])
        + [f"{point} was not met" for point, deaths in kills.items() if not deaths],
    }


def _expected(
    place: tuple[str, int, int],
    digest: str,
    entered: dict[tuple[str, int], ErasureRow],
) -> str:
    row = entered.get(place[:2])
    return digest if row is None else row.tombstone_sha256
