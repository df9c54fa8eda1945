"""Damage inside a gzip member of many records: deflate goes on behind it."""

import gzip
import zlib
from pathlib import Path
from random import Random

import pytest

from crawler.imports.warc import record_by_record
from storage.warc.foreign import Answer, Passed
from storage.warc.spoilt import spoilt_members
from tests.crawler.imports.foreign import Wrote, write_warc

URL = "http://news.example/"
COUNT = 30


def plain_warc(folder: Path) -> bytes:
    text = Random(3).randbytes
    pages = [
        Wrote(url=f"{URL}{n:02}", body=b"<p>" + text(2000).hex().encode())
        for n in range(COUNT)
    ]
    return write_warc(folder / "plain.warc", *pages, packed=False).read_bytes()


def as_if_damaged(path: Path, plain: bytes, comes_out: bytes) -> Path:
    """Write a member whose checksum is of one text while it inflates to another."""
    assert len(plain) == len(comes_out)
    crc = zlib.crc32(plain).to_bytes(4, "little")
    packed = gzip.compress(comes_out)
    path.write_bytes(packed[:-8] + crc + packed[-4:])
    return path


def read(path: Path, folder: Path) -> tuple[list[str], list[str]]:
    """Return the URLs that are taken, and what is told of damage."""
    with record_by_record(path, folder) as file:
        found = [place.found for place in file.places("a.warc.gz")]
    urls = [one.url for one in found if isinstance(one, Answer)]
    return urls, [one.why for one in found if isinstance(one, Passed) and one.damaged]


def false_from(plain: bytes, number: int) -> bytes:
    """Make the URLs of all records from one on false, as copies of damage are."""
    for n in range(number, COUNT):
        plain = plain.replace(f"/{n:02}\r\n".encode(), f"/X{n % 10}\r\n".encode())
    return plain


def test_nothing_behind_a_wrong_record_is_taken(tmp_path: Path) -> None:
    plain = plain_warc(tmp_path)
    at = plain.index(f"{URL}20".encode()) + 2000
    spoilt = false_from(plain[:at] + b"#" + plain[at + 1 :], 21)
    path = as_if_damaged(tmp_path / "a.warc.gz", plain, spoilt)

    urls, damage = read(path, tmp_path)

    assert len(urls) >= 10
    assert urls == [f"{URL}{n:02}" for n in range(len(urls))]
    assert len(damage) == 1
    assert "URLs may be false" in damage[0]


def test_nothing_is_taken_where_no_record_shows_the_damage(tmp_path: Path) -> None:
    plain = plain_warc(tmp_path)
    path = as_if_damaged(tmp_path / "a.warc.gz", plain, false_from(plain, 20))

    urls, damage = read(path, tmp_path)

    assert urls == []
    assert len(damage) == 1


def test_what_no_digest_proves_is_not_taken(tmp_path: Path) -> None:
    plain = plain_warc(tmp_path).replace(b"WARC-Block-Digest", b"X-Block-Not-Known")
    path = as_if_damaged(tmp_path / "a.warc.gz", plain, plain[:-99] + b"#" * 99)

    urls, damage = read(path, tmp_path)

    assert urls == []
    assert len(damage) == 1


def test_files_put_one_behind_the_other_are_believed_each_for_itself(
    tmp_path: Path,
) -> None:
    """The damage of the one in the middle shows in no record."""
    plain = plain_warc(tmp_path)
    path = as_if_damaged(tmp_path / "a.warc.gz", plain, false_from(plain, 20))
    sound = gzip.compress(plain)
    path.write_bytes(sound + path.read_bytes() + sound)

    urls, damage = read(path, tmp_path)

    assert urls == [f"{URL}{n:02}" for n in range(COUNT)] * 2
    assert len(damage) == 1
    assert "0 of its records were taken" in damage[0]


def test_what_stands_well_before_the_damage_of_one_of_many_is_taken(
    tmp_path: Path,
) -> None:
    plain = plain_warc(tmp_path)
    at = plain.index(f"{URL}20".encode()) + 2000
    spoilt = false_from(plain[:at] + b"#" + plain[at + 1 :], 21)
    path = as_if_damaged(tmp_path / "a.warc.gz", plain, spoilt)
    path.write_bytes(gzip.compress(plain) + path.read_bytes())

    urls, damage = read(path, tmp_path)

    assert urls[:COUNT] == [f"{URL}{n:02}" for n in range(COUNT)]
    assert len(urls) >= COUNT + 10
    assert urls[COUNT:] == [f"{URL}{n:02}" for n in range(len(urls) - COUNT)]
    assert len(damage) == 1


@pytest.mark.parametrize("packed", [True, False], ids=["a record a member", "plain"])
def test_other_files_are_not_spoilt(tmp_path: Path, packed: bool) -> None:
    """A wrong first member costs its own record alone where others follow."""
    pages = [Wrote(url=f"{URL}{n}") for n in range(3)]
    path = write_warc(tmp_path / "a.warc.gz", *pages, packed=packed)
    data = bytearray(path.read_bytes())
    data[60:70] = b"#" * 10
    path.write_bytes(data)

    assert read(path, tmp_path)[0] == [f"{URL}{n}" for n in range(3)]


def test_a_file_that_is_cut_short_is_not_spoilt(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(plain_warc(tmp_path))[:-5000])

    assert spoilt_members(path) == []
    assert len(read(path, tmp_path)[0]) > 20
