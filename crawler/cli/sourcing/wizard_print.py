"""What a survey of a site found, in lines for people. Pure."""

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

_WIDTH = 88
_OPENING_LINES = 2


def describe(finding: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines that tell a person of a survey."""
    yield f"{finding['home']}  (you gave: {finding['given']})"
    yield from _manners(finding)
    yield ""
    yield from _lists(finding["lists"])
    yield ""
    yield _expected(finding["articles_a_day"])
    yield ""
    for number, sample in enumerate(finding["samples"], 1):
        yield from _sample(number, sample)
    if not finding["samples"]:
        yield "No article was found to try."
    if any(sample["is_shell"] for sample in finding["samples"]):
        rendering = finding["source"].get("render", "never")
        yield f"Scripts write the text of some; they are shown to a browser: {rendering}"


def _manners(finding: Mapping[str, Any]) -> Iterator[str]:
    robots = finding["robots"]
    status = robots["status"] or "not asked"
    delay = robots["crawl_delay"]
    pause = f", asks for {delay:g} s between requests" if delay else ""
    yield f"robots.txt: {status}; for the home page: {robots['line']}{pause}"
    if not finding["signals"]:
        yield "Opt-outs: none stated"
    for signal in finding["signals"]:
        yield f"Opt-out in {signal['where']}: {signal['says']}"


def _lists(lists: list[Mapping[str, Any]]) -> Iterator[str]:
    for seen in lists:
        mark = "watch" if seen["used"] else "-    "
        yield f"{mark} {seen['kind']:7} {seen['url']}"
        count, newest = seen["articles"], seen["newest"]
        facts = [seen["origin"]]
        facts += [f"{count} article{'' if count == 1 else 's'}"] if count else []
        facts += [f"newest {newest:%Y-%m-%d %H:%M}"] if newest else []
        facts += [fact for fact in (seen["title"], seen["note"]) if fact]
        yield from _wrapped("; ".join(facts), "      ")


def _expected(a_day: float | None) -> str:
    if a_day is None:
        return "Expected articles a day: unknown, no dates are stated"
    about = f"{a_day:.0f}" if a_day >= 3 else f"{a_day:.1f}"
    return f"Expected articles a day: about {about}"


def _sample(number: int, sample: Mapping[str, Any]) -> Iterator[str]:
    if sample["error"]:
        yield f"{number:2}. {sample['url']}"
        yield f"    failed: {sample['error']}"
        return
    yield f"{number:2}. {sample['title'] or sample['url']}"
    by = ", ".join(sample["authors"]) or "no author"
    facts = (
        sample["verdict"],
        sample["published"] or "no date",
        by,
        sample["language"] or "no language",
        f"{sample['characters']} characters",
        f"{sample['removed']} lines left out",
    )
    yield from _wrapped("; ".join(facts), "    ")
    yield from _wrapped(sample["opening"], "    | ")[:_OPENING_LINES]


def _wrapped(text: str, indent: str) -> list[str]:
    return wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
