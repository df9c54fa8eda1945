"""A string given as an author is taken apart into people, desks and what is neither."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.bylines.names import Kind, names_in


def _of(
    raw: str, least: Kind, sites: frozenset[str] = frozenset({"warta"})
) -> list[str]:
    return [name.text for name in names_in(raw, sites) if name.kind >= least]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Jane Doe, John Roe and Max Weber", ["Jane Doe", "John Roe", "Max Weber"]),
        ("Ola Nordmann og Kari Berg", ["Ola Nordmann", "Kari Berg"]),
        ("Roe, John", ["John Roe"]),
        ("王明、李芳", ["王明", "李芳"]),
        ("김하나 기자", ["김하나"]),
        ("Martin Roe Jr.", ["Martin Roe Jr."]),
        ("Max van der Aue", ["Max van der Aue"]),
        ("By Jane Doe, Senior Reporter", ["Jane Doe"]),
        ("Editor Jane Doe", ["Jane Doe"]),
        ("Jane Doe (jane@gazette.example)", ["Jane Doe"]),
        ("Dr. Jane Doe, MD, FACS", ["Dr. Jane Doe"]),
        ("Jane Doe, Berlin", ["Jane Doe"]),
        ("Jane Doe, Head of Content at Quay & Sons", ["Jane Doe"]),
        ("Jane Doe Content Marketing Coordinator", ["Jane Doe"]),
        ("Warta-Korrespondent Max Weber", ["Max Weber"]),
        ("Jane Doe 4 August 2010", ["Jane Doe"]),
        ("View all posts by Jane Doe", ["Jane Doe"]),
        ("Zeige alle Beiträge von Jane Doe", ["Jane Doe"]),
        ("Anna Weber im Gespräch mit Max Roe", ["Anna Weber", "Max Roe"]),
        ("Иван Белов", ["Иван Белов"]),
        ("سامي علي", ["سامي علي"]),
        ("Posted On", []),
        ("Staff Writer", []),
        ("Jane", []),
        ("https://x.example/author/jane", []),
        ("© 2020", []),
        ("9:39AM BST 05 Oct 2011", []),
        ("Dan Pantelo", ["Dan Pantelo"]),
        ("Anna Schmidt, dan Budi Santoso", ["Anna Schmidt", "Budi Santoso"]),
    ],
)
def test_people(raw: str, expected: list[str]) -> None:
    assert _of(raw, Kind.PERSON) == expected


@pytest.mark.parametrize(
    ("raw", "name", "kind"),
    [
        ("Warta", "Warta", Kind.DESK),
        ("Warta Redaksi", "Warta Redaksi", Kind.DESK),
        ("The Associated Press", "The Associated Press", Kind.DESK),
        ("Center for Tides and Currents", "Center for Tides and Currents", Kind.DESK),
        ("Redaktion", "Redaktion", Kind.DESK),
        ("Hafen Stiftung e.V.", "Hafen Stiftung e.V", Kind.DESK),
        ("admin", "admin", Kind.ACCOUNT),
        ("site admin", "site admin", Kind.ACCOUNT),
        ("jdoe7", "jdoe7", Kind.SHORT),
        ("Amanda", "Amanda", Kind.SHORT),
        ("jane doe", "jane doe", Kind.LOOSE),
    ],
)
def test_others(raw: str, name: str, kind: Kind) -> None:
    assert [(n.text, n.kind) for n in names_in(raw, frozenset({"warta"}))] == [
        (name, kind)
    ]


@pytest.mark.parametrize(
    "raw", ["", "@jane", "12:20pm", "comments", "von", "More", "Berlin"]
)
def test_nothing(raw: str) -> None:
    assert _of(raw, Kind.ACCOUNT) == []


@given(st.text(max_size=200))
def test_any_text_can_be_asked(raw: str) -> None:
    assert all(name.text for name in names_in(raw, frozenset()))
