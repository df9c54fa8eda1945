"""Hooks of publishing systems are asked where a page may have them."""

from datetime import UTC, datetime

from crawler.extract.page import read_page
from crawler.extract.readers.hooks import PLATFORMS, hook_roles, platforms_of
from crawler.extract.source import PageSource

_AT = datetime(2026, 3, 1, tzinfo=UTC)


def _roles(body: str, charset: str = "utf-8") -> list[str]:
    html = f"<meta charset={charset}><p>Käse wp-content<p>{body}".encode(charset)
    page = read_page(PageSource("https://lamp.example/", html, _AT))
    return list(hook_roles(page, platforms_of(page)).values())


def test_every_word_stands_in_its_selector() -> None:
    """A word that a page must hold for a selector is part of it, and most have one."""
    platforms = [p for p in PLATFORMS if p.words]

    for hook in [hook for p in platforms for hook in (p.scope, p.body)]:
        assert all(word in css for css, word in hook)
    assert len(platforms) == len(PLATFORMS)


def test_hooks_are_found_beside_those_that_the_page_lacks() -> None:
    """Of a platform's hooks those that the page holds are found, whatever its charset."""
    body = "<div class='x yarpp'>a</div><div class=entry-content>b</div>"

    assert _roles(body) == ["drop:related", "body"]
    assert _roles(body, "iso-8859-1") == ["drop:related", "body"]


def test_a_general_hook_is_found_by_its_attribute() -> None:
    """A selector with an attribute alone is asked where the page has that attribute."""
    assert _roles("<div aria-modal=true>a</div>") == ["drop:dialog"]
