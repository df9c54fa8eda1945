"""Find the team's shared cases and corpora; users do not have them."""

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parent.parent


def shared_path(*parts: str) -> Path:
    """Return a path in the shared folder; skip without it, fail in CI."""
    path = find_shared(*parts)
    if path is not None:
        return path
    missing = f"shared material is missing: {'/'.join(parts)}"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


def find_shared(*parts: str) -> Path | None:
    """Return a path in the shared folder, or None without it."""
    named = os.environ.get("KLIPING_SHARED")
    places = (
        [Path(named)]
        if named
        else [_ROOT.parent / "shared", _ROOT.parent.parent / "shared"]
    )
    paths = (place.joinpath(*parts) for place in places)
    return next((path for path in paths if path.exists()), None)
