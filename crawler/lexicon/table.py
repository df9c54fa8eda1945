"""The table of interface words, ready for look-ups; read at its first use."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from crawler.lexicon.forms import bare, plain_all, untoned

# By how many of their outermost characters heads and tails are found.
KEYED = 3
_SLOT = re.compile(r"\{[nxd]\}")


class Strength(StrEnum):
    """How much a match says alone; a WEAK one needs a second signal."""

    HARD = "hard"
    SOFT = "soft"
    WEAK = "weak"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a form means; `kind` and `tail` are those of a template's free slot."""

    boilerplate: str
    strength: Strength
    rank: int
    kind: str = ""
    tail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Forms by how they are looked up: whole, masked, by head, tail or label."""

    literals: Mapping[str, Entry]
    counters: Mapping[str, Entry]
    heads: Mapping[str, tuple[Entry, ...]]
    tails: Mapping[str, tuple[Entry, ...]]
    head_lengths: Mapping[str, tuple[int, ...]]
    tail_lengths: Mapping[str, tuple[int, ...]]
    prefixes: Mapping[str, Entry]
    patterns: tuple[tuple[re.Pattern[str], Entry], ...]
    any_pattern: re.Pattern[str]


class _Filing:
    """The tables while they are filled; the stronger, then earlier entry stays."""

    def __init__(self) -> None:
        self.literals: dict[str, Entry] = {}
        self.counters: dict[str, Entry] = {}
        self.prefixes: dict[str, Entry] = {}
        self.heads: defaultdict[str, list[Entry]] = defaultdict(list)
        self.tails: defaultdict[str, list[Entry]] = defaultdict(list)
        self.patterns: list[tuple[re.Pattern[str], Entry]] = []

    def file(self, form: str, entry: Entry, *, is_prefix: bool) -> None:
        """File a form where the matcher will look for it."""
        if "{" not in form:
            if form:
                _keep_stronger(self.literals, form, entry)
                if is_prefix:
                    self.prefixes.setdefault(form, entry)
        elif "{x}" in form or "{d}" in form:
            self._file_template(form, entry)
        else:
            _keep_stronger(self.counters, form.replace(" ", ""), entry)

    def _file_template(self, form: str, entry: Entry) -> None:
        """File a template with a free slot under its head, or else under its tail.

        A number beside the free slot is masked, as it will be in the line.
        """
        if "{n}" in form:
            form = form.replace(" ", "")
        slot = _SLOT.search(form.replace("{n}", "\0\0\0"))
        if slot is None:
            return
        head, tail = form[: slot.start()], form[slot.end() :]
        filed = replace(entry, kind=slot[0][1], tail="" if "{x}" in tail else tail)
        if bare(head):
            self.heads[head].append(filed)
        elif filed.tail:
            self.tails[filed.tail].append(filed)


@cache
def lexicon() -> Lexicon:
    """Return the tables of all classes and languages."""
    table, more = _read("lexicon.json"), _read("more.json")["words"]
    filing = _Filing()
    for rank, (name, rule) in enumerate(table["classes"].items()):
        firm = Entry(boilerplate=name, strength=Strength(rule["strength"]), rank=rank)
        weak = replace(firm, strength=Strength.WEAK)
        weak_forms = set(map(bare, plain_all(_words(table["weak"].get(name, {})))))
        is_prefix = "prefix" in rule["match"]
        words = list(_words(table["words"][name], more.get(name, {})))
        for word, form in zip(words, map(bare, plain_all(words)), strict=True):
            if word.startswith("re:"):
                filing.patterns.append((re.compile(word[3:], re.IGNORECASE), firm))
                continue
            entry = weak if form in weak_forms else firm
            filing.file(form, entry, is_prefix=is_prefix)
            if (capitals := untoned(form)) != form:
                filing.file(capitals, entry, is_prefix=is_prefix)
    return Lexicon(
        literals=filing.literals,
        counters=filing.counters,
        prefixes=filing.prefixes,
        heads={key: tuple(entries) for key, entries in filing.heads.items()},
        tails={key: tuple(entries) for key, entries in filing.tails.items()},
        head_lengths=_lengths((key[:KEYED], len(key)) for key in filing.heads),
        tail_lengths=_lengths((key[-KEYED:], len(key)) for key in filing.tails),
        patterns=tuple(filing.patterns),
        any_pattern=re.compile(
            "|".join(f"(?:{pattern.pattern})" for pattern, _ in filing.patterns),
            re.IGNORECASE,
        ),
    )


def _read(name: str) -> dict[str, Any]:
    text = files("crawler.lexicon.data").joinpath(name).read_text("utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


def _words(*tables: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Yield each word of a class once, in the files' order."""
    yield from dict.fromkeys(
        word for table in tables for words in table.values() for word in words
    )


def _keep_stronger(table: dict[str, Entry], key: str, entry: Entry) -> None:
    known = table.setdefault(key, entry)
    if known is not entry and _order(entry) < _order(known):
        table[key] = entry


def _order(entry: Entry) -> tuple[bool, int]:
    return entry.strength is Strength.WEAK, entry.rank


def _lengths(keys: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    """Return the lengths that keys with the same outermost characters have."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for mark, length in keys:
        found[mark].add(length)
    return {mark: tuple(sorted(lengths)) for mark, lengths in found.items()}
