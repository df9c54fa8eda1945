"""The operator's own rules for a site, valid for a span of days."""

from selectolax.lexbor import LexborNode

from crawler.extract.page import Page
from crawler.extract.readers.draft import Draft, Field, Witness, witness
from crawler.extract.source import PageSource, SiteRules


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
    for field, selector in (
        (Field.TITLE, rules.title),
        (Field.AUTHOR, rules.authors),
        (Field.PUBLISHED, rules.published),
    ):
        for node in page.select(selector) if selector else ():
            attributes = node.attributes
            stated = attributes.get("datetime") or attributes.get("content")
            text = (stated if field is Field.PUBLISHED else None) or node.text(
                separator=" "
            )
            if text.strip():
                found.append(witness(field, f"rule:{selector}", text))
    return tuple(found)


def rule_hooks(page: Page, rules: SiteRules) -> dict[LexborNode, str]:
    """Return the roles of the nodes that site rules select."""
    roles = {
        node: "drop:rule" for selector in rules.remove for node in page.select(selector)
    }
    if rules.body:
        roles |= dict.fromkeys(page.select(rules.body), "rule")
    return roles
