"""Words to search by, and what may be asked."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import BadQuery
from storage.tokens import (
    MAX_TERM,
    MAX_TERMS,
    SearchField,
    fold,
    indexed,
    query_tokens,
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
    assert indexed("消費税 net") == "消費 費税 net 税"


@given(text=st.text())
def test_folded_text_has_the_same_words(text: str) -> None:
    assert tokens(fold(text)) == tokens(text)


@given(text=st.text())
def test_spans_are_of_the_same_words(text: str) -> None:
    plain = unicodedata.normalize("NFC", text)

    spans = list(token_spans(plain))

    assert [token for token, _, _ in spans] == tokens(text)
    assert all(fold(plain[start:end]).find(token) >= 0 for token, start, end in spans)


def test_a_query_has_words_phrases_fields_and_exclusions() -> None:
    found = query_tokens('title:"Tarif naik" -hujan rum* Author:Ani source:Kabar-1')

    assert [(t.tokens, t.field, t.prefix, t.excluded, t.raw) for t in found] == [
        (("tarif", "naik"), SearchField.TITLE, False, False, "Tarif naik"),
        (("hujan",), SearchField.ANYWHERE, False, True, "hujan"),
        (("rum",), SearchField.ANYWHERE, True, False, "rum"),
        (("ani",), SearchField.AUTHOR, False, False, "Ani"),
        (("kabar", "1"), SearchField.SOURCE, False, False, "Kabar-1"),
    ]


def test_an_unknown_field_is_words() -> None:
    assert query_tokens("https://x")[0].tokens == ("https", "x")


def test_an_open_phrase_ends_with_the_query() -> None:
    assert query_tokens("“tarif naik")[0].tokens == ("tarif", "naik")


def test_a_phrase_may_go_on() -> None:
    assert query_tokens('"tarif par"*')[0].prefix


def test_a_lone_character_at_either_end_may_be_cut_off_a_word() -> None:
    term = query_tokens("第5回")[0]

    assert (term.tokens, term.prefix) == (("5", "回"), True)


@pytest.mark.parametrize("query", ["", "  ", '"', "^", "- *", '"' * 5000, "title:*"])
def test_a_query_without_words_is_refused(query: str) -> None:
    with pytest.raises(BadQuery, match="nothing"):
        query_tokens(query)


def test_a_query_of_exclusions_alone_is_refused() -> None:
    with pytest.raises(BadQuery, match="nothing"):
        query_tokens("-hujan")


def test_as_many_terms_as_allowed_are_read() -> None:
    assert len(query_tokens("kata " * MAX_TERMS)) == MAX_TERMS


def test_more_terms_are_refused() -> None:
    with pytest.raises(BadQuery, match="20 terms"):
        query_tokens("kata " * (MAX_TERMS + 1))


def test_the_longest_term_is_read() -> None:
    assert query_tokens("x" * MAX_TERM)[0].tokens == ("x" * MAX_TERM,)


def test_a_longer_term_is_refused() -> None:
    with pytest.raises(BadQuery, match="200 characters"):
        query_tokens("x" * (MAX_TERM + 1))


@given(query=st.text())
def test_any_query_is_read_or_refused(query: str) -> None:
    try:
        terms = query_tokens(query)
    except BadQuery:
        return

    assert all(token and '"' not in token for t in terms for token in t.tokens)
