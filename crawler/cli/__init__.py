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
    _open_streams()
    ready = answer()
    try:
        if ready is None:
            _run()
        else:
            sys.stdout.write(ready)
            sys.stdout.flush()
    except OSError as error:  # nobody reads, or the disk is full
        sys.exit(_unwritten(error))


def _open_streams() -> None:
    """Have all three streams: what is closed (`>&-`) leads nowhere, as under daemons.

    Else the next file that is opened would have its number, and be printed into.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


def _unwritten(error: OSError) -> int:
    """Say that the output could not be written; return the exit code."""
    from crawler.cli.exits import ExitCode, forget_stdout, lines_of, of_error

    forget_stdout()
    if isinstance(error, BrokenPipeError):
        return ExitCode.BROKEN_PIPE
    sys.stderr.writelines(f"kliping: {line}\n" for line in lines_of(error))
    return of_error(error)


def _run() -> None:
    """Let typer read the command line; an end that is asked for unwinds.

    So locks, children and temporary folders are given back.
    """
    import signal

    from crawler.garbage import collect_seldom, loading

    # To look for them takes as long as to load pydantic, and none is ours.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

    with loading():
        from crawler.cli.app import app
        from crawler.cli.exits import ExitCode
    collect_seldom()

    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # help has characters that ASCII lacks
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(ExitCode.TERMINATED))
    app(prog_name="kliping")
