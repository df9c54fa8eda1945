"""`kliping takedown`."""

from pathlib import Path

from tests.crawler.cli.conftest import Command


def test_an_article_is_hidden_listed_and_shown_again(
    kliping: Command, article: str, tmp_path: Path
) -> None:
    kliping("fetch", "--save", article)
    named = tmp_path / "urls"
    named.write_text(f"{article}\n", encoding="utf-8")

    taken = kliping("takedown", named, "--depth", "hide", "--reason", "law")
    shown, explained = kliping("show", "1"), kliping("explain", article)
    listed = kliping("takedown", "list")
    lifted = kliping("takedown", "lift", taken.rows[0]["name"])

    assert (taken.code, shown.code, lifted.code) == (0, 2, 0)
    assert "was taken down" in shown.err
    assert '"document"' not in explained.out
    assert [(row["state"], row["addresses"]) for row in listed.rows] == [
        ("standing", 1)
    ]
    assert kliping("show", "1").code == 0


def test_what_is_excluded_is_as_if_never_there(kliping: Command, article: str) -> None:
    kliping("fetch", "--save", article)

    kliping("takedown", "1", "--depth", "exclude")
    shown, again = kliping("show", "1"), kliping("fetch", "--save", article)

    assert (shown.code, again.code) == (2, 6)
    assert "no such article" in shown.err
    assert "was taken down" in again.err
