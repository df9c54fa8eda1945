"""The language of a text, from the text alone, with the source's language as a prior.

The page's own `lang` is never believed: it is the interface's language.
"""

import re

from crawler.extract.language.marks import told_by_marks
from crawler.extract.language.model import ask_model
from crawler.extract.language.tags import language_code

_SAMPLE = 800
_BEGINNING = 240
# Log odds of the likeliest language over the next.
_CLEAR = 20.0
_LEAST = 40
_SHORT = 200
# Languages the model takes for each other on short texts.
_GROUPS = (
    frozenset({"id", "ms"}),
    frozenset({"bs", "hr", "sr"}),
    frozenset({"da", "nn", "no"}),
    frozenset({"cs", "sk"}),
    frozenset({"gl", "pt", "es", "ca", "an", "oc"}),
    frozenset({"mk", "bg"}),
    frozenset({"uk", "ru", "be"}),
    frozenset({"zh", "yue"}),
    frozenset({"ar", "arz", "ary"}),
    frozenset({"en", "pcm"}),
)
# What the model finds in lists of names and in short texts, and what it nearly always is.
_RARE = {
    "arz": "ar", "ary": "ar", "pcm": "en", "grc": "el", "hbo": "he", "uzs": "uz", "an": "es", "ext": "es",
    "vec": "it", "lij": "it", "nb": "no",
}  # fmt: skip
_NONE = "zxx"
_PIDGIN = re.compile(r"\b(?:dey|wey|dem|dis|dat|una|don|na)\b")


def detect_language(text: str, prior: str | None = None) -> str | None:
    """Return the ISO 639-1 code of a text's language, or None for too little text.

    Args:
        text: The story's own words.
        prior: What its source usually writes in; decides among languages that
            are hard to tell apart, and for texts too short to tell.
    """
    sample = " ".join(text.split())[:_SAMPLE]
    known = language_code(prior)
    if len(sample) < _LEAST and not _tells_itself(sample):
        return known
    code = _classified(sample)
    told = told_by_marks(sample, code)
    if told is not None:
        return told
    code = _common(code, sample)
    if code == _NONE:
        return known
    near = any(code in group and known in group for group in _GROUPS)
    return known if near and len(sample) < _SHORT else code


def _classified(sample: str) -> str:
    """Return what the model takes a text for: by its beginning, where that is clear.

    The model goes byte by byte, in Python. On 1,400 stories a clear beginning (95 of
    100 are) told the language of the whole but for one.
    """
    # Scripts of two or three bytes a letter need no more bytes.
    encoded = sample.encode("utf-8", "ignore")[:_SAMPLE]
    if len(encoded) > 2 * _BEGINNING:
        begins = encoded[:_BEGINNING]
        (code, best), (_, second), *_ = ask_model(lambda model: model.rank(begins))
        if best - second >= _CLEAR:
            return str(code)
    return str(ask_model(lambda model: model.classify(encoded))[0])


def _common(code: str, sample: str) -> str:
    """Return the language that a rare one stands for, unless the text bears it out."""
    if code == "pcm" and len(_PIDGIN.findall(sample)) > 2:
        return code
    return _RARE.get(code, code)


def _tells_itself(text: str) -> bool:
    return sum(1 for c in text if c > "\u0370") >= 8
