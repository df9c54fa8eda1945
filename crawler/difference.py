"""The difference of two texts as people read it on a terminal. Pure."""

from collections.abc import Iterable, Iterator

from storage.worddiff import DiffKind, DiffPart

#: How `git diff --word-diff` and wdiff mark what went and what came.
_MARKS = {
    DiffKind.EQUAL: ("", ""),
    DiffKind.DELETE: ("[-", "-]"),
    DiffKind.INSERT: ("{+", "+}"),
}
_PASSED_OVER = "…"


def marked(parts: Iterable[DiffPart]) -> str:
    """Return one text of a difference, `[-what went-]` and `{+what came+}` marked."""
    return "\n\n".join(text for text, _ in _paragraphs(parts))


def changed_paragraphs(parts: Iterable[DiffPart]) -> str:
    """Return the paragraphs in which words differ, marked; `…` is what lies between."""
    shown: list[str] = []
    for text, differs in _paragraphs(parts):
        if differs:
            shown.append(text)
        elif text and shown[-1:] != [_PASSED_OVER]:
            shown.append(_PASSED_OVER)
    return "\n\n".join(shown)


def _paragraphs(parts: Iterable[DiffPart]) -> Iterator[tuple[str, bool]]:
    """Yield each paragraph of either text, and whether a word of it differs."""
    text, differs = "", False
    for part in parts:
        before, after = _MARKS[part.kind]
        for number, piece in enumerate(part.text.split("\n\n")):
            if number:
                yield text, differs
                text, differs = "", False
            if piece.strip():
                differs |= part.kind is not DiffKind.EQUAL
                text += f"{before}{piece}{after}"
            else:
                text += piece
    yield text, differs
