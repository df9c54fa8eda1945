"""A host that takes requests and never answers them."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from crawler.courtesy import SILENCES
from crawler.fetch.client import Client, Limits
from crawler.fetch.guard import AddressPolicy
from crawler.urls import host_key
from crawler.visit import visit
from storage.sql.tables import HostRow
from tests.crawler.desk import LOOPBACK, open_desk

pytestmark = pytest.mark.anyio
NO_RULES = b"HTTP/1.1 404 Said\r\nContent-Length: 0\r\n\r\n"


async def test_three_requests_without_an_answer_end_a_visit(tmp_path: Path) -> None:
    """The other links stay due, and the host is left alone."""
    asked: list[str] = []

    async def converse(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.decode().split(" ")[1]
                if path == "/robots.txt":
                    writer.write(NO_RULES)
                    continue
                asked.append(path)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    home = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with open_desk(tmp_path / "data") as desk:
        limits = Limits(first_byte=timedelta(milliseconds=200))
        policy = AddressPolicy(allow_networks=(LOOPBACK,))
        desk.use(
            new_client=lambda: Client(user_agent="Test/1", limits=limits, policy=policy)
        )
        for n in range(SILENCES + 2):
            await desk.enter(f"{home}/{n}")

        done = await visit(host_key(home), desk.means, budget=100)

        assert (len(done), len(asked)) == (SILENCES, SILENCES)
        (host,) = desk.read(select(HostRow).where(HostRow.key == host_key(home)))
        assert host.failures == 1
    server.close()
