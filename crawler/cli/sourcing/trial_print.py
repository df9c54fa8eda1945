"""What the trial of a source found, in lines for people. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

_COMPARED = ("title", "authors", "published", "language", "characters", "removed")
_LINES = 5


def describe(finding: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines that tell a person of a finding."""
    if "error" in finding:
        yield f"{finding['kind']} {finding['url']}: failed: {finding['error']}"
        return
    match finding["kind"]:
        case "sample":
            yield from _sample(finding)
        case "coverage":
            yield from _coverage(finding)
        case kind:
            yield f"{kind} {finding['url']}: {finding['found']} links"
            yield from (f"  {x['url']}  {x['title'] or ''}" for x in finding["links"])


def _sample(finding: Mapping[str, Any]) -> Iterator[str]:
    yield f"sample {finding['url']}: {finding['verdict']}"
    plainly = finding["without_rules"]
    if plainly is None:
        by = ", ".join(finding["authors"]) or "no author"
        when = finding["published"] or "no date"
        yield f"  {finding['title']} ({by}, {when}, {finding['language']})"
        yield f"  {finding['characters']} characters, {finding['removed']} lines removed"
    else:
        yield from (f"  {_matched(match)}" for match in finding["rules"])
        yield from _side_by_side(finding, plainly)
    yield from (f"  | {line}" for line in finding["text"].split("\n")[:_LINES] if line)


def _matched(match: Mapping[str, Any]) -> str:
    count = match["matches"]
    found = f"{count} match{'' if count == 1 else 'es'}" if count else "MATCHES NOTHING"
    used = "" if match["taken"] or not count else ", but is not taken"
    said = "; ".join(f'"{text[:60]}"' for text in match["texts"])
    says = f": {said}" if said else ""
    return f"rule {match['key']} {match['rule']!r}: {found}{used}{says}"


def _side_by_side(
    finding: Mapping[str, Any], plainly: Mapping[str, Any]
) -> Iterator[str]:
    """Yield each field with rules and without; a star where they differ."""
    for name in _COMPARED:
        ruled, bare = _value(finding[name]), _value(plainly[name])
        if ruled == bare:
            yield f"    {name}: {ruled}"
        else:
            yield f"  * {name}: {ruled}  (without rules: {bare})"


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return "none" if value is None else str(value)


def _coverage(finding: Mapping[str, Any]) -> Iterator[str]:
    count = finding["pages"]
    yield f"coverage: {count} page{'' if count == 1 else 's'} tried"
    if not finding["rules"]:
        yield "  no set of rules holds on the days of these pages"
    for rule in finding["rules"]:
        yield (
            f"  {rule['key']} {rule['rule']!r}: matched on {rule['matched']} of "
            f"{rule['pages']} pages, taken on {rule['taken']}{_lost(rule)}"
        )


def _lost(rule: Mapping[str, Any]) -> str:
    return "" if rule["matched"] else ": IT MATCHES NOTHING"
