"""Many strings looked for at once."""

from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.needles import Needles

_WORDS = ("wp-content", "Drupal", "drupalSettings", "ghost-", "détail", "abcde")
_LETTERS = st.text(st.sampled_from("abcdeé𝄞\ud800wp-"), max_size=12)


@given(st.lists(st.one_of(st.sampled_from(_WORDS), _LETTERS), max_size=12))
def test_finds_what_in_finds(parts: list[str]) -> None:
    """A string is found where `in` finds it, astral letters and lone surrogates included."""
    text = "".join(parts)

    found = Needles(_WORDS).first_places(text.encode("utf-8", "surrogatepass"))

    assert set(found) == {word for word in _WORDS if word in text}


def test_tells_the_first_place() -> None:
    """Of many places the first is told, in bytes, be it even or odd."""
    needles = Needles(["ghost-"])

    assert needles.first_places(b"a ghost- ghost- ghost-") == {"ghost-": 2}
    assert needles.first_places("ä ghost- ghost-".encode()) == {"ghost-": 3}


def test_finds_across_windows() -> None:
    """A string that begins in one window and ends in the next is found."""
    for before in (65_531, 65_532, 65_533, 65_534, 65_535, 65_536, 131_071):
        text = "x" * before + "Drupal"

        assert Needles(["Drupal"]).first_places(text.encode()) == {"Drupal": before}


def test_short_text_holds_nothing() -> None:
    """A text shorter than any string holds none."""
    for text in ("", "a", "abc", "abcd"):
        assert Needles(["abcde"]).first_places(text.encode()) == {}
