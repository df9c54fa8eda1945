import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session

from crawler.exports import wacz
from crawler.exports.blocks import blocks
from crawler.exports.wacz import write_wacz
from crawler.exports.warcs import Bundle
from storage.sql.selection import Told
from storage.warc.record import read_member
from tests.crawler.exports.told import article, told
from tests.storage.kept import Kept, exchange, kept
from tests.storage.warc.test_subset import keep

BUNDLE = Bundle(
    title="Ferries",
    software="Test/1",
    operator="test",
    made_at=datetime(2026, 11, 26, 9, 30, tzinfo=UTC),
)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Kept]:
    with kept(tmp_path) as archive:
        yield archive


def version(capture: int, title: str) -> Told:
    return told(article(title), id=capture, version_id=capture, capture_id=capture)


def packed(archive: Kept, *versions: Told) -> zipfile.ZipFile:
    out = io.BytesIO()
    with Session(archive.engine) as session:
        write_wacz(archive.folder, session, versions, out, BUNDLE, lambda _: ())
    return zipfile.ZipFile(out)


def index(file: zipfile.ZipFile) -> list[tuple[str, dict[str, str]]]:
    text = gzip.decompress(file.read("indexes/index.cdx.gz")).decode()
    return [
        (line.rpartition(" {")[0], json.loads("{" + line.partition("{")[2]))
        for line in text.splitlines()
    ]


@pytest.fixture
def three(archive: Kept) -> zipfile.ZipFile:
    """Of two pages and one of them again, unchanged."""
    first, second = keep(archive, exchange(2)), keep(archive, exchange(1))
    again = keep(archive, exchange(2, started_at=exchange(9).started_at), of=first)
    return packed(
        archive,
        version(first, "Two"),
        version(second, "One"),
        version(again, "Two again"),
    )


def test_every_line_of_the_index_finds_its_record(three: zipfile.ZipFile) -> None:
    data = three.read("archive/data.warc.gz")
    for _, said in index(three):
        start = int(said["offset"])
        record = read_member(data[start : start + int(said["length"])])

        assert record.header("WARC-Target-URI") == said["url"]
        assert record.header("WARC-Payload-Digest") == said["digest"]
        assert (record.kind == "revisit") == (said["mime"] == "warc/revisit")


def test_the_index_is_sorted_and_knows_keys_and_times(three: zipfile.ZipFile) -> None:
    assert [key for key, _ in index(three)] == [
        "example,kabar)/berita/1 20261122174418",
        "example,kabar)/berita/2 20261122174418",
        "example,kabar)/berita/2 20261122174418",
    ]


def test_the_pages_are_the_articles_with_their_text(three: zipfile.ZipFile) -> None:
    head, *pages = map(json.loads, three.read("pages/pages.jsonl").splitlines())

    assert (head["format"], head["hasText"]) == ("json-pages-1.0", True)
    assert [page["title"] for page in pages] == ["Two", "One", "Two again"]
    assert pages[0]["url"] == "https://kabar.example/berita/2"
    assert pages[0]["ts"] == "2026-11-22T17:44:18Z"
    assert pages[0]["text"] == "One."


def test_a_page_has_the_time_of_its_version_not_of_what_it_repeats(
    archive: Kept,
) -> None:
    first = keep(archive, exchange(2))
    later = datetime(2026, 12, 1, tzinfo=UTC)
    again = keep(archive, exchange(2, started_at=later), of=first)

    file = packed(archive, version(again, "Two again"))
    _, page = map(json.loads, file.read("pages/pages.jsonl").splitlines())

    assert page["ts"] == "2026-12-01T00:00:00Z"
    assert len(index(file)) == 2


def test_the_package_has_the_digest_of_every_file(three: zipfile.ZipFile) -> None:
    package = json.loads(three.read("datapackage.json"))
    digest = json.loads(three.read("datapackage-digest.json"))
    own = hashlib.sha256(three.read("datapackage.json")).hexdigest()
    told_of = {one["path"]: (one["hash"], one["bytes"]) for one in package["resources"]}

    assert digest == {"path": "datapackage.json", "hash": f"sha256:{own}"}
    assert package["wacz_version"] == "1.1.1"
    assert {
        name: (
            f"sha256:{hashlib.sha256(three.read(name)).hexdigest()}",
            len(three.read(name)),
        )
        for name in three.namelist()
        if not name.startswith("datapackage")
    } == told_of


def test_warc_and_index_are_not_packed_again(three: zipfile.ZipFile) -> None:
    """A replay reads parts of them, by ranges."""
    stored = {
        e.filename for e in three.infolist() if e.compress_type == zipfile.ZIP_STORED
    }

    assert stored == {"archive/data.warc.gz", "indexes/index.cdx.gz"}


def test_an_unchanged_page_of_a_304_is_not_replayed(archive: Kept) -> None:
    first = keep(archive, exchange(1))
    empty = exchange(
        1,
        status=304,
        started_at=exchange(9).started_at,
        response=b"HTTP/1.1 304 Not Modified\r\n\r\n",
        body=b"",
    )
    again = keep(archive, empty, of=first)

    assert len(index(packed(archive, version(again, "One")))) == 1


def test_a_wacz_of_nothing_is_whole(archive: Kept) -> None:
    assert index(packed(archive)) == []


def test_lines_that_wait_on_disk_come_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wacz, "_AT_ONCE", 3)
    lines = [f"{number:03} {{}}\n" for number in (5, 1, 4, 2, 9, 7, 3, 8)]
    with ExitStack() as stack:
        ordered = wacz._Sorted(stack)
        for line in lines:
            ordered.add(line)
        text = gzip.decompress(b"".join(ordered.members())).decode()

    assert text == "".join(sorted(lines))
    assert len(ordered.above) == 1


def test_each_block_is_found_by_the_index_above() -> None:
    lines = [f"{number:05} {{}}\n" for number in range(2500)]
    made = list(blocks(lines, "index.cdx.gz"))
    data = b"".join(member for member, _ in made)

    assert len(made) > 1
    for _, above in made:
        key, _, text = above.partition(" {")
        place = json.loads("{" + text)
        block = data[place["offset"] : place["offset"] + place["length"]]
        assert gzip.decompress(block).decode().startswith(f"{key} {{}}\n")
