"""The command line: one module per verb.

Verbs import what they need when they run, so that `kliping --help` answers
before a parser or a database is loaded. What they raise becomes an exit code in
one place, exits.py.
"""

import signal
import sys
from types import FrameType

from crawler.cli.exits import ExitCode


def main() -> None:
    """Run the command that the process was started with; the entry point."""
    from crawler.cli.app import app

    signal.signal(signal.SIGTERM, _end)
    app(prog_name="kliping")


def _end(_number: int, _frame: FrameType | None) -> None:
    """Unwind, so that locks, children and temporary folders are given back."""
    sys.exit(ExitCode.TERMINATED)
