"""Nodes that write one archive on PostgreSQL, each by a clock of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session

from crawler.config.tree import Config
from storage.folder import DataFolder, node_name
from storage.model.link import NewLink
from storage.model.link_kind import LinkKind
from storage.sql.captures import KeptRecords, add_capture
from storage.sql.engine import reading_engine, writing_engine
from storage.sql.ledger import add_links, find_link
from storage.sql.tables import CaptureRow
from storage.warc.capture import CaptureRecords, capture_records, revisit_records
from storage.warc.reader import read_capture
from storage.warc.segment import Segment
from storage.writer import Tx, Writer
from tests.storage.kept import exchange

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://kabar.example/berita/0"


@dataclass
class Node:
    """A node that writes, and how far its clock is wrong."""

    folder: DataFolder
    writer: Writer
    url: str
    skew: timedelta
    true: datetime = START

    def now(self) -> datetime:
        return self.true + self.skew

    def do(self, work: Callable[[Tx], Any]) -> Any:  # noqa: ANN401
        """Do a work a second after the last one."""
        self.true += timedelta(seconds=1)
        return self.writer.submit(work).result(timeout=20)

    def enter(self, url: str = URL, *, on: int | None = None) -> int:
        """Enter a link as found on another; return it."""
        link = NewLink(url=url, key=url, host="kabar.example", kind=LinkKind.ARTICLE)

        def work(tx: Tx) -> int:
            add_links(tx.session, [link], source=None, found_on=on, now=self.now())
            row = find_link(tx.session, url)
            assert row is not None
            return int(row.id or 0)

        return int(self.do(work))

    def keep(
        self,
        link: int,
        *,
        repeats: tuple["Node", int] | None = None,
        to_read: bool = False,
    ) -> int:
        """Keep what a link answered, or that it did not change; return the capture."""
        seen = exchange(0, started_at=self.now())

        def work(tx: Tx) -> int:
            made: CaptureRecords | None = capture_records(seen, URL)
            if repeats is not None:
                made = revisit_records(seen, _record(tx.session, *repeats), URL)
            assert made is not None
            request, answer = tx.append([made.request, made.response])
            kept = KeptRecords(
                request=request,
                response=answer,
                payload_sha256=made.payload_sha256,
                record_sha256=made.record_sha256,
                request_sha256=made.request_sha256,
                record_id=made.record_id,
                digest=made.digest,
            )
            return add_capture(
                tx.session,
                seen,
                kept,
                link_id=link,
                to_read=to_read,
                revisit_of=repeats[1] if repeats is not None else None,
            )

        return int(self.do(work))


def _record(session: Session, node: Node, capture: int) -> Any:  # noqa: ANN401
    row = session.get_one(CaptureRow, capture)
    return read_capture(
        node.folder, row.segment, row.offset, row.length, row.record_sha256
    )


@contextmanager
def writing(place: Path, url: str, *skews: timedelta) -> Iterator[list[Node]]:
    """Open a node for each clock; their files are sealed in the end."""
    with ExitStack() as held:
        yield [
            held.enter_context(_writing(place / f"node-{number}", url, skew))
            for number, skew in enumerate(skews)
        ]


@contextmanager
def _writing(path: Path, url: str, skew: timedelta) -> Iterator[Node]:
    folder = DataFolder(path, node=node_name(path))
    engine = writing_engine(url)

    def now() -> datetime:
        return node.now()  # which is there once it has its writer

    def segment() -> Segment:
        return Segment(
            folder.warc, software="T/1", operator="t", now=now(), node=folder.node
        )

    writer = Writer(engine, segment, now=now, node=folder.node)
    node = Node(folder, writer, url, skew)
    try:
        yield node
    finally:
        writer.close()
        engine.dispose()


@contextmanager
def reading(url: str) -> Iterator[Session]:
    """Open a session that only reads."""
    engine = reading_engine(url)
    with Session(engine) as session:
        yield session
    engine.dispose()


def settings(folder: Path, database: str = "", objects: str = "") -> Config:
    """Return settings of a node."""
    named = database.replace("postgresql+psycopg://", "postgresql://")
    storage = {"folder": folder, "database": named, "objects": objects}
    return Config.model_validate({"storage": storage})
