"""What may be asked of a search."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import BadQuery
from storage.search.query import MAX_TERM, MAX_TERMS, SearchField, read_query
from storage.search.tokens import MAX_TOKEN


def test_a_query_has_words_phrases_fields_and_exclusions() -> None:
    found = read_query('title:"Tarif naik" -hujan rum* Author:Ani source:Kabar-1 tag:a')

    assert [(t.tokens, t.field, t.prefix, t.raw) for t in found.terms] == [
        (("tarif", "naik"), SearchField.TITLE, False, "Tarif naik"),
        (("rum",), SearchField.ANYWHERE, True, "rum"),
        (("ani",), SearchField.AUTHOR, False, "Ani"),
        (("kabar", "1"), SearchField.SOURCE, False, "Kabar-1"),
        (("a",), SearchField.TAG, False, "a"),
    ]
    assert [term.raw for term in found.excluded] == ["hujan"]


def test_or_joins_its_neighbours() -> None:
    groups = read_query("satu OR dua OR tiga empat").groups

    assert [[term.raw for term in group] for group in groups] == [
        ["satu", "dua", "tiga"],
        ["empat"],
    ]


def test_and_is_passed_over_and_not_excludes_what_follows() -> None:
    found = read_query('hujan AND angin AND NOT "banjir bandang" tanah')

    assert [term.raw for term in found.terms] == ["hujan", "angin", "tanah"]
    assert [term.raw for term in found.excluded] == ["banjir bandang"]


@pytest.mark.parametrize(
    "query",
    ["(satu OR dua) tiga", '( "satu" OR "dua" ) (tiga)', "satu OR dua AND (tiga)"],
)
def test_parentheses_may_stand_around_what_or_joins(query: str) -> None:
    groups = read_query(query).groups

    assert [len(group) for group in groups] == [2, 1]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("(satu dua) OR tiga", "parentheses"),
        ("tiga OR (satu dua)", "parentheses"),
        ("satu -(dua OR tiga)", "before each word"),
        ("satu NOT (dua tiga)", "before each word"),
        ("title:(satu OR dua)", "before each word"),
        ("satu OR -dua tiga", "OR stands between"),
        ("satu -dua OR tiga", "OR stands between"),
        ("satu OR NOT dua", "OR stands between"),
        ("satu OR after:2026 dua", "OR stands between"),
        ("satu NOT", "NOT stands before"),
        ("satu NOT after:2026", "take a day"),
        ("*satu", "a star stands behind"),
        ("site:https://example.org/", "a host alone"),
        ("site:example.org/sport", "a host alone"),
    ],
)
def test_what_would_find_something_else_is_refused(query: str, why: str) -> None:
    with pytest.raises(BadQuery, match=why):
        read_query(query)


def test_an_east_asian_colon_is_a_colon() -> None:
    assert read_query("title：海啸").terms[0].field is SearchField.TITLE


def test_a_small_or_is_a_word() -> None:
    assert len(read_query("satu or dua").groups) == 3


@pytest.mark.parametrize(
    "query", ["OR a", "a OR", "a OR OR b", "-a OR b", "a OR lang:id"]
)
def test_an_or_that_joins_nothing_is_refused(query: str) -> None:
    with pytest.raises(BadQuery, match="OR"):
        read_query(query)


@pytest.mark.parametrize(
    ("query", "after", "before"),
    [
        ("after:2026", datetime(2026, 1, 1, tzinfo=UTC), None),
        ("before:2026-03", None, datetime(2026, 3, 1, tzinfo=UTC)),
        (
            "after:2026-01-05 AFTER:2026-1-9 before:2026-02-01",
            datetime(2026, 1, 9, tzinfo=UTC),
            datetime(2026, 2, 1, tzinfo=UTC),
        ),
    ],
)
def test_days_bound_a_query(
    query: str, after: datetime | None, before: datetime | None
) -> None:
    question = read_query(query)

    assert (question.after, question.before) == (after, before)


@pytest.mark.parametrize(
    "query",
    ["after:yesterday", "before:2026-02-30", "after:0000", "-after:2026"],
)
def test_a_day_that_is_none_is_refused(query: str) -> None:
    with pytest.raises(BadQuery):
        read_query(query)


def test_a_beginning_of_one_letter_is_refused() -> None:
    with pytest.raises(BadQuery, match="two letters"):
        read_query("a*")


def test_a_query_of_endless_length_is_refused() -> None:
    with pytest.raises(BadQuery, match="2,000"):
        read_query('" ' * 3000)


@pytest.mark.parametrize(
    "query",
    ["title:", "storm Site: x", "-tag:", 'source: "x"', "before:", "title:*", 'tag:""'],
)
def test_a_field_without_a_value_is_refused(query: str) -> None:
    with pytest.raises(BadQuery, match="has nothing"):
        read_query(query)


@pytest.mark.parametrize("code", ["e", "zzzz", "Indonesian", "pt-", "p.r", '"en gb"'])
def test_what_is_no_code_of_a_language_is_refused(code: str) -> None:
    with pytest.raises(BadQuery, match="no language's code"):
        read_query(f"lang:{code}")


@pytest.mark.parametrize(
    "query",
    [
        "after:2026-02-01 before:2026-01",
        "storm before:2026 after:2026",
        "after:2025 before:2027 after:2028",
    ],
)
def test_dates_between_which_nothing_lies_are_refused(query: str) -> None:
    with pytest.raises(BadQuery, match=r"nothing is from 20\d\d-\d\d-01 on and before"):
        read_query(query)


@pytest.mark.parametrize("code", ["id", "PT-br", "zh-Hant-TW", "en_GB", '"fil"'])
def test_a_language_is_named_by_its_code(code: str) -> None:
    assert read_query(f"lang:{code}").terms[0].raw == code.strip('"')


@pytest.mark.parametrize(
    ("word", "tokens"),
    [
        ("https://x", ("https", "x")),
        ("12:30", ("12", "30")),
        ("nofield:x", ("nofield", "x")),
        ("subtitle:", ("subtitle",)),
        ('"title:"', ("title",)),
    ],
)
def test_a_colon_elsewhere_is_ordinary_text(word: str, tokens: tuple[str, ...]) -> None:
    assert read_query(word).terms[0].tokens == tokens


def test_an_open_phrase_ends_with_the_query() -> None:
    assert read_query("“tarif naik").terms[0].tokens == ("tarif", "naik")


def test_a_phrase_may_go_on() -> None:
    assert read_query('"tarif par"*').terms[0].prefix


def test_a_lone_character_at_either_end_may_be_cut_off_a_word() -> None:
    term = read_query("第5回").terms[0]

    assert (term.behind, term.tokens, term.prefix) == ("第", ("5", "回"), True)


@pytest.mark.parametrize("query", ["", "  ", '"', "^", "- *", '"' * 1500])
def test_a_query_without_words_is_refused(query: str) -> None:
    with pytest.raises(BadQuery, match="nothing"):
        read_query(query)


def test_a_query_of_exclusions_alone_is_refused() -> None:
    with pytest.raises(BadQuery, match="only excludes"):
        read_query("-hujan")


def test_as_many_terms_as_allowed_are_read() -> None:
    assert len(read_query("kata " * MAX_TERMS).terms) == MAX_TERMS


def test_more_terms_are_refused() -> None:
    with pytest.raises(BadQuery, match="20 terms"):
        read_query("kata " * (MAX_TERMS + 1))


def test_the_longest_term_is_read() -> None:
    assert read_query("x" * MAX_TERM).terms[0].tokens == ("x" * MAX_TOKEN,)


def test_a_longer_term_is_refused() -> None:
    with pytest.raises(BadQuery, match="200 characters"):
        read_query("x" * (MAX_TERM + 1))


@given(query=st.text(st.characters()))
def test_any_query_is_read_or_refused(query: str) -> None:
    try:
        question = read_query(query)
    except BadQuery:
        return

    found = [*question.terms, *question.excluded]
    quotes = {"'", '"', "\\", "%", "_", " ", ""}
    assert not any(quotes & {token, *token} for t in found for token in t.tokens)
