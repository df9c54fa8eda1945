"""Decide what one line of a page is: story, boilerplate, metadata, a flag.

An interface phrase alone proves little: "Kommentare" heads a comment block and
a chapter about comments. So evidence is added up: the phrase's own strength,
then the signals of `signals`, each with a weight and a reason. A line goes
at 4 points inside the body and at 3 outside; below that it stays. A line
without a phrase goes only where the host repeats it; repeated prose is kept and
marked, since agencies and columns repeat true sentences.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from crawler.extract.bylines.line import read_byline
from crawler.extract.lines.signals import (
    SIGNALS,
    STRENGTHS,
    Case,
    Line,
    Zone,
    in_chrome,
    in_quotation,
    is_prose,
    is_repeated,
    is_twin,
    read_case,
    rest_fits,
)
from crawler.lexicon.forms import whole_number
from crawler.lexicon.match import Match, match_line

__all__ = ["Decision", "Judgement", "Line", "Zone", "judge_line", "says_nothing"]

_IN_BODY_THRESHOLD = 4
_OUTSIDE_THRESHOLD = 3
_AFTER_DELIMITER = re.compile(r"(?:[:：=|՝]| [-–—] )\s*(.*)", re.DOTALL)
_COUNTERS = {
    "view_count": "views",
    "comment_heading": "comments",
    "share": "shares",
    "read_time": "read_minutes",
}
_METADATA = {
    "byline": "byline",
    "photo_credit": "photo_credit",
    "published_at": "published",
    "relative_date": "published",
    "source_credit": "source",
    "tags_label": "tags",
    "updated_at": "updated",
}
_LABELS = frozenset(
    ("byline", "photo_credit", "published_at", "tags_label", "updated_at")
)


class Decision(StrEnum):
    """What becomes of a line.

    METADATA leaves the text for a field, FLAG leaves it and says something of
    the whole article, MARK stays but is suspect.
    """

    KEEP = "keep"
    DROP = "drop"
    METADATA = "metadata"
    FLAG = "flag"
    MARK = "mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What becomes of a line, and why.

    Attributes:
        decision: What becomes of it.
        boilerplate: Its class, such as `view_count`, `template`; empty for story.
        rule: The signals that counted, joined by `+`.
        score: Their sum.
        facts: What the line says of the article, such as `{"views": "16"}`,
            `{"paywalled": "yes"}`, `{"multi_page": "1/3"}`.
    """

    decision: Decision
    boilerplate: str = ""
    rule: str = ""
    score: int = 0
    facts: Mapping[str, str] = field(default_factory=dict)


def judge_line(line: Line) -> Judgement:
    """Return what one line in its context is, with the rule that says so."""
    if line.is_title:
        return Judgement(decision=Decision.KEEP, rule="title")
    match = match_line(line.text)
    if match is None:
        return _judge_unmatched(line)
    case = read_case(line, match)
    if not rest_fits(case):
        return Judgement(
            decision=Decision.KEEP, boilerplate=match.boilerplate, rule="rest_unfit"
        )
    return _judge_matched(case)


def says_nothing(text: str) -> bool:
    """Tell a line that stays in whatever context, unless the host repeats it: no phrase, no number."""
    return match_line(text) is None and not text.lstrip()[:1].isdigit()


def _judge_unmatched(line: Line) -> Judgement:
    if is_twin(line):
        return Judgement(
            decision=Decision.DROP, boilerplate="counter_twin", rule="twin", score=4
        )
    if not is_repeated(line) or in_quotation(line):
        return Judgement(decision=Decision.KEEP)
    if is_prose(line.text) and not in_chrome(line):
        return Judgement(
            decision=Decision.MARK,
            boilerplate="repeated_prose",
            rule="repeated",
            score=3,
        )
    return Judgement(
        decision=Decision.DROP, boilerplate="template", rule="repeated", score=3
    )


def _judge_matched(case: Case) -> Judgement:
    match = case.match
    found = [signal for signal in SIGNALS if signal.holds(case)]
    score = STRENGTHS[match.strength] + sum(signal.weight for signal in found)
    inside = case.line.zone is Zone.IN_BODY
    enough = score >= (_IN_BODY_THRESHOLD if inside else _OUTSIDE_THRESHOLD)
    facts = _facts(case) if enough else {}
    return Judgement(
        decision=_decision(match, case.line.text, facts) if enough else Decision.KEEP,
        boilerplate=match.boilerplate,
        rule="+".join([f"{match.strength}_phrase", *(signal.name for signal in found)]),
        score=score,
        facts=facts,
    )


def _decision(match: Match, text: str, facts: Mapping[str, str]) -> Decision:
    if "paywalled" in facts or "multi_page" in facts:
        return Decision.FLAG
    if match.boilerplate in _METADATA and facts and any(map(str.isalnum, text)):
        return Decision.METADATA
    return Decision.DROP


def _facts(case: Case) -> dict[str, str]:
    """Return what a line that goes says of the article."""
    match, text = case.match, case.line.text.strip()
    name, number = match.boilerplate, match.slots.get("n", "")
    if name == "paywall":
        return {"paywalled": "yes"}
    if name == "multi_page":
        return {"multi_page": number} if "/" in number else {}
    if name in _COUNTERS:
        value = whole_number(number.partition("/")[0])
        return {_COUNTERS[name]: str(value)} if value is not None else {}
    label_alone = match.whole and not match.slots and name in _LABELS
    if name not in _METADATA or label_alone:
        return {}
    return (
        _byline_facts(text, match)
        if name == "byline"
        else {_METADATA[name]: _said(text, match)}
    )


def _byline_facts(text: str, match: Match) -> dict[str, str]:
    byline = read_byline(text)
    if byline is None or not byline.names:
        return {"source": _said(text, match)}
    return {"byline": ", ".join(byline.names)}


def _said(text: str, match: Match) -> str:
    """Return the part of a line that a field wants, in the page's own spelling."""
    if match.whole and "x" not in match.slots:
        return text.strip("()[] ")
    rest = _AFTER_DELIMITER.search(text)
    return rest[1].strip() if rest else text
