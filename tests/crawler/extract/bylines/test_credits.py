"""A credit line beside a story gives its names, whatever the page puts around them."""

import pytest

from crawler.extract.bylines.credits import credits_another, is_label, read_credit


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Ida Quist", "Ida Quist"),
        ("By Ida Quist and Tom Reeve", "Ida Quist, Tom Reeve"),
        ("By Ida Quist | April 28, 2025", "Ida Quist"),
        ("By Ida Quist Dec 9, 2016", "Ida Quist"),
        ("by: A. J. Quist, Dec 17, 2025", "A. J. Quist"),
        ("Posted by iquist7 on May 3, 2024", "iquist7"),
        ("Posted in Harbours by iquist7 on May 3, 2024", "iquist7"),
        ("Published May 7, 2023 by Ida Quist", "Ida Quist"),
        ("VON IDA QUIST am 21. April 2020", "IDA QUIST"),
        ("Do 25.04.24 | 14:07 Uhr | Von Ida Quist", "Ida Quist"),
        ("Gespeichert von iquist am 24. Juli 2017 - 18:55", "iquist"),
        ("Redaktion: Ida Quist (Pressesprecherin)", "Ida Quist"),
        ("Text von Ida Quist Illustration von Tom Reeve", "Ida Quist"),
        ("Par Ida Quist à Lyon", "Ida Quist"),
        ("Ditulis oleh Ida Lestari, 3 Maret 2024", "Ida Lestari"),
        ("yes! | By Ida Quist | May 3", "Ida Quist"),
        ("By Ida QuistMay 3, 2024", "Ida Quist"),
        ("by Ida Quist, Delegate to the Harbour Board", "Ida Quist"),
        ("新海日报记者 王明 李芳", "王明, 李芳"),
        ("投稿者 Ida Quist", "Ida Quist"),
        ("기자명 김하늘 기자", "김하늘"),
        ("김하늘·이도현 기자", "김하늘, 이도현"),
        ("김하늘 기자 sky@paper.example", "김하늘"),
        ("[한빛뉴스=김하늘 기자]", "김하늘"),
        ("김하늘 기자 | 입력 2025.03.04 10:12", "김하늘"),
        ("사진 기자", ""),
        ("김하늘 기자가 현장을 찾았다", ""),
        ("كتب: محمد الهاشمي الثلاثاء، 11 مارس 2025 02:30 م", "محمد الهاشمي"),
        ("بقلم محمد الهاشميالثلاثاء 11 مارس 2025", "محمد الهاشمي"),
        ("Autor: Tomasz Wrona Data: 13.03.2025 16:22", "Tomasz Wrona"),
        ("Von unserer Redakteurin Ida Öllinger", "Ida Öllinger"),
        ("De notre correspondante Ida Garnier", "Ida Garnier"),
        ("Door onze verslaggever Pieter de Wit", "Pieter de Wit"),
        ("Συντάκτης: Μαρία Νικολάου", "Μαρία Νικολάου"),
        ("文・写真＝佐藤健太", "佐藤健太"),
        ("（記者林美惠／台北報導）", "林美惠"),
        ("【本報記者王明、李芳／台北報導】", "王明, 李芳"),
        ("Reviewed by Ida Quist", ""),
        ("Fotos: Ida Quist", ""),
        ("By Monday, the city had run dry", ""),
        ("Stand by your boats!", ""),
        ("The harbour by Ida Quist", ""),
        ("Ida Quist", ""),
        ("", ""),
        ("By " + "Ida Quist " * 30, ""),
    ],
)
def test_credit(line: str, names: str) -> None:
    assert read_credit(line) == names


@pytest.mark.parametrize("line", ["Written by", "By:", "Von", "Posted by", "Author"])
def test_a_label_alone(line: str) -> None:
    assert is_label(line)


@pytest.mark.parametrize("line", ["Written", "By the sea", "x" * 40])
def test_no_label(line: str) -> None:
    assert not is_label(line)


def test_an_editor_is_another() -> None:
    assert credits_another("Medically reviewed by Ida Quist")
    assert not credits_another("By Ida Quist")
