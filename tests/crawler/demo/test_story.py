from itertools import combinations

import pytest

from crawler.demo.material import material
from crawler.demo.story import Story, slug, write_story

LANGUAGES = ("ar", "de", "en", "es", "fr", "id", "ja")


def shingles(story: Story) -> set[str]:
    """Word trigrams; runs of eight letters where words are not spaced."""
    text = " ".join(story.paragraphs)
    words = text.split()
    if len(words) < 50:
        return {text[at : at + 8] for at in range(len(text) - 7)}
    return {" ".join(words[at : at + 3]) for at in range(len(words) - 2)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_sixty_articles_differ_truly(language: str) -> None:
    words = material(language)

    parts = [shingles(write_story(words, "x", index)) for index in range(60)]

    shared = (len(one & two) / len(one | two) for one, two in combinations(parts, 2))
    assert max(shared) < 0.5


@pytest.mark.parametrize("language", LANGUAGES)
def test_headlines_are_all_different(language: str) -> None:
    stories = [write_story(material(language), "x", index) for index in range(180)]

    assert len({story.title for story in stories}) == 180


@pytest.mark.parametrize("language", LANGUAGES)
def test_paragraphs_are_long_enough(language: str) -> None:
    shortest = 120 if language == "ja" else 200

    for index in range(30):
        story = write_story(material(language), "x", index)

        assert len(story.paragraphs) == 5
        assert min(len(paragraph) for paragraph in story.paragraphs) >= shortest


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("Größe & Straße", "grosse-strasse"),
        ("À Sauveroche, l'école", "a-sauveroche-l-ecole"),
        ("朝市に63軒", "朝市に63軒"),
        ("…", ""),
    ],
)
def test_a_slug_is_made_of_words(title: str, wanted: str) -> None:
    assert slug(title) == wanted
