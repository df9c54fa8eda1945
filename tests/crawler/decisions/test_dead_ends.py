"""When the host's other answers say that a page is no article."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.decisions.dead_ends import (
    against_home,
    against_others,
    against_probe,
    against_standing,
    alikeness,
    is_another_story,
    is_current,
    is_suspect,
    probe_address,
)
from storage.model.article import Article, Block, BlockKind, Claim, Provenance
from storage.model.exchange import Exchange
from storage.model.extraction import Extraction
from storage.model.verdict import Verdict, VerdictKind
from storage.model.visit import Probe

NOW = datetime(2026, 3, 4, tzinfo=UTC)
URL = "https://a.test/news/pier-is-rebuilt-4711"
SOFT = "Denna sida finns inte längre. Gå till förstasidan eller sök efter nyheten."
BRIEF = "The pier opens on Monday at noon, the harbour master said on Thursday."
PROBE = Probe(url="https://a.test/news/x", status=200, at=NOW, text=SOFT)


def answer(status: int = 200) -> Exchange:
    return Exchange(
        url=URL,
        started_at=NOW,
        elapsed=timedelta(seconds=1),
        request=b"",
        response=b"",
        status=status,
        headers=(),
        body=b"",
    )


def reading(text: str, kind: VerdictKind = VerdictKind.ARTICLE) -> Extraction:
    block = Block(kind=BlockKind.PARAGRAPH, text=text)
    return Extraction(
        verdict=Verdict(kind=kind, evidence=("status 200",)),
        extractor="test",
        article=Article(url=URL, title="A title", blocks=(block,)),
    )


@pytest.mark.parametrize(
    ("text", "kind", "status", "suspect"),
    [
        (BRIEF, VerdictKind.ARTICLE, 200, True),
        (BRIEF, VerdictKind.TEASER, 200, True),
        (BRIEF, VerdictKind.TEASER, 402, False),
        (BRIEF, VerdictKind.SOFT_404, 200, False),
        (BRIEF * 20, VerdictKind.ARTICLE, 200, False),
    ],
)
def test_only_an_article_of_little_text_is_in_doubt(
    text: str, kind: VerdictKind, status: int, *, suspect: bool
) -> None:
    assert is_suspect(answer(status), reading(text, kind)) is suspect


def test_the_address_that_cannot_exist_stands_beside_the_page() -> None:
    assert probe_address(URL, "0ab") == "https://a.test/news/0ab-is-no-page"


@pytest.mark.parametrize(
    ("probe", "text", "kind", "said"),
    [
        (PROBE, SOFT, VerdictKind.SOFT_404, "100% of its words"),
        (PROBE, f"{SOFT} Fel 4711.", VerdictKind.SOFT_404, "of its words"),
        (PROBE, BRIEF, VerdictKind.ARTICLE, "0% of its words"),
        (
            Probe(url="u", status=404, at=NOW),
            SOFT,
            VerdictKind.ARTICLE,
            "HTTP 404",
        ),
        (
            Probe(url="u", status=None, at=NOW),
            SOFT,
            VerdictKind.ARTICLE,
            "led elsewhere",
        ),
        (
            Probe(url="u", status=200, at=NOW, text=SOFT, verdict=VerdictKind.BOT_WALL),
            SOFT,
            VerdictKind.BOT_WALL,
            "100% of its words",
        ),
    ],
)
def test_a_page_is_judged_by_the_answer_to_no_address(
    probe: Probe, text: str, kind: VerdictKind, said: str
) -> None:
    verdict = against_probe(reading(text), probe).verdict

    assert verdict.kind is kind
    assert said in verdict.evidence[0]


def test_without_a_probe_nothing_is_said() -> None:
    assert against_probe(reading(SOFT), None) == reading(SOFT)


def test_an_answer_is_believed_of_its_like_for_weeks() -> None:
    assert is_current(PROBE, reading(SOFT), NOW + timedelta(weeks=3))
    assert not is_current(PROBE, reading(SOFT), NOW + timedelta(weeks=5))
    assert not is_current(None, reading(SOFT), NOW)


@pytest.mark.parametrize("probe", [PROBE, Probe(url="u", status=404, at=NOW)])
def test_an_answer_is_believed_of_another_page_for_a_day(probe: Probe) -> None:
    assert is_current(probe, reading(BRIEF), NOW + timedelta(hours=23))
    assert not is_current(probe, reading(BRIEF), NOW + timedelta(hours=25))


STRANGERS = ["https://a.test/ferry-runs-99", "https://a.test/sport/final-lost"]


@pytest.mark.parametrize(
    ("others", "text", "kind"),
    [
        (STRANGERS, SOFT, VerdictKind.SOFT_404),
        (STRANGERS[:1], SOFT, VerdictKind.ARTICLE),
        ([], SOFT, VerdictKind.ARTICLE),
        (STRANGERS, BRIEF * 20, VerdictKind.ARTICLE),
        (
            ["https://a.test/amp/pier-is-rebuilt-4711", "https://a.test/print?id=4711"],
            SOFT,
            VerdictKind.ARTICLE,
        ),
    ],
    ids=["strangers", "one stranger", "nobody", "a long text", "forms of one page"],
)
def test_one_text_under_many_addresses_is_no_article(
    others: list[str], text: str, kind: VerdictKind
) -> None:
    judged = against_others(reading(text), URL, others, named=None)

    assert judged.verdict.kind is kind


@pytest.mark.parametrize(
    ("named", "kind"),
    [("A Title", VerdictKind.ARTICLE), ("The pier is rebuilt", VerdictKind.SOFT_404)],
)
def test_a_page_with_the_headline_it_was_listed_with_is_no_dead_end(
    named: str, kind: VerdictKind
) -> None:
    """An agency's brief stands in every city's edition, under numbers alone."""
    judged = against_others(reading(BRIEF), URL, STRANGERS, named=named)

    assert judged.verdict.kind is kind


def listed_only(text: str) -> Extraction:
    """Return a reading whose headline nobody says but the list that named it."""
    extraction = reading(text)
    assert extraction.article is not None
    claim = Claim(origin="feed", raw="A title", value="A title")
    said = {"title": Provenance(winner=claim)}
    return replace(extraction, article=replace(extraction.article, provenance=said))


def test_the_headline_that_only_the_list_says_speaks_for_no_page() -> None:
    judged = against_others(listed_only(SOFT), URL, STRANGERS, named="A title")

    assert judged.verdict.kind is VerdictKind.SOFT_404


def test_a_wall_does_not_take_a_story_s_place_under_the_list_s_headline() -> None:
    judged = against_standing(listed_only(NOTICE), "A title", STORY)

    assert judged.verdict.kind is VerdictKind.ERROR


def test_texts_without_spaces_are_compared_by_their_characters() -> None:
    assert (
        alikeness("找不到页面五秒后返回首页" * 3, "找不到页面七秒后返回首页" * 3) > 0.8
    )
    assert (
        alikeness("找不到页面五秒后返回首页" * 3, "渡轮码头将于星期一重新开放" * 3)
        < 0.4
    )


HOME = "https://a.test/"


@pytest.mark.parametrize(
    ("asked", "answered", "kind", "judged"),
    [
        (URL, HOME, VerdictKind.HUB, VerdictKind.SOFT_404),
        (URL, "https://a.test", VerdictKind.HUB, VerdictKind.SOFT_404),
        (URL, HOME, VerdictKind.ARTICLE, VerdictKind.ARTICLE),
        (URL, "https://a.test/news/", VerdictKind.HUB, VerdictKind.HUB),
        (HOME, HOME, VerdictKind.HUB, VerdictKind.HUB),
    ],
)
def test_a_page_that_leads_to_the_front_page_is_missing(
    asked: str, answered: str, kind: VerdictKind, judged: VerdictKind
) -> None:
    assert against_home(reading(BRIEF, kind), asked, answered).verdict.kind is judged


STORY = " ".join(f"The pier's part {n} is told in words of its own." for n in range(40))
NOTICE = "This article has been taken down at the request of its author."


def titled(title: str, text: str) -> Extraction:
    extraction = reading(text)
    assert extraction.article is not None
    return replace(extraction, article=replace(extraction.article, title=title))


@pytest.mark.parametrize(
    ("title", "text", "standing", "kind"),
    [
        ("Checking your browser", "One moment, please.", STORY, VerdictKind.ERROR),
        ("Vi är snart tillbaka", SOFT, STORY, VerdictKind.ERROR),
        ("Pier is rebuilt", NOTICE, STORY, VerdictKind.ARTICLE),
        (
            "Another day",
            "The pier's part 0 is told in words of its own.",
            STORY,
            VerdictKind.ARTICLE,
        ),
        ("Checking your browser", "One moment, please.", BRIEF, VerdictKind.ARTICLE),
        (
            "Ferries are back",
            STORY.replace("pier", "ferry"),
            STORY,
            VerdictKind.ARTICLE,
        ),
        ("Ferries are back", BRIEF * 5, STORY, VerdictKind.ARTICLE),
    ],
    ids=[
        "wall",
        "in Swedish",
        "editor's note",
        "stub",
        "was brief",
        "rewritten",
        "another story, short",
    ],
)
def test_a_few_strange_lines_do_not_take_a_story_s_place(
    title: str, text: str, standing: str, kind: VerdictKind
) -> None:
    judged = against_standing(titled(title, text), "Pier is rebuilt", standing)

    assert judged.verdict.kind is kind


def test_a_missing_page_in_a_story_s_place_stays_one() -> None:
    """As an error the article would never be noted as gone."""
    gone = reading(SOFT, VerdictKind.SOFT_404)

    assert against_standing(gone, "Pier is rebuilt", STORY) == gone


def test_a_headline_that_list_and_page_say_is_the_page_s_own() -> None:
    judged = listed_only(BRIEF)
    assert judged.article is not None
    title = judged.article.provenance["title"]
    own = Claim(origin="dom:h1", raw="A Title", value="A Title")
    said = {"title": replace(title, losers=(own,))}
    both = replace(judged, article=replace(judged.article, provenance=said))

    assert against_others(both, URL, STRANGERS, named="A title") == both


@pytest.mark.parametrize(
    ("title", "text", "another"),
    [
        ("Pier is rebuilt", STORY, False),
        ("Pier is rebuilt at last", BRIEF, False),
        ("A new headline", STORY, False),
        ("Ferries are late", BRIEF, True),
    ],
)
def test_another_story_has_another_headline_and_text(
    title: str, text: str, *, another: bool
) -> None:
    article = titled(title, text).article

    assert article is not None
    assert is_another_story(article, "Pier is rebuilt", STORY) is another
