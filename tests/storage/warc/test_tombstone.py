"""Tombstones: of any length, sound to every reader."""

import gzip
import io
from datetime import UTC, datetime

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

from storage.warc.record import read_member, warcinfo_record
from storage.warc.tombstone import SHORTEST, Epitaph, tombstone

AT = datetime(2026, 11, 26, 16, 20, tzinfo=UTC)
EPITAPH = Epitaph(erased_at=AT, ground="privacy", key_sha256="ab" * 32)
#: Where the length of the record gets a digit, or another deflate block is due.
EDGES = (*range(340, 380), *range(1150, 1420), *range(65_500, 65_600), 131_100, 700_001)


@pytest.mark.parametrize(
    "lengths", [range(SHORTEST, 340), EDGES], ids=["short", "long"]
)
def test_a_tombstone_has_the_length_that_is_asked_for(lengths: range) -> None:
    for length in lengths:
        member = tombstone(EPITAPH, "a.warc.gz:9", length)

        assert len(member) == length
        if gzip.decompress(member).strip():
            read_member(member)


def test_it_says_why_and_when_and_of_the_address_a_hash() -> None:
    record = read_member(tombstone(EPITAPH, "a.warc.gz:9", 900))

    assert record.kind == "metadata"
    assert record.header("WARC-Date") == "2026-11-26T16:20:00.000000Z"
    assert record.header("WARC-Target-URI") == f"urn:kliping:erased:{'ab' * 32}"
    assert record.block.startswith(b"erased-for: privacy\r\n")


def test_the_same_grave_has_the_same_stone() -> None:
    assert tombstone(EPITAPH, "a:1", 500) == tombstone(EPITAPH, "a:1", 500)
    assert tombstone(EPITAPH, "a:1", 500) != tombstone(EPITAPH, "a:2", 500)


@pytest.mark.parametrize("length", [24, 60, 184, 286, 347, 500, 9_000, 70_000])
def test_readers_go_on_behind_a_tombstone(length: int) -> None:
    info = warcinfo_record("a.warc.gz", "kliping", "tests", made_at=AT)
    file = info + tombstone(EPITAPH, "a:1", length) + info

    fast = [
        str(one.record_type).rsplit(".")[-1] for one in FastIterator(io.BytesIO(file))
    ]
    slow = [one.rec_type for one in ArchiveIterator(io.BytesIO(file))]

    assert (fast[0], fast[-1], slow[0], slow[-1]) == ("warcinfo", "warcinfo") * 2
    assert fast.count("warcinfo") == slow.count("warcinfo") == 2


def test_what_is_shorter_than_any_member_is_refused() -> None:
    with pytest.raises(ValueError, match="23 bytes"):
        tombstone(EPITAPH, "a:1", SHORTEST - 1)
