"""Files in an object store, by the store itself: an S3 server, and a folder."""

import os
import random
from pathlib import Path
from typing import BinaryIO

import pytest

from storage.errors import StoreRefused, StoreUnreachable
from storage.objects import Objects
from storage.stored import digests_of
from storage.warc.reader import walk_file
from storage.warc.record import make_record
from tests.objects import S3

pytestmark = pytest.mark.usefixtures("credentials")

BODY = random.Random(7).randbytes(3_000_000)
PLACE = "warc/a.warc.gz"


@pytest.fixture(params=["s3", "folder"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param == "folder":
        return Objects(f"file://{tmp_path}/the%20store")
    server: S3 = request.getfixturevalue("s3")
    return server.objects(server.bucket())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(BODY)
    return path


def test_what_was_put_is_there(objects: Objects, file: Path) -> None:
    objects.put_new(PLACE, file)

    stored = objects.check(PLACE, digests_of(file))

    assert stored is not None
    assert stored.size == len(BODY)
    assert objects.names("warc") == ["a.warc.gz"]


def test_nothing_is_put_over_what_is_there(objects: Objects, file: Path) -> None:
    objects.put_new(PLACE, file)
    file.write_bytes(b"other")

    objects.put_new(PLACE, file)

    assert objects.check(PLACE, digests_of(file)) is None
    assert objects.read(PLACE, 0, len(BODY)) == BODY


def test_other_bytes_of_the_same_length_are_found_out(
    objects: Objects, file: Path
) -> None:
    objects.put_new(PLACE, file)
    file.write_bytes(BODY[:-1] + bytes([BODY[-1] ^ 1]))

    assert objects.check(PLACE, digests_of(file)) is None


def test_an_empty_file_is_put(objects: Objects, file: Path) -> None:
    file.write_bytes(b"")

    objects.put_new(PLACE, file)

    assert objects.check(PLACE, digests_of(file)) is not None
    assert objects.read(PLACE, 0, 10) == b""
    with objects.open(PLACE) as opened:
        assert opened.read() == b""


@pytest.mark.parametrize(
    ("offset", "length"),
    [(0, 10), (1_500_000, 100), (2_999_990, 10), (2_999_990, 500), (3_000_000, 5)],
    ids=["start", "middle", "end", "beyond the end", "behind it"],
)
def test_a_range_is_read(
    objects: Objects, file: Path, offset: int, length: int
) -> None:
    objects.put_new(PLACE, file)

    assert objects.read(PLACE, offset, length) == BODY[offset : offset + length]


def test_a_file_is_read_as_any_file(objects: Objects, file: Path) -> None:
    objects.put_new(PLACE, file)

    with objects.open(PLACE) as opened:
        assert opened.seek(0, os.SEEK_END) == len(BODY)
        opened.seek(2_000_000)
        assert opened.read(1_500_000) == BODY[2_000_000:]
        opened.seek(10)
        assert opened.read(5) == BODY[10:15]
        opened.seek(0)
        assert opened.read() == BODY


def test_a_warc_file_is_walked_there(objects: Objects, file: Path) -> None:
    fields = [("WARC-Type", "metadata"), ("WARC-Record-ID", "<urn:x:1>")]
    blocks = (b"one" * 9, BODY[:200_000], b"three")
    records = [make_record(fields, block).member for block in blocks]
    file.write_bytes(b"".join(records))
    objects.put_new(PLACE, file)

    with objects.open(PLACE) as opened:
        walked = list(walk_file(opened))

    assert [one.length for one in walked] == [len(one) for one in records]
    assert [one.error for one in walked] == [None] * 3


def test_what_is_not_there_is_said_to_be_none(objects: Objects) -> None:
    for ask in (objects.head, objects.size, objects.open):
        with pytest.raises(FileNotFoundError):
            ask(PLACE)
    with pytest.raises(FileNotFoundError):
        objects.read(PLACE, 0, 5)
    assert objects.names("warc") == []
    objects.remove(PLACE)


def test_a_file_is_fetched_and_replaced(
    objects: Objects, file: Path, tmp_path: Path
) -> None:
    objects.put_new(PLACE, file)
    stored = objects.head(PLACE)
    here = tmp_path / "here"

    objects.fetch(PLACE, here)
    assert here.read_bytes() == BODY
    here.write_bytes(BODY.replace(BODY[5:100], bytes(95)))
    objects.replace(PLACE, here, stored)
    objects.purge(PLACE, stored.version)

    assert objects.check(PLACE, digests_of(here)) is not None
    assert objects.names("warc") == ["a.warc.gz"]


def test_what_a_put_left_half_done_in_a_folder_goes(tmp_path: Path, file: Path) -> None:
    objects = Objects(f"file://{tmp_path}/store")
    objects.put_new(PLACE, file)
    (tmp_path / "store" / f"{PLACE}#1").write_bytes(BODY[:100])

    objects.purge(PLACE, None)

    (left,) = (tmp_path / "store" / "warc").iterdir()
    assert left.name == "a.warc.gz"


def test_what_somebody_else_replaced_is_not_replaced(
    s3: S3, file: Path, tmp_path: Path
) -> None:
    objects = s3.objects(s3.bucket())
    objects.put_new(PLACE, file)
    known = objects.head(PLACE)
    other = tmp_path / "other"
    other.write_bytes(b"other")
    objects.replace(PLACE, other, known)

    with pytest.raises(StoreRefused, match="somebody else"):
        objects.replace(PLACE, file, known)


def test_no_earlier_version_is_left(s3: S3, file: Path) -> None:
    url = s3.bucket(keeps_versions=True)
    objects = s3.objects(url)
    objects.put_new(PLACE, file)
    objects.put_new(f"{PLACE}.cdxj", file)
    known = objects.head(PLACE)
    file.write_bytes(b"anew")
    objects.replace(PLACE, file, known)
    objects.remove(f"{PLACE}.cdxj")

    objects.purge(PLACE, known.version)
    objects.purge(f"{PLACE}.cdxj", known.version)

    left = s3.versions(url)._listed(f"arch/{PLACE}")
    assert left == {objects.head(PLACE).version}
    assert s3.versions(url)._listed(f"arch/{PLACE}.cdxj") == set()
    assert objects.read(PLACE, 0, 9) == b"anew"


def test_a_bucket_that_is_not_there_does_not_pass_for_one_without_versions(
    s3: S3,
) -> None:
    with pytest.raises(StoreRefused, match="GET ended as 404"):
        s3.versions("s3://there-is-none/arch").remove_others(PLACE, None)


def test_a_version_that_cannot_be_removed_is_told_of(
    s3: S3, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = s3.objects(s3.bucket(keeps_versions=True))
    objects.put_new(PLACE, file)
    known = objects.head(PLACE)
    file.write_bytes(b"anew")
    objects.replace(PLACE, file, known)
    monkeypatch.setattr(objects, "_versions", None)  # credentials of another kind

    with pytest.raises(StoreRefused, match="earlier version"):
        objects.purge(PLACE, known.version)


def test_a_store_that_is_not_there_is_told_of(file: Path) -> None:
    objects = Objects("s3://bucket/x", endpoint="http://127.0.0.1:9", allow_http=True)

    for ask in (
        lambda: objects.head(PLACE),
        lambda: objects.read(PLACE, 0, 5),
        lambda: objects.put_new(PLACE, file),
        lambda: objects.names("warc"),
    ):
        with pytest.raises(StoreUnreachable, match="object store"):
            ask()


def test_without_tls_only_where_it_is_allowed(s3: S3) -> None:
    objects = Objects(s3.bucket(), endpoint=s3.endpoint)

    with pytest.raises(StoreUnreachable):
        objects.head(PLACE)


def test_a_bucket_that_is_not_there_is_no_missing_file(s3: S3, file: Path) -> None:
    objects = s3.objects("s3://there-is-none/x")

    with pytest.raises((StoreUnreachable, FileNotFoundError)):
        objects.put_new(PLACE, file)


def test_a_store_that_goes_away_while_a_file_is_walked_is_no_damage(
    objects: Objects, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = [("WARC-Type", "metadata"), ("WARC-Record-ID", "<urn:x:1>")]
    noise = random.Random(8)
    records = [make_record(fields, noise.randbytes(900_000)).member for _ in range(4)]
    file.write_bytes(b"".join(records))
    objects.put_new(PLACE, file)
    walked = []

    def walk_on(opened: BinaryIO) -> None:
        for one in walk_file(opened):
            walked.append(one.error)
            monkeypatch.setattr(objects, "read", away)

    def away(_place: str, _offset: int, _length: int) -> bytes:
        raise StoreUnreachable("object store: gone")

    with objects.open(PLACE) as opened, pytest.raises(StoreUnreachable, match="gone"):
        walk_on(opened)

    assert 0 < len(walked) < len(records)
    assert not any(walked)
