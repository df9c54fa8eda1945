"""Tell the supervisor that started us how we fare: systemd's notify protocol.

A datagram of `NAME=value` lines to the socket that NOTIFY_SOCKET names (sd_notify(3)).
Elsewhere nobody listens, and nothing is sent.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

READY, ALIVE, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervisor:
    """Who watches over this process.

    Attributes:
        address: Its socket: a path, or an abstract name after a NUL; None for nobody.
        patience: How long it waits for a sign of life; None where it does not.
    """

    address: str | None = None
    patience: timedelta | None = None

    def tell(self, message: str) -> None:
        """Send a message; one that cannot be sent is nobody's fault here."""
        if self.address is None:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.setblocking(False)  # a full socket must not wedge us
                sender.sendto(message.encode(), self.address)
        except OSError:
            return


#: Where nobody watches.
NOBODY = Supervisor()


def supervisor_of(environment: Mapping[str, str]) -> Supervisor:
    """Return who watches over this process, as the environment says."""
    address = environment.get("NOTIFY_SOCKET", "")
    if address[:1] not in {"/", "@"}:
        return NOBODY
    wanted = environment.get("WATCHDOG_USEC", "")
    is_ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return Supervisor(
        address=f"\0{address[1:]}" if address[0] == "@" else address,
        patience=timedelta(microseconds=int(wanted))
        if wanted.isdecimal() and is_ours
        else None,
    )
