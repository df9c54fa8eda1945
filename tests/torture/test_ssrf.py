"""The address guard holds in a small attack; it does not run where it could leak."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.torture.ssrf.addresses import FORBIDDEN_V4, FORBIDDEN_V6
from tests.torture.ssrf.vectors import FOLLOWED, WAYS, vectors

ROOT = Path(__file__).parents[2]


def _attack(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.torture", "ssrf", "--per-way", "1"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.usefixtures("namespaces")
def test_a_small_attack_hits_no_canary_and_reaches_all_that_is_public() -> None:
    done = _attack()

    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["broken"] == []
    assert figures["canary_hits"] == 0
    assert figures["public_reached"] == figures["public_expected"] > 0
    assert figures["canary_hits_with_everything_allowed"] > 0
    assert done.returncode == 0


def test_it_refuses_to_run_in_a_network_with_a_way_out() -> None:
    here = str(Path("/proc/self/ns/net").readlink())

    done = _attack(TORTURE_CAME_FROM=here)

    assert done.returncode != 0
    assert "NotIsolated" in done.stderr


def test_every_way_has_vectors_and_every_forbidden_address_is_tried(
    dice: random.Random,
) -> None:
    chosen = vectors(40, dice)

    hostile = [vector for vector in chosen if not vector.public]
    assert {vector.way for vector in hostile} == set(WAYS)
    assert {vector.address for vector in hostile} >= {*FORBIDDEN_V4, *FORBIDDEN_V6}
    assert {vector.way for vector in chosen if vector.is_expected} == set(FOLLOWED)
    assert len({vector.url for vector in chosen}) == len(chosen) >= 1000
