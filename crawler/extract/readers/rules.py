"""The operator's own rules for a site, valid for a span of days."""

from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from crawler.extract.page import Page
from crawler.extract.readers.draft import Draft, Field, Witness, witness
from crawler.extract.source import PageSource, SiteRules

#: Begins the mark of an article on whose page a rule matched nothing.
UNMATCHED = "rule_unmatched:"
_FIELDS = (
    (Field.TITLE, "title"),
    (Field.AUTHOR, "authors"),
    (Field.PUBLISHED, "published"),
)
_SHOWN = 3
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMatch:
    """What one rule found on one page.

    Attributes:
        key: Its key in config.yaml, such as `title` or `remove`.
        rule: The selector, or the line of `drop_lines`.
        matches: How many elements or lines it matched.
        texts: What the first of them say, shortened.
    """

    key: str
    rule: str
    matches: int
    texts: tuple[str, ...] = ()


def rules_of(source: PageSource) -> SiteRules | None:
    """Return the site's rules where they hold on the day of the capture."""
    rules = source.rules
    return (
        rules
        if rules is not None and rules.hold_on(source.captured_at.date())
        else None
    )


def read_rules(page: Page, rules: SiteRules) -> Draft:
    """Return the fields that site rules select."""
    found: list[Witness] = []
    for field, key in _FIELDS:
        selector = getattr(rules, key)
        found += (
            witness(field, f"rule:{selector}", text)
            for node in _matched(page, key, selector)
            if (text := _stated(key, node)).strip()
        )
    return tuple(found)


def rule_hooks(page: Page, rules: SiteRules) -> dict[LexborNode, str]:
    """Return the roles of the nodes that site rules select.

    A body without text is none: a redesign often leaves the old element, empty.
    """
    roles = {
        node: "drop:rule" for selector in rules.remove for node in page.select(selector)
    }
    return roles | dict.fromkeys(_matched(page, "body", rules.body), "rule")


def rule_matches(page: Page, rules: SiteRules) -> Iterator[RuleMatch]:
    """Yield what each selector finds on a page, in the order of the keys."""
    given = (("body", rules.body), *((key, getattr(rules, key)) for _, key in _FIELDS))
    selectors = [(key, selector) for key, selector in given if selector]
    for key, selector in (*selectors, *(("remove", one) for one in rules.remove)):
        nodes = _matched(page, key, selector)
        yield RuleMatch(
            key=key,
            rule=selector,
            matches=len(nodes),
            texts=tuple(_short(_stated(key, node)) for node in nodes[:_SHOWN]),
        )


def unmatched_marks(page: Page, rules: SiteRules | None) -> Iterator[str]:
    """Yield a mark for each key whose rules match nothing on a page.

    One `remove` rule of many may well have nothing to remove; all of them are
    marked only together.
    """
    if rules is None:
        return
    for key in ("body", *(key for _, key in _FIELDS)):
        selector = getattr(rules, key)
        if selector and not _matched(page, key, selector):
            yield f"{UNMATCHED}{key}"
    if rules.remove and not any(page.select(one) for one in rules.remove):
        yield f"{UNMATCHED}remove"


def _matched(page: Page, key: str, selector: str | None) -> list[LexborNode]:
    """Return the nodes a rule matches; all but `remove` must say something."""
    nodes = page.select(selector) if selector else []
    return nodes if key == "remove" else [n for n in nodes if _stated(key, n).strip()]


def _stated(key: str, node: LexborNode) -> str:
    attributes = node.attributes if key == "published" else {}
    stated = attributes.get("datetime") or attributes.get("content")
    return stated or node.text(separator=" ")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
