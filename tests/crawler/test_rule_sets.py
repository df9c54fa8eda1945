"""Site rules of a configuration: sets for different times, and what is wrong with one."""

from datetime import date
from pathlib import Path

import pytest

from crawler.config.file import load_config
from crawler.config.plan import Plan, plan_for
from crawler.config.tree import Config
from crawler.errors import ConfigError
from crawler.extract.source import SiteRules

_SOURCE = "sources:\n- name: A\n  home: https://a.example/\n  rules:\n"
_TWO = (
    _SOURCE
    + "  - title: .old\n    valid_until: 2026-01-31\n"
    + "  - title: .new\n    valid_from: 2026-03-01\n"
)


def _config(folder: Path, text: str) -> Config:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, {})


def _plan(folder: Path, text: str) -> Plan:
    config = _config(folder, text)
    return plan_for(config.sources[0], config)


def _problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        _config(folder, text)
    return [line.removeprefix(f"{folder}/") for line in caught.value.problems]


@pytest.mark.parametrize(
    ("day", "title"),
    [
        (date(2020, 1, 1), ".old"),
        (date(2026, 1, 31), ".old"),
        (date(2026, 3, 1), ".new"),
    ],
)
def test_the_set_of_the_day_holds(tmp_path: Path, day: date, title: str) -> None:
    rules = _plan(tmp_path, _TWO).rules_on(day)

    assert rules is not None
    assert rules.title == title


def test_between_two_sets_none_holds(tmp_path: Path) -> None:
    assert _plan(tmp_path, _TWO).rules_on(date(2026, 2, 15)) is None


def test_a_lone_set_needs_no_list(tmp_path: Path) -> None:
    plan = _plan(tmp_path, _SOURCE + "    body: main\n    remove: [.x]\n")

    assert plan.rules_on(date(2026, 1, 1)) == SiteRules(body="main", remove=(".x",))


def test_without_rules_none_hold(tmp_path: Path) -> None:
    plan = _plan(tmp_path, "sources: [{name: A, home: https://a.example/}]\n")

    assert plan.rules_on(date(2026, 1, 1)) is None


@pytest.mark.parametrize(
    ("ends", "begins", "when"),
    [
        ("valid_until: 2026-01-31", "valid_from: 2026-01-31", "on 2026-01-31"),
        ("valid_until: 2026-01-31", "body: main", "until 2026-01-31"),
        ("body: main", "body: main", "always"),
    ],
    ids=["one day", "no beginning", "no days at all"],
)
def test_two_sets_on_one_day_are_refused(
    tmp_path: Path, ends: str, begins: str, when: str
) -> None:
    text = f"{_SOURCE}  - title: h1\n    {ends}\n  - title: h2\n    {begins}\n"

    (problem,) = _problems(tmp_path, text)
    assert problem == (
        "config.yaml:4: sources.0.rules: sets 1 and 2 of rules overlap: both hold "
        f"{when}; part them with valid_from and valid_until"
    )


def test_every_problem_of_a_lone_set_has_its_line_and_key(tmp_path: Path) -> None:
    text = _SOURCE + "    title: h1\n    bodi: x\n    remove: ['.a', '..b']\n"

    assert _problems(tmp_path, text) == [
        "config.yaml:7: sources.0.rules.remove.1: not a CSS selector: '..b'",
        'config.yaml:6: sources.0.rules.bodi: unknown key; did you mean "body"?',
    ]


def test_a_problem_of_a_set_in_a_list_names_the_set(tmp_path: Path) -> None:
    text = _TWO + "    body: '::text'\n"

    assert _problems(tmp_path, text) == [
        "config.yaml:9: sources.0.rules.1.body: not a CSS selector: '::text'"
    ]
