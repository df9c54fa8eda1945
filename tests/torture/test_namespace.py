"""The network of our own is one, its DNS answers, and without it nothing runs."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.torture import namespace
from tests.torture.faults.dns_server import NO_SUCH_NAME, Reply, name_server

ROOT = Path(__file__).parents[2]
_INSIDE = """
import json, socket, sys, tempfile
from pathlib import Path
from tests.torture import namespace
from tests.torture.faults.dns_server import Reply, name_server

namespace.enter()
zone = {
    "news.example": [Reply(addresses=("93.184.216.34", "2606:2800:220:1::34"))],
    "alias.example": [Reply(alias="news.example")],
    "turn.example": [Reply(addresses=("93.184.216.34",)),
                     Reply(addresses=("169.254.169.254",))],
}
def ask(name):
    found = socket.getaddrinfo(name, 80, type=socket.SOCK_STREAM)
    return sorted({answer[4][0] for answer in found})
with tempfile.TemporaryDirectory() as folder:
    namespace.furnish(["93.184.216.34", "2606:2800:220:1::34"], Path(folder))
    with name_server(lambda name: zone.get(name, ())):
        said = [ask(n) for n in
                ("news.example", "alias.example", "turn.example", "turn.example")]
    with socket.create_server(("93.184.216.34", 80)) as server:
        socket.create_connection(("93.184.216.34", 80)).close()
print(json.dumps(said))
"""


@pytest.mark.usefixtures("namespaces")
def test_inside_addresses_are_public_and_names_are_ours() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _INSIDE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.stderr == ""
    both = '["2606:2800:220:1::34", "93.184.216.34"]'
    assert (
        done.stdout.strip()
        == f'[{both}, {both}, ["93.184.216.34"], ["169.254.169.254"]]'
    )


def test_the_network_a_run_came_from_is_not_taken_for_its_own() -> None:
    here = str(Path("/proc/self/ns/net").readlink())

    with pytest.raises(namespace.NotIsolated, match="still in the network"):
        namespace.prove(here)


def test_a_network_with_more_than_loopback_is_not_taken_for_one_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "if_nameindex", lambda: [(1, "lo"), (2, "eth0")])

    with pytest.raises(namespace.NotIsolated, match="eth0"):
        namespace.prove("net:[1]")


def test_a_network_with_a_route_is_not_taken_for_one_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "if_nameindex", lambda: [(1, "lo")])
    monkeypatch.setattr(namespace, "_OUTSIDE", ("127.0.0.1",))

    with pytest.raises(namespace.NotIsolated, match=r"route to 127\.0\.0\.1"):
        namespace.prove("net:[1]")


def test_an_unknown_name_has_its_own_answer() -> None:
    question = b"\0\1\1\0\0\1\0\0\0\0\0\0\4lost\7example\0\0\1\0\1"
    with (
        name_server(lambda _: (), ("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking,
    ):
        asking.settimeout(10)
        asking.sendto(question, server.server_address)
        answer = asking.recv(512)

    assert answer[:2] == question[:2]
    assert answer[3] & 0xF == NO_SUCH_NAME
    assert server.asked == {"lost.example": 1}


def test_turns_belong_to_a_name_and_a_kind_of_question() -> None:
    first, then = Reply(addresses=("192.0.2.1",)), Reply(addresses=("192.0.2.2",))
    with name_server(lambda _: (first, then), ("127.0.0.1", 0)) as server:
        said = [server.reply("a.example", kind) for kind in (1, 28, 1, 1)]

    assert said == [first, first, then, then]
