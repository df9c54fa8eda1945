"""Peers that a crawl is measured against, each in an environment of its own."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

#: Where a peer's environment is made if nobody says otherwise.
CACHE = Path.home() / ".cache" / "kliping-bench"
FOLDER = Path(__file__).parent / "peers"
PACKAGES = {
    # trafilatura needs the last, and asks for it by a name that lxml no longer has
    "scrapy": ("scrapy>=2.13", "trafilatura>=2", "lxml-html-clean"),
    "news-please": ("news-please", "lxml-html-clean"),
}


def peer_python(folder: Path, peer: str) -> Path:
    """Return the interpreter of a peer's environment, which is made if it is not there.

    Raises:
        CalledProcessError: It cannot be installed.
    """
    python = folder / peer / "bin" / "python"
    if not _is_ready(python, PACKAGES[peer]):
        print(f"installing {peer} into {folder / peer}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder / peer], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "-q", *PACKAGES[peer]], check=True
        )
    return python


def versions(python: Path, names: Sequence[str]) -> dict[str, str]:
    """Return the versions of packages in an environment."""
    said = "import sys;from importlib.metadata import version as v;print(*map(v,sys.argv[1:]))"
    found = subprocess.run(
        [python, "-c", said, *names], check=True, capture_output=True, text=True
    )
    return dict(zip(names, found.stdout.split(), strict=True))


def _is_ready(python: Path, packages: Sequence[str]) -> bool:
    if not python.is_file():
        return False
    names = [package.partition(">")[0] for package in packages]
    said = (
        "import sys;from importlib.metadata import version as v;[*map(v,sys.argv[1:])]"
    )
    return not subprocess.run(
        [python, "-c", said, *names], check=False, capture_output=True
    ).returncode
