"""Comments are told by the offer to reply below each, whatever their elements are called."""

from datetime import UTC, datetime

import pytest

from crawler.extract.article import extract
from crawler.extract.source import PageSource

_STORY = (
    "The reservoir above the village has filled again after a dry year, the water board said.",
    "Fields below the dam will be watered from the first of April, two weeks earlier than usual.",
    "Farmers had asked for a date in writing, and on Tuesday evening they were given one, at last.",
    "The board will meet again in May, when the snow in the upper valley has melted for good.",
)
_COMMENTS = (
    "I have lived here for forty years and I never thought they would do the right thing for once.",
    "The pipes should come first. My cellar has been flooded twice and nobody picks up the phone.",
    "Finally. I proposed to my wife beside that very dam in the long summer of 1988.",
)


def _paragraphs(texts: tuple[str, ...]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def _text(body: str) -> str:
    markup = f"<html><body><div><h1>The reservoir</h1>{body}</div></body></html>"
    source = PageSource(
        "https://paper.example/a", markup.encode(), datetime(2026, 3, 3, tzinfo=UTC)
    )
    article = extract(source).article
    assert article is not None
    return article.text


def _comments(reply: str) -> str:
    return "".join(
        f"<div class=c3><b>reader</b><p>{text}</p><a href='#'>{reply}</a></div>"
        for text in _COMMENTS
    )


@pytest.mark.parametrize(
    "reply", ["Reply", "Reply (2)", "Antworten", "Ответить", "返信", "Trả lời", "الرد"]
)
def test_comments_beside_a_story_are_left_out(reply: str) -> None:
    story = f"<div>{_paragraphs(_STORY)}</div>"

    text = _text(f"{story}<div>{_comments(reply)}</div>")

    assert text == "\n\n".join(_STORY)


def test_comments_in_the_story_s_own_element_are_left_out() -> None:
    assert _text(_paragraphs(_STORY) + _comments("Reply")) == "\n\n".join(_STORY)


def test_one_offer_to_reply_makes_no_comments() -> None:
    text = _text(f"{_paragraphs(_STORY)}<div><p>{_COMMENTS[0]}</p></div><p>Reply</p>")

    assert _COMMENTS[0] in text


def test_what_a_forum_says_is_its_text() -> None:
    assert _COMMENTS[1] in _text(_comments("Reply"))
