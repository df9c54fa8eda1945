"""What every verb is told: which settings to read, and how much to log."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:  # reading settings costs what --help need not wait for
    from crawler.config.file import Loaded
    from crawler.config.tree import Config

_LEVELS = ("debug", "info", "warning", "error", "critical")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """The global options of one run of `kliping`."""

    config: Path | None = None
    verbose: int = 0
    quiet: int = 0

    def settings(self) -> "Config":
        """Return the settings of a command that answers and ends.

        It logs warnings only, unless -v asks for more.

        Raises:
            ConfigError: they cannot be used.
        """
        config = self.settings_without_logs()
        self.log_warnings()
        return config

    def settings_without_logs(self) -> "Config":
        """Return the settings of a command that has nothing to log.

        Raises:
            ConfigError: they cannot be used.
        """
        from crawler.config.file import find_config, load_config

        return load_config(find_config(self.config))

    def settings_of_service(self) -> "Loaded":
        """Return the settings of a service, which logs as they say.

        Raises:
            ConfigError: they cannot be used.
        """
        from crawler.config.file import find_config, load

        loaded = load(find_config(self.config))
        self._log(loaded.config.service.log)
        return loaded

    def log_warnings(self) -> None:
        """Log warnings only, unless -v asks for more."""
        self._log("warning")

    def _log(self, level: str) -> None:
        from crawler.logs import log_to_stderr

        place = _LEVELS.index(level) - self.verbose + self.quiet
        log_to_stderr(_LEVELS[min(max(place, 0), len(_LEVELS) - 1)])


def invocation_of(ctx: typer.Context) -> Invocation:
    """Return the global options that a verb was called with."""
    found = ctx.obj
    return found if isinstance(found, Invocation) else Invocation()
