"""A byline is a label and a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.bylines.line import read_byline


@pytest.mark.parametrize(
    ("text", "names", "source"),
    [
        ("By JANE DOE and JOHN ROE", ("JANE DOE", "JOHN ROE"), None),
        ("By Jane Doe, Associated Press", ("Jane Doe",), "Associated Press"),
        ("By Jane Doe in Berlin", ("Jane Doe",), None),
        ("By Jane Doe | April 28, 2025", ("Jane Doe",), None),
        ("By Reuters Staff", (), "Reuters"),
        ("Von dpa", (), "dpa"),
        ("Por Redacción", (), "Redacción"),
        (
            "Von Ursula von der Aue und Max Weber",
            ("Ursula von der Aue", "Max Weber"),
            None,
        ),
        ("Ein Kommentar von Max Weber", ("Max Weber",), None),
        ("di Mario Verdi e Anna Neri", ("Mario Verdi", "Anna Neri"), None),
        ("Penulis : Tim Redaksi", (), "Tim Redaksi"),
        ("Laporan Wartawan Warta.com, Budi Hadi", ("Budi Hadi",), None),
        ("Pewarta: Budi, Ani", ("Budi", "Ani"), None),
        ("Editor: Rudi", (), None),
        ("[mth]", (), "mth"),
        ("(Reuters)", (), "Reuters"),
        ("AFP", (), "AFP"),
        ("Автор: Иван Белов", ("Иван Белов",), None),
        ("本报记者 王明 李芳", ("王明", "李芳"), None),
        ("文／王小明", ("王小明",), None),
        ("（记者 王明）", ("王明",), None),
        ("責任編輯：王小明", (), None),
        ("김하나·이두리 기자", ("김하나", "이두리"), None),
        ("بقلم: سامي علي", ("سامي علي",), None),
        ("Yazan: Ali Demir", ("Ali Demir",), None),
        ("Door Jan de Boer", ("Jan de Boer",), None),
        ("Por Ana Gil / EFE", ("Ana Gil",), "EFE"),
    ],
)
def test_byline(text: str, names: tuple[str, ...], source: str | None) -> None:
    found = read_byline(text)

    assert found is not None
    assert (found.names, found.source) == (names, source)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "BY THE NUMBERS",
        "By Design",
        "By Monday, the city had run dry",
        "Von Berlin nach München",
        "Par exemple",
        "Av den grunn",
        "Door de regen",
        "Oleh karena itu",
        "(2025)",
        "By Jane Doe!",
        "Jane Doe",
        "By Jane Doe, who had seen it all before and told",
        "By " + "Jane " * 60,
    ],
)
def test_no_byline(text: str) -> None:
    assert read_byline(text) is None


def test_a_label_can_be_a_common_word_of_the_language() -> None:
    assert read_byline("Di Jakarta Selatan", language="id") is None


@given(st.text(max_size=180))
def test_any_line_can_be_asked(text: str) -> None:
    found = read_byline(text)

    assert found is None or all(found.names)
