"""The benchmark of the extractor runs, and says in numbers what it found."""

import json
import lzma
from pathlib import Path

import pytest

from tests.bench import extract
from tests.bench.__main__ import main, names
from tests.bench._pages import Page, draw_pages

_FAST = {"mean_ms": 4.0, "median_ms": 3.0, "p99_ms": 29.0, "peak_mb": 150.0, "fails": 0}
_SLOW = {
    "mean_ms": 20.0,
    "median_ms": 15.0,
    "p99_ms": 400.0,
    "peak_mb": 90.0,
    "fails": 0,
}


def _ours(**changes: float) -> dict[str, dict[str, float]]:
    return {"kliping": {**_FAST, **changes}, "trafilatura": _SLOW}


def test_it_is_found_by_its_name() -> None:
    assert "extract" in names()


def test_the_last_line_has_the_figures_of_ours_and_the_peer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["extract", "--smoke", "--size", "2"])

    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert code == 0
    assert result["broken"] == []
    for name in ("kliping", "trafilatura"):
        assert result["extractors"][name]["mean_ms"] > 0
        assert result["extractors"][name]["peak_mb"] > 10


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({}, 0),
        ({"mean_ms": 4.1}, 1),
        ({"median_ms": 3.1}, 1),
        ({"p99_ms": 31.0}, 1),
        ({"peak_mb": 201.0}, 1),
        ({"fails": 1}, 1),
    ],
    ids=["kept", "mean", "median", "tail", "memory", "fails"],
)
def test_a_broken_promise_is_named(changes: dict[str, float], broken: int) -> None:
    assert len(extract._broken(_ours(**changes), smoke=False)) == broken


def test_a_smoke_promises_no_speed() -> None:
    assert extract._broken(_ours(mean_ms=30.0, p99_ms=900.0), smoke=True) == []


def test_another_seed_draws_other_pages(tmp_path: Path) -> None:
    lines = "".join(
        json.dumps({"id": str(n), "url": "", "html": f"<p>{n}"}) + "\n"
        for n in range(30)
    )
    (tmp_path / "own.jsonl.xz").write_bytes(lzma.compress(lines.encode()))

    one, again, other = (
        draw_pages(tmp_path, ["own"], size=5, seed=seed) for seed in (1, 1, 2)
    )

    assert one == again != other
    assert isinstance(one[0], Page)
