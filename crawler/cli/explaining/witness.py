"""Why a page is read as it is, in lines for people. Pure.

A line is made of pieces with a style, which a terminal may show as a colour; the
words alone say the same.
"""

from collections.abc import Iterator, Sequence

from crawler.extract.anatomy import Fate, PageBlock
from crawler.extract.explanation import Explanation, FieldView
from crawler.extract.readers.rules import RuleMatch
from storage.model.article import Claim

#: A piece of a line: its text and its style, as rich names it.
Piece = tuple[str, str]
Line = tuple[Piece, ...]

HEAD = "bold"
QUIET = "dim"
BAD = "bold red"
#: How a fate shows: a sign at the line's start, and a style.
FATES = {
    Fate.KEPT: ("+", "green"),
    Fate.REMOVED: ("-", "red"),
    Fate.CAPTION: ('"', "cyan"),
    Fate.OUTSIDE: ("·", "dim"),
}
_CLAIM = 240
_TEXT = 160


def explained(explanation: Explanation) -> Iterator[Line]:
    """Yield verdict and evidence, fields, marks, rules, removed lines, blocks."""
    yield from _verdict(explanation)
    yield from told(explanation)


def told(explanation: Explanation) -> Iterator[Line]:
    """Yield all but the verdict."""
    yield from _fields(explanation.fields)
    yield from _listed("From the text", map(_named, explanation.facts))
    yield from _listed("Marks", explanation.marks)
    counters = (f"{name} {count}" for name, count in explanation.counters)
    yield from _listed("Counters", counters)
    yield from _rules(explanation)
    yield from _removed(explanation)
    yield from _blocks(explanation)
    yield from _listed("Note", explanation.notes)


def words(line: Line) -> str:
    """Return a line without its styles."""
    return "".join(text for text, _ in line)


def _verdict(explanation: Explanation) -> Iterator[Line]:
    yield ("Verdict: ", HEAD), (str(explanation.verdict), HEAD)
    yield from ((("  ", ""), (line, "")) for line in explanation.evidence)


def _fields(fields: Sequence[FieldView]) -> Iterator[Line]:
    yield (("Fields:", HEAD),)
    for field in fields:
        yield (f"  {field.name}: ", HEAD), *_claim(field.winner)
        for loser in field.losers:
            yield ("    lost: ", QUIET), *((text, QUIET) for text, _ in _claim(loser))


def _claim(claim: Claim) -> Line:
    raw = "" if claim.raw == claim.value else f'as the page has it "{claim.raw}"'
    return (
        (_short(f'"{claim.value}"', _CLAIM), ""),
        (f" from {claim.origin}", "cyan"),
        (f", {_short(raw, _CLAIM)}" if raw else "", QUIET),
    )


def _listed(name: str, values: Iterator[str] | Sequence[str]) -> Iterator[Line]:
    lines = list(values)
    if lines:
        yield ((f"{name}:", HEAD),)
        yield from ((("  ", ""), (line, "")) for line in lines)


def _named(fact: tuple[str, str]) -> str:
    return f"{fact[0]}: {_short(fact[1])}"


def _rules(explanation: Explanation) -> Iterator[Line]:
    if explanation.rules:
        yield (("Site rules:", HEAD),)
        for match in explanation.rules:
            is_bad = not match.matches and match.key in explanation.unmatched
            yield ("  ", ""), (match_words(match), BAD if is_bad else "")
    elif explanation.unmatched:
        keys = ", ".join(explanation.unmatched)
        yield ("Site rules that match nothing: ", HEAD), (keys, BAD)


def match_words(match: RuleMatch) -> str:
    """Return what a rule matched: `title "h1.t": 1 match: "Mill reopens"`."""
    said = "; ".join(f'"{_short(text, 60)}"' for text in match.texts)
    count = f"{match.matches} match{'' if match.matches == 1 else 'es'}"
    found = count if match.matches else "matches nothing"
    return f'{match.key} "{match.rule}": {found}{f": {said}" if said else ""}'


def _removed(explanation: Explanation) -> Iterator[Line]:
    yield ((f"Removed lines: {len(explanation.removed)}", HEAD),)
    for line in explanation.removed:
        yield (
            (f"  [{line.index}] ", QUIET),
            (line.boilerplate, FATES[Fate.REMOVED][1]),
            (f" ({line.rule}): ", QUIET),
            (_short(line.text), ""),
        )


def _blocks(explanation: Explanation) -> Iterator[Line]:
    if not explanation.blocks:
        return
    counted = ", ".join(
        f"{FATES[fate][0]} {count} {fate}" for fate, count in explanation.fates
    )
    yield ("Blocks: ", HEAD), (f"{len(explanation.blocks)} ({counted})", "")
    yield from (_block(block) for block in explanation.blocks)


def _block(block: PageBlock) -> Line:
    sign, style = FATES[block.fate]
    kind = f"{block.kind} {block.level}" if block.level else str(block.kind)
    why = ", ".join(filter(None, (block.boilerplate, block.rule)))
    return (
        (f"  {sign} [{block.index}] ", style),
        (f"{kind}, {fate_words(block)}", QUIET),
        (f" ({why})" if why and block.fate is not Fate.KEPT else "", QUIET),
        (f"{score_words(block)}: ", QUIET),
        (_short(block.text), style),
    )


def fate_words(block: PageBlock) -> str:
    """Return a block's fate in words."""
    return "outside the body" if block.fate is Fate.OUTSIDE else str(block.fate)


def score_words(block: PageBlock) -> str:
    """Return a learned judge's score, or nothing."""
    if block.score is None:
        return ""
    return f", score {block.score:.2f}{f' ({block.why})' if block.why else ''}"


def _short(text: str, width: int = _TEXT) -> str:
    line = " ".join(text.split())
    return line if len(line) <= width else f"{line[: width - 1]}…"
