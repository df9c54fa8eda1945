"""A visit over HTTP/2, where its source wants it: from the socket to the archive."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator
from sqlmodel import select

from crawler.visits.visit import visit_for
from storage.model.link_state import LinkState
from storage.sql.tables import ArticleRow
from tests.crawler.desk import Desk, open_desk, story
from tests.crawler.fetch.certificates import Certificates, make_certificates
from tests.crawler.fetch.http2_servers import (
    HTML,
    OK,
    Server,
    Talk,
    serving_http2,
)
from tests.crawler.fetch.servers import client

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def server(certificates: Certificates) -> AsyncIterator[Server]:
    """A site that speaks HTTP/2 alone."""

    async def answer(talk: Talk, stream: int) -> None:
        path = dict(running.requests[-1])[b":path"]
        if path == b"/robots.txt":
            await talk.head(stream, (b":status", b"404"), end=True)
            return
        await talk.head(stream, OK, HTML, (b"etag", b'"1"'))
        await talk.body(stream, story("The ferry returns"))

    async with serving_http2(answer, tls=certificates.http2) as running:
        yield running


@pytest.fixture
async def desk(tmp_path: Path, certificates: Certificates) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "data") as desk:
        desk.use(
            new_client=lambda: client(ssl_context=certificates.trusting),
            new_http2_client=lambda: client(
                ssl_context=certificates.trusting, http2=True
            ),
        )
        yield desk


async def test_an_article_is_archived_over_http2(desk: Desk, server: Server) -> None:
    source = await desk.add_source(server.url(), http2=True)
    link = await desk.enter(server.url("/ferry"), source=source)

    done = await visit_for(link, desk.means)

    assert done is not None
    assert done.settlement.state is LinkState.ARCHIVED
    (article,) = desk.read(select(ArticleRow))
    assert article.title == "The ferry returns"
    (path,) = desk.folder.warc.iterdir()
    with path.open("rb") as file:
        records = [
            (record.headers["WARC-Type"], record.headers.get("WARC-Protocol"))
            for record in ArchiveIterator(file, parse_http=False, auto_decode="none")
        ]
    exchanges = [r for r in records[1:] if r[0] != "metadata"]
    assert [kind for kind, _ in exchanges] == ["request", "response"] * 2
    assert all("h2" in str(protocol) for _, protocol in exchanges)
    assert server.connections == 1


async def test_the_same_again_is_a_revisit(desk: Desk, server: Server) -> None:
    source = await desk.add_source(server.url(), http2=True)
    link = await desk.enter(server.url("/ferry"), source=source)
    await visit_for(link, desk.means)
    await desk.rested(server.url())

    await visit_for(link, desk.means)

    (path,) = desk.folder.warc.iterdir()
    with path.open("rb") as file:
        kinds = [
            record.headers["WARC-Type"]
            for record in ArchiveIterator(file, parse_http=False, auto_decode="none")
        ]
    assert [kind for kind in kinds if kind != "metadata"][-1] == "revisit"


async def test_a_source_that_does_not_say_so_is_not_offered_it(
    desk: Desk, server: Server
) -> None:
    source = await desk.add_source(server.url())
    link = await desk.enter(server.url("/ferry"), source=source)

    done = await visit_for(link, desk.means)

    assert done is not None
    assert done.settlement.state is not LinkState.ARCHIVED
    assert server.requests == []
