"""What headers say of walls."""

import pytest

from crawler.extract.headers import challenge, refusal, sends_robots_away


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"cf-mitigated": "challenge"}, "cf-mitigated: challenge"),
        ({"x-amzn-waf-action": "captcha"}, "x-amzn-waf-action: captcha"),
        ({"x-amzn-waf-action": "count"}, None),
        ({"server": "cloudflare"}, None),
    ],
)
def test_a_challenge_is_named(headers: dict[str, str], said: str | None) -> None:
    assert challenge(headers.get) == said


def test_of_a_login_only_the_scheme_is_told() -> None:
    headers = {"www-authenticate": 'Basic realm="the staff of the harbour"'}

    assert refusal(headers.get) == "www-authenticate: Basic"


@pytest.mark.parametrize(
    ("value", "away"),
    [
        ("noindex", True),
        ("nosnippet, NoIndex", True),
        ("none", True),
        ("otherbot: noindex", False),
        ("max-snippet: 20", False),
        (None, False),
    ],
)
def test_robots_are_sent_away_when_all_are(value: str | None, away: bool) -> None:
    assert sends_robots_away({"x-robots-tag": value}.get) is away
