"""What a page, a feed or a setting calls a language."""

import re

# BCP 47, or with the underscore of `og:locale`.
_TAG = re.compile(r"\s*([a-z]{2,3})(?:[-_][\w-]{2,})?\s*", re.IGNORECASE | re.ASCII)
# Codes that ISO 639 took back, which Java went on writing, and Bokmål, which is told as Norwegian.
_TODAY = {"in": "id", "iw": "he", "ji": "yi", "nb": "no"}


def language_code(tag: str | None) -> str | None:
    """Return the ISO 639 code of a language's tag, such as `en_US`, or None of no tag."""
    found = _TAG.fullmatch(tag or "")
    if found is None:
        return None
    code = found[1].lower()
    return _TODAY.get(code, code)
