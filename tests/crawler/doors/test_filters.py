"""Expressions in questions to the CDX server cost what their lines do."""

import pytest

from crawler.doors.cdx import read_filter

LINE = {"url": f"https://harbour.example/{'a' * 2_000}", "status": "200"}


@pytest.mark.parametrize(
    ("asked", "passes"),
    [
        ("~status:2..", True),
        ("~status:2.", False),
        ("!~status:[45]\\d{2}", True),
        ("~url:https?://harbour\\.example/.*", True),
        ("~url:harbour", False),
        ("~status:404|200", True),
        ("~mime:.*", True),
    ],
)
def test_an_expression_is_to_match_all_of_a_field(asked: str, passes: bool) -> None:
    assert read_filter(asked)(LINE) is passes


@pytest.mark.parametrize("pattern", ["(.|.)*!", "(a+)+!", ".*.*.*.*.*.*.*.*!"])
def test_no_expression_takes_for_ever(pattern: str) -> None:
    assert not read_filter(f"~url:https.*/{pattern}")(LINE)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "unclosed group"),
        ("a)(b", "unopened group"),
        ("(?=a)b", "not supported"),
        ("a" * 201, "longer than 200"),
        ("(?:a{99}){99}", "99 times at most"),
        ("a{100}", "99 times at most"),
        (r"\pL{99}" * 15, "size limit"),
    ],
)
def test_an_expression_that_is_none_or_costs_too_much_is_refused(
    pattern: str, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        read_filter(f"~url:{pattern}")
