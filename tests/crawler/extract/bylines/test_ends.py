"""A line at an end of a text that only names its known author is no text."""

import pytest

from crawler.extract.bylines.ends import naming_lines

_STORY = [
    "The ferry sails again.",
    "It had been in the yard since May.",
    "Come aboard.",
]


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("IDA QUIST", "Ida Quist"),
        ("（佐藤健太）", "佐藤健太"),
        ("김하늘 기자 sky@paper.example", "김하늘"),
        ("Ida Quist ida@paper.example", "Ida Quist"),
        ("Ida Quist 13 March 2025", "Ida Quist"),
        ("Ida Quist | Kamis, 13 Mar 2025 09:19 WIB", "Ida Quist"),
        (
            "Par Ida Quist - 13 mars 2025 à 18:02 | mis à jour à 18:40 - Temps de lecture : 2 min",
            "Ida Quist",
        ),
        ("本报记者 葛灵丹", "葛灵丹"),
    ],
)
def test_a_line_of_the_author(line: str, author: str) -> None:
    assert naming_lines([line, *_STORY], [author]) == {0}
    assert naming_lines([*_STORY, line], [author]) == {3}


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("Ida Quist", "Tom Reeve"),
        ("Ida Quist repaired it.", "Ida Quist"),
        ("Ida Quist repaired 13 boats in March", "Ida Quist"),
        ("主办单位与获奖者合影留念。 新华社记者 王明 摄", "王明"),
        ("", "Ida Quist"),
    ],
)
def test_another_line_stays(line: str, author: str) -> None:
    assert naming_lines([*_STORY, line], [author]) == set()


def test_a_name_within_a_text_stays() -> None:
    assert naming_lines([*_STORY, "Ida Quist", *_STORY], ["Ida Quist"]) == set()


def test_a_text_of_names_alone_stays() -> None:
    assert naming_lines(["Ida Quist"], ["Ida Quist"]) == set()
