"""Speed and gain as commands: `python -m tests.bench NAME [options]`.

A benchmark is a module of this folder with `main(argv) -> int`; it prints its
figures as one JSON object on the last line and returns non-zero when a promise is
broken. Modules whose names start with an underscore are shared by them.
"""

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence

import tests.bench


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
    parser.add_argument("name", choices=names())
    args = parser.parse_args(argv[:1])
    module = importlib.import_module(f"tests.bench.{args.name}")
    code: int = module.main(argv[1:])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
