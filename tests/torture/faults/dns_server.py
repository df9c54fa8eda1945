"""A DNS server whose answers a test writes: rebinding, silence, errors, aliases.

It speaks the wire format of RFC 1035 as far as a resolver asking for A and AAAA
needs it, over UDP.
"""

import socketserver
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address

NO_ERROR, SERVER_FAILURE, NO_SUCH_NAME, REFUSED = 0, 2, 3, 5

_A, _CNAME, _AAAA = 1, 5, 28
_IN = 1
_MAX_ALIASES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is said of a name, always with a TTL of 0.

    Attributes:
        addresses: IPv4 and IPv6; a question gets those of its kind.
        alias: The name's canonical name; its own reply is added.
        code: The response code (RFC 1035, section 4.1.1).
        after: Seconds until it is sent; infinite for never.
    """

    addresses: tuple[str, ...] = ()
    alias: str | None = None
    code: int = NO_ERROR
    after: float = 0.0


SILENCE = Reply(after=float("inf"))
_UNKNOWN = Reply(code=NO_SUCH_NAME)

#: What to say of a name (lower case, no last dot), in turn for each question of
#: a kind; the last reply holds from then on. Empty: there is no such name.
Zone = Callable[[str], Sequence[Reply]]


class NameServer(socketserver.ThreadingUDPServer):
    """Answers by a zone, and counts what it was asked."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self, zone: Zone, address: tuple[str, int] = ("127.0.0.1", 53)
    ) -> None:
        super().__init__(address, _Answering)
        self.asked: Counter[str] = Counter()
        self._zone = zone
        self._turns: Counter[tuple[str, int]] = Counter()
        self._lock = threading.Lock()

    def reply(self, name: str, kind: int) -> Reply:
        """Return what this question gets, and step to the name's next turn."""
        with self._lock:
            turn = self._turns[name, kind]
            self._turns[name, kind] += 1
            self.asked[name] += 1
        replies = self._zone(name) or (_UNKNOWN,)
        return replies[min(turn, len(replies) - 1)]


@contextmanager
def name_server(
    zone: Zone, address: tuple[str, int] = ("127.0.0.1", 53)
) -> Iterator[NameServer]:
    """Serve a zone from a thread of its own."""
    with NameServer(zone, address) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(10)


class _Answering(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        asked, sock = self.request
        name, kind, question = _question(asked)
        records, reply = bytearray(), self.server.reply(name, kind)
        delay, count = reply.after, 0
        for _ in range(_MAX_ALIASES):
            if reply.alias is None:
                break
            records += _record(name, _CNAME, _labels(reply.alias))
            name, count = reply.alias, count + 1
            reply = self.server.reply(name, kind)
        for data in _of_kind(reply.addresses, kind):
            records += _record(name, kind, data)
            count += 1
        if delay == float("inf"):
            return
        time.sleep(delay)
        flags = 0x8580 | reply.code  # a recursive, authoritative response
        head = asked[:2] + struct.pack("!5H", flags, 1, count, 0, 0)
        sock.sendto(head + question + bytes(records), self.client_address)


def _question(asked: bytes) -> tuple[str, int, bytes]:
    place, labels = 12, []
    while size := asked[place]:
        labels.append(asked[place + 1 : place + 1 + size].decode("ascii"))
        place += 1 + size
    (kind,) = struct.unpack_from("!H", asked, place + 1)
    return ".".join(labels).lower(), kind, asked[12 : place + 5]


def _labels(name: str) -> bytes:
    parts = [label.encode("ascii") for label in name.split(".")]
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def _record(name: str, kind: int, data: bytes) -> bytes:
    return _labels(name) + struct.pack("!HHIH", kind, _IN, 0, len(data)) + data


def _of_kind(addresses: Sequence[str], kind: int) -> list[bytes]:
    version = {_A: 4, _AAAA: 6}.get(kind)
    known = map(ip_address, addresses)
    return [address.packed for address in known if address.version == version]
