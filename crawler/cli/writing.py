"""Who writes: the service that runs on the data folder, or else this command.

A data folder has one writer. While a service holds it, a command that writes
asks the service; otherwise the command opens the archive itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crawler.config.tree import Config
from crawler.web.client import PATIENCE, call
from storage.folder import read_holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A service that holds the data folder, and how to speak to it."""

    address: str
    token: str

    def post(
        self, path: str, json: Mapping[str, object], *, patience: float = PATIENCE
    ) -> dict[str, Any]:
        """Call one of its routes; wait so many seconds for its answer."""
        return call(self.address, self.token, "POST", path, json, patience=patience)

    def get(self, path: str) -> dict[str, Any]:
        """Ask for what is at one of its routes."""
        return call(self.address, self.token, "GET", path)

    def delete(self, path: str) -> dict[str, Any]:
        """Delete what is at one of its routes."""
        return call(self.address, self.token, "DELETE", path)


def running_service(config: Config) -> Running | None:
    """Return the service that holds the data folder, or None.

    Another command may hold the folder for a moment; it answers no calls, and
    opening the archive then says that it is busy.
    """
    holder = read_holder(config.storage.folder) or {}
    address, token = holder.get("address"), holder.get("token")
    if not address or not token:
        return None
    return Running(address=str(address), token=str(token))
