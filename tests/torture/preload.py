"""Small C libraries between a process and its disk, compiled when they are needed."""

import shutil
import subprocess
from pathlib import Path


def compiled(source: Path, place: Path) -> Path:
    """Return a library made of a C file, to be loaded before libc."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise SystemExit("a C compiler is needed to let the disk fail: install gcc")
    library = place / source.with_suffix(".so").name
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source)]
    subprocess.run([*command, "-ldl", "-lpthread"], check=True)
    return library
