"""Datelines are read, and what only looks like one is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.datelines.dateline import read_dateline


@pytest.mark.parametrize(
    ("paragraph", "place", "source", "date", "prose"),
    [
        (
            "(ANSA) - ROMA, 28 APR - Il ministro parla",
            "ROMA",
            "ANSA",
            "28 APR",
            "Il ministro",
        ),
        ("SPRINGFIELD, Ill. (AP) — Rain fell", "SPRINGFIELD, Ill.", "AP", None, "Rain"),
        ("Kiel (dpo) - Ein Boot sank", "Kiel", "dpo", None, "Ein Boot"),
        (
            "Berlin/Brüssel (dpa/AFP) - Die Minister",
            "Berlin/Brüssel",
            "dpa/AFP",
            None,
            "Die",
        ),
        ("ΠΟΛΗ ΤΗΣ ΡΟΔΟΥ.-- Βροχές", "ΠΟΛΗ ΤΗΣ ΡΟΔΟΥ", None, None, "Βροχές"),
        ("Patna, Jan 12 (PTI) The river rose", "Patna", "PTI", "Jan 12", "The river"),
        ("NEW DELHI: The river rose", "NEW DELHI", None, None, "The river"),
        ("Kathmandu, April 28 : Rivers rose", "Kathmandu", None, "April 28", "Rivers"),
        (
            "МОСКВА, 28 апр — РИА Новости. Река вышла",
            "МОСКВА",
            "РИА Новости",
            "28 апр",
            "Река",
        ),
        ("(Dân trí) - Sáng nay, mưa lớn", None, "Dân trí", None, "Sáng nay"),
        ("April 28 (Reuters) - Shares rose", None, "Reuters", "April 28", "Shares"),
        (
            "Jakarta, 28 April 2025 - Hujan turun",
            "Jakarta",
            None,
            "28 April 2025",
            "Hujan",
        ),
        (
            "SURABAYA (wartakita.com) – Hujan turun",
            "SURABAYA",
            "wartakita.com",
            None,
            "Hujan",
        ),
        ("WARTA.COM, BANDUNG - Hujan turun", "BANDUNG", "WARTA.COM", None, "Hujan"),
        ("Warta.com, Bandung Hujan turun", "Bandung", "Warta.com", None, "Hujan"),
        ("غزة - قالت البلدية إن المياه", "غزة", None, None, "قالت"),
        ("（中央社記者王小明台北28日電）大雨今天", "台北", "中央社", "28日", "大雨"),
        ("（中央社花蓮縣28日電）大雨今天", "花蓮縣", "中央社", "28日", "大雨"),
        ("【ワシントン時事】大雨のため", "ワシントン", "時事", None, "大雨"),
        ("[부산=뉴시스] 김하나 기자 = 비가 내렸다", "부산", "뉴시스", None, "비가"),
        ("[새벽일보 김하나 기자] 비가 내렸다", None, "새벽일보", None, "비가"),
    ],
)
def test_dateline(
    paragraph: str, place: str | None, source: str | None, date: str | None, prose: str
) -> None:
    found = read_dateline(paragraph)

    assert found is not None
    assert (found.place, found.source, found.date) == (place, source, date)
    assert paragraph[found.rest :].startswith(prose)


@pytest.mark.parametrize(
    "paragraph",
    [
        "",
        "Plain prose begins at once and goes on without any mark",
        "Berlin - Hamburg in zwei Stunden ist möglich.",
        "Paris – die Stadt der Liebe – feiert.",
        "WARNING: The river is rising",
        "UPDATE - The river is rising",
        "Ana Weber (SPD) - damals Ministerin - sagte ab.",
        "Es war einmal - vor langer Zeit",
        "Foo, der Mann (47) - ein Held",
        "Harga emas (XAU) – naik tajam",
        "London: The city that never sleeps",
        "【速報】大雨のため運休",
        "[사진 설명 없음 보기] 비가 내렸다",
        "Berlin -",
        "Das Ergebnis, so die Jury, der Preis, das Geld - Alles weg",
    ],
)
def test_no_dateline(paragraph: str) -> None:
    assert read_dateline(paragraph) is None


def test_the_sites_name_is_a_source_anywhere() -> None:
    found = read_dateline(
        "Kampung Baru, Warta Kita – Hujan turun", site_names=["Warta Kita"]
    )

    assert found is not None
    assert (found.place, found.source) == ("Kampung Baru", "Warta Kita")


def test_a_town_before_its_city_is_no_source_when_names_are_known() -> None:
    found = read_dateline("Cakung, Jakarta – Hujan turun", site_names=["Warta Kita"])

    assert found is None or found.source is None


@given(st.text(max_size=160))
def test_any_text_gives_an_offset_inside_it(paragraph: str) -> None:
    found = read_dateline(paragraph)

    assert found is None or 0 < found.rest <= len(paragraph)
