import subprocess
import sys

import pytest

from storage import failpoints
from storage.failpoints import Action, arm, is_armed, parse_failpoint, reach


@pytest.mark.parametrize(
    ("text", "name", "action", "left"),
    [
        ("mid_seal:kill", "mid_seal", Action.KILL, 1),
        ("before_commit:eio:3", "before_commit", Action.EIO, 3),
    ],
)
def test_a_setting_names_a_point_an_action_and_a_passage(
    text: str, name: str, action: str, left: int
) -> None:
    parsed = parse_failpoint(text)

    assert (parsed.name, parsed.action, parsed.left) == (name, action, left)


@pytest.mark.parametrize(
    "text", ["nowhere:kill", "mid_seal", "mid_seal:dance", "mid_seal:kill:0", "a:b:c"]
)
def test_a_setting_that_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_failpoint(text)


@pytest.mark.parametrize(("action", "number"), [("eio", 5), ("enospc", 28)])
def test_a_point_raises_at_its_passage_alone(
    monkeypatch: pytest.MonkeyPatch, action: str, number: int
) -> None:
    monkeypatch.setattr(failpoints, "_armed", None)
    arm(f"after_sync:{action}:2")

    reach("after_sync")
    reach("mid_seal")
    with pytest.raises(OSError, match=rf"Errno {number}"):
        reach("after_sync")
    reach("after_sync")


def test_a_sleeping_point_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failpoints, "_SLEEP_SECONDS", 0.0)
    monkeypatch.setattr(failpoints, "_armed", parse_failpoint("after_sync:sleep"))

    assert is_armed("after_sync")
    reach("after_sync")


def test_nothing_is_armed_without_the_setting() -> None:
    assert not any(is_armed(name) for name in failpoints.POINTS)


def test_the_setting_is_read_from_the_environment() -> None:
    code = "from storage.failpoints import reach; reach('mid_seal')"

    died = subprocess.run(
        [sys.executable, "-c", code],
        env={"KLIPING_FAILPOINT": "mid_seal:kill"},
        check=False,
    )

    assert died.returncode == -9
