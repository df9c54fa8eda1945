"""Calls to follow a paper elsewhere: "Join our channel on WhatsApp", "ما را در تلگرام دنبال کنید".

No list holds them all, for each paper words its own. What they have in common is
where to (a channel, a newsletter, an app), what to do, and whose it is: a line that
says all three, the last two in one language, is a call. A short one that opens with
what to do may leave out whose it is, and so may one that names an aggregator, or that
gives a channel's address. A longer one is a call when one of its sentences is, and all
say what to do.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from crawler.lexicon.forms import bare, plain, untoned, word_set

# Languages without spaces between words, or whose marks end what `re` calls a word.
_UNSPACED = word_set("bn gu hi ja km kn ko lo ml mr my ne si ta te th zh")
#: Characters of a call of several sentences, of one, and of a short one.
LONGEST_CALL, _LONG, _SHORT = 420, 160, 60
_LONG_UNSPACED, _SHORT_UNSPACED = 70, 36
_OPENING = '"“„«「『‚‘'
_CLOSING = '"”“»」』’'
_FINAL = (".", "。", "।", "…", "?", "？")
_SPEECH = ("-", "–", "—", "«", "“", "„", '"', "「", "『")
_EDGE, _END = r"(?<!\w)", r"(?!\w|-based)"
#: Letters by which words are told before they are looked at.
_CHANNEL, _VERB = 5, 2
_WORD = re.compile(r"\w+")
#: Where a sentence of a line ends.
SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？।])\s*(?=\S)")
_ADDRESS = re.compile(
    r"\b(?:t\.me|wa\.me|whatsapp\.com/channel|news\.google\.com|youtube\.com/@)"
)
_UNSPACED_LETTER = re.compile(
    "[\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)


def class_of_call(full: str) -> str | None:
    """Return the class of the call that a line is: `follow_us`, `newsletter`, `app_download`.

    Args:
        full: The line in its plain form.
    """
    if len(full) > LONGEST_CALL or full.startswith(_SPEECH) or not _names_channel(full):
        return None
    return _class_of(full) if len(full) <= _LONG else _class_of_several(full)


def _class_of(full: str) -> str | None:
    if len(full) > _LONG or not _names_channel(full):
        return None
    if any(_calls_in(language, full) for language in _asking(full)):
        channels: Iterable[str] = _table()["channels"]
        return next(n for n in channels if _pattern("channels", n).search(full))
    return None


def _class_of_several(full: str) -> str | None:
    """Return the class of a call of several sentences, each of which says what to do."""
    sentences = SENTENCE.split(full)
    classes = (_class_of(sentence) for sentence in sentences)
    found = next(filter(None, classes), None)
    return found if found and all(map(_asks, sentences)) else None


def _asks(sentence: str) -> bool:
    """Tell whether a sentence says what to do, in whatever language."""
    return any(
        _pattern("verbs", language).search(sentence) for language in _asking(sentence)
    )


def _asking(full: str) -> Iterator[str]:
    """Yield the languages in which a text may say what to do."""
    heads = _heads_in(full, _VERB)
    for language, begin in _verb_heads().items():
        if not begin.isdisjoint(heads):
            yield language


def _names_channel(full: str) -> bool:
    if _channel_heads().isdisjoint(_heads_in(full, _CHANNEL)):
        return False
    return _any_channel().search(full) is not None


def _calls_in(language: str, full: str) -> bool:
    """Tell whether a line that names a channel says in one language to follow it."""
    unspaced = language in _UNSPACED
    if unspaced and len(full) > _LONG_UNSPACED:
        return False
    verb = _pattern("verbs", language).search(full)
    if verb is None or _in_quotation(full[: verb.start()]):
        return False
    if _pattern("own", language).search(full):
        return True
    opens = unspaced or bare(full).startswith(verb[0])
    if opens and (_aggregator().search(full) or _ADDRESS.search(full)):
        return True
    short = len(full) <= (_SHORT_UNSPACED if unspaced else _SHORT)
    return short and opens and not full.endswith(_FINAL)


def _in_quotation(before: str) -> bool:
    """Tell whether a quotation that begins in a text does not end there."""
    opened = sum(map(before.count, _OPENING))
    straight = before.count('"')
    return straight % 2 == 1 or opened > sum(map(before.count, _CLOSING))


@cache
def _table() -> Mapping[str, Any]:
    text = files("crawler.lexicon.data").joinpath("calls.json").read_text("utf-8")
    table: Mapping[str, Any] = json.loads(text)
    return table


@cache
def _channel_heads() -> frozenset[str]:
    """Return how channels begin: most lines have no such word."""
    return _heads_of(_channels(), _CHANNEL)


@cache
def _verb_heads() -> Mapping[str, frozenset[str]]:
    """Return how what to do begins in each language: few are asked for a whole line."""
    return {key: _heads_of(words, _VERB) for key, words in _table()["verbs"].items()}


def _heads_of(words: Iterable[str], size: int) -> frozenset[str]:
    first = [_heads_in(plain(word.strip("*")), size)[0] for word in words]
    return frozenset((*first, *map(untoned, first)))


def _heads_in(text: str, size: int) -> list[str]:
    """Return how the words of a text begin; "" stands for words without blanks between."""
    unspaced = [""] if _UNSPACED_LETTER.search(text) else []
    return unspaced + [word[:size] for word in _WORD.findall(text)]


def _channels() -> list[str]:
    return [word for words in _table()["channels"].values() for word in words]


@cache
def _any_channel() -> re.Pattern[str]:
    return _any_of(_channels())


@cache
def _aggregator() -> re.Pattern[str]:
    return _any_of(_table()["aggregators"])


@cache
def _pattern(group: str, key: str) -> re.Pattern[str]:
    return _any_of(_table()[group][key])


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Return the pattern of any of some words; one edge before them all is quickest."""
    found: dict[str, list[str]] = {"": [], _EDGE: []}
    for word in sorted(words, key=len, reverse=True):
        unspaced = _UNSPACED_LETTER.search(word) is not None
        form = re.escape(plain(word.strip("*")))
        if untoned(form) != form:
            form = f"(?:{form}|{untoned(form)})"
        before = r"\w+" if word.startswith("*") else ""
        after = r"\w*" if word.endswith("*") else ""
        end = "" if unspaced else _END
        found["" if unspaced else _EDGE].append(f"{before}{form}{after}{end}")
    return re.compile(
        "|".join(
            f"{edge}(?:{'|'.join(forms)})" for edge, forms in found.items() if forms
        )
    )
