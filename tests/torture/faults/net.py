"""The hosts of all faults: their addresses, names, certificates and black holes."""

import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from ssl import SSLContext

import certifi

from tests.torture.faults.dns_server import Reply
from tests.torture.faults.server import PORTS, Host, Script, missing
from tests.torture.faults.tls import Authority, contexts
from tests.torture.faults.variant import BLACK_HOLES, Variant

#: Where rows may send one another; both are nobody's.
CANARIES = ("10.0.0.1", "169.254.169.254", "192.168.1.1", "fd00::1")
PROXY = "http://93.184.0.77:80"
_BACKLOG = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultNet:
    """A net of hosts.

    Attributes:
        variants: What each host is there for.
        hosts: By name.
        replies: What DNS says, by name.
        authority: The certificate that the service is made to believe.
    """

    variants: Sequence[Variant]
    hosts: Mapping[str, Host]
    replies: Mapping[str, Sequence[Reply]]
    authority: Path

    @property
    def addresses(self) -> list[str]:
        """Return what loopback must have."""
        hosts = [host.address for host in self.hosts.values()]
        return [*hosts, *BLACK_HOLES, *CANARIES, "93.184.0.77"]

    def zone(self, name: str) -> Sequence[Reply]:
        return self.replies.get(name, ())

    def trust(self) -> None:
        """Lay our authority over certifi's bundle, in this mount namespace alone."""
        bundle = Path(certifi.where())
        both = self.authority.parent / "bundle.pem"
        both.write_bytes(bundle.read_bytes() + self.authority.read_bytes())
        subprocess.run(["mount", "--bind", str(both), str(bundle)], check=True)

    @contextmanager
    def black_holes(self) -> Iterator[None]:
        """Let no connection to a black hole come about.

        Its queue is full, so the kernel drops each further SYN.
        """
        with ExitStack() as stack:
            for address in BLACK_HOLES:
                family = socket.AF_INET6 if ":" in address else socket.AF_INET
                _fill(stack, family, (address, PORTS["http"]))
            yield


def _fill(
    stack: ExitStack, family: socket.AddressFamily, place: tuple[str, int]
) -> None:
    listener = stack.enter_context(socket.socket(family))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(place)
    listener.listen(0)
    for _ in range(_BACKLOG):
        waiting = stack.enter_context(socket.socket(family))
        waiting.setblocking(False)
        waiting.connect_ex(place)


def net_of(variants: Sequence[Variant], sound: Variant, folder: Path) -> FaultNet:
    """Return the net of variants, their twins and a sound host.

    Certificates are made in a folder.
    """
    authority = Authority(folder, "believed")
    all_of_them = [one for x in (sound, *variants) for one in (x, x.twin)]
    faults = {one.host: one.tls for one in all_of_them if one.tls}
    shown = contexts(authority, Authority(folder, "stranger"), faults)
    hosts: dict[str, Host] = {}
    replies: dict[str, Sequence[Reply]] = {}
    for one in all_of_them:
        address = _address(len(hosts))
        hosts[one.host] = _host(address, one, shown.get(one.host))
        replies[one.host] = _replies(one, address)
        for name, pages in one.others.items():
            if name in hosts:  # as its twin's
                continue
            other = _address(len(hosts))
            hosts[name] = Host(address=other, pages=_with_robots(pages))
            replies[name] = (Reply(addresses=(other,)),)
    return FaultNet(
        variants=variants,
        hosts=hosts,
        replies=replies,
        authority=authority.certificate,
    )


def _address(number: int) -> str:
    return f"93.184.{1 + number // 250}.{1 + number % 250}"


def _host(address: str, one: Variant, tls: SSLContext | None) -> Host:
    return Host(
        address=address,
        pages=_with_robots(one.pages),
        greet=one.greet,
        tls=tls,
        stall_tls=one.stall_tls,
    )


def _with_robots(pages: Mapping[str, Script]) -> Mapping[str, Script]:
    return {"/robots.txt": missing, **pages}


def _replies(one: Variant, address: str) -> Sequence[Reply]:
    """Return a host's replies; `own` among their addresses is its address."""
    if one.replies is None:
        return (Reply(addresses=(address,)),)
    return [
        Reply(
            addresses=tuple(address if x == "own" else x for x in reply.addresses),
            alias=reply.alias,
            code=reply.code,
            after=reply.after,
        )
        for reply in one.replies
    ]
