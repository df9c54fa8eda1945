"""Datelines of Chinese, Japanese and Korean papers, which use no dash.

新华社北京4月28日电（记者…）, （中央社記者…台北28日電）, 【北京＝共同】, ［ソウル 28日 ロイター］,
(서울=연합뉴스) … 기자 =. The text is given in normal width.
"""

import re
from collections.abc import Callable

from crawler.late_regex import late
from storage.model.article import Dateline

_AGENCIES = (
    "新华社|新華社|中新社|中新网|中新網|中央社|人民网|新华网|央视网|央视新闻|环球网|澎湃新闻|路透社?|法新社|美联社|美聯社|"
    "彭博社?|共同社?|時事(?:通信)?|ロイター|AFP|AP|CNN|ブルームバーグ|연합뉴스|뉴시스|뉴스1|朝鮮通信|中央通讯社|聯合社"
)
_DATE = r"(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日"
_REPORT = r"(?:综合|综合外|外|专|專)?(?:电|電|讯|訊|消息)"
_IN_REPORT = late(
    rf"^\s*[【\[(◎●■]?\s*[据據]?(?P<source>{_AGENCIES}|[^\W\d_]{{2,6}}(?:社|网|網|报|報|台))"
    rf"(?P<place>[^\d\s，。、()【】\[\]]{{2,12}}?)\s*(?P<date>{_DATE})\s*{_REPORT}\s*[】\])]?\s*"
    r"(?:[(（](?:[^()（）]{0,30}(?:记者|記者|通讯员)[^()（）]{0,40}|[^()（）]{0,12})[)）])?\s*[:：]?\s*"
)
_BY_REPORTER = late(
    rf"^\s*[(【\[]\s*(?P<source>{_AGENCIES})(?:記者|记者)(?P<who>[^\d\s]{{2,14}}|[^\d]{{2,14}})\s*(?P<date>{_DATE})\s*{_REPORT}\s*[)】\]]\s*"
)
_EQUALS = late(
    r"^\s*[【\[(（](?P<place>[^=＝\]】)）\d]{1,20})[=＝](?P<source>[^\]】)）]{1,20})[\]】)）]\s*"
    r"(?:(?:[^\s=]{2,5}\s(?:[^\s=]{1,6}\s)?)?(?:[^\s=]{2,5}\s?·?\s?){0,4}(?:기자|특파원)\s*=\s*)?(?:[-–—:]\s*)?"
)
_BRACKETED = late(r"^\s*[【\[(](?P<inside>[^】\])]{3,40})[】\])]\s*(?:[-–—:]\s*)?")
_KOREAN_DESK = late(
    r"^\s*\[(?P<source>[^\]=\s]{2,12})[=\s](?:[^\]]{2,10}\s)?[^\]\s]{2,5}\s?(?:기자|특파원)\]\s*"
)
_PLACE_AND_AGENCY = late(rf"(?P<place>[^\W\d]{{2,10}}?)(?P<source>{_AGENCIES})")
_AGENCY = late(_AGENCIES)
_WIDE = late(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def read_cjk(text: str, is_known_place: Callable[[str], bool]) -> Dateline | None:
    """Return the dateline at the start of a CJK paragraph, or None."""
    if not _WIDE.search(text, 0, 30):
        return None
    found = _KOREAN_DESK.match(text)
    if found:
        return Dateline(place=None, source=found["source"], date=None, rest=found.end())
    found = _BY_REPORTER.match(text)
    if found:
        place = _ending_place(found["who"].strip(), is_known_place)
        return Dateline(
            place=place, source=found["source"], date=found["date"], rest=found.end()
        )
    found = _IN_REPORT.match(text)
    if found:
        return Dateline(
            place=found["place"],
            source=found["source"],
            date=found["date"],
            rest=found.end(),
        )
    found = _EQUALS.match(text)
    if found and (
        _AGENCY.search(found["source"]) or is_known_place(found["place"].strip())
    ):
        return Dateline(
            place=found["place"].strip(),
            source=found["source"].strip(),
            date=None,
            rest=found.end(),
        )
    return _in_brackets(text, is_known_place)


def _in_brackets(text: str, is_known_place: Callable[[str], bool]) -> Dateline | None:
    """Read place, day and agency in any order between brackets."""
    found = _BRACKETED.match(text)
    if found is None:
        return None
    place = source = date = None
    for word in found["inside"].split():
        if re.fullmatch(_DATE, word):
            date = word
        elif _AGENCY.fullmatch(word):
            source = word
        elif (
            (glued := _PLACE_AND_AGENCY.fullmatch(word))
            and place is None
            and source is None
        ):
            place, source = glued["place"], glued["source"]
        elif place is None:
            place = word
        else:
            return None
    if source is None or not (place and (date or is_known_place(place))):
        return None
    return Dateline(place=place, source=source, date=date, rest=found.end())


def _ending_place(text: str, is_known_place: Callable[[str], bool]) -> str:
    """Return the known place that ends a text of a name and a place, or its last word."""
    for length in (4, 3, 2):
        if len(text) > length and is_known_place(text[-length:]):
            return text[-length:]
    return text[-2:]
