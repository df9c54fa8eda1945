"""Words to search by."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.search.tokens import (
    MAX_TOKEN,
    fold,
    indexed,
    indexed_names,
    token_spans,
    tokens,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tarif-parkir naik!", ["tarif", "parkir", "naik"]),
        ("Straße CAFÉ naïve", ["strasse", "cafe", "naive"]),
        ("Ёлка", ["елка"]),
        ("إِسْتِقْلَال الســوق", ["استقلال", "السوق"]),
        ("שָׁלוֹם", ["שלום"]),
        ("東京都の", ["東京", "京都", "都の"]),
        ("猫", ["猫"]),
        ("정부는", ["정부", "부는"]),
        ("iPhone発売", ["iphone", "発売"]),
        ("がぎ", ["がぎ"]),
        ("हिन्दी", ["हिन्दी"]),
        ("น้ำ", ["น้", "้ํ", "ํา"]),
        ("ｆｕｌｌ ２０２４ ٢٠٢٤", ["full", "2024", "2024"]),
        ("so\u00adlu\u200btion", ["solution"]),
        ("ISPARTA Isparta ısparta İsparta", ["isparta"] * 4),
        ("Łódź Tromsø cœur", ["lodz", "tromso", "coeur"]),
        ("ｶﾞｷﾞ ﾊﾟﾘ", ["ガギ", "パリ"]),
        ("کتاب یک", ["كتاب", "يك"]),
        ("أحمد إلى آخر ٱلشمس مؤتمر", ["احمد", "الي", "اخر", "الشمس", "موتمر"]),
        ("المدرسة المدرسه", ["المدرسه"] * 2),
        ("مصطفى مصطفي مصطفی", ["مصطفي"] * 3),
        ("ہمارہ ھمارے دائرۃ", ["همار\u0647", "\u06beمار\u06d2", "دايره"]),
        ("… — !", []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_text_is_cut_into_words(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_composed_and_decomposed_text_give_the_same_words() -> None:
    text = "Café 정부 がぎ Ålesund"

    assert tokens(unicodedata.normalize("NFD", text)) == tokens(text)


def test_the_index_ends_with_the_last_characters_of_runs() -> None:
    assert indexed("消費税 net") == "消費 費税 net ¶ 税"


@given(text=st.text())
def test_folded_text_has_the_same_words(text: str) -> None:
    assert tokens(fold(text)) == tokens(text)


@given(text=st.text())
def test_spans_are_of_the_same_words(text: str) -> None:
    plain = unicodedata.normalize("NFC", text)

    spans = list(token_spans(plain))

    assert [token for token, _, _ in spans] == tokens(text)
    assert all(fold(plain[start:end]).find(token) >= 0 for token, start, end in spans)


def test_an_endless_word_is_cut() -> None:
    assert tokens("x" * 3_000) == ["x" * MAX_TOKEN]


def test_names_are_kept_apart() -> None:
    assert indexed_names(["Ani Wira", "…", "Budi"]) == "ani wira ¶ budi"


def test_no_text_has_more_words_than_a_tsvector_holds() -> None:
    text = "".join(chr(0x20000 + n * n % 199_999 % 40_000) for n in range(200_000))

    words = set(indexed(text).split(" "))

    assert 400_000 < sum(len(word.encode()) for word in words) < 600_000
