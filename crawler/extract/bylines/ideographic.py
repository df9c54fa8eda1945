"""Bylines in ideographs: "本报记者 王明 李芳", "文／王小明", and the name that closes a story.

Chinese papers put the reporter behind the paper's name and a label, at the head of
the text or in brackets at its end, without a space where one might be expected.
"""

from crawler.extract.bylines.words import IDEOGRAPHIC_LABELS
from crawler.late_regex import late

_NAME = "[\u3400-\u9fff]{2,4}(?:·[\u3400-\u9fff]{1,6})?"
_REPORTERS = "特约记者|特約記者|见习记者|見習記者|实习记者|實習記者|实习生|實習生|评论员|評論員|记者|記者|通讯员|通訊員"
_NAMES = rf"{_NAME}(?:[ 、,，;；]{{1,2}}(?:(?:{_REPORTERS})\s+)?{_NAME}){{0,6}}"
_OTHERS = "|".join(sorted(IDEOGRAPHIC_LABELS, key=len, reverse=True))
_END = r"(?=$|[\s)）】\]|／/。，]|发自|發自|报道|報道|摄影|攝影)"
_LABELLED = late(
    rf"(?:(?:{_REPORTERS})(?:\s*[:：／/]\s*|\s+)"
    rf"|(?:^|[\s(（【\[|·])(?:{_OTHERS})(?:\s*[:：／/]\s*|\s+)"
    rf"|(?:^|[\s(（【\[])本[报報](?:{_REPORTERS}))(?P<names>{_NAMES}){_END}"
)
_BETWEEN = late(rf"[ 、,，;；]+(?:(?:{_REPORTERS})\s+)?|^(?:{_REPORTERS})\s")
_CLOSING = late(
    rf"[(（](?:[^()（）]{{0,16}}?(?:{_REPORTERS})[:：]?\s*|文[:：／/]\s*|作者[:：]?\s*)?"
    rf"(?P<names>{_NAMES})(?:\s+\S{{2,4}}[报報]道)?\s*[)）]$"
)
# Taiwan's papers: "（記者林美惠／台北報導）", "【本報記者王明、李芳台北報導】"; wire stories: "电（记者王明）".
_OPENING = late(
    rf"[(（【\[]\s?(?:[^()（）【】\[\]]{{0,10}}?)(?:{_REPORTERS})\s?"
    r"(?P<names>[\u3400-\u9fff]{2,4}(?:[ 、,，][\u3400-\u9fff]{2,4}){0,5})"
    r"\s?(?:[／/][^()（）【】\[\]]{0,12})?[)）】\]]"
)
_SIGNED = late(
    "^(?:取材・文|文・写真|写真・文|文・撮影|撮影・文|聞き手・文|構成・文|取材・構成|文|聞き手|取材|執筆|筆者)\\s?[＝=]\\s?"
    "(?P<names>[\u3040-\u30ff\u3400-\u9fff]{2,8}(?:[ 、・][\u3040-\u30ff\u3400-\u9fff]{2,8}){0,4})$"
)
_HEAD = 60
_ALONE = late(_NAME)
_LABEL = late(rf"^(?:{_REPORTERS})")
_REPORTED = late("(?:报道|報道)$")
_NO_NAMES = late(
    r"待续|待續|未完|图片|圖片|资料|資料|完毕|全文|来源|來源|编辑|編輯|摄|攝|翻译|翻譯|报|報|网|網|社|版|图|圖|文字|视频|視頻|新闻|新聞"
)


def read_ideographic(line: str) -> str:
    """Return the names behind a label in a line, with commas, or nothing."""
    found = _LABELLED.search(line) or _SIGNED.search(line)
    return _listed(found["names"]) if found else read_opening(line)


def read_opening(text: str) -> str:
    """Return the reporters in the brackets that a text begins with, with commas, or nothing."""
    found = _OPENING.search(text[:_HEAD])
    return _listed(found["names"]) if found else ""


def read_closing(text: str) -> str:
    """Return the names in the brackets that close a text, with commas, or nothing."""
    found = _CLOSING.search(text[-60:].rstrip())
    return _listed(found["names"]) if found else ""


def is_bare_name(line: str) -> bool:
    """Tell a line that has the length of a name in ideographs."""
    return bool(_ALONE.fullmatch(line)) and not _NO_NAMES.search(line)


def _listed(names: str) -> str:
    pieces = [_LABEL.sub("", piece) for piece in _BETWEEN.split(names)]
    pieces = [
        piece for piece in pieces if len(piece) > 1 and not _REPORTED.search(piece)
    ]
    return "" if any(map(_NO_NAMES.search, pieces)) else ", ".join(pieces)
