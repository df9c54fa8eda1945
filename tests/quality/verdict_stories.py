"""Stories cut short for payment, and whole stories about walls, cookies and missing pages."""

from storage.model.verdict import VerdictKind
from tests.quality.verdict_pages import Sample

_TEASER = VerdictKind.TEASER
_ARTICLE = VerdictKind.ARTICLE

_NEWS = (
    '<script type="application/ld+json">{"@context":"https://schema.org","@type":"%s",'
    '"headline":"%s","datePublished":"2026-03-03T08:00:00Z","isAccessibleForFree":%s%s}</script>'
)
_PART = ',"hasPart":{"@type":"WebPageElement","isAccessibleForFree":false,"cssSelector":".rest"}'

TEASERS = {
    "German, part behind a class": Sample(
        kind=_TEASER,
        html="<html lang=de><head><title>Der Deich wird höher</title>"
        + _NEWS % ("NewsArticle", "Der Deich wird höher", "false", _PART)
        + "</head><body><article><h1>Der Deich wird höher</h1><p>Der Deich am Nordhafen wächst in "
        "diesem Sommer um einen halben Meter, beschloss der Rat am Dienstag.</p><div class='offer'>"
        "<p>Weiterlesen mit Lampe Plus</p><button>Abo wählen</button></div></article></body></html>",
    ),
    "French, microdata": Sample(
        kind=_TEASER,
        html="<html lang=fr><head><title>Le phare change de gardien</title></head><body><div itemscope "
        "itemtype='https://schema.org/NewsArticle'><meta itemprop=isAccessibleForFree content=False>"
        "<h1 itemprop=headline>Le phare change de gardien</h1><p itemprop=articleBody>Après trente "
        "ans de service, le gardien du phare rend ses clés et son carnet.</p></div></body></html>",
    ),
    "Spanish, graph of two nodes": Sample(
        kind=_TEASER,
        html='<html lang=es><head><title>El farol del puerto</title><script type="application/ld+json">'
        '{"@context":"https://schema.org","@graph":[{"@type":"WebPage"},{"@type":"Article","headline":'
        '"El farol del puerto","isAccessibleForFree":"False"}]}</script></head><body><main><h1>El farol '
        "del puerto</h1><p>El farol del puerto volverá a encenderse en mayo, dijo el alcalde a los "
        "vecinos reunidos en la plaza.</p></main></body></html>",
    ),
    "Polish, payment required": Sample(
        kind=_TEASER,
        status=402,
        html="<html lang=pl><head><title>Latarnia wraca</title></head><body><article><h1>Latarnia wraca"
        "</h1><p>Latarnia morska wraca do pracy po dziewięciu latach przerwy.</p></article></body>",
    ),
    "Italian, in a list of claims": Sample(
        kind=_TEASER,
        html="<html lang=it><head><title>Il faro riapre</title>"
        + _NEWS % ("ReportageNewsArticle", "Il faro riapre", '"false"', "")
        + "</head><body><div class=testo><h1>Il faro riapre</h1><p>Il faro dell'isola riapre ai "
        "visitatori dopo nove anni di lavori e di attese.</p><aside class=abbonati>Abbonati</aside>"
        "</div></body></html>",
    ),
    "Japanese, the rest for members": Sample(
        kind=_TEASER,
        html="<html lang=ja><head><meta charset=utf-8><title>灯台守の交代</title>"
        + _NEWS % ("NewsArticle", "灯台守の交代", "false", "")
        + "</head><body><section><h1>灯台守の交代</h1><p>三十年にわたり灯台を守ってきた男性が、"
        "今月末で職を離れる。</p><p>残り八百字</p></section></body></html>",
    ),
    "Dutch, long site around a short text": Sample(
        kind=_TEASER,
        html="<html lang=nl><head><title>De dijk wordt hoger</title>"
        + _NEWS % ("NewsArticle", "De dijk wordt hoger", "false", _PART)
        + "</head><body><header><a href='/'>De Lamp</a></header><article><h1>De dijk wordt hoger</h1>"
        "<p>De dijk bij de noordhaven wordt deze zomer een halve meter hoger.</p></article><aside>"
        "<h3>Meest gelezen</h3><ol><li><a href='/a'>De tram keert terug op de heuvel</a><li><a href='/b'>"
        "De bakker wint een prijs voor donker brood</a></ol></aside></body></html>",
    ),
    "Portuguese, meta of the platform": Sample(
        kind=_TEASER,
        html="<html lang=pt><head><title>O farol volta a acender</title>"
        + _NEWS % ("OpinionNewsArticle", "O farol volta a acender", "false", "")
        + "</head><body><main><div><h1>O farol volta a acender</h1></div><div><p>O farol do cabo volta "
        "a acender em maio, depois de nove anos no escuro.</p></div></main></body></html>",
    ),
    "English, a line asks, layout of divs": Sample(
        kind=_TEASER,
        html="<html lang=en><head><title>The dike grows</title></head><body><div id=c><div class=h>The dike "
        "grows</div><div class=t>The dike at the northern harbour grows by half a metre this summer, the "
        "council decided on Tuesday after a long evening.</div><div class=g>Subscribe to continue reading"
        "</div></div></body></html>",
    ),
}

_BOTS = (
    "The library's new site asks every visitor to pick out pictures of buses before it shows a book.",
    "“Just a moment, are you a robot?” is what readers see, and many of them turn back, said the librarian.",
    "She has asked the town for a gentler test, because older readers cannot tell a bus from a tram.",
    "The council will look at three other tests in April and let the readers choose between them.",
)
_COOKIES = (
    "Der Verlag muss seine Abfrage von Cookies ändern, entschied das Gericht am Montag in letzter Instanz.",
    "Die Schaltfläche zum Ablehnen sei zu klein gewesen und habe sich hinter einem Link verborgen.",
    "Wer ablehnt, darf künftig nicht mehr als einmal am Tag gefragt werden, heißt es in dem Urteil.",
    "Der Verlag teilte mit, er werde die Einwilligung nun auf der ersten Ebene gleich groß anbieten.",
)
_PAY = (
    "Le journal de la côte abandonne son mur payant après dix ans, a annoncé sa directrice mardi.",
    "« Abonnez-vous pour lire la suite », disait la page à neuf lecteurs sur dix, et ils s'en allaient.",
    "Les articles seront désormais ouverts à tous, et les lecteurs qui le veulent feront un don.",
    "La rédaction compte garder ses douze journalistes et rouvrir un bureau dans le port voisin.",
)
_LOST = (
    "Halaman arsip surat kabar kota itu hilang sejak server lama dimatikan pada bulan Januari lalu.",
    "Pembaca yang membuka tautan lama hanya menemukan tulisan bahwa halaman tidak ditemukan.",
    "Perpustakaan kini menyimpan salinan dari seribu halaman itu dan membukanya kembali pekan depan.",
    "Kepala perpustakaan berharap warga menyerahkan kliping lama mereka untuk dipindai.",
)


def _story(title: str, lines: tuple[str, ...], *, lang: str, before: str = "") -> str:
    prose = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f"<!doctype html><html lang={lang}><head><meta charset=utf-8><title>{title}</title></head>"
        f"<body>{before}<main><h1>{title}</h1>{prose}</main></body></html>"
    )


ARTICLES = {
    "story about a bot wall": Sample(
        kind=_ARTICLE,
        html=_story("Just a moment: are you a robot?", _BOTS, lang="en"),
    ),
    "story about a bot wall on a site with a captcha in its comments": Sample(
        kind=_ARTICLE,
        html=_story("Library asks readers to verify", _BOTS, lang="en").replace(
            "</body>",
            "<form><textarea></textarea><div class=g-recaptcha></div><button>Send</button></form>"
            "<script src='https://www.google.com/recaptcha/api.js'></script></body>",
        ),
    ),
    "story about cookies under a banner": Sample(
        kind=_ARTICLE,
        html=_story(
            "Gericht: Cookies dürfen nicht nerven",
            _COOKIES,
            lang="de",
            before="<div id='cmpbox' class=consent><p>Wir nutzen Cookies.</p><button>Ja</button>"
            "<a href='/datenschutz'>Datenschutz</a></div>",
        ),
    ),
    "story about consent named for it": Sample(
        kind=_ARTICLE,
        html=_story("Einwilligung: was Leser wissen müssen", _COOKIES, lang="de"),
    ),
    "story about a paywall": Sample(
        kind=_ARTICLE,
        html=_story("Le mur payant tombe sur la côte", _PAY, lang="fr"),
    ),
    "story about missing pages": Sample(
        kind=_ARTICLE,
        html=_story("Halaman tidak ditemukan: arsip kota hilang", _LOST, lang="id"),
    ),
    "story about the number of missing pages, dated": Sample(
        kind=_ARTICLE,
        html=_story(
            "404: a number and its history",
            tuple(line.replace("a robot", "lost") for line in _BOTS),
            lang="en",
        ).replace("<main>", "<main><time datetime='2026-03-03'>3 March 2026</time>"),
    ),
    "story about a maintenance page": Sample(
        kind=_ARTICLE,
        html=_story(
            "Access denied: the fence around the old quay",
            (
                "The sign says access denied, and nobody knows who put it there or when it will go.",
                *_BOTS[2:],
                "Children have found a hole in the fence and use it as the shortest way to the beach.",
            ),
            lang="en",
        ),
    ),
}
