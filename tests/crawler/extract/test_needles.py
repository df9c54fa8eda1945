"""Many strings looked for at once."""

from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.needles import Needles

_WORDS = ("wp-content", "Drupal", "drupalSettings", "ghost-", "détail", "abcd")
_LETTERS = st.text(st.sampled_from("abcdé𝄞\ud800wp-"), max_size=12)


@given(st.lists(st.one_of(st.sampled_from(_WORDS), _LETTERS), max_size=12))
def test_finds_what_in_finds(parts: list[str]) -> None:
    """A string is found where `in` finds it, astral letters and lone surrogates included."""
    text = "".join(parts)

    found = Needles(_WORDS).first_places(text)

    assert set(found) == {word for word in _WORDS if word in text}


def test_tells_the_first_place() -> None:
    """Of many places the first is told."""
    assert Needles(["ghost-"]).first_places("a ghost- ghost-") == {"ghost-": 2}


def test_finds_across_windows() -> None:
    """A string that begins in one window and ends in the next is found."""
    for before in (65_532, 65_535, 65_536, 131_071):
        text = "x" * before + "Drupal"

        assert Needles(["Drupal"]).first_places(text) == {"Drupal": before}


def test_short_text_holds_nothing() -> None:
    """A text shorter than any string holds none."""
    assert Needles(["abcd"]).first_places("abc") == {}
