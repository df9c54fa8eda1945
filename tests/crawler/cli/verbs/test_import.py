import gzip
import json
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from crawler.cli.writing import Running
from crawler.web.client import ServiceRefused
from tests.crawler.cli.conftest import Command
from tests.crawler.desk import story
from tests.crawler.imports.foreign import Wrote, write_warc

URL = "http://news.example/2016/harbour"


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    """A file of two articles and a page that is gone."""
    return write_warc(
        tmp_path / "CC-NEWS-1.warc.gz",
        Wrote(url=URL, body=story("Harbour")),
        Wrote(url=f"{URL}2", body=story("Ferry")),
        Wrote(url=f"{URL}3", status="404 Not Found"),
    )


def test_an_import_is_one_archive_with_what_is_there(
    kliping: Command, crawl: Path
) -> None:
    done = kliping("import", "warc", crawl)
    found = kliping("search", "harbour")
    again = kliping("import", "warc", "-", input=crawl.read_bytes())
    sound = kliping("verify", "--full")

    assert done.rows == [
        {
            "file": "CC-NEWS-1.warc.gz",
            "kept": 2,
            "known": 0,
            "passed": 2,
            "damaged": 0,
            "passed_over": {"warcinfo record": 1, "HTTP 404": 1},
        }
    ]
    assert done.err == "kliping: read 2 as article, first\n"
    assert {row["title"] for row in found.rows} == {"Harbour", "Ferry"}
    assert (again.rows[0]["kept"], again.rows[0]["known"]) == (0, 2)
    assert again.err == "kliping: read nothing new\n"
    assert (sound.code, sound.out) == (0, "")


def test_nobody_is_asked(
    kliping: Command, crawl: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(*_: object, **__: object) -> None:
        raise AssertionError("an import uses no network")

    monkeypatch.setattr("crawler.service.parts.client_for", ask)
    monkeypatch.setattr("socket.socket.connect", ask)
    monkeypatch.setattr("socket.getaddrinfo", ask)

    assert kliping("import", "warc", crawl).code == 0


def test_a_damaged_file_is_told(kliping: Command, tmp_path: Path) -> None:
    gone = Wrote(url=URL, status="404 Not Found")
    path = write_warc(tmp_path / "a.warc.gz", gone, gone)
    path.write_bytes(path.read_bytes()[:-20])
    done = kliping("import", "warc", path)

    assert done.code == 1
    assert (done.rows[0]["damaged"], done.rows[0]["passed_over"]["HTTP 404"]) == (1, 1)
    assert "kliping: a.warc.gz at " in done.err


def test_a_file_that_is_no_warc_is_told(kliping: Command, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("no WARC file")
    done = kliping("import", "warc", path)

    assert (done.code, done.rows[0]["damaged"]) == (1, 1)


def wacz(path: Path, files: dict[str, bytes], how: int = ZIP_STORED) -> Path:
    with ZipFile(path, "w", how) as zipped:
        zipped.writestr("datapackage.json", "{}")
        for name, data in files.items():
            zipped.writestr(name, data)
    return path


def test_the_warc_files_of_a_wacz_file_are_taken(
    kliping: Command, crawl: Path, tmp_path: Path
) -> None:
    (folder := tmp_path / "given").mkdir()
    files = {"archive/../../a.warc.gz": crawl.read_bytes(), "logs/b.warc.gz": b"none"}
    wacz(folder / "x.wacz", files, ZIP_DEFLATED)

    done = kliping("import", "warc", folder)

    assert done.code == 0
    assert [(row["file"], row["kept"]) for row in done.rows] == [
        ("x.wacz/a.warc.gz", 2)
    ]
    assert list(tmp_path.rglob("a.warc.gz")) == []
    assert {row["title"] for row in kliping("search", "harbour").rows} == {
        "Harbour",
        "Ferry",
    }


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"a.warc.gz": b"x"}, "without a WARC file below `archive/`"),
        ({"archive/a.warc": bytes(9_000_000)}, "more than 100 times its size"),
    ],
    ids=["no WARC file", "a bomb"],
)
def test_a_zip_that_is_no_good_is_told(
    kliping: Command, tmp_path: Path, files: dict[str, bytes], why: str
) -> None:
    path = wacz(tmp_path / "x.wacz", files, ZIP_DEFLATED)

    done = kliping("import", "warc", path)

    assert done.code == 1
    assert f"{path}: " in done.err
    assert why in done.err


@pytest.fixture
def two_crawls(crawl: Path, tmp_path: Path) -> dict[str, bytes]:
    """The WARC files of a WACZ file."""
    pages = [Wrote(url=f"{URL}/{n}", body=story(f"Bridge {n}")) for n in range(3)]
    second = write_warc(tmp_path / "b.warc.gz", *pages).read_bytes()
    return {"archive/a.warc.gz": crawl.read_bytes(), "archive/b.warc.gz": second}


def spoil(path: Path, place: int) -> Path:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("how", [ZIP_STORED, ZIP_DEFLATED], ids=["stored", "deflated"])
def test_damage_in_a_wacz_file_costs_its_record_alone(
    kliping: Command, two_crawls: dict[str, bytes], tmp_path: Path, how: int
) -> None:
    path = wacz(tmp_path / "x.wacz", two_crawls, how)
    first = path.read_bytes().index(b"archive/a.warc.gz")
    spoil(path, first + len(two_crawls["archive/a.warc.gz"]) // 2)

    done = kliping("import", "warc", path)

    assert done.code == 1
    assert [(row["file"], row["kept"]) for row in done.rows] == [
        ("x.wacz/a.warc.gz", 1),
        ("x.wacz/b.warc.gz", 3),
    ]
    assert "x.wacz/a.warc.gz: damaged in the ZIP: Bad CRC-32" in done.err
    assert "x.wacz/a.warc.gz at " in done.err


def test_a_wacz_file_that_was_cut_short_is_read_as_far_as_it_goes(
    kliping: Command, two_crawls: dict[str, bytes], tmp_path: Path
) -> None:
    path = wacz(tmp_path / "x.wacz", two_crawls)
    whole = path.read_bytes()
    last = whole.index(two_crawls["archive/b.warc.gz"])
    path.write_bytes(whole[: last + len(two_crawls["archive/b.warc.gz"]) - 20])

    done = kliping("import", "warc", path)

    assert done.code == 1
    assert [(row["file"], row["kept"]) for row in done.rows] == [("x.wacz", 4)]
    assert "x.wacz: a ZIP file, as WACZ is, cut short or with a damaged" in done.err


def test_a_damaged_file_without_checksums_of_its_own_is_passed_over(
    kliping: Command, two_crawls: dict[str, bytes], tmp_path: Path
) -> None:
    plain = gzip.decompress(two_crawls.pop("archive/a.warc.gz"))
    path = wacz(tmp_path / "x.wacz", {"archive/a.warc": plain, **two_crawls})
    spoil(path, len(plain) // 2)

    done = kliping("import", "warc", path)

    assert done.code == 1
    assert [(row["file"], row["kept"]) for row in done.rows] == [
        ("x.wacz/b.warc.gz", 3)
    ]
    assert "archive/a.warc cannot be unpacked: Bad CRC-32" in done.err


@pytest.mark.parametrize("packed", [True, False], ids=["gzipped", "plain"])
def test_an_arc_file_is_told_as_such(
    kliping: Command, tmp_path: Path, packed: bool
) -> None:
    head = b"filedesc://a.arc 0.0.0.0 20080430204825 text/plain 76\n1 0 Archive\n"
    path = tmp_path / "a.arc.gz"
    path.write_bytes(gzip.compress(head) if packed else head)

    done = kliping("import", "warc", path)

    assert done.code == 1
    assert "an ARC file, the format before WARC" in done.err


def test_a_missing_file_is_told_before_anything_is_kept(
    kliping: Command, crawl: Path, tmp_path: Path
) -> None:
    done = kliping("import", "warc", crawl, tmp_path / "none.warc")

    assert (done.code, done.out) == (2, "")
    assert "no such file" in done.err


def test_no_warc_is_imported_beside_a_service(
    kliping: Command, crawl: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = Running(address="http://127.0.0.1:1", token="x")  # noqa: S106
    monkeypatch.setattr("crawler.cli.importing.running_service", lambda _: running)

    done = kliping("import", "warc", crawl)

    assert done.code == 2
    assert "stop it first" in done.err


LIST = f"\ufeff# mine\n\n{URL}\n{URL}2#top\nno url\n{URL}\n".encode()


def test_a_list_is_entered_line_by_line(kliping: Command, tmp_path: Path) -> None:
    path = tmp_path / "urls.txt"
    path.write_bytes(LIST)
    done = kliping("import", "urls", path)
    again = kliping("import", "urls", "-", input=LIST)
    ledger = kliping("ledger").rows

    assert done.rows == [{"file": str(path), "new": 2, "known": 1, "bad": 1}]
    assert done.code == 1
    assert f"{path}, line 5: " in done.err
    assert again.rows[0]["new"] == 0
    assert [(row["state"], row["reason"]) for row in ledger] == [
        ("waiting", "imported")
    ] * 2
    assert all(row["next_run"] for row in ledger)


def test_a_list_may_be_gzipped(kliping: Command, tmp_path: Path) -> None:
    path = tmp_path / "urls.txt.gz"
    path.write_bytes(gzip.compress(LIST))
    done = kliping("import", "urls", path)
    again = kliping("import", "urls", "-", input=path.read_bytes())
    path.write_bytes(path.read_bytes()[:-12])
    torn = kliping("import", "urls", path)

    assert (done.rows[0]["new"], done.rows[0]["bad"]) == (2, 1)
    assert (again.rows[0]["known"], again.rows[0]["bad"]) == (3, 1)
    assert (torn.code, torn.out) == (2, "")
    assert "ended before" in torn.err


def test_a_source_that_there_is_not_is_told_of_an_empty_list_too(
    kliping: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Service:
        def get(self, path: str) -> dict[str, object]:
            raise ServiceRefused(404, f"nothing at {path}")

    monkeypatch.setattr("crawler.cli.importing.running_service", lambda _: Service())
    done = kliping("import", "urls", "-", "--source", "No such", input=b"")

    assert done.code != 0
    assert "/v1/sources/No%20such" in done.err


def test_a_list_may_be_a_source_s(kliping: Command) -> None:
    feed = ("--feed", "https://news.example/rss")
    kliping("source", "add", "https://news.example/", "--name", "News", *feed)
    done = kliping("import", "urls", "-", "--source", "News", input=URL.encode())
    ledger = kliping("ledger", "--source", "News").rows

    assert done.rows[0]["new"] == 1
    assert URL in {row["url"] for row in ledger}


def test_an_unknown_source_takes_no_list(kliping: Command) -> None:
    done = kliping("import", "urls", "-", "--source", "X", input=URL.encode())

    assert (done.code, kliping("ledger").out) == (2, "")


def test_a_list_that_is_not_there_is_told(kliping: Command) -> None:
    assert kliping("import", "urls", "/nowhere").code == 2


def test_a_running_service_is_asked_to_enter_a_list(
    kliping: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    class Service:
        def post(self, path: str, wanted: dict[str, object]) -> dict[str, int]:
            asked.append((path, json.loads(json.dumps(wanted))))
            return {"new": 1}

    monkeypatch.setattr("crawler.cli.importing.running_service", lambda _: Service())
    done = kliping("import", "urls", "-", input=f"{URL}\n{URL}2".encode())

    assert asked == [("/v1/links/list", {"urls": [URL, f"{URL}2"], "source": None})]
    assert (done.rows[0]["new"], done.rows[0]["known"]) == (1, 1)
