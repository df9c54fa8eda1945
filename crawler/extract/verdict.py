"""What a capture is, from several kinds of evidence; a phrase alone never decides."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from storage.model import Article, Verdict, VerdictKind

_WALL_TITLE = re.compile(
    r"just a moment|attention required|access denied|are you (?:a )?(?:human|robot)|captcha|verify you|"
    r"security check|ddos|checking your browser|bot verification|pardon our interruption|forbidden|request blocked",
    re.IGNORECASE,
)
_WALL_MARKUP = re.compile(
    r"cf-chl-|challenge-platform|_cf_chl_opt|captcha-delivery|geo\.captcha|px-captcha|perimeterx|"
    r"hcaptcha\.com|recaptcha/api|_Incapsula_Resource|akam-sw|ddos-guard",
    re.IGNORECASE,
)
_CONSENT_MARKUP = re.compile(
    r"consent\.(?:google|yahoo|youtube)|privacy-mgmt|sp_message|cmpbox|didomi|usercentrics|onetrust|"
    r"quantcast\.mgr|guce\.|purabo|contentpass|consentmanager",
    re.IGNORECASE,
)
_CONSENT_TITLE = re.compile(
    r"consent|cookie|datenschutz|privacy|einwilligung|before you continue|zustimmung|consentement|privacidad",
    re.IGNORECASE,
)
_GONE_TITLE = re.compile(
    r"\b404\b|not found|page (?:does not|doesn.t) exist|no longer available|nicht gefunden|"
    r"introuvable|no encontrad|não encontrad|tidak ditemukan|non trovat|niet gevonden|"
    r"не найден|找不到|未找到|見つかりません|찾을 수 없|không tìm thấy|bulunamadı|nie znaleziono",
    re.IGNORECASE,
)
_ARTICLE_KINDS = ("article", "blogposting", "report", "news", "opinion")
_LITTLE = 250
_SOME = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What a page shows beside its text.

    Attributes:
        status: HTTP status.
        challenged: Whether a header says that a challenge was served instead.
        markup: The page's markup, for the marks of walls.
        title: Its `<title>`.
        prose: Weight of the chosen body.
        link_share: Share of the page's text that is link text, 0 to 1.
        list_items: Articles teased on the page (links that are headlines).
        frames: How many iframes and forms.
        free: What structured data says of free access, or None.
        kinds: Types that structured data states, in lower case.
        path: The URL's path.
        paywalled: Whether a line of the page asks for a subscription.
        dated: Whether a time of publication is stated other than in the URL.
        defects: What was odd about the bytes.
    """

    status: int
    challenged: bool
    markup: str
    title: str
    prose: float
    link_share: float
    list_items: int
    frames: int
    free: bool | None
    kinds: tuple[str, ...]
    path: str
    paywalled: bool
    dated: bool
    defects: tuple[str, ...] = ()


def judge_page(signs: Signs, article: Article | None) -> Verdict:
    """Return what a capture is, with the evidence."""
    evidence = [
        f"status {signs.status}",
        f"prose {signs.prose:.0f}",
        f"links {signs.link_share:.2f}",
    ]
    evidence += signs.defects
    for kind, found in (
        (VerdictKind.BOT_WALL, _bot_wall(signs)),
        (VerdictKind.ERROR, _error(signs)),
        (VerdictKind.CONSENT, _consent(signs)),
        (VerdictKind.SOFT_404, _soft_404(signs)),
        (VerdictKind.TEASER, _teaser(signs)),
        (VerdictKind.HUB, _hub(signs)),
    ):
        if found:
            return Verdict(kind=kind, evidence=(*found, *evidence))
    if article is None or not article.blocks:
        return Verdict(kind=VerdictKind.ERROR, evidence=("no text", *evidence))
    return Verdict(kind=VerdictKind.ARTICLE, evidence=(*_article(signs), *evidence))


def _bot_wall(signs: Signs) -> Sequence[str]:
    if signs.challenged:
        return ("header names a challenge",)
    if signs.prose >= _SOME:
        return ()
    found = []
    if _WALL_TITLE.search(signs.title):
        found.append("title of a wall")
    if _WALL_MARKUP.search(signs.markup):
        found.append("marks of a challenge")
    if signs.status in {401, 403, 405, 406, 429, 503}:
        found.append("status of a refusal")
    return found if len(found) >= 2 else ()


def _error(signs: Signs) -> Sequence[str]:
    if signs.status >= 400 and signs.status != 402:
        return ("status of an error",)
    return ()


def _consent(signs: Signs) -> Sequence[str]:
    if (
        signs.prose >= _SOME
        or signs.list_items >= 5
        or signs.dated
        or _states_article(signs)
    ):
        return ()
    found = []
    if _CONSENT_MARKUP.search(signs.markup):
        found.append("marks of a consent tool")
    if _CONSENT_TITLE.search(signs.title):
        found.append("title of a consent page")
    if signs.frames:
        found.append("form or frame")
    return found if len(found) >= 2 else ()


def _soft_404(signs: Signs) -> Sequence[str]:
    if _GONE_TITLE.search(signs.title) and signs.prose < _SOME and not signs.dated:
        return ("title of a missing page", "little text", "no date")
    return ()


def _teaser(signs: Signs) -> Sequence[str]:
    if signs.free is False and signs.prose < 2 * _SOME:
        return ("isAccessibleForFree is false", "short text")
    if signs.paywalled and signs.prose < _SOME:
        return ("a line asks for a subscription", "short text")
    return ("status 402",) if signs.status == 402 else ()


def _hub(signs: Signs) -> Sequence[str]:
    if signs.prose >= 4 * _SOME or _states_article(signs):
        return ()
    found = []
    if signs.path in {"", "/"}:
        found.append("front page")
    if signs.link_share > 0.6:
        found.append("mostly links")
    if signs.list_items >= 15 and signs.prose < _SOME:
        found.append("many headlines")
    if not signs.dated:
        found.append("no date")
    if any(kind in {"collectionpage", "itemlist", "website"} for kind in signs.kinds):
        found.append("says it is a collection")
    return (
        found if len(found) >= 3 or (len(found) == 2 and signs.prose < _LITTLE) else ()
    )


def _states_article(signs: Signs) -> bool:
    return any(name in kind for kind in signs.kinds for name in _ARTICLE_KINDS)


def _article(signs: Signs) -> Sequence[str]:
    found = ["states an article"] if _states_article(signs) else []
    if signs.dated:
        found.append("dated")
    return found
