"""Platform hooks: where known publishing systems put body, fields and furniture.

The table is data (`data/hooks.json`): signs that tell the platform, CSS
selectors for what it holds. No site is named in it.
"""

import json
from dataclasses import dataclass
from importlib.resources import files

from selectolax.lexbor import LexborNode

from crawler.extract.needles import Needles
from crawler.extract.page import Page
from crawler.extract.readers.draft import Draft, Field, Witness, witness


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """The hooks of one publishing system; see `data/hooks.json`.

    `signs` are looked for in the first part of the markup, `classes` in all of it.
    """

    name: str
    signs: tuple[str, ...]
    classes: tuple[str, ...]
    scope: str
    body: str
    fields: tuple[tuple[Field, str], ...]
    drop: tuple[tuple[str, str], ...]


def _load() -> tuple[Platform, ...]:
    rows = json.loads(
        files("crawler.extract").joinpath("data/hooks.json").read_text("utf-8")
    )
    return tuple(
        Platform(
            name=row["platform"],
            signs=tuple(row.get("signs", ())),
            classes=tuple(row.get("classes", ())),
            scope=", ".join(row.get("scope", ())),
            body=", ".join(row["body"]),
            fields=tuple((Field(k), ", ".join(v)) for k, v in row["fields"].items()),
            drop=tuple((k, ", ".join(v)) for k, v in row["drop"].items()),
        )
        for row in rows
    )


PLATFORMS = _load()
_MAX_MATCHES = 30
_NEEDLES = Needles(sign for p in PLATFORMS for sign in (*p.signs, *p.classes))
# Signs of a publishing system stand in the head; further on they may be of others.
_EARLY = 60_000


def platforms_of(page: Page) -> tuple[Platform, ...]:
    """Return the platforms whose signs the markup shows, the general one last."""
    seen = _NEEDLES.first_places(page.markup)
    early = {sign for sign, place in seen.items() if place + len(sign) <= _EARLY}
    return tuple(
        p
        for p in PLATFORMS
        if not (p.signs or p.classes)
        or not early.isdisjoint(p.signs)
        or not seen.keys().isdisjoint(p.classes)
    )


def hook_roles(page: Page, platforms: tuple[Platform, ...]) -> dict[LexborNode, str]:
    """Return the roles of hooked nodes: `body`, `scope`, `drop:KIND`.

    A node that is body for one platform is never furniture for another.
    """
    roles: dict[LexborNode, str] = {}
    for platform in platforms:
        for kind, selector in platform.drop:
            roles |= dict.fromkeys(page.select(selector), f"drop:{kind}")
        if platform.scope:
            roles |= dict.fromkeys(page.select(platform.scope), "scope")
    for platform in platforms:
        roles |= dict.fromkeys(page.select(platform.body), "body")
    return roles


def read_hooks(page: Page, platforms: tuple[Platform, ...]) -> Draft:
    """Return the fields that platform hooks select."""
    found: list[Witness] = []
    for platform in platforms:
        for field, selector in platform.fields:
            nodes = page.select(selector)
            if not 0 < len(nodes) <= _MAX_MATCHES:
                continue
            for node in nodes:
                attributes = node.attributes
                stated = (
                    attributes.get("datetime")
                    or attributes.get("content")
                    or attributes.get("title")
                )
                raw = (stated if field is Field.PUBLISHED else None) or node.text(
                    separator=" "
                )
                if raw.strip():
                    found.append(witness(field, f"hook:{platform.name}", raw))
    return tuple(found)
