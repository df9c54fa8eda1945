"""Calls to follow a paper elsewhere: "Join our channel on WhatsApp", "ما را در تلگرام دنبال کنید".

No list holds them all, for each paper words its own. What they have in common is
where to (a channel, a newsletter, an app), what to do, and whose it is: a line that
says all three, the last two in one language, is a call. A short one that opens with
what to do may leave out whose it is, and so may one that names an aggregator.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from crawler.lexicon.forms import bare, plain, untoned, word_set

# Languages without spaces between words, or whose marks end what `re` calls a word.
_UNSPACED = word_set("bn gu hi ja kn ko ml mr ta te th zh")
_LONG, _SHORT = 160, 60
_LONG_UNSPACED, _SHORT_UNSPACED = 70, 36
_OPENING = '"“„«「『‚‘'
_CLOSING = '"”“»」』’'
_FINAL = (".", "。", "।", "…", "?", "？")
_SPEECH = ("-", "–", "—", "«", "“", "„", '"', "「", "『")
_EDGE, _END = r"(?<!\w)", r"(?!\w|-based)"
_HEAD = 5
_WORD = re.compile(r"\w+")
_UNSPACED_LETTER = re.compile(
    "[\u0900-\u0dff\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Calls:
    """Patterns: of channels by class, of all, of aggregators, and of words by language.

    `heads` holds how channels begin: most lines have no such word.
    """

    channels: Mapping[str, re.Pattern[str]]
    any_channel: re.Pattern[str]
    heads: frozenset[str]
    aggregators: re.Pattern[str]
    verbs: Mapping[str, re.Pattern[str]]
    own: Mapping[str, re.Pattern[str]]


def class_of_call(full: str) -> str | None:
    """Return the class of the call that a line is: `follow_us`, `newsletter`, `app_download`.

    Args:
        full: The line in its plain form.
    """
    calls = _calls()
    if full.startswith(_SPEECH) or not _names_channel(full, calls):
        return None
    if any(_calls_in(language, full, calls) for language in calls.verbs):
        return next(
            name for name, channel in calls.channels.items() if channel.search(full)
        )
    return None


def _names_channel(full: str, calls: _Calls) -> bool:
    heads = {word[:_HEAD] for word in _WORD.findall(full)}
    if calls.heads.isdisjoint(heads) and not _UNSPACED_LETTER.search(full):
        return False
    return calls.any_channel.search(full) is not None


def _calls_in(language: str, full: str, calls: _Calls) -> bool:
    """Tell whether a line that names a channel says in one language to follow it."""
    verb = calls.verbs[language].search(full)
    if verb is None or _in_quotation(full[: verb.start()]):
        return False
    unspaced = language in _UNSPACED
    if len(full) > (_LONG_UNSPACED if unspaced else _LONG):
        return False
    if calls.own[language].search(full):
        return True
    opens = unspaced or bare(full).startswith(verb[0])
    if opens and calls.aggregators.search(full):
        return True
    short = len(full) <= (_SHORT_UNSPACED if unspaced else _SHORT)
    return short and opens and not full.endswith(_FINAL)


def _in_quotation(before: str) -> bool:
    """Tell whether a quotation that begins in a text does not end there."""
    opened = sum(map(before.count, _OPENING))
    straight = before.count('"')
    return straight % 2 == 1 or opened > sum(map(before.count, _CLOSING))


@cache
def _calls() -> _Calls:
    text = files("crawler.lexicon.data").joinpath("calls.json").read_text("utf-8")
    table = json.loads(text)
    every = [word for words in table["channels"].values() for word in words]
    return _Calls(
        channels=_by_key(table["channels"]),
        heads=frozenset(_WORD.findall(plain(word))[0][:_HEAD] for word in every),
        aggregators=_pattern(table["aggregators"]),
        any_channel=_pattern(every),
        verbs=_by_key(table["verbs"]),
        own=_by_key(table["own"]),
    )


def _by_key(table: Mapping[str, list[str]]) -> dict[str, re.Pattern[str]]:
    return {key: _pattern(words) for key, words in table.items()}


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
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
