"""Texts that are copies of each other, and texts that are not."""

import random

import pytest

from storage.neardup import bands, fingerprint, is_copy, similarity

WORDS = [
    f"{a}{b}{c}" for a in "bdgklmnprst" for b in "aeiou" for c in ("n", "r", "la", "ti")
]
HAN = [chr(0x4E00 + 37 * n) for n in range(400)]


def story(seed: int, words: int = 300) -> list[str]:
    dice = random.Random(seed)
    return [dice.choice(WORDS) for _ in range(words)]


def edited(words: list[str], share: float, seed: int = 7) -> list[str]:
    """Replace a share of the words by others, anywhere."""
    dice = random.Random(seed)
    return [dice.choice(WORDS) if dice.random() < share else word for word in words]


def of(words: list[str], between: str = " ") -> bytes:
    signature = fingerprint(between.join(words))
    assert signature is not None
    return signature


def test_the_same_words_have_the_same_numbers_whatever_their_dress() -> None:
    """Case, accents and punctuation make no other fingerprint."""
    plain = " ".join(story(1))

    assert fingerprint(plain) == fingerprint(plain.upper().replace(" ", ", "))


def test_numbers_are_those_of_any_other_machine_and_day() -> None:
    """The algorithm is fixed: what is archived can be compared for ever."""
    signature = of(story(1))

    assert len(signature) == 256
    assert signature[:8].hex() == "125e18040f7c8700"
    assert bands(signature)[0] == 7353439395853847645


@pytest.mark.parametrize("seed", range(5))
def test_a_twentieth_of_the_words_changed_is_a_copy(seed: int) -> None:
    """It also shares a band, without which it would not be looked at."""
    words = story(seed)
    one, other = of(words), of(edited(words, 0.05))

    assert is_copy(one, other)
    assert set(bands(one)) & set(bands(other))


def test_a_text_cut_off_is_a_copy() -> None:
    """Two thirds of a text are still that text."""
    words = story(3)

    assert is_copy(of(words), of(words[:220]))


def test_scripts_without_blanks_are_compared_by_characters() -> None:
    """A Chinese text with one character in fifty changed is a copy; another is none."""
    dice = random.Random(5)
    text = [dice.choice(HAN) for _ in range(500)]
    changed = [dice.choice(HAN) if n % 50 == 0 else c for n, c in enumerate(text)]
    stranger = [dice.choice(HAN) for _ in range(500)]

    assert is_copy(of(text, ""), of(changed, ""))
    assert not is_copy(of(text, ""), of(stranger, ""))


def test_other_stories_are_no_copies() -> None:
    """Of a hundred stories in the same few words no two are alike, or share a band."""
    all_of_them = [of(story(seed)) for seed in range(100)]
    shared = [set(bands(one)) for one in all_of_them]

    assert all(
        similarity(a, b) < 0.2
        for n, a in enumerate(all_of_them)
        for b in all_of_them[:n]
    )
    assert all(not a & b for n, a in enumerate(shared) for b in shared[:n])


def test_a_short_text_tells_nothing() -> None:
    """Briefs and captions are alike by template."""
    assert fingerprint(" ".join(story(1, words=30))) is None
    assert fingerprint("") is None
