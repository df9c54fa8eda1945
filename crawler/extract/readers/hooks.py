"""Platform hooks: where known publishing systems put body, fields and furniture.

The table is data (`data/hooks.json`): signs that tell the platform, CSS
selectors for what it holds. No site is named in it.
"""

import json
import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from crawler.extract.needles import Needles
from crawler.extract.page import Page
from crawler.extract.readers.draft import Draft, Field, Witness, witness

#: Parts of a CSS selector list, each with a word that a page must hold where the part
#: matches, or with nothing: to look for many words at once costs less than to select.
Hook = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """The hooks of one publishing system; see `data/hooks.json`.

    `signs` are looked for in the first part of the markup, `classes` in all of it.
    """

    name: str
    signs: tuple[str, ...]
    classes: tuple[str, ...]
    scope: Hook
    body: Hook
    fields: tuple[tuple[Field, Hook], ...]
    drop: tuple[tuple[str, Hook], ...]

    @property
    def is_general(self) -> bool:
        """Whether it stands for no system: what many pages name so."""
        return not (self.signs or self.classes)

    @property
    def words(self) -> tuple[str, ...]:
        """The words of all its hooks."""
        others = (hook for _, hook in (*self.fields, *self.drop))
        hooks = (self.scope, self.body, *others)
        return tuple(word for hook in hooks for _, word in hook if word)


class Hooked(NamedTuple):
    """A platform as one page shows it: selectors that may match there, or nothing."""

    name: str
    scope: str
    body: str
    fields: tuple[tuple[Field, str], ...]
    drop: tuple[tuple[str, str], ...]


_WORD = re.compile(r"[.#\"] ?([\w-]{5,})")
_ATTRIBUTE = re.compile(r"\[([\w-]{6,})")
_UNWANTED = re.compile(r":not\([^)]*\)")


def _hook(selectors: Iterable[str]) -> Hook:
    return tuple((css, _word(css)) for css in selectors)


def _word(css: str) -> str:
    """Return the longest class, id, value or else attribute that a selector asks for, or nothing."""
    wanted = _UNWANTED.sub("", css)
    found = _WORD.findall(wanted) or _ATTRIBUTE.findall(wanted)
    return max(found, key=len, default="")


def _load() -> tuple[Platform, ...]:
    rows = json.loads(
        files("crawler.extract").joinpath("data/hooks.json").read_text("utf-8")
    )
    return tuple(
        Platform(
            name=row["platform"],
            signs=tuple(row.get("signs", ())),
            classes=tuple(row.get("classes", ())),
            scope=_hook(row.get("scope", ())),
            body=_hook(row["body"]),
            fields=tuple((Field(k), _hook(v)) for k, v in row["fields"].items()),
            drop=tuple((k, _hook(v)) for k, v in row["drop"].items()),
        )
        for row in rows
    )


PLATFORMS = _load()
_MAX_MATCHES = 30
# What tells a system, and the words of hooks that are asked on every page.
_NEEDLES = Needles(
    chain.from_iterable(
        p.words if p.is_general else (*p.signs, *p.classes) for p in PLATFORMS
    )
)
_BY_NAME = {platform.name: platform for platform in PLATFORMS}
# Signs of a publishing system stand in the head; further on they may be of others.
_EARLY = 60_000


@cache
def _own_needles(name: str) -> Needles:
    """Return the words of a platform's hooks; few of all are met in a day."""
    return Needles(_BY_NAME[name].words)


def platforms_of(page: Page) -> tuple[Hooked, ...]:
    """Return the platforms whose signs the markup shows, the general one last."""
    seen = _NEEDLES.first_places(page.encoded)
    early = _EARLY
    if any(_EARLY < place < 4 * _EARLY for place in seen.values()):
        early = len(page.markup[:_EARLY].encode("utf-8", "surrogatepass"))
    begins = {sign for sign, place in seen.items() if place + len(sign) <= early}
    return tuple(
        _on_page(
            p,
            seen if p.is_general else _own_needles(p.name).first_places(page.encoded),
        )
        for p in PLATFORMS
        if p.is_general
        or not begins.isdisjoint(p.signs)
        or not seen.keys().isdisjoint(p.classes)
    )


def _on_page(platform: Platform, seen: Container[str]) -> Hooked:
    """Return a platform without the selectors that match nowhere on a page.

    Args:
        platform: The platform.
        seen: Words that the page holds.
    """

    def possible(hook: Hook) -> str:
        return ", ".join(css for css, word in hook if not word or word in seen)

    return Hooked(
        name=platform.name,
        scope=possible(platform.scope),
        body=possible(platform.body),
        fields=tuple(
            (field, css) for field, hook in platform.fields if (css := possible(hook))
        ),
        drop=tuple(
            (kind, css) for kind, hook in platform.drop if (css := possible(hook))
        ),
    )


def hook_roles(page: Page, platforms: tuple[Hooked, ...]) -> dict[LexborNode, str]:
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
        if platform.body:
            roles |= dict.fromkeys(page.select(platform.body), "body")
    return roles


def read_hooks(page: Page, platforms: tuple[Hooked, ...]) -> Draft:
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
