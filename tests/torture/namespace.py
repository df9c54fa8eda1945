"""A network of its own for one run: no way out, any address on loopback, own DNS.

`enter` runs the same command again in new user, network and mount namespaces. It
then proves that it is there before anything else happens: another network than
the caller's, no interface but `lo`, and no route to anywhere. A run that cannot
prove it refuses to go on.
"""

import errno
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path

#: Holds the network namespace that a run came from.
_CAME_FROM = "TORTURE_CAME_FROM"
_COMMAND = ("unshare", "--user", "--map-root-user", "--net", "--mount")
#: Addresses that only a way out would lead to; nothing is sent there.
_OUTSIDE = ("192.0.2.1", "8.8.8.8", "2001:db8::1", "2606:4700::1111")


class NotIsolated(Exception):
    """This is not a network of our own without a way out."""


def why_not_possible() -> str | None:
    """Return why no namespace can be made here, or None where one can."""
    missing = [name for name in ("unshare", "ip", "mount") if not shutil.which(name)]
    if missing:
        return f"no command {', '.join(missing)}"
    tried = subprocess.run(
        [*_COMMAND, "true"], capture_output=True, text=True, check=False
    )
    return tried.stderr.strip() or "unshare failed" if tried.returncode else None


def enter() -> None:
    """Go on in a namespace of our own; outside, this call never returns.

    Raises:
        NotIsolated: The run believes to be inside, but is not.
    """
    came_from = os.environ.get(_CAME_FROM)
    if came_from is None:
        os.environ[_CAME_FROM] = _network()
        again = [sys.executable, *sys.orig_argv[1:]]
        os.execvp(_COMMAND[0], [*_COMMAND, "--", *again])  # noqa: S606 - our own command
    prove(came_from)


def prove(came_from: str) -> None:
    """Raise NotIsolated unless this network is a new one without a way out."""
    if _network() == came_from:
        raise NotIsolated("still in the network this run was started in")
    if (interfaces := [name for _, name in socket.if_nameindex()]) != ["lo"]:
        raise NotIsolated(f"there are interfaces besides lo: {interfaces}")
    for address in _OUTSIDE:
        if not _is_unreachable(address):
            raise NotIsolated(f"there is a route to {address}")


def furnish(addresses: Iterable[str], folder: Path) -> None:
    """Give loopback these addresses, and every process here a DNS at 127.0.0.1.

    Call it after `enter`, and before anything resolves a name.

    Args:
        addresses: IPv4 and IPv6 hosts; those of 127.0.0.0/8 and ::1 are there.
        folder: Keeps the files that stand in for those below /etc.
    """
    commands = ["link set lo up", *map(_adding, addresses)]
    _run(["ip", "-batch", "-"], "\n".join(commands))
    for path, text in (
        ("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:2 attempts:1\n"),
        ("/etc/nsswitch.conf", "hosts: files dns\n"),
        ("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"),
    ):
        stand_in = folder / Path(path).name
        stand_in.write_text(text, encoding="ascii")
        if Path(path).exists():
            _run(["mount", "--bind", str(stand_in), path])


def _network() -> str:
    return str(Path("/proc/self/ns/net").readlink())


def _is_unreachable(address: str) -> bool:
    """Ask the kernel for a route; connecting a UDP socket sends no packet."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect((address, 9))
        except OSError as error:
            return error.errno in {errno.ENETUNREACH, errno.EADDRNOTAVAIL}
    return False


def _adding(address: str) -> str:
    known = ip_address(address)
    once = " nodad" if known.version == 6 else ""
    return f"addr add {known}/{known.max_prefixlen} dev lo{once}"


def _run(command: list[str], given: str = "") -> None:
    done = subprocess.run(
        command, input=given, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotIsolated(f"{' '.join(command)}: {done.stderr.strip()}")
