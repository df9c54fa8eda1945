"""Speed and gain as commands: `python -m tests.bench [NAME] [options]`.

Without a name it is `crawl`, a whole crawl against the usual tools.

A benchmark is a module of this folder with `main(argv) -> int`; it prints its
figures as one JSON object on the last line and returns non-zero when a promise is
broken. Modules whose names start with an underscore are shared by them.
"""

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence

import tests.bench

#: Which runs when none is named.
FIRST = "crawl"
_HELP = {"-h", "--help"}


def names() -> list[str]:
    """Return the names of all benchmarks."""
    found = (module.name for module in pkgutil.iter_modules(tests.bench.__path__))
    return sorted(name for name in found if not name.startswith(("_", "test_")))


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=names(), nargs="?", default=FIRST)
    named = [one for one in argv[:1] if not one.startswith("-") or one in _HELP]
    args = parser.parse_args(named)
    # As where it is installed: what Python compiles is kept, not made at every start.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    module = importlib.import_module(f"tests.bench.{args.name}")
    code: int = module.main(argv[len(named) :])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
