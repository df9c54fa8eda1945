"""A line goes on evidence, and the evidence is written down."""

from dataclasses import replace

import pytest

from crawler.extract.lines.judging import Decision, Line, Zone, judge_line

_PROSE = (
    "It rained for three days, and on the fourth the river came over the wall at night."
)


def _line(text: str, zone: Zone = Zone.IN_BODY) -> Line:
    return Line(text=text, zone=zone, previous=_PROSE, following=_PROSE)


@pytest.mark.parametrize(
    "text",
    [
        "16 Ansichten",
        "Weiterlesen",
        "Kommentare",
        "Teilen",
        "Share",
        "Impressum",
        "A- A+",
    ],
)
def test_plain_interface_lines_after_the_body_go(text: str) -> None:
    assert judge_line(_line(text, Zone.AFTER_BODY)).decision is Decision.DROP


def test_a_label_before_a_short_link_leads_to_another_story() -> None:
    text = "Читайте также: На мосту обмежили рух"
    link = len("На мосту обмежили рух") / len(text)

    assert judge_line(replace(_line(text), link_density=link)).decision is Decision.DROP
    assert judge_line(_line(text)).decision is Decision.KEEP


@pytest.mark.parametrize(
    ("line", "decision"),
    [
        pytest.param(_line("Publicidad"), Decision.DROP, id="label between prose"),
        pytest.param(
            replace(_line("Quảng cáo"), dom="div.entry-content > div.code-block > p"),
            Decision.DROP,
            id="label in a box named after code",
        ),
        pytest.param(
            replace(_line("Publicidad"), dom="article > blockquote > p"),
            Decision.KEEP,
            id="label in a quotation",
        ),
        pytest.param(
            replace(_line("Komentar"), tag="h2"),
            Decision.KEEP,
            id="sub-heading before prose",
        ),
        pytest.param(
            replace(
                _line("Komentar"), tag="h2", following_form=True, dom="div#respond"
            ),
            Decision.DROP,
            id="heading of a form",
        ),
        pytest.param(
            replace(_line("Lire aussi : La pluie revient"), link_density=0.8),
            Decision.DROP,
            id="linked read-also",
        ),
        pytest.param(
            _line("Baca juga: Hujan Turun Lagi di Bogor"),
            Decision.DROP,
            id="set as a headline",
        ),
        pytest.param(
            _line("Baca juga: kata guru itu kepada kami."),
            Decision.KEEP,
            id="prose after a label",
        ),
        pytest.param(
            replace(_line("Foto: dpa"), tag="figcaption", dom="figure"),
            Decision.METADATA,
            id="credit in a figure",
        ),
        pytest.param(
            _line("Foto: Der Kanzler kam am Montag in Bonn an und sprach mit uns."),
            Decision.KEEP,
            id="caption",
        ),
        pytest.param(
            replace(_line("7 likes"), tag="li"),
            Decision.KEEP,
            id="list item of a story",
        ),
        pytest.param(
            replace(_line("Share"), dom="blockquote"),
            Decision.KEEP,
            id="word in a quotation",
        ),
        pytest.param(
            replace(_line("Rain", Zone.IN_BODY), seen_on=(5, 8)),
            Decision.DROP,
            id="template",
        ),
        pytest.param(
            replace(_line("Diese Kolumne erscheint jeden Montag."), seen_on=(6, 8)),
            Decision.MARK,
            id="repeated prose",
        ),
        pytest.param(
            replace(_line(_PROSE), seen_on=(6, 8), dom="footer"),
            Decision.DROP,
            id="footer prose",
        ),
        pytest.param(
            replace(_line("2025"), seen_on=(8, 8)), Decision.KEEP, id="lone number"
        ),
        pytest.param(
            replace(_line("12 km"), tag="td", seen_on=(8, 8)),
            Decision.KEEP,
            id="table figure",
        ),
        pytest.param(
            replace(_line("Kommentare"), is_title=True, seen_on=(8, 8)),
            Decision.KEEP,
            id="title",
        ),
        pytest.param(
            replace(_line("12"), following="12 views"),
            Decision.DROP,
            id="twin of a counter",
        ),
        pytest.param(
            replace(_line("12"), following="12 men"), Decision.KEEP, id="no twin"
        ),
        pytest.param(_line("By Functionality"), Decision.KEEP, id="no name"),
        pytest.param(
            _line("Editor: Rudi", Zone.AFTER_LAST_SENTENCE),
            Decision.METADATA,
            id="editor",
        ),
        pytest.param(
            _line("(*)", Zone.AFTER_LAST_SENTENCE), Decision.DROP, id="end mark"
        ),
        pytest.param(
            replace(_line("Tags:", Zone.AFTER_BODY), following_links=3),
            Decision.DROP,
            id="label",
        ),
    ],
)
def test_decision(line: Line, decision: Decision) -> None:
    assert judge_line(line).decision is decision


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("1,2 rb kali dilihat", {"views": "1200"}),
        ("3 Kommentare", {"comments": "3"}),
        ("6 min read", {"read_minutes": "6"}),
        ("Page 1 of 3", {"multi_page": "1/3"}),
        ("This post is for subscribers only", {"paywalled": "yes"}),
        ("Penulis: Ani Lestari", {"byline": "Ani Lestari"}),
        ("Sumber: ANTARA", {"source": "ANTARA"}),
        ("(AP)", {"source": "AP"}),
        ("Tags: Hujan, Banjir", {"tags": "Hujan, Banjir"}),
        ("Last updated: April 28, 2025", {"updated": "Last updated: April 28, 2025"}),
    ],
)
def test_what_a_line_says_is_kept(text: str, facts: dict[str, str]) -> None:
    assert judge_line(_line(text, Zone.AFTER_LAST_SENTENCE)).facts == facts


def test_the_rule_names_the_signals() -> None:
    judged = judge_line(
        replace(
            _line("16 views", Zone.AFTER_BODY),
            dom="div[data-hook=post-stats]",
            previous="16",
        )
    )

    assert judged.boilerplate == "view_count"
    assert judged.rule.split("+")[0] == "hard_phrase"
    assert {"platform_hook", "outside_body", "repeats_lone_number"} <= set(
        judged.rule.split("+")
    )
    assert judged.score == 11


def test_a_kept_line_says_nothing() -> None:
    assert judge_line(replace(_line("16 views"), tag="li")).facts == {}
