"""Which WARC files are meant, and what an import makes of what others read of them."""

import asyncio
import gzip
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from crawler.bulk.orders import Order
from crawler.bulk.pool import PoolRunner
from crawler.bulk.running import Finished, read_shards
from crawler.bulk.shards import Shard, foreign_orders, shards_of
from crawler.bulk.shelf import Shelf, Store
from crawler.cli.importing import Done, import_warcs
from crawler.config.tree import Config
from crawler.errors import UsageError
from crawler.extract.children.pool import ExtractPool
from crawler.service.opening import open_service
from tests.crawler.bulk.shards import (
    archive,
    archived,
    config_with_rule,
    reextract,
    settings,
    write_crawls,
)
from tests.objects import S3
from tests.torture.world import read_config

PAGES = 4


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_crawls(tmp_path_factory.mktemp("crawls"), 2, PAGES)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return read_config(settings(tmp_path / "archive"))


def take_in(config: Config, *named: Path | str, base: str | None = None) -> Done:
    files = [str(one) for one in named]
    return import_warcs(config, files, lambda _done, _all: None, base=base)


def listed(folder: Path, *lines: str, name: str = "warc.paths.gz") -> Path:
    path = folder / name
    text = "\n".join(lines) + "\n"
    path.write_bytes(
        gzip.compress(text.encode()) if name[-3:] == ".gz" else text.encode()
    )
    return path


def test_a_list_names_files_below_its_base(tmp_path: Path) -> None:
    paths = ["crawl-data/CC-NEWS/1.warc.gz", "s3://other/2.warc.gz"]
    path = listed(tmp_path, *paths)

    elsewhere = shards_of([str(path)], "https://data.example/")
    beside = shards_of([str(path)], None)

    assert elsewhere == [
        Shard(place=paths[0], store=Store(url="https://data.example")),
        Shard(place="2.warc.gz", store=Store(url="s3://other")),
    ]
    assert beside[0] == Shard(place=str(tmp_path / paths[0]))


def test_a_folder_stands_for_the_warc_files_in_it(crawls: list[Path]) -> None:
    found = shards_of([str(crawls[0].parent)], None)

    assert [shard.place for shard in found] == [str(crawl) for crawl in crawls]


def test_a_folder_s_folders_are_looked_into(tmp_path: Path) -> None:
    place = tmp_path / "2026" / "10" / "a.warc.gz"
    place.parent.mkdir(parents=True)
    place.touch()

    assert shards_of([str(tmp_path)], None) == [Shard(place=str(place))]


def test_a_list_may_have_absolute_paths_and_comments(tmp_path: Path) -> None:
    path = listed(tmp_path, "# mine", "/data/a#1.warc.gz", "below/b.warc.gz")

    found = shards_of([str(path)], None)

    below = str(tmp_path / "below" / "b.warc.gz")
    assert [shard.place for shard in found] == ["/data/a#1.warc.gz", below]


def test_what_names_no_warc_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.html").touch()

    with pytest.raises(UsageError, match="names no WARC files"):
        shards_of([str(tmp_path)], None)


@pytest.mark.parametrize("name", ["none.warc.gz", "none.paths", "none.paths.gz"])
def test_what_is_not_there_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"[Nn]o such file"):
        shards_of([str(tmp_path / name)], None)


def test_a_file_that_changed_is_another_shard(config: Config, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    names = set()
    for data in (b"one", b"other"):
        path.write_bytes(data)
        (order,) = foreign_orders(config, shards_of([str(path)], None))
        names.add(order.file)

    assert len(names) == 2


@pytest.fixture
def web(crawls: list[Path]) -> Iterator[str]:
    """The files, served as Common Crawl's are."""
    handler = partial(_Quiet, directory=str(crawls[0].parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_a_list_of_files_on_the_web_is_taken_in(
    config: Config, crawls: list[Path], web: str, tmp_path: Path
) -> None:
    path = listed(tmp_path, *(crawl.name for crawl in crawls), "gone.warc.gz")
    done = take_in(config, path, base=web)

    assert [one.kept for one in done.files] == [PAGES, PAGES]
    assert [why.partition(":")[0] for why in done.unreadable] == ["gone.warc.gz"]


def test_files_read_by_others_make_the_same_archive(
    config: Config,
    crawls: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take_in(config, *crawls)
    other = read_config(settings(tmp_path / "other"))
    asked = []
    extract = ExtractPool.extract

    async def count(pool: ExtractPool, source: object) -> object:
        asked.append(source)
        return await extract(pool, source)  # type: ignore[arg-type]

    monkeypatch.setattr(ExtractPool, "extract", count)
    done = import_warcs(
        other,
        [str(crawl) for crawl in crawls],
        lambda _done, _all: None,
        runner=PoolRunner(2),
    )

    assert done.troubles() == []
    assert [one.kept for one in done.files] == [PAGES, PAGES]
    assert asked == []
    assert archived(other) == archived(config)
    assert len(archived(other)) == 2 * PAGES
    assert list((other.storage.folder / "bulk").iterdir()) == []


def test_an_import_tells_which_file_could_not_be_read(
    config: Config, crawls: list[Path], tmp_path: Path
) -> None:
    path = listed(
        tmp_path, str(crawls[0]), str(tmp_path / "gone.warc.gz"), name="a.paths"
    )
    done = import_warcs(
        config, [str(path)], lambda _done, _all: None, base="/", runner=PoolRunner(2)
    )

    assert [one.kept for one in done.files] == [PAGES]
    (why,) = done.unreadable
    assert why.startswith("gone.warc.gz: ")


def test_files_and_readings_may_be_in_a_store(
    config: Config,
    crawls: list[Path],
    s3: S3,
    credentials: None,  # noqa: ARG001  # who we are there
) -> None:
    (here,) = foreign_orders(config, shards_of([str(crawls[0])], None))
    store = Store(url=s3.bucket(), endpoint=s3.endpoint, allow_http=True)
    store.open().put_new(f"crawl/{crawls[0].name}", crawls[0])
    there = replace(
        here,
        place=f"crawl/{crawls[0].name}",
        store=store,
        shelf=Shelf(place="bulk/run", store=store),
    )
    for order in (here, there):
        assert [one.why for one in read_shards([order], PoolRunner(1))] == [""]

    with here.shelf.open(here.file) as one, there.shelf.open(there.file) as other:
        assert one.read() == other.read()
    there.shelf.clear()
    assert there.shelf.names() == set()


def test_an_archive_is_read_again_from_its_store(
    crawls: list[Path],
    tmp_path: Path,
    s3: S3,
    credentials: None,  # noqa: ARG001  # who we are there
) -> None:
    told = {
        "objects": s3.bucket(),
        "objects_endpoint": s3.endpoint,
        "objects_allow_http": True,
        "keep_local": "0s",
    }
    path = settings(tmp_path / "there", **told)
    archive(path, crawls[:1])
    asyncio.run(let_go(read_config(path)))
    config = config_with_rule(path)
    here, _ = reextract(config, None)
    bare = partial(_move_orders, tmp_path / "elsewhere")

    assert list((config.storage.folder / "warc").glob("*.gz")) == []
    assert reextract(config, _Elsewhere(bare)) == (here, [])


class _Elsewhere:
    """Processes of a machine that has nothing of the archive."""

    def __init__(self, move: Callable[[Order], Order]) -> None:
        self._move = move

    def run(self, orders: Sequence[Order]) -> Generator[Finished, None, None]:
        known = {order.file: order for order in orders}
        for one in PoolRunner(2).run([self._move(order) for order in orders]):
            yield replace(one, order=known[one.order.file])


def _move_orders(folder: Path, order: Order) -> Order:
    return replace(order, place=str(folder))


async def let_go(config: Config) -> None:
    """Put all files of an archive into its store, and none stays here."""
    async with open_service(config) as service:
        await service.index_all()
        await service.push_objects()
