"""Bylines in Hangul: "기자명 홍길동 기자", "[서울=한국통신 홍길동 기자]", "홍길동 기자 hong@…".

A Korean byline is a name and behind it the rank, in a line under the headline, at the
head of the text (in brackets with the place and the agency, or behind them), or
at its end beside the reporter's address.
"""

from crawler.extract.bylines.words import RANKS_OF_KOREAN, TITLES_OF_KOREAN
from crawler.late_regex import late

_RANK = rf"(?:{'|'.join(sorted(TITLES_OF_KOREAN, key=len, reverse=True))})"
_KIND = rf"(?:{'|'.join(sorted(RANKS_OF_KOREAN, key=len, reverse=True))})"
_NAME = rf"(?!{_KIND}\s)[가-힣]{{2,4}}"
_NAMES = rf"{_NAME}(?:\s?[·ㆍ,、/]\s?{_NAME}){{0,5}}"
_BEHIND = rf"\s?(?:{_KIND}\s?)?{_RANK}"
# A line of its own: nothing but a label, the names, an address or a date.
_LINE = late(
    rf"^(?:[\W_]*(?:기자명|글쓴이|작성자|취재|글)\s*[:：]?\s*|[\W_]*|[\[(【<][^\])】>]{{1,20}}[\])】>]\s*|[^\s=]{{1,12}}\s?=\s?)"
    rf"(?P<names>{_NAMES}){_BEHIND}"
    r"(?=$|\s*[(（\[<|/·•=,]|\s+[\w.+-]+@|\s+\d|\s*(?:입력|수정|승인|작성|등록|발행))"
)
# The head of a text, which goes on behind it.
_HEAD = late(
    rf"^\s*(?:[\[(【<](?:[^\])】>=]{{1,24}}[=\s]\s?)*(?P<within>{_NAMES}){_BEHIND}\s?[\])】>]"
    rf"|[\[(【<][^\])】>]{{2,30}}[\])】>]\s*(?P<behind>{_NAMES}){_BEHIND}\s?=)"
)
_PARTED = late(r"\s?[·ㆍ,、/]\s?")
_LONGEST = 160


def read_korean(line: str) -> str:
    """Return the names in a line that is a byline, with commas, or nothing."""
    found = _LINE.match(line) if len(line) <= _LONGEST else None
    return _listed(found["names"]) if found else read_head(line)


def read_head(text: str) -> str:
    """Return the names in the byline that begins a text, with commas, or nothing."""
    found = _HEAD.match(text[:_LONGEST])
    return _listed(found["within"] or found["behind"]) if found else ""


def _listed(names: str) -> str:
    return ", ".join(_PARTED.split(names))
