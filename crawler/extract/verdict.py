"""What a capture is, from several kinds of evidence; a phrase alone never decides."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from crawler.extract.cards import Cards
from crawler.extract.measure import weight
from storage.model.article import Article
from storage.model.verdict import Verdict, VerdictKind

_WALL_TITLE = re.compile(
    r"just a moment|attention required|access denied|are you (?:a )?(?:human|robot)|captcha|verify you|"
    r"security check|ddos|checking your browser|bot verification|pardon our interruption|forbidden|request blocked|"
    r"human verification|has been denied|unusual traffic|are you a robot|un instant|einen moment",
    re.IGNORECASE,
)
_WALL_MARKUP = re.compile(
    r"cf-chl-|challenge-platform|_cf_chl_opt|captcha-delivery|geo\.captcha|px-captcha|perimeterx|"
    r"hcaptcha\.com|recaptcha/api|_Incapsula_Resource|akam-sw|ddos-guard|awswaf|aws-waf-token",
    re.IGNORECASE,
)
_CONSENT_MARKUP = re.compile(
    r"consent\.(?:google|yahoo|youtube)|privacy-mgmt|sp_message|cmpbox|didomi|usercentrics|onetrust|"
    r"quantcast\.mgr|guce\.|purabo|contentpass|consentmanager",
    re.IGNORECASE,
)
_CONSENT_TITLE = re.compile(
    r"consent|cookie|datenschutz|privacy|einwilligung|before you continue|zustimmung|consentement|"
    r"privacidad|vie privée|donnees personnelles|données personnelles|privasi|gizlilik",
    re.IGNORECASE,
)
_GONE_TITLE = re.compile(
    r"\b404\b|not found|can.t be found|could not be found|no existe|n.existe pas|existiert nicht|no longer exists|غير موجودة|الصفحة غير|page (?:does not|doesn.t) exist|no longer available|nicht gefunden|"
    r"introuvable|no encontrad|não encontrad|tidak ditemukan|non trovat|niet gevonden|"
    r"не найден|找不到|未找到|見つかりません|찾을 수 없|không tìm thấy|bulunamadı|nie znaleziono|"
    r"ไม่พบ(?:หน้า|เนื้อหา|เพจ)|ບໍ່ພົບ|រកមិនឃើញ|မတွေ့(?:ပါ|ရှိ)|ვერ მოიძებნა|չի գտնվել|পাওয়া যায়নি|फेला परेन|नहीं मिला|"
    r"கிடைக்கவில்லை|காணப்படவில்லை|కనుగొనబడలేదు|සොයාගත නොහැක|לא נמצא|یافت نشد|نہیں ملا|ونه موندل|አልተገኘም|"
    r"δεν βρέθηκε|ei löydy|ei löytynyt|nem található|nije pronađen|није пронађен|не е (?:намерен|пронајден)|"
    r"не знайдено|не знойдзен|табылмады|табылган жок|topilmadi|tapılmadı|олдсонгүй|no s.ha trobat|ez da .{0,20}aurkitu|"
    r"tidak dijumpai|hai(?:ku)?patikan[ai]|haujapatikana|ba a samu ba|heb ei (?:ganfod|chanfod)|nu a fost găsit|"
    r"nebyl[ao]? nalezen|nebol[ao]? nájden|ikke (?:fundet|funnet)|hittades inte|ni bilo mogoče najti|ei leitud|"
    r"nav atrast|nerast|fannst ekki",
    re.IGNORECASE,
)
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_ARTICLE_KINDS = ("article", "blogposting", "report", "news", "opinion")
_COLLECTIONS = frozenset(
    {"collectionpage", "itemlist", "profilepage", "searchresultspage", "website"}
)
#: Why a page may be a shell, of menus and a footer at most, whose story scripts write.
SCRIPTED = "little text beside scripts"
_HOMES = frozenset({"", "/"})
_HUB = 3
_SHORT_TITLE = 45
_NOTHING = 60
_SENTENCE = 70
_LITTLE = 250
_SOME = 600
#: Of a headline less is shown by chance.
_SHOWN = 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What a page shows beside its text.

    Attributes:
        status: HTTP status.
        challenged: Whether a header says that a challenge was served instead.
        markup: The page's markup, for the marks of walls.
        title: Its `<title>`.
        heading: Its first heading.
        prose: Weight of the chosen body.
        shown: Weight of all text that the markup shows without scripts.
        scripts: How many scripts.
        link_share: Share of the page's text that is link text, 0 to 1.
        cards: What it shows of other pages, and what is its own.
        frames: How many iframes and forms.
        buttons: How many buttons.
        boxed: Share of its text in a container named for consent, 0 to 1.
        privacy: Whether a link leads to a page on privacy or cookies.
        noindex: Whether it asks robots not to index it.
        named: Whether its title is the site's name.
        free: What structured data says of free access, or None.
        kinds: Types that structured data states, in lower case.
        path: The URL's path.
        paywalled: Whether the page asks for a subscription.
        dated: Whether a time of publication is stated other than in the URL.
        date_stated: Whether structured data or a marked element states it.
        listed: Share of the headline that a list gives which the page shows, 0 to 1,
            or None.
        headed: Whether a heading of its own is that headline.
        defects: What was odd about the bytes.
    """

    status: int
    challenged: bool = False
    markup: str = ""
    title: str = ""
    heading: str = ""
    prose: float = 0.0
    shown: float = 0.0
    scripts: int = 0
    link_share: float = 0.0
    cards: Cards = field(default_factory=Cards)
    frames: int = 0
    buttons: int = 0
    boxed: float = 0.0
    privacy: bool = False
    noindex: bool = False
    named: bool = False
    free: bool | None = None
    kinds: tuple[str, ...] = ()
    path: str = ""
    paywalled: bool = False
    dated: bool = False
    date_stated: bool = False
    listed: float | None = None
    headed: bool = False
    defects: tuple[str, ...] = ()


def judge_page(signs: Signs, article: Article) -> Verdict:
    """Return what a capture is, with the evidence."""
    evidence = [
        f"status {signs.status}",
        f"prose {signs.prose:.0f}",
        f"text {signs.shown / max(1, len(signs.markup)):.1%} of the markup",
        f"links {signs.link_share:.2f}",
        f"cards {signs.cards.count}",
        f"prose in cards {signs.cards.teased:.0f}",
        f"own prose {signs.cards.own:.0f}",
        f"longest run {signs.cards.story:.0f}",
    ]
    if signs.listed is not None:
        evidence.append(f"of its listed headline {signs.listed:.0%}")
    if signs.scripts and signs.prose < _LITTLE and signs.status < 400:
        evidence.append(SCRIPTED)
    evidence += signs.defects
    for kind, found in (
        (VerdictKind.BOT_WALL, _bot_wall(signs)),
        (VerdictKind.ERROR, _error(signs)),
        (VerdictKind.CONSENT, _consent(signs)),
        (VerdictKind.SOFT_404, _soft_404(signs)),
        (VerdictKind.ERROR, _shell(signs)),
        (VerdictKind.HUB, _hub(signs)),
        (VerdictKind.ERROR, _another(signs)),
        (VerdictKind.TEASER, _teaser(signs)),
        (VerdictKind.ERROR, _notice(signs)),
    ):
        if found:
            return Verdict(kind=kind, evidence=(*found, *evidence))
    if not article.blocks:
        return Verdict(kind=VerdictKind.ERROR, evidence=("no text", *evidence))
    return Verdict(kind=VerdictKind.ARTICLE, evidence=(*_article(signs), *evidence))


def _bot_wall(signs: Signs) -> Sequence[str]:
    if signs.challenged:
        return ("header names a challenge",)
    if signs.prose >= _SOME or signs.date_stated or signs.headed:
        return ()
    found = []
    if _WALL_TITLE.search(signs.title):
        found.append("title of a wall")
    if signs.status in {202, 401, 403, 405, 406, 429, 503}:
        found.append("status of a refusal")
    if signs.noindex and signs.prose < _LITTLE:
        found.append("not to be indexed, little text")
    # A search of the whole markup is worth its time only where it can decide.
    if found and _WALL_MARKUP.search(signs.markup):
        found.append("marks of a challenge")
    return found if len(found) >= 2 else ()


def _error(signs: Signs) -> Sequence[str]:
    if signs.status >= 400 and signs.status != 402:
        return ("status of an error",)
    return ()


def _shell(signs: Signs) -> Sequence[str]:
    if signs.scripts and signs.shown < _NOTHING and signs.prose < _LITTLE:
        return ("empty shell: scripts and no text",)
    return ()


def _consent(signs: Signs) -> Sequence[str]:
    """Ask that a page is about consent, by its title or all of its text, and works as such."""
    if not _may_ask(signs):
        return ()
    subject = []
    # The first heading may be that of a banner over a page of another subject.
    is_banner = 0 < signs.boxed < 0.5
    if _CONSENT_TITLE.search(
        signs.title if is_banner else f"{signs.title} {signs.heading}"
    ):
        subject.append("title of a consent page")
    if signs.boxed > 0.8:
        subject.append("all text in a consent box")
    if not subject:
        return ()
    found = []
    if _CONSENT_MARKUP.search(signs.markup):
        found.append("marks of a consent tool")
    if signs.frames or signs.buttons:
        found.append("buttons, form or frame")
    if signs.privacy:
        found.append("link to a privacy page")
    if len(subject) + len(found) < 3:
        return ()
    # A short story about cookies has a form for comments and a footer, too.
    if signs.prose >= _LITTLE and signs.boxed < 0.5:
        return ()
    return (*subject, *found)


def _may_ask(signs: Signs) -> bool:
    """Tell a page that may ask for consent and no more: none that shows a story's marks."""
    is_listed = signs.headed and signs.boxed < 0.5
    is_story = signs.date_stated or _states_article(signs) or is_listed
    return signs.prose < 2 * _SOME and not is_story


def _soft_404(signs: Signs) -> Sequence[str]:
    """Ask that title or heading say so, and that there is no story beside it."""
    gone = [said for said in (signs.title, signs.heading) if _GONE_TITLE.search(said)]
    if not gone or signs.date_stated or signs.cards.own >= _SOME or signs.headed:
        return ()
    found = []
    if signs.noindex:
        found.append("not to be indexed")
    if _is_notice(signs) and not _states_article(signs):
        found.append("nothing but a notice")
    return ("title of a missing page", "little text", *found) if found else ()


def _is_notice(signs: Signs) -> bool:
    """Tell a page that says its one sentence under a title of few words."""
    title = min(signs.heading or signs.title, signs.title or signs.heading, key=len)
    # Of an alphabet without spaces a letter is no word, as it is of ideographs.
    size = weight(title) if _IDEOGRAPH.search(title) else len(title)
    return size <= _SHORT_TITLE and signs.cards.own < _LITTLE and not signs.dated


def _another(signs: Signs) -> Sequence[str]:
    """Ask that a page of little text shows nothing of what it was listed as."""
    if signs.listed is None or signs.listed >= _SHOWN:
        return ()
    if signs.prose >= _SOME or signs.dated or _states_article(signs):
        return ()
    return ("little text, nothing of the headline that a list gives",)


def _teaser(signs: Signs) -> Sequence[str]:
    if signs.free is False and signs.prose < 2 * _SOME:
        return ("isAccessibleForFree is false", "short text")
    if signs.paywalled and signs.prose < _SOME:
        return ("a line asks for a subscription", "short text")
    return ("status 402",) if signs.status == 402 else ()


def _notice(signs: Signs) -> Sequence[str]:
    """Ask, whatever the language, that next to nothing is said and no story marked."""
    if signs.prose >= _LITTLE or signs.dated or _states_article(signs):
        return ()
    asks = bool(signs.frames or signs.buttons) and signs.privacy and not signs.headed
    marks = {
        "hardly a sentence": signs.prose < _SENTENCE,
        "not to be indexed": signs.noindex and not signs.headed,
        "most text in a consent box": signs.boxed > 0.5,
        "asks something, and all it shows is little": asks
        and signs.shown < 2 * _LITTLE,
    }
    found = [mark for mark, holds in marks.items() if holds]
    return ("little text, nothing marks a story", *found) if found else ()


def _hub(signs: Signs) -> Sequence[str]:
    """Weigh what speaks for a page of other pages' headlines against a story of its own."""
    if signs.free is False:
        return ()
    found = [(points, why) for points, why in _for_hub(signs) if points]
    against = sum(_against_hub(signs))
    if not any(points >= 2 for points, _ in found):
        return ()
    if sum(points for points, _ in found) - against < _HUB:
        return ()
    return tuple(why for _, why in found)


def _for_hub(signs: Signs) -> Iterator[tuple[int, str]]:
    cards = signs.cards
    if cards.count >= 8 and cards.share >= 0.8:
        yield 3, "nearly all prose in cards"
    elif (cards.count >= 3 and cards.share >= 0.7) or (
        cards.count and cards.share >= 0.95
    ):
        yield 2, "prose in cards"
    if cards.story < 150:
        if cards.count >= 8:
            yield 2, "many headlines"
        elif cards.count >= 2 and signs.link_share > 0.6:
            yield 2, "nothing but headlines"
        elif cards.count >= 2 and signs.link_share > 0.4:
            yield 1, "headlines and little else"
    yield 2 * signs.named, "title is the site's name"
    yield signs.path in _HOMES, "front page"
    yield signs.link_share > 0.6, "mostly links"
    yield not signs.date_stated, "no stated date"
    yield any(kind in _COLLECTIONS for kind in signs.kinds), "says it is a collection"


def _against_hub(signs: Signs) -> Iterator[int]:
    cards = signs.cards
    yield 3 * _states_article(signs)
    yield signs.date_stated
    if cards.titled and cards.story >= 120:
        yield 1 + (cards.story >= 300) + (cards.story >= 600)
        yield 2 * (cards.share < 0.6)
    yield cards.story >= 800


def _states_article(signs: Signs) -> bool:
    return any(name in kind for kind in signs.kinds for name in _ARTICLE_KINDS)


def _article(signs: Signs) -> Sequence[str]:
    found = ["states an article"] if _states_article(signs) else []
    if signs.dated:
        found.append("dated")
    return found
