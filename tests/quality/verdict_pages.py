"""Pages of every verdict, each built differently, and traps that are articles."""

from dataclasses import dataclass

from storage.model.verdict import VerdictKind

_EN = (
    "The lighthouse keeper counts the ships twice, once by their lamps and once by the sound of their engines.",
    "On Monday the numbers did not agree, and so the harbour office sent a boat to look at the outer mole.",
    "Its crew found a barge that had turned off every lamp to let its passengers see the stars.",
    "The owner was asked to choose between the stars and the rules, and he chose to stay in the next bay.",
    "A dozen people from the village have since signed up for a night on the water without any light at all.",
)
_ID = (
    "Warga Desa Kembang Sari menanam seribu bibit kopi di lereng bukit pada hari Minggu pagi.",
    "Kepala desa mengatakan bibit itu berasal dari kebun milik warga sendiri di lembah sebelah.",
    "Panen pertama diperkirakan tiga tahun lagi, dan hasilnya akan dijual di pasar kecamatan.",
    "Para pemuda bergiliran menyiram tanaman setiap sore selama musim kemarau berlangsung.",
)
_TITLES = (
    "Lighthouse keeper counts the ships twice a night",
    "Old tram returns to the hill after nine years",
    "Bakery on the square wins a prize for dark bread",
    "School choir sings in the empty swimming pool",
    "Bridge of ropes is closed for one more winter",
    "Beekeepers move their hives to the station roof",
    "Library lends umbrellas from the first of May",
    "Two villages share a snow plough and a driver",
    "Ferry to the island gets a kitchen of its own",
    "Clockmaker mends the town hall's slow clock",
)
_JA_TITLES = (
    "灯台守が船を二度数える理由", "丘の路面電車が九年ぶりに復活", "広場のパン屋が賞を受ける",
    "合唱団が空のプールで歌う", "つり橋はもう一冬閉鎖へ", "養蜂家が駅の屋上に巣箱を移す",
    "図書館が五月から傘を貸し出す", "二つの村が除雪車を共有", "島への渡し船に台所ができる",
)  # fmt: skip
_AR_TITLES = (
    "حارس المنارة يعد السفن مرتين كل ليلة", "الترام القديم يعود إلى التل بعد تسع سنوات",
    "مخبز الساحة يفوز بجائزة الخبز الأسمر", "جوقة المدرسة تغني في المسبح الفارغ",
    "جسر الحبال يغلق شتاء آخر", "مربو النحل ينقلون الخلايا إلى سطح المحطة",
)  # fmt: skip
_ID_TITLES = (
    "Warga tanam seribu bibit kopi di lereng bukit", "Jembatan gantung ditutup satu musim lagi",
    "Perpustakaan desa pinjamkan payung mulai Mei", "Paduan suara sekolah bernyanyi di kolam kosong",
    "Dua desa berbagi satu mesin pembajak sawah", "Toko roti di alun-alun raih penghargaan",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A page and what it is; `listed` is the headline that a list gives it."""

    kind: VerdictKind
    html: str
    path: str = "/story/lighthouse-keeper-counts"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    listed: str | None = None


def _page(title: str, body: str, *, lang: str = "en", head: str = "") -> str:
    menu = "".join(f'<li><a href="/{x}">{x.title()}</a></li>' for x in ("news", "life"))
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}'
        f"</title>{head}</head><body><header><a href='/'>Harbour Lamp</a><nav><ul>{menu}"
        f"</ul></nav></header>{body}<footer><p>© Harbour Lamp <a href='/imprint'>Imprint"
        "</a> <a href='/privacy'>Privacy</a></p></footer></body></html>"
    )


def _links(titles: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(f"/story/{n}-x", title) for n, title in enumerate(titles)]


def _prose(lines: tuple[str, ...] = _EN) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


def _div_cards(*, heading: str = "h2") -> str:
    return "".join(
        f'<div class="c"><{heading}><a href="{url}">{title}</a></{heading}>'
        f"<p>{_EN[n % 5]}</p><a href='{url}'>Read more</a></div>"
        for n, (url, title) in enumerate(_links(_TITLES))
    )


_OG_ARTICLE = '<meta property="og:type" content="article">'
_NEWS = (
    '<script type="application/ld+json">{"@context": "https://schema.org", "@type": '
    '"NewsArticle", "headline": "Lighthouse keeper counts the ships twice a night", '
    '"datePublished": "2026-03-03T08:00:00Z"%s}</script>'
)
_H1 = f"<h1>{_TITLES[0]}</h1>"

_HUBS = {
    "front page of cards": Sample(
        kind=VerdictKind.HUB,
        path="/",
        html=_page("Harbour Lamp", f"<main>{_div_cards()}</main>"),
    ),
    "section with a name and an introduction": Sample(
        kind=VerdictKind.HUB,
        path="/harbour/",
        html=_page(
            "Harbour – Harbour Lamp",
            "<main><h1>Harbour</h1><p>All about ships, their crews and those who wait for "
            f"them on the quay, told every day by our own desk.</p>{_div_cards()}</main>",
        ),
    ),
    "section that claims to be an article": Sample(
        kind=VerdictKind.HUB,
        path="/harbour/",
        html=_page("Harbour Lamp", f"<main>{_div_cards()}</main>", head=_OG_ARTICLE),
    ),
    "layout table": Sample(
        kind=VerdictKind.HUB,
        path="/index.php",
        html=_page(
            "Harbour Lamp: news",
            "<table><tr><td><table>"
            + "".join(
                f"<tr><td><img src='x.gif'></td><td><a href='{url}'><b>{title}</b></a>"
                f"<div>{_EN[n % 5]}</div></td></tr>"
                for n, (url, title) in enumerate(_links(_TITLES))
            )
            + "</table></td><td>Weather<br>12°</td></tr></table>",
        ),
    ),
    "list of links": Sample(
        kind=VerdictKind.HUB,
        path="/news/archive",
        html=_page(
            "Archive",
            "<ul>"
            + "".join(f"<li><a href='{u}'>{t}</a></li>" for u, t in _links(_TITLES))
            + "</ul>",
        ),
    ),
    "mosaic of linked tiles": Sample(
        kind=VerdictKind.HUB,
        path="/culture",
        html=_page(
            "Culture | Harbour Lamp",
            "<section>"
            + "".join(
                f"<a class='tile' href='{u}'><img src='t.jpg'><h3>{t}</h3><p>{_EN[n % 5]}</p></a>"
                for n, (u, t) in enumerate(_links(_TITLES))
            )
            + "</section>",
        ),
    ),
    "flat headings and excerpts": Sample(
        kind=VerdictKind.HUB,
        path="/blog/",
        html=_page(
            "Blog",
            "<div id='list'>"
            + "".join(
                f"<h2><a href='{u}'>{t}</a></h2><span>3 March 2026</span><p>{_EN[n % 5]}</p>"
                for n, (u, t) in enumerate(_links(_TITLES))
            )
            + "</div>",
        ),
    ),
    "flat lines and excerpts": Sample(
        kind=VerdictKind.HUB,
        path="/ticker/",
        html=_page(
            "Ticker",
            "<div>"
            + "".join(
                f"<p><a href='{u}'><b>{t}</b></a></p><p>{_EN[n % 5]}</p>"
                for n, (u, t) in enumerate(_links(_TITLES))
            )
            + "</div>",
        ),
    ),
    "Japanese list with dates": Sample(
        kind=VerdictKind.HUB,
        path="/news/chiiki/",
        html=_page(
            "灯台新聞",
            "<ul>"
            + "".join(
                f"<li><a href='{u}'>{t}</a><span>2026年3月3日 12:00</span></li>"
                for u, t in _links(_JA_TITLES)
            )
            + "</ul>",
            lang="ja",
        ),
    ),
    "Arabic section": Sample(
        kind=VerdictKind.HUB,
        path="/ar/local",
        html=_page(
            "أخبار محلية",
            "<main><h1>أخبار محلية</h1>"
            + "".join(
                f"<article><h2><a href='{u}'>{t}</a></h2><p>قال سكان القرية إنهم يرون في ذلك "
                "بداية جديدة، وإنهم سيعودون في الأسبوع المقبل.</p></article>"
                for u, t in _links(_AR_TITLES)
            )
            + "</main>",
            lang="ar",
        ),
    ),
    "Indonesian index": Sample(
        kind=VerdictKind.HUB,
        path="/indeks/daerah",
        html=_page(
            "Indeks Berita Daerah",
            "<div class='list-berita'>"
            + "".join(
                f"<div class='item'><div class='judul'><a href='{u}'>{t}</a></div>"
                f"<div class='tgl'>Selasa, 3 Maret 2026 08:00 WIB</div><div>{_ID[n % 4]}</div></div>"
                for n, (u, t) in enumerate(_links(_ID_TITLES))
            )
            + "</div>",
            lang="id",
        ),
    ),
    "tag page": Sample(
        kind=VerdictKind.HUB,
        path="/tag/harbour",
        html=_page("harbour", f"<h1>Tag: harbour</h1>{_div_cards(heading='h3')}"),
    ),
    "search results": Sample(
        kind=VerdictKind.HUB,
        path="/search?q=lamp",
        html=_page(
            "Search: lamp",
            "<form><input name=q></form><p>10 results</p><ol>"
            + "".join(
                f"<li><h3><a href='{u}'>{t}</a></h3><div>{_EN[n % 5]}</div></li>"
                for n, (u, t) in enumerate(_links(_TITLES))
            )
            + "</ol>",
            head='<meta name="robots" content="noindex">',
        ),
    ),
    "author page": Sample(
        kind=VerdictKind.HUB,
        path="/author/m-lamp",
        html=_page(
            "Mira Lamp, author at Harbour Lamp",
            f"<div><h1>Mira Lamp</h1><p>Mira Lamp has written about ships since she could "
            "hold a pencil. She lives above the old net loft with two cats, and she answers "
            f"letters on Thursdays.</p></div><div class='posts'>{_div_cards()}</div>",
        ),
    ),
    "category with one story": Sample(
        kind=VerdictKind.HUB,
        path="/category/bread/",
        html=_page(
            "Harbour Lamp",
            f"<main><article><h2><a href='/story/2-x'>{_TITLES[2]}</a></h2><p>{_EN[0]} […]"
            "</p><a href='/story/2-x'>Continue reading</a></article></main>",
        ),
    ),
}  # fmt: skip

_CONSENTS = {
    "German consent wall": Sample(
        kind=VerdictKind.CONSENT,
        html="<html lang=de><head><title>Zustimmung</title></head><body><div class='cmp-layer'>"
        "<h1>Mit Werbung weiterlesen</h1><p>Wir und unsere Partner speichern Angaben auf Ihrem "
        "Gerät, um Anzeigen zu messen.</p><button>Zustimmen</button><button>Ablehnen</button>"
        "<a href='/datenschutz'>Datenschutz</a></div></body></html>",
    ),
    "French consent page in a form": Sample(
        kind=VerdictKind.CONSENT,
        html="<html lang=fr><head><title>Votre vie privée compte</title></head><body><main>"
        "<h1>Nous respectons votre vie privée</h1><p>Avec votre accord, nos partenaires "
        "utilisent des traceurs pour mesurer l'audience.</p><form method=post action='/choix'>"
        "<input type=submit value='Accepter'></form><a href='/cookies'>En savoir plus</a></main>",
    ),
    "English page of a consent tool": Sample(
        kind=VerdictKind.CONSENT,
        html="<html lang=en><head><title>Before you continue</title><script src='https://cdn."
        "privacy-mgmt.example/wrapper.js'></script></head><body><p>We use cookies to keep this "
        "site running.</p><iframe id='sp_message_iframe_1' src='about:blank'></iframe></body>",
    ),
}

_WALLS = {
    "challenge in a script": Sample(
        kind=VerdictKind.BOT_WALL,
        status=503,
        html="<html><head><title>Just a moment...</title></head><body><h2>Checking</h2><script>"
        "window._cf_chl_opt={cType:'managed'}</script></body></html>",
    ),
    "captcha in a frame": Sample(
        kind=VerdictKind.BOT_WALL,
        status=403,
        html="<html><head><title>lamp.example</title></head><body><p>Please enable JS and "
        "disable any ad blocker</p><script src='https://ct.captcha-delivery.com/c.js'></script>",
    ),
    "frame with nothing around it": Sample(
        kind=VerdictKind.BOT_WALL,
        html="<html><head><META NAME='ROBOTS' CONTENT='NOINDEX, NOFOLLOW'></head><body><iframe "
        "src='/_Incapsula_Resource?CWUDNSAI=9'>Request unsuccessful.</iframe></body></html>",
    ),
    "plain denial": Sample(
        kind=VerdictKind.BOT_WALL,
        status=403,
        html="<html><head><title>Access Denied</title></head><body><h1>Access Denied</h1>You "
        "don't have permission to read this page. Reference #18.2f</body></html>",
    ),
    "challenge told by a header": Sample(
        kind=VerdictKind.BOT_WALL,
        status=202,
        headers=(("x-amzn-waf-action", "challenge"),),
        html="<html><head><title></title></head><body><div id=challenge-container></div>",
    ),
}

_GONE = {
    "English": Sample(
        kind=VerdictKind.SOFT_404,
        html=_page("Page not found", "<h1>Page not found</h1><p>Try the search.</p>"),
    ),
    "German with other stories": Sample(
        kind=VerdictKind.SOFT_404,
        html=_page(
            "Harbour Lamp",
            "<main><h1>Seite nicht gefunden</h1><p>Vielleicht hilft Ihnen eine dieser "
            "Meldungen.</p><ul>"
            + "".join(f"<li><a href='{u}'>{t}</a></li>" for u, t in _links(_TITLES[:4]))
            + "</ul></main>",
            lang="de",
        ),
    ),
    "Indonesian, not to be indexed": Sample(
        kind=VerdictKind.SOFT_404,
        html=_page(
            "Halaman tidak ditemukan - Harbour Lamp",
            "<div><h2>Maaf!</h2><p>Halaman yang Anda cari sudah tidak ada atau dipindahkan ke "
            "alamat lain. Silakan kembali ke halaman depan atau gunakan pencarian.</p></div>",
            lang="id",
            head='<meta name="robots" content="noindex,follow">',
        ),
    ),
    "Japanese": Sample(
        kind=VerdictKind.SOFT_404,
        html=_page(
            "ページが見つかりません", "<p>お探しのページは移動しました。</p>", lang="ja"
        ),
    ),
}

_TEASERS = {
    "structured data says so": Sample(
        kind=VerdictKind.TEASER,
        html=_page(
            _TITLES[0],
            f"<article>{_H1}{_prose(_EN[:2])}</article>",
            head=_NEWS % ', "isAccessibleForFree": false',
        ),
    ),
    "a line asks to subscribe": Sample(
        kind=VerdictKind.TEASER,
        html=_page(
            _TITLES[0],
            f"<article>{_H1}{_prose(_EN[:2])}<p>Subscribe to continue reading</p></article>",
        ),
    ),
    "payment required": Sample(
        kind=VerdictKind.TEASER,
        status=402,
        html=_page(_TITLES[0], f"<article>{_H1}{_prose(_EN[:1])}</article>"),
    ),
}

_ERRORS = {
    "shell of an application": Sample(
        kind=VerdictKind.ERROR,
        html="<html><head><title>News</title><script src='/app.js'></script></head><body>"
        "<noscript>You need to enable JavaScript to run this app.</noscript><div id=root></div>",
    ),
    "shell with a spinner": Sample(
        kind=VerdictKind.ERROR,
        html="<html><head><title>Lamp</title></head><body><div id=__next><div class=spinner>"
        "Loading…</div></div><script>self.boot()</script></body></html>",
    ),
    "failing server": Sample(
        kind=VerdictKind.ERROR,
        status=500,
        html="<html><title>Error</title><h1>Something went wrong</h1></html>",
    ),
}

_MANY = "".join(
    f"<li><a href='{u}?from=side'>{t}</a></li>" for u, t in _links(_TITLES[1:])
)
_ARTICLES = {
    "short news": Sample(
        kind=VerdictKind.ARTICLE,
        html=_page(_TITLES[0], f"<main>{_H1}{_prose(_EN[:3])}</main>"),
    ),
    "short news among many headlines": Sample(
        kind=VerdictKind.ARTICLE,
        html=_page(
            _TITLES[0],
            f"<main>{_H1}<p>3 March 2026</p>{_prose(_EN[:4])}</main><aside><ul>{_MANY}</ul>"
            "</aside>",
        ),
    ),
    "long read with related cards": Sample(
        kind=VerdictKind.ARTICLE,
        html=_page(
            _TITLES[0],
            f"<article>{_H1}{_prose(_EN * 3)}</article><div class='boxes'>{_div_cards()}</div>",
        ),
    ),
    "links to other stories between the paragraphs": Sample(
        kind=VerdictKind.ARTICLE,
        html=_page(
            _ID_TITLES[0],
            f"<div class='isi'><h1>{_ID_TITLES[0]}</h1>"
            + "".join(
                f"<p>{_ID[n % 4]}</p><p><strong>Baca juga: <a href='{u}'>{t}</a></strong></p>"
                for n, (u, t) in enumerate(_links(_ID_TITLES)[1:])
            )
            + "</div>",
            lang="id",
        ),
    ),
    "live blog": Sample(
        kind=VerdictKind.ARTICLE,
        html=_page(
            "Storm over the harbour: live",
            "<h1>Storm over the harbour: live</h1>"
            + "".join(
                f"<section id='p{n}'><h2><a href='#p{n}'>{t}</a></h2><time>1{n}:00</time>"
                f"<p>{_EN[n % 5]}</p></section>"
                for n, t in enumerate(_TITLES)
            ),
        ),
    ),
    "questions and answers": Sample(
        kind=VerdictKind.ARTICLE,
        html=_page(
            "What the new rules mean for boats",
            "<article><h1>What the new rules mean for boats</h1>"
            + "".join(
                f"<h3>Question {n}: may a barge lie here?</h3><p>{_EN[n % 5]}</p>"
                for n in range(8)
            )
            + "</article>",
        ),
    ),
    "round-up of links": Sample(
        kind=VerdictKind.ARTICLE,
        html=_page(
            "What we read this week",
            f"<article><h1>What we read this week</h1>{_prose(_EN[:3])}"
            + "".join(
                f"<h3><a href='{u}'>{t}</a></h3><p>{_EN[n % 5]} {_EN[(n + 1) % 5]} "
                f"{_EN[(n + 2) % 5]} {_EN[(n + 3) % 5]} {_EN[(n + 4) % 5]}</p>"
                for n, (u, t) in enumerate(_links(_TITLES[:5]))
            )
            + "</article>",
        ),
    ),
    "story about cookies": Sample(
        kind=VerdictKind.ARTICLE,
        html=_page(
            "Bakery asks guests for consent before cookies",
            "<article><h1>Bakery asks guests for consent before cookies</h1>"
            f"{_prose(_EN[:4])}</article><form><textarea></textarea><button>Send</button></form>",
        ),
    ),
    "news of someone not found": Sample(
        kind=VerdictKind.ARTICLE,
        html=_page(
            "Missing parrot still not found",
            f"<article><h1>Missing parrot still not found</h1>{_prose(_EN[:4])}</article>",
        ),
    ),
    "cookie banner longer than the news": Sample(
        kind=VerdictKind.ARTICLE,
        html=_page(
            _TITLES[0],
            f"<main>{_H1}{_prose(_EN[:3])}</main><div id='onetrust-banner'><p>"
            + "We and our partners keep data on your device. " * 12
            + "</p><button>Accept</button><a href='/cookies'>More</a></div>",
        ),
    ),
    "headline that links to itself": Sample(
        kind=VerdictKind.ARTICLE,
        html=_page(
            _TITLES[0],
            f"<article><h2><a href='/story/lighthouse-keeper-counts'>{_TITLES[0]}</a></h2>"
            f"{_prose(_EN)}</article>",
        ),
    ),
    "front page that is a story": Sample(
        kind=VerdictKind.ARTICLE,
        path="/",
        html=_page(
            _TITLES[0],
            f"<article>{_H1}{_prose(_EN * 2)}</article><ul>{_MANY}</ul>",
            head=_NEWS % "",
        ),
    ),
}  # fmt: skip

SAMPLES = {
    f"{kind}: {name}": sample
    for kind, samples in (
        ("hub", _HUBS),
        ("consent", _CONSENTS),
        ("bot wall", _WALLS),
        ("soft 404", _GONE),
        ("teaser", _TEASERS),
        ("error", _ERRORS),
        ("article", _ARTICLES),
    )
    for name, sample in samples.items()
}
