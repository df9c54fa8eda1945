"""A capture is judged by several signs together, never by a phrase alone."""

from dataclasses import replace

import pytest

from crawler.extract.cards import Cards
from crawler.extract.verdict import SCRIPTED, Signs, judge_page
from storage.model.article import Article, Block, BlockKind
from storage.model.verdict import VerdictKind

_ARTICLE = Article(
    url="https://paper.example/story",
    title="Water",
    blocks=(Block(kind=BlockKind.PARAGRAPH, text="The reservoir has filled again."),),
)
_STORY = Signs(
    status=200,
    challenged=False,
    markup="<html>",
    title="Water",
    prose=3000,
    link_share=0.2,
    cards=Cards(count=5, own=3000, story=3000, titled=True),
    shown=4000,
    frames=0,
    free=None,
    kinds=("newsarticle",),
    path="/story",
    paywalled=False,
    dated=True,
    date_stated=True,
)
_BARE = replace(
    _STORY,
    prose=100,
    kinds=(),
    dated=False,
    date_stated=False,
    cards=Cards(own=100, story=100, titled=True),
)
_CAPTCHA = "<script src=https://www.google.com/recaptcha/api.js>"
_ASKING = replace(_BARE, title="Cookies", markup="onetrust", buttons=2, privacy=True)
_UNFOUND = replace(_BARE, title="Missing boat not found", noindex=True)
_CASES = {
    "says that it was not found": (_UNFOUND, VerdictKind.SOFT_404),
    "story": (_STORY, VerdictKind.ARTICLE),
    "story about cookies": (
        replace(_STORY, title="Cookie consent and captchas"),
        VerdictKind.ARTICLE,
    ),
    "story about a missing page": (
        replace(_STORY, title="404 not found"),
        VerdictKind.ARTICLE,
    ),
    "story on attacks, above a form with a captcha": (
        replace(
            _STORY,
            title="DDoS attack stops the ferry",
            markup=_CAPTCHA,
            kinds=(),
            date_stated=False,
        ),
        VerdictKind.ARTICLE,
    ),
    "brief on attacks, dated": (
        replace(
            _BARE, title="DDoS attack", markup=_CAPTCHA, dated=True, date_stated=True
        ),
        VerdictKind.ARTICLE,
    ),
    "brief on attacks, listed so": (
        replace(_BARE, title="DDoS attack", markup=_CAPTCHA, headed=True, listed=1.0),
        VerdictKind.ARTICLE,
    ),
    "brief not to be indexed, above a form with a captcha": (
        replace(_BARE, prose=400, noindex=True, markup=_CAPTCHA),
        VerdictKind.ARTICLE,
    ),
    "story in the data of its scripts": (
        replace(_STORY, shown=0, scripts=9),
        VerdictKind.ARTICLE,
    ),
    "consent page of many words, mostly in its box": (
        replace(
            _BARE,
            title="Before you continue",
            prose=900,
            boxed=0.7,
            buttons=2,
            markup="consentmanager",
        ),
        VerdictKind.CONSENT,
    ),
    "story on what was not found": (
        replace(_UNFOUND, prose=900, cards=Cards(own=900, story=900, titled=True)),
        VerdictKind.ARTICLE,
    ),
    "brief on what was not found, dated": (
        replace(_UNFOUND, dated=True, date_stated=True),
        VerdictKind.ARTICLE,
    ),
    "brief on what was not found, listed so": (
        replace(_UNFOUND, headed=True, listed=1.0),
        VerdictKind.ARTICLE,
    ),
    "brief on what was not found, stated to be news": (
        replace(_UNFOUND, noindex=False, kinds=("newsarticle",)),
        VerdictKind.ARTICLE,
    ),
    "soft 404 whose title ends in the site's long name": (
        replace(
            _BARE,
            title="Page not found - The Harbour Town Morning Paper and Courier",
            heading="Page not found",
        ),
        VerdictKind.SOFT_404,
    ),
    "soft 404 under a slogan": (
        replace(
            _BARE,
            title="Page not found",
            heading="All that happens in the harbour, each day and hour",
        ),
        VerdictKind.SOFT_404,
    ),
    "brief under a long headline": (
        replace(_BARE, title="The harbour's missing boat was not found on Monday"),
        VerdictKind.ARTICLE,
    ),
    "little text, nothing of its listed headline": (
        replace(_BARE, listed=0.0),
        VerdictKind.ERROR,
    ),
    "little text, some of its listed headline": (
        replace(_BARE, listed=0.3),
        VerdictKind.ARTICLE,
    ),
    "brief listed in other words, dated": (
        replace(_BARE, listed=0.0, dated=True),
        VerdictKind.ARTICLE,
    ),
    "brief listed in other words, stated to be news": (
        replace(_BARE, listed=0.0, kinds=("newsarticle",)),
        VerdictKind.ARTICLE,
    ),
    "story listed in other words": (
        replace(_STORY, listed=0.0, kinds=(), dated=False, date_stated=False),
        VerdictKind.ARTICLE,
    ),
    "no more than a line": (
        replace(_BARE, prose=60, cards=Cards(own=60, story=60)),
        VerdictKind.ERROR,
    ),
    "no more than a line, dated": (
        replace(_BARE, prose=60, cards=Cards(own=60, story=60), dated=True),
        VerdictKind.ARTICLE,
    ),
    "no more than a line, stated to be news": (
        replace(_BARE, prose=60, cards=Cards(own=60), kinds=("newsarticle",)),
        VerdictKind.ARTICLE,
    ),
    "asks something in little text": (
        replace(_BARE, shown=400, frames=1, privacy=True),
        VerdictKind.ERROR,
    ),
    "brief above a form, listed so": (
        replace(_BARE, shown=400, frames=1, privacy=True, headed=True, listed=1.0),
        VerdictKind.ARTICLE,
    ),
    "brief above a form on a page of much else": (
        replace(_BARE, shown=2000, frames=1, privacy=True),
        VerdictKind.ARTICLE,
    ),
    "not to be indexed": (replace(_BARE, noindex=True), VerdictKind.ERROR),
    "brief not to be indexed, listed so": (
        replace(_BARE, noindex=True, headed=True, listed=1.0),
        VerdictKind.ARTICLE,
    ),
    "brief on cookies, dated": (
        replace(_ASKING, dated=True, date_stated=True),
        VerdictKind.ARTICLE,
    ),
    "brief on cookies, stated to be news": (
        replace(_ASKING, kinds=("newsarticle",)),
        VerdictKind.ARTICLE,
    ),
    "consent page that names the story behind it": (
        replace(
            _BARE,
            title="Cookies",
            heading="Water",
            headed=True,
            listed=1.0,
            boxed=0.7,
            buttons=2,
            privacy=True,
        ),
        VerdictKind.CONSENT,
    ),
    "challenge header": (replace(_STORY, challenged=True), VerdictKind.BOT_WALL),
    "challenge page": (
        replace(
            _BARE,
            status=403,
            title="Just a moment...",
            markup="<script src=/cdn-cgi/challenge-platform>",
        ),
        VerdictKind.BOT_WALL,
    ),
    "server error": (replace(_BARE, status=500), VerdictKind.ERROR),
    "plain 404": (replace(_BARE, status=404), VerdictKind.ERROR),
    "empty shell": (
        replace(_BARE, prose=40, shown=0, scripts=2),
        VerdictKind.ERROR,
    ),
    "short story under a banner": (
        replace(
            _BARE, heading="We value your privacy", boxed=0.4, buttons=2, privacy=True
        ),
        VerdictKind.ARTICLE,
    ),
    "asks about cookies": (_ASKING, VerdictKind.CONSENT),
    "consent page": (
        replace(_BARE, title="Before you continue", markup="consentmanager", frames=1),
        VerdictKind.CONSENT,
    ),
    "soft 404 in Thai": (
        replace(_BARE, title="ไม่พบหน้าที่คุณต้องการ"),
        VerdictKind.SOFT_404,
    ),
    "soft 404 in Kazakh": (
        replace(_BARE, title="Бет табылмады"),
        VerdictKind.SOFT_404,
    ),
    "soft 404 in Burmese": (
        replace(_BARE, heading="စာမျက်နှာ မတွေ့ပါ"),
        VerdictKind.SOFT_404,
    ),
    "soft 404": (replace(_BARE, title="Halaman tidak ditemukan"), VerdictKind.SOFT_404),
    "not free": (replace(_STORY, free=False, prose=500), VerdictKind.TEASER),
    "not free but whole": (replace(_STORY, free=False), VerdictKind.ARTICLE),
    "asks for a subscription": (
        replace(_STORY, paywalled=True, prose=300),
        VerdictKind.TEASER,
    ),
    "payment required": (replace(_STORY, status=402), VerdictKind.TEASER),
    "front page": (
        replace(_BARE, path="/", link_share=0.8, cards=Cards(count=60)),
        VerdictKind.HUB,
    ),
    "collection": (
        replace(
            _BARE, kinds=("collectionpage",), link_share=0.7, cards=Cards(count=30)
        ),
        VerdictKind.HUB,
    ),
}


@pytest.mark.parametrize(("signs", "kind"), _CASES.values(), ids=_CASES.keys())
def test_a_page_is_judged(signs: Signs, kind: VerdictKind) -> None:
    verdict = judge_page(signs, _ARTICLE)

    assert verdict.kind is kind
    assert verdict.evidence


def test_an_article_without_text_is_an_error() -> None:
    assert judge_page(_STORY, replace(_ARTICLE, blocks=())).kind is VerdictKind.ERROR


@pytest.mark.parametrize(
    ("signs", "is_scripted"),
    [
        (replace(_BARE, scripts=2), True),
        (replace(_BARE, scripts=0), False),
        (replace(_BARE, scripts=2, prose=400), False),
        (replace(_BARE, scripts=2, status=404), False),
    ],
    ids=["little text", "no scripts", "some text", "missing"],
)
def test_a_page_of_little_text_beside_scripts_says_so(
    signs: Signs, *, is_scripted: bool
) -> None:
    """By that a browser is asked to show it."""
    assert (SCRIPTED in judge_page(signs, _ARTICLE).evidence) is is_scripted


def _dealt(count: int, share: float, story: int, *, titled: bool = False) -> Cards:
    """Return so many cards with a share of the prose beside a run of one's own."""
    teased = story * share / (1 - share)
    return Cards(count=count, teased=teased, own=story, story=story, titled=titled)


_LONG = replace(_BARE, prose=900, link_share=0.5)
_LINKS = replace(_BARE, link_share=0.7)


@pytest.mark.parametrize(
    ("signs", "cards", "kind"),
    [
        (_LONG, _dealt(40, 0.85, 900, titled=True), VerdictKind.ARTICLE),
        (
            replace(_LONG, kinds=("newsarticle",)),
            _dealt(40, 0.85, 200),
            VerdictKind.ARTICLE,
        ),
        (_LONG, _dealt(40, 0.85, 300), VerdictKind.HUB),
        (replace(_LINKS, free=False), _dealt(40, 0.85, 100), VerdictKind.TEASER),
        (_BARE, _dealt(3, 0.85, 200, titled=True), VerdictKind.ARTICLE),
        (_BARE, _dealt(8, 0.75, 200, titled=True), VerdictKind.ARTICLE),
        (_BARE, _dealt(8, 0.85, 200, titled=True), VerdictKind.HUB),
        (_BARE, _dealt(3, 0.75, 200), VerdictKind.HUB),
        (_BARE, _dealt(2, 0.75, 200), VerdictKind.ARTICLE),
        (_BARE, _dealt(4, 0.5, 200), VerdictKind.ARTICLE),
        (_BARE, _dealt(1, 0.97, 200), VerdictKind.HUB),
        (_BARE, _dealt(1, 0.9, 200), VerdictKind.ARTICLE),
        (_LINKS, _dealt(2, 0.2, 100), VerdictKind.HUB),
        (_LINKS, _dealt(1, 0.2, 100), VerdictKind.ARTICLE),
        (_BARE, _dealt(2, 0.2, 100), VerdictKind.ARTICLE),
        (_BARE, _dealt(8, 0.2, 100), VerdictKind.HUB),
        (_BARE, _dealt(8, 0.2, 200), VerdictKind.ARTICLE),
        (_BARE, _dealt(8, 0.2, 100, titled=True), VerdictKind.HUB),
        (_BARE, _dealt(8, 0.2, 130, titled=True), VerdictKind.ARTICLE),
    ],
    ids=[
        "a story above its like",
        "stated to be news",
        "many teasers",
        "the begin of a story above its like",
        "a brief above three teasers",
        "a brief above some teasers",
        "a blurb above many teasers",
        "three teasers",
        "two teasers",
        "teasers beside as much text",
        "one teaser and no more",
        "one teaser and some text",
        "links, two of them headlines",
        "links, one of them a headline",
        "two headlines",
        "many headlines",
        "many headlines, a text",
        "many headlines under the page's own",
        "a brief above many headlines",
    ],
)
def test_a_list_is_told_from_a_story_above_others(
    signs: Signs, cards: Cards, kind: VerdictKind
) -> None:
    assert judge_page(replace(signs, cards=cards), _ARTICLE).kind is kind
