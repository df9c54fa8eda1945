"""Interface words of news pages in all languages at once, matched by the line.

The language of a page's interface is often not the language of its article, so
no language is chosen: one dictionary holds the words of 99. Words come from
`data/lexicon.json`, which names their sources, and `data/more.json`, read at the
first match.

A line is put into a plain form (`lexicon_forms`) and looked up whole; then with
its numbers masked ("16 Ansichten" is `{n}ansichten`); then by the head or tail of
templates with free text ("Continue reading {x}"); then, for classes that allow
it, by what stands before a delimiter ("Baca juga: ..."). Those steps are dictionary
look-ups, so no input can make them slow. What is left is asked for the words of a call
(`calls`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain

from crawler.lexicon.calendar import months_anywhere, weekdays_anywhere
from crawler.lexicon.calls import LONGEST_CALL, SENTENCE, class_of_call
from crawler.lexicon.forms import bare, masked, masked_scaled, plain, word_set
from crawler.lexicon.table import KEYED, Entry, Lexicon, Strength, lexicon

__all__ = ["Match", "Strength", "looks_like_date", "match_line"]

_MAX_LINE = 200
_MAX_NUMBERED = 110
_MAX_CLOCK = 32
_MAX_SLOT = 80
_MAX_REST = 160
#: Words of a label at most, as "this article was updated".
_MAX_LABEL = 5
_DATED = frozenset(("updated_at", "published_at"))
_STAMPED = frozenset((*_DATED, "relative_date", "read_time", "view_count"))
_STAMPS = re.compile(r" [-–—/] |\s*[|•·]\s*")
_CLOCK = re.compile(
    r"[\s,|•·-]+(?:(?:at|um|à|às|a las|alle|kl|klo|v|в|о|om|στις|saat|pukul|jam)\.?\s)?\d{1,2}[:.h時点]\d{2}(?: ?(?:uhr|h|น|wib|wita|wit))?$"
)
_DIGIT = re.compile(r"\d")
_COUNTED = re.compile(r"(\D{2,40})[(\[] ?(\d{1,6}) ?[)\]]")
_DELIMITER = re.compile(r" ?[:|=՝៖\]】] ?| [-–—] ")
# One of them is in whatever the pattern finds: most lines have none.
_DELIMITERS = frozenset(":|=՝៖-–—]】")
_BRACKETS = frozenset("]】")
# Labels in brackets before a headline; others there say who speaks: "[Reporter]".
_BRACKETED = frozenset(("also_read", "read_more", "related_heading"))
_DATE_TOKEN = re.compile(
    r"[^\W\d_](?:[^\W_]|[\u0300-\u036f\u0900-\u0dff\u0e30-\u0e4e\u0eb0-\u0ece\u102b-\u103e\u17b4-\u17d3'’])*|\d+"
)
_DATE_WORDS = word_set(
    "a al am an at az à às de del den der di di dne do du e el fecha g. h hs ist jam kl klo "
    "la le les m o'clock of on op om p pada pm pukul the th st nd rd td u um uhr uur vào lúc "
    "giờ ngày tháng năm в г года год р року о od ora ore à saat t tanggal tgl utc v z "
    "wib wita wit gmt est edt cst cdt mst mdt pst pdt et bst cet cest mez mesz msk мск jst "
    "م ه هـ الموافق ថ្ងៃ ទី ថ្ងៃទី ខែ ឆ្នាំ វេលា ម៉ោង នាទី ព្រឹក ថ្ងៃត្រង់ រសៀល ល្ងាច យប់ "
    "ថ្ងៃចន្ទ ថ្ងៃអង្គារ ថ្ងៃពុធ ថ្ងៃព្រហស្បតិ៍ ថ្ងៃសុក្រ ថ្ងៃសៅរ៍ ថ្ងៃអាទិត្យ "
    "оны он сарын сар өдөр ko yil ê ч год ቀን ዓ ም गते बजे ရက် နေ့ முற்பகல் பிற்பகல் "
    "thứ hai ba tư sáu bảy chủ nhật "
    "kst ist sgt pkt today hoy heute yesterday gestern ayer hier vandaag idag dnes "
    "年 月 日 時 分 秒 时 點 点 년 월 일 시 분 초 오전 오후 上午 下午 午前 午後 年月日 น"
)


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


def match_line(text: str) -> Match | None:
    """Return the interface phrase that a line is or begins with, or None.

    The line must be the phrase (slots filled) or, in prefix classes, the phrase,
    a delimiter and at most 160 characters. Lines over 200 characters match only as
    several sentences: a call, or phrases that each say enough alone.
    """
    return _match_line(text) if len(text) <= _MAX_LINE else _match_call(text)


def _match_call(text: str) -> Match | None:
    if len(text) > LONGEST_CALL:
        return None
    full = plain(text)
    return next(chain(_by_call(full), _by_sentences(full)), None)


@lru_cache(maxsize=2048)
def _match_line(text: str) -> Match | None:
    """Do as `match_line`; answers are kept, for a host's furniture is on all its pages."""
    full = plain(text)
    line = bare(full)
    table = lexicon()
    weak: Match | None = None
    for found in _matches(full, line, table):
        if found.strength is not Strength.WEAK:
            return found
        weak = weak or found
    return weak


def looks_like_date(text: str) -> bool:
    """Tell whether a text holds a day or time and nothing but date words."""
    if not any(map(str.isdigit, text)):
        return False
    months = months_anywhere()
    tokens = _DATE_TOKEN.findall(plain(text))
    words = [token for token in tokens if not token[0].isdigit()]
    if len(tokens) - len(words) < 2 and not any(word in months for word in words):
        return False
    return _are_of_dates(words)


def has_date_words_alone(text: str) -> bool:
    """Tell whether what stands beside a day, if anything, is numbers and date words."""
    tokens = _DATE_TOKEN.findall(plain(text))
    return _are_of_dates(token for token in tokens if not token[0].isdigit())


def _are_of_dates(words: Iterable[str]) -> bool:
    months, weekdays = months_anywhere(), weekdays_anywhere()
    return all(
        word in months or word in weekdays or word in _DATE_WORDS for word in words
    )


def _matches(full: str, line: str, table: Lexicon) -> Iterator[Match]:
    entry = table.literals.get(line)
    if entry is not None:
        yield Match(boilerplate=entry.boilerplate, strength=entry.strength)
    numbered = len(line) <= _MAX_NUMBERED and _DIGIT.search(line) is not None
    key, numbers = masked(line) if numbered else ("", ())
    for form, values in ((key, numbers), masked_scaled(line)) if numbers else ():
        entry = table.counters.get(form)
        if entry is not None:
            yield _match(entry, {"n": "/".join(values)})
    yield from _by_count(full, table) if numbered else ()
    if table.any_pattern.fullmatch(full):
        for pattern, entry in table.patterns:
            if pattern.fullmatch(full):
                yield _match(entry, {})
    yield from _by_head(line, table)
    yield from _by_tail(line, table)
    if numbers:
        for found in (*_by_head(key, table), *_by_tail(key, table)):
            yield replace(found, slots={"n": numbers[0], **found.slots})
        yield from _by_label(line, table)
    yield from _by_prefix(line, table)
    yield from _by_dates(line, table)
    yield from _by_call(full)
    yield from _by_sentences(full)


def _by_count(full: str, table: Lexicon) -> Iterator[Match]:
    """Yield a heading of comments with how many in brackets: "Maoni (2)"."""
    counted = _COUNTED.fullmatch(full)
    entry = table.literals.get(bare(counted[1])) if counted else None
    if counted and entry and entry.boilerplate == "comment_heading":
        yield _match(entry, {"n": counted[2]})


def _match(entry: Entry, slots: Mapping[str, str]) -> Match:
    return Match(boilerplate=entry.boilerplate, strength=entry.strength, slots=slots)


def _by_head(line: str, table: Lexicon) -> Iterator[Match]:
    heads, size = table.heads, len(line)
    for length in _outer(table.head_lengths, line[:1], line[:2], line[:KEYED]):
        if length >= size:
            return
        for entry in heads.get(line[:length], ()):
            if line.endswith(entry.tail):
                slot = bare(line[length : size - len(entry.tail)])
                if _fills(entry.kind, slot):
                    yield _match(entry, {entry.kind: slot})


def _outer(lengths: Mapping[str, tuple[int, ...]], *outermost: str) -> tuple[int, ...]:
    """Return the lengths of the forms that begin, or end, as a line does."""
    found: tuple[int, ...] = ()
    for marks in outermost:
        if marks in lengths:
            found += lengths[marks]
    return found


def _by_tail(line: str, table: Lexicon) -> Iterator[Match]:
    size = len(line)
    for length in _outer(table.tail_lengths, line[-1:], line[-2:], line[-KEYED:]):
        if length >= size:
            return
        for entry in table.tails.get(line[-length:], ()):
            slot = bare(line[:-length])
            if _fills(entry.kind, slot):
                yield _match(entry, {entry.kind: slot})


def _by_label(line: str, table: Lexicon) -> Iterator[Match]:
    """Yield what labels a time without a delimiter: "Last updated 3 hours ago"."""
    words = line.split(" ", _MAX_LABEL)
    for count in range(1, len(words)):
        entry = table.prefixes.get(" ".join(words[:count]))
        if entry is not None and entry.boilerplate in _DATED:
            rest = " ".join(words[count:])
            if _fills("d", rest):
                yield _match(entry, {"d": rest})


def _by_prefix(line: str, table: Lexicon) -> Iterator[Match]:
    if _DELIMITERS.isdisjoint(line):
        return
    delimiter = _DELIMITER.search(line, 0, 60)
    if delimiter is None or len(line) - delimiter.end() > _MAX_REST:
        return
    entry = table.prefixes.get(bare(line[: delimiter.start()]))
    if (
        entry is not None
        and not _BRACKETS.isdisjoint(delimiter[0])
        and entry.boilerplate not in _BRACKETED
    ):
        return
    rest = bare(line[delimiter.end() :])
    if entry is not None and rest:
        kind = "d" if entry.boilerplate in _DATED else "x"
        if kind == "d" and not _says_when(rest):
            return
        yield Match(
            boilerplate=entry.boilerplate,
            strength=entry.strength,
            whole=False,
            slots={kind: rest},
        )


def _by_dates(line: str, table: Lexicon) -> Iterator[Match]:
    """Yield what is a day by its word and a time ("Today, 12:40"), or several stamps in a row."""
    if len(line) > _MAX_NUMBERED or not _DIGIT.search(line):
        return
    clock = _CLOCK.search(line) if len(line) <= _MAX_CLOCK else None
    if clock is not None:
        entry = table.literals.get(bare(line[: clock.start()]))
        if entry is not None and entry.boilerplate == "relative_date":
            yield Match(boilerplate="relative_date", strength=Strength.SOFT)
    parts = [bare(part) for part in _STAMPS.split(line)]
    if len(parts) > 1 and all(map(_is_stamp, parts)):
        yield Match(
            boilerplate="published_at", strength=Strength.SOFT, slots={"d": line}
        )


def _by_call(full: str) -> Iterator[Match]:
    call = class_of_call(full)
    if call is not None:
        yield Match(boilerplate=call, strength=Strength.HARD)


def _by_sentences(full: str) -> Iterator[Match]:
    """Yield what is sentence by sentence a phrase that says enough alone, as its first is."""
    first, *others = SENTENCE.split(full)
    if others and (found := _sure(first)) and all(map(_sure, others)):
        yield Match(boilerplate=found.boilerplate, strength=Strength.HARD)


def _sure(sentence: str) -> Match | None:
    """Return the phrase that a sentence is, by the cheapest steps: most tell something."""
    table, line = lexicon(), bare(sentence)
    entry = table.literals.get(line)
    found = _match(entry, {}) if entry else next(_by_head(line, table), None)
    return found if found and found.strength is Strength.HARD else None


def _is_stamp(part: str) -> bool:
    if looks_like_date(part):
        return True
    found = _match_line(part)
    return found is not None and found.whole and found.boilerplate in _STAMPED


def _fills(kind: str, slot: str) -> bool:
    if not slot or len(slot) > _MAX_SLOT:
        return False
    return kind != "d" or _says_when(slot)


def _says_when(text: str) -> bool:
    """Tell a day or time, or how long ago: "10 minutes ago" is another at each look."""
    if looks_like_date(text):
        return True
    form, numbers = masked(text)
    table = lexicon()
    entry = table.counters.get(form) if numbers else table.literals.get(text)
    return entry is not None and entry.boilerplate == "relative_date"
