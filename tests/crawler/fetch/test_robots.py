"""robots.txt: who may fetch what, and which line says so."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetch.robots import (
    MAX_BYTES,
    Decision,
    Robots,
    Rule,
    parse_robots,
    robots_from,
)
from tests.shared import shared_path

SITE = "https://news.test"


@pytest.mark.shared
@pytest.mark.parametrize("number", range(140))
def test_published_case_is_decided_as_google_does(number: int) -> None:
    case = json.loads(shared_path("cases", "robots.json").read_text())[number]

    robots = parse_robots(case["robots"].encode())

    assert robots.decide(case["agent"], case["url"]).allowed is case["allowed"]


@pytest.mark.shared
def test_there_are_140_published_cases() -> None:
    assert len(json.loads(shared_path("cases", "robots.json").read_text())) == 140


def decide(text: str, path: str, agent: str = "Kliping") -> Decision:
    return parse_robots(text.encode()).decide(agent, SITE + path)


def test_decision_names_its_line_as_written() -> None:
    text = "# desk\nUser-Agent: *\n\n  Disallow : /draft  # not yet\n"

    assert decide(text, "/draft/1") == Decision(
        allowed=False, line="Disallow : /draft  # not yet (line 4)"
    )
    assert decide(text, "/story") == Decision(allowed=True, line="no rule")


def test_longest_pattern_wins_wherever_it_stands() -> None:
    text = "User-agent: *\nAllow: /a/b\nDisallow: /\nDisallow: /a/\n"

    assert decide(text, "/a/b/c").line == "Allow: /a/b (line 2)"
    assert decide(text, "/a/c").line == "Disallow: /a/ (line 4)"


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("/foo/bar/%62%61%7A", "/foo/bar/baz"),
        ("/foo/bar/baz", "/foo/bar/%62%61%7a"),
        ("/~joe", "/%7Ejoe/story"),
        ("/%7ejoe/*.html$", "/~joe/story.html"),
        ("/draft-%2A.html", "/draft-*.html"),
        ("/price-%24", "/price-$5"),
        ("/price-$5", "/price-%245"),
    ],
)
def test_a_path_is_forbidden_however_it_is_escaped(pattern: str, path: str) -> None:
    """RFC 9309, sections 2.2.2 and 2.2.3."""
    assert not decide(f"User-agent: *\nDisallow: {pattern}\n", path).allowed


@pytest.mark.parametrize("path", ["/a/b", "/a%2Cb", "/a%252Fb"])
def test_escapes_of_reserved_characters_mean_themselves(path: str) -> None:
    text = "User-agent: *\nDisallow: /a%2Fb\nDisallow: /a,b\n"

    assert decide(text, path).allowed


def test_needless_escapes_do_not_rank_a_rule() -> None:
    text = "User-agent: *\nDisallow: /%7Ejoe/\nAllow: /~joe/pub\nAllow: /%7Ejo\n"

    assert decide(text, "/~joe/pub/1").allowed
    assert not decide(text, "/%7Ejoe/draft").allowed


def test_allow_wins_a_tie() -> None:
    assert decide("User-agent: *\nDisallow: /a\nAllow: /a\n", "/a").allowed


def test_own_group_hides_the_general_one() -> None:
    text = "User-agent: *\nDisallow: /\nUser-agent: kliping\nDisallow: /x\n"

    assert decide(text, "/a").allowed
    assert not decide(text, "/x").allowed


def test_groups_of_one_agent_are_one() -> None:
    text = (
        "User-agent: Kliping\nDisallow: /a\n"
        "User-agent: *\nDisallow: /\n"
        "User-agent: Kliping\nDisallow: /b\n"
    )

    assert [decide(text, p).allowed for p in ("/a", "/b", "/c")] == [False, False, True]


def test_crawl_delay_between_agents_does_not_split_their_group() -> None:
    text = "User-agent: Kliping\nCrawl-delay: 5\nUser-agent: Other\nDisallow: /\n"

    assert not decide(text, "/a").allowed


def test_byte_order_mark_is_no_part_of_the_first_line() -> None:
    robots = parse_robots(b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n")

    assert not robots.decide("Kliping", SITE + "/a").allowed


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8"])
def test_a_mark_says_how_the_file_is_encoded(encoding: str) -> None:
    robots = parse_robots("User-agent: *\nDisallow: /søk\n".encode(encoding))

    assert not robots.decide("Kliping", SITE + "/s%C3%B8k").allowed


def test_a_comment_in_another_encoding_harms_no_rule() -> None:
    robots = parse_robots(b"# f\xfcr alle\nUser-agent: *\nDisallow: /x\n")

    assert not robots.decide("Kliping", SITE + "/x").allowed


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_any_line_end_ends_a_line(end: str) -> None:
    assert not decide(f"User-agent: *{end}Disallow: /a{end}", "/a").allowed


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("/", "/a", True),
        ("/a", "/ab", True),
        ("/a$", "/a", True),
        ("/a$", "/ab", False),
        ("/a*", "/a", True),
        ("/*/c", "/a/b/c", True),
        ("/*/c$", "/a/c/c", True),
        ("/*/c$", "/a/cd", False),
        ("*.pdf$", "/x.pdf", True),
        ("*.pdf$", "/x.pdf?y", False),
        ("/a*a$", "/a", False),
        ("/a*b*c", "/axcxb", False),
        ("/*draft*t", "/draft", False),
        ("*/draft*.pdf", "/draft/a.pdf", True),
        ("/a$b", "/a$b", True),
        ("/**a", "/xa", True),
        ("$", "/", False),
        ("*", "/", True),
        ("*$", "/a", True),
        ("", "/", False),
    ],
)
def test_pattern_matches_as_the_rfc_says(
    pattern: str,
    path: str,
    matches: bool,
) -> None:
    text = f"User-agent: *\nDisallow: {pattern}\n"

    assert decide(text, path).allowed is not matches


@given(
    st.text("ab*$", max_size=8).map(lambda t: "/" + t),
    st.text("ab", max_size=12).map(lambda t: "/" + t),
)
def test_matching_agrees_with_trying_every_split(pattern: str, path: str) -> None:
    """The greedy matcher is checked against a slow, obvious one."""

    def slow(pattern: str, path: str) -> bool:
        if pattern == "$":
            return not path
        if not pattern:
            return True
        if pattern[0] == "*":
            return any(slow(pattern[1:], path[n:]) for n in range(len(path) + 1))
        return path[:1] == pattern[0] and slow(pattern[1:], path[1:])

    rule = Rule(allow=True, pattern=pattern, line="")

    assert rule.matches(path) is slow(pattern, path)


def test_wildcard_bomb_is_decided() -> None:
    """2,000 wildcards against 100,000 characters: exponential for a regex."""
    bomb = "User-agent: *\nDisallow: /" + "a*" * 2000 + "b\n"

    assert decide(bomb, "/" + "a" * 100_000).allowed


@given(st.binary(max_size=300), st.text(max_size=30))
def test_no_bytes_are_an_error(body: bytes, url: str) -> None:
    robots = parse_robots(b"User-agent: *\n" + body)

    assert isinstance(robots.decide("Kliping", url), Decision)


def test_what_comes_after_the_limit_is_not_read() -> None:
    padding = b"#" * (MAX_BYTES - len(b"User-agent: *\n\n"))

    robots = parse_robots(b"User-agent: *\n" + padding + b"\nDisallow: /\n")

    assert robots.decide("Kliping", SITE + "/a").allowed


def test_agent_without_a_name_has_no_rules() -> None:
    assert decide("User-agent: 007\nDisallow: /\n", "/a", agent="").allowed


def test_rules_before_any_agent_bind_nobody() -> None:
    assert decide("Disallow: /\nUser-agent: *\nDisallow: /x\n", "/a").allowed


@pytest.mark.parametrize(
    ("value", "delay"),
    [
        ("5", timedelta(seconds=5)),
        ("0.5", timedelta(seconds=0.5)),
        ("1e9", timedelta(days=1)),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("", None),
    ],
)
def test_crawl_delay_is_read_where_it_makes_sense(
    value: str, delay: timedelta | None
) -> None:
    robots = parse_robots(f"User-agent: *\nCrawl-delay: {value}\n".encode())

    assert robots.crawl_delay("Kliping") == delay


def test_crawl_delay_of_the_own_group_counts() -> None:
    robots = parse_robots(
        b"User-agent: *\nCrawl-delay: 9\n\nUser-agent: Kliping\nCrawl-delay: 3\n"
        b"Disallow: /x\nUser-agent: kliping\nCrawl-delay: 4\n"
    )

    assert robots.crawl_delay("Kliping") == timedelta(seconds=4)
    assert robots.crawl_delay("Other") == timedelta(seconds=9)


def test_crawl_delay_is_said_to_every_agent_of_its_row() -> None:
    robots = parse_robots(
        b"User-agent: Kliping\nUser-agent: Other\nDisallow: /x\nCrawl-delay: 7\n"
        b"User-agent: Third\nDisallow: /\n"
    )

    assert [robots.crawl_delay(a) for a in ("kliping", "OTHER", "third")] == [
        timedelta(seconds=7),
        timedelta(seconds=7),
        None,
    ]


def test_sitemaps_are_for_everyone() -> None:
    robots = parse_robots(
        b"Sitemap: https://news.test/a.xml\nUser-agent: Other\nDisallow: /\n"
        b"sitemap:https://news.test/b.xml # newer\n"
    )

    assert robots.sitemaps == ("https://news.test/a.xml", "https://news.test/b.xml")


@pytest.mark.parametrize("status", [200, 203, 299])
def test_answer_is_obeyed(status: int) -> None:
    robots = robots_from(status, b"User-agent: *\nDisallow: /\n")

    assert not robots.decide("Kliping", SITE + "/a").allowed


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410, 499])
def test_missing_robots_allows_everything(status: int) -> None:
    robots = robots_from(status, b"User-agent: *\nDisallow: /\n")

    assert robots == Robots()
    assert robots.decide("Kliping", SITE + "/a").allowed


@pytest.mark.parametrize("status", [429, 500, 503, 599, None])
def test_unreachable_robots_forbids_everything(status: int | None) -> None:
    robots = robots_from(status, b"User-agent: *\nAllow: /\n")

    decision = robots.decide("Kliping", SITE + "/a")
    assert not decision.allowed
    assert decision.line.startswith("robots.txt unreachable (")
    assert str(status or "no answer") in decision.line
