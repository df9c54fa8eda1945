"""Style sheets of kept pages, with nothing in them that is not kept; pure.

This is one of two layers: the page's policy lets a browser load styles and images from
this service alone, whatever a sheet holds.
"""

import re
from collections.abc import Callable

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_AT = re.compile(
    r"@(?:import|namespace|charset)\b(?:[^;\"'{}]|\"[^\"]*\"|'[^']*')*;?", re.IGNORECASE
)
_URL = re.compile(
    r"url\(\s*(?:\"([^\"]*)\"|'([^']*)'|([^)\"'\s]*))\s*\)?", re.IGNORECASE
)
#: What else loads, or runs in old browsers: a whole declaration goes with it.
_LOADING = re.compile(
    r"image-set|image\(|src\(|cross-fade|element\(|expression|behavior|-moz-binding",
    re.IGNORECASE,
)
_ENDS = re.compile(r"([;{}])")
#: Escapes that could spell one of the words above: letters and the bracket.
_SPELT = re.compile(r"\\0{0,4}([46][1-9a-f]|[57][0-9a]|28)[ \t\n\r\f]?", re.IGNORECASE)


def clean_styles(text: str, image: Callable[[str], str | None]) -> str:
    """Return a sheet without imports, its images led to where they are kept.

    Args:
        text: A style sheet, or the declarations of a style attribute.
        image: Returns where an image is kept, by its URL as written; None for not.
    """
    text = _SPELT.sub(lambda found: chr(int(found[1], 16)), _COMMENT.sub(" ", text))
    pieces = _ENDS.split(_AT.sub("", text))
    text = "".join("" if _LOADING.search(piece) else piece for piece in pieces)

    def led(found: re.Match[str]) -> str:
        place = image((found[1] or found[2] or found[3] or "").strip())
        return f'url("{_quoted(place)}")' if place else "none"

    return _URL.sub(led, text).replace("<", "\\3c ")


def _quoted(place: str) -> str:
    return re.sub(r'["\\\n\r\f<>]', lambda found: f"%{ord(found[0]):02X}", place)
