"""Interface words of news pages in all languages at once, matched by the line.

The language of a page's interface is often not the language of its article, so
no language is chosen: one dictionary holds the words of 99. Words come from
`data/lexicon.json`, which names their sources. It is read at the first match.

A line is put into a plain form (`lexicon_forms`) and looked up whole; then with
its numbers masked ("16 Ansichten" is `{n}ansichten`); then by the head or tail of
templates with free text ("Continue reading {x}"); then, for classes that allow
it, by what stands before a delimiter ("Baca juga: ..."). Every step is a
dictionary look-up, so no input can make it slow.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files

from crawler.extract.lexicon_calendar import months_anywhere, weekdays_anywhere
from crawler.extract.lexicon_forms import bare, masked, masked_scaled, plain, word_set

MAX_LINE = 200
_MAX_SLOT = 80
_MAX_REST = 160
_DATED = frozenset(("updated_at", "published_at"))
_DELIMITER = re.compile(r" ?[:|=՝៖] ?| [-–—] ")
_SLOT = re.compile(r"\{[nxd]\}")
_DATE_TOKEN = re.compile(r"[^\W\d_]+(?:[^\W_]|['’])*|\d+")
_DATE_WORDS = word_set(
    "a al am an at az à às de del den der di di dne do du e el fecha g. h hs ist jam kl klo "
    "la le les m o'clock of on op om p pada pm pukul the th st nd rd td u um uhr uur vào lúc "
    "giờ ngày tháng năm в г года год р року о od ora ore à saat t tanggal tgl utc v z "
    "wib wita wit gmt est edt cst cdt mst mdt pst pdt et bst cet cest mez mesz msk мск jst "
    "kst ist sgt pkt today hoy heute yesterday gestern ayer hier vandaag idag dnes "
    "年 月 日 時 分 秒 时 點 点 년 월 일 시 분 초 오전 오후 上午 下午 午前 午後 年月日 น"
)


class Strength(StrEnum):
    """How much a match says alone; a WEAK one needs a second signal."""

    HARD = "hard"
    SOFT = "soft"
    WEAK = "weak"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An interface phrase found in a line.

    Attributes:
        boilerplate: Its class, such as `view_count`.
        strength: How much it says alone.
        whole: True when the phrase is the whole line, False when it is only
            what stands before a delimiter.
        slots: Numbers under `n` (joined by `/`), free text under `x`, dates
            under `d`, in plain form.
    """

    boilerplate: str
    strength: Strength
    whole: bool = True
    slots: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    boilerplate: str
    strength: Strength
    rank: int
    kind: str = ""
    tail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lexicon:
    literals: Mapping[str, _Entry]
    counters: Mapping[str, _Entry]
    heads: Mapping[str, tuple[_Entry, ...]]
    tails: Mapping[str, tuple[_Entry, ...]]
    head_lengths: Mapping[str, tuple[int, ...]]
    tail_lengths: Mapping[str, tuple[int, ...]]
    prefixes: Mapping[str, _Entry]
    patterns: tuple[tuple[re.Pattern[str], _Entry], ...]


def match_line(text: str) -> Match | None:
    """Return the interface phrase that a line is or begins with, or None.

    The line must be the phrase (slots filled) or, in prefix classes, the phrase,
    a delimiter and at most 160 characters. Lines over 200 characters never match.
    """
    if len(text) > MAX_LINE:
        return None
    full = plain(text)
    line = bare(full)
    lexicon = _lexicon()
    weak: Match | None = None
    for found in _matches(full, line, lexicon):
        if found.strength is not Strength.WEAK:
            return found
        weak = weak or found
    return weak


def looks_like_date(text: str) -> bool:
    """Tell whether a text holds a day or time and nothing but date words."""
    if not any(mark.isdigit() for mark in text):
        return False
    months, weekdays = months_anywhere(), weekdays_anywhere()
    tokens = _DATE_TOKEN.findall(plain(text))
    words = [token for token in tokens if not token[0].isdigit()]
    if len(tokens) - len(words) < 2 and not any(word in months for word in words):
        return False
    return all(
        word in months or word in weekdays or word in _DATE_WORDS for word in words
    )


def _matches(full: str, line: str, lexicon: _Lexicon) -> Iterator[Match]:
    entry = lexicon.literals.get(line)
    if entry is not None:
        yield Match(boilerplate=entry.boilerplate, strength=entry.strength)
    key, numbers = masked(line)
    for form, values in ((key, numbers), masked_scaled(line)) if numbers else ():
        entry = lexicon.counters.get(form)
        if entry is not None:
            yield _match(entry, {"n": "/".join(values)})
    for pattern, entry in lexicon.patterns:
        if pattern.fullmatch(full):
            yield _match(entry, {})
    yield from _by_head(line, lexicon)
    yield from _by_tail(line, lexicon)
    if numbers:
        for found in (*_by_head(key, lexicon), *_by_tail(key, lexicon)):
            yield replace(found, slots={"n": numbers[0], **found.slots})
    yield from _by_prefix(line, lexicon)


def _match(entry: _Entry, slots: Mapping[str, str]) -> Match:
    return Match(boilerplate=entry.boilerplate, strength=entry.strength, slots=slots)


def _by_head(line: str, lexicon: _Lexicon) -> Iterator[Match]:
    heads, size = lexicon.heads, len(line)
    for length in lexicon.head_lengths.get(line[:1], ()):
        if length >= size:
            return
        for entry in heads.get(line[:length], ()):
            if line.endswith(entry.tail):
                slot = bare(line[length : size - len(entry.tail)])
                if _fills(entry.kind, slot):
                    yield _match(entry, {entry.kind: slot})


def _by_tail(line: str, lexicon: _Lexicon) -> Iterator[Match]:
    size = len(line)
    for length in lexicon.tail_lengths.get(line[-1:], ()):
        if length >= size:
            return
        for entry in lexicon.tails.get(line[-length:], ()):
            slot = bare(line[:-length])
            if _fills(entry.kind, slot):
                yield _match(entry, {entry.kind: slot})


def _by_prefix(line: str, lexicon: _Lexicon) -> Iterator[Match]:
    delimiter = _DELIMITER.search(line, 0, 60)
    if delimiter is None or len(line) - delimiter.end() > _MAX_REST:
        return
    entry = lexicon.prefixes.get(bare(line[: delimiter.start()]))
    rest = bare(line[delimiter.end() :])
    if entry is not None and rest:
        kind = "d" if entry.boilerplate in _DATED else "x"
        if kind == "d" and not looks_like_date(rest):
            return
        yield Match(
            boilerplate=entry.boilerplate,
            strength=entry.strength,
            whole=False,
            slots={kind: rest},
        )


def _fills(kind: str, slot: str) -> bool:
    if not slot or len(slot) > _MAX_SLOT:
        return False
    return kind != "d" or looks_like_date(slot)


@cache
def _lexicon() -> _Lexicon:
    text = files("crawler.extract.data").joinpath("lexicon.json").read_text("utf-8")
    table = json.loads(text)
    literals: dict[str, _Entry] = {}
    counters: dict[str, _Entry] = {}
    prefixes: dict[str, _Entry] = {}
    heads: defaultdict[str, list[_Entry]] = defaultdict(list)
    tails: defaultdict[str, list[_Entry]] = defaultdict(list)
    patterns: list[tuple[re.Pattern[str], _Entry]] = []
    for rank, (name, rule) in enumerate(table["classes"].items()):
        weak_words = table["weak"].get(name, {}).values()
        weak_forms = {bare(plain(word)) for words in weak_words for word in words}
        firm = _Entry(boilerplate=name, strength=Strength(rule["strength"]), rank=rank)
        weak = _Entry(boilerplate=name, strength=Strength.WEAK, rank=rank)
        for word in {word for words in table["words"][name].values() for word in words}:
            if word.startswith("re:"):
                patterns.append((re.compile(word[3:], re.IGNORECASE), firm))
                continue
            form = bare(plain(word))
            entry = weak if form in weak_forms else firm
            if "{x}" in form or "{d}" in form:
                _add_template(form, entry, heads, tails)
            elif "{n}" in form:
                _add(counters, form.replace(" ", ""), entry)
            else:
                _add(literals, form, entry)
                if "prefix" in rule["match"] and form:
                    prefixes.setdefault(form, entry)
    return _Lexicon(
        literals=literals,
        counters=counters,
        heads={key: tuple(entries) for key, entries in heads.items()},
        tails={key: tuple(entries) for key, entries in tails.items()},
        head_lengths=_lengths((key[0], len(key)) for key in heads),
        tail_lengths=_lengths((key[-1], len(key)) for key in tails),
        prefixes=prefixes,
        patterns=tuple(patterns),
    )


def _lengths(keys: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    """Return the lengths that keys with one outermost character have."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for mark, length in keys:
        found[mark].add(length)
    return {mark: tuple(sorted(lengths)) for mark, lengths in found.items()}


def _add(table: dict[str, _Entry], key: str, entry: _Entry) -> None:
    """Keep the stronger of two entries with one key, and the earlier class."""
    if not key:
        return
    known = table.get(key)
    if known is None or _order(entry) < _order(known):
        table[key] = entry


def _order(entry: _Entry) -> tuple[bool, int]:
    return entry.strength is Strength.WEAK, entry.rank


def _add_template(
    form: str,
    entry: _Entry,
    heads: defaultdict[str, list[_Entry]],
    tails: defaultdict[str, list[_Entry]],
) -> None:
    """File a template with one free slot under its head, or else under its tail.

    A number beside the free slot is masked, as it will be in the line.
    """
    if "{n}" in form:
        form = form.replace(" ", "")
    slot = _SLOT.search(form.replace("{n}", "\0\0\0"))
    if slot is None:
        return
    head, tail = form[: slot.start()], form[slot.end() :]
    if "{x}" in tail:
        tail = ""
    filed = _Entry(
        boilerplate=entry.boilerplate,
        strength=entry.strength,
        rank=entry.rank,
        kind=slot[0][1],
        tail=tail,
    )
    if bare(head):
        heads[head].append(filed)
    elif tail:
        tails[tail].append(filed)
