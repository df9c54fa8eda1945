"""The command line: one module per verb.

Verbs import what they need when they run, and help lies ready, so that
`kliping --help` answers before anything is loaded. What verbs raise becomes an exit
code in one place, exits.py.
"""

import os
import sys
from io import TextIOWrapper

from crawler.cli.ready import answer


def main() -> None:
    """Run the command that the process was started with; the entry point."""
    ready = answer()
    if ready is None:
        _run()
        return
    try:
        sys.stdout.write(ready)
        sys.stdout.flush()
    except OSError:  # nobody reads, or the disk is full
        _run()


def _run() -> None:
    """Let typer read the command line; an end that is asked for unwinds.

    So locks, children and temporary folders are given back.
    """
    import signal

    # To look for them takes as long as to load pydantic, and none is ours.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

    from crawler.cli.app import app
    from crawler.cli.exits import ExitCode

    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # help has characters that ASCII lacks
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(ExitCode.TERMINATED))
    app(prog_name="kliping")
