"""Find the team's shared cases and corpora; users do not have them."""

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parent.parent


def shared_path(*parts: str) -> Path:
    """Return a path in the shared folder; skip without it, fail in CI."""
    named = os.environ.get("KLIPING_SHARED")
    places = (
        [Path(named)]
        if named
        else [_ROOT.parent / "shared", _ROOT.parent.parent / "shared"]
    )
    for place in places:
        path = place.joinpath(*parts)
        if path.exists():
            return path
    missing = f"shared material is missing: {'/'.join(parts)}"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)
