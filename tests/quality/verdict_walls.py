"""Pages between a reader and a story: challenges of bots, walls of consent."""

from storage.model.verdict import VerdictKind
from tests.quality.verdict_pages import Sample

_WALL = VerdictKind.BOT_WALL
_CONSENT = VerdictKind.CONSENT

WALLS = {
    "slider in Chinese, script of a captcha": Sample(
        kind=_WALL,
        status=403,
        html="<html lang=zh><head><meta charset=utf-8><title>安全验证</title><script src='https://"
        "geo.captcha-delivery.com/captcha/?initialCid=9'></script></head><body><div id=slide>"
        "<p>请拖动滑块完成验证后继续访问</p></div></body></html>",
    ),
    "checkbox in a form, Spanish": Sample(
        kind=_WALL,
        status=429,
        html="<!doctype html><html lang=es><title>Un momento</title><body><main><h1>Compruebe que "
        "es una persona</h1><form method=post action=/verificar><div class=h-captcha "
        "data-sitekey=1></div><button>Seguir</button></form><script async src="
        "'https://js.hcaptcha.com/1/api.js'></script></main></body></html>",
    ),
    "press and hold, German": Sample(
        kind=_WALL,
        status=403,
        html="<html lang=de><head><title>Zugriff auf diese Seite wurde verweigert</title></head>"
        "<body><section><div id='px-captcha'></div><p>Halten Sie die Taste gedrückt, um zu "
        "zeigen, dass Sie ein Mensch sind.</p><p>Kennung 8c1-22</p></section></body></html>",
    ),
    "managed challenge in French with status 200": Sample(
        kind=_WALL,
        headers=(("cf-mitigated", "challenge"),),
        html="<html lang=fr><head><title>Un instant…</title></head><body><noscript>Activez "
        "JavaScript et les cookies pour continuer</noscript><script src='/cdn-cgi/"
        "challenge-platform/h/b/orchestrate'></script></body></html>",
    ),
    "guard in Russian": Sample(
        kind=_WALL,
        status=403,
        html="<html lang=ru><head><meta charset=utf-8><title>DDoS-Guard</title></head><body><div "
        "id=link-ddg><h1>Проверяем ваш браузер</h1><p>Это займёт несколько секунд.</p>"
        "<script src='/.well-known/ddos-guard/check'></script></div></body></html>",
    ),
    "queue of tables with a reference": Sample(
        kind=_WALL,
        status=403,
        html="<HTML><HEAD><TITLE>Request blocked</TITLE></HEAD><BODY><TABLE><TR><TD><FONT "
        "size=5>Request blocked.</FONT></TD></TR><TR><TD>Support ID: 77120</TD></TR></TABLE>",
    ),
    "token script with an empty body": Sample(
        kind=_WALL,
        status=202,
        html="<!doctype html><html><head><title></title><script>window.awsWafCookieDomainList=[];"
        "</script><script src='https://t.token.awswaf.com/challenge.js'></script></head><body>"
        "<div id=c></div></body></html>",
    ),
    "Japanese, unusual traffic": Sample(
        kind=_WALL,
        status=429,
        html="<html lang=ja><head><meta charset=utf-8><title>アクセスの確認</title></head><body><h1>"
        "アクセスの確認</h1><form action=/sorry method=post><div class=g-recaptcha></div></form>"
        "<script src='https://www.google.com/recaptcha/api.js'></script></body></html>",
    ),
}

CONSENTS = {
    "redirect to another host's form, Dutch": Sample(
        kind=_CONSENT,
        path="/consent?url=%2Fverhaal",
        html="<!doctype html><html lang=nl><head><title>Cookies op deze site</title></head><body>"
        "<form action='/consent' method=post><h1>Uw keuze voor cookies</h1><p>Kies of wij en "
        "anderen gegevens mogen bewaren op uw toestel.</p><button name=a>Akkoord</button><button "
        "name=b>Weigeren</button></form><a href='/privacy'>Privacy</a></body></html>",
    ),
    "Italian, pay or accept, tool script": Sample(
        kind=_CONSENT,
        html="<html lang=it><head><title>Accetta o abbonati | Lampada</title><script src="
        "'https://cdn.iubenda.example/cs.js'></script></head><body><div id=consent-wall "
        "class='cookie-wall'><h2>Accetta i cookie o abbonati</h2><p>Per leggere gratis accetta "
        "la pubblicità su misura.</p><p>Oppure abbonati a due euro al mese.</p><button>Accetta"
        "</button><a class=btn href='/abbonati'>Abbonati</a><a href='/cookie-policy'>Cookie</a>"
        "</div></body></html>",
    ),
    "Spanish, table of partners": Sample(
        kind=_CONSENT,
        html="<html lang=es><head><title>Su privacidad</title></head><body class=didomi-screen><div "
        "id='didomi-host'><h1>Cuidamos su privacidad</h1><table><tr><td>Guardar datos en el "
        "equipo</td><td><input type=checkbox></td></tr><tr><td>Medir los anuncios</td><td><input "
        "type=checkbox></td></tr></table><button>Aceptar todo</button><button>Rechazar</button>"
        "<a href='/privacidad'>Más</a></div></body></html>",
    ),
    "Polish, dialog over nothing": Sample(
        kind=_CONSENT,
        html="<html lang=pl><head><title>Zgoda – cookies</title></head><body><div role=alertdialog "
        "class='cmp consent'><h2>Twoja zgoda</h2><p>Razem z partnerami zapisujemy pliki cookie, "
        "aby mierzyć reklamy i poznawać czytelników.</p><button>Zgadzam się</button><button>"
        "Ustawienia</button><a href='/polityka-cookies'>Polityka</a></div></body></html>",
    ),
    "Turkish, definition list": Sample(
        kind=_CONSENT,
        html="<html lang=tr><head><title>Gizlilik tercihleri</title></head><body><div class="
        "'cookie-consent'><dl><dt>Zorunlu</dt><dd>Site bunlar olmadan çalışmaz.</dd><dt>Reklam"
        "</dt><dd>İlgi alanlarınızı ölçer.</dd></dl><button>Kabul et</button><button>Reddet"
        "</button><a href='/gizlilik'>Gizlilik</a></div></body></html>",
    ),
    "Portuguese, frame of a message tool": Sample(
        kind=_CONSENT,
        html="<html lang=pt><head><title>Privacidade e cookies</title></head><body><p>Antes de "
        "continuar, escolha o que podemos guardar.</p><iframe id=sp_message_iframe_77 src="
        "'https://cdn.privacy-mgmt.example/index.html'></iframe></body></html>",
    ),
    "Indonesian, list of switches": Sample(
        kind=_CONSENT,
        html="<html lang=id><head><title>Persetujuan cookie</title></head><body><main id="
        "'cookie-preferences' class='consent-page'><h1>Persetujuan cookie</h1><ul><li>Cookie "
        "wajib <input type=checkbox checked></li><li>Cookie iklan <input type=checkbox></li></ul>"
        "<button>Simpan pilihan</button><a href='/kebijakan-privasi'>Kebijakan privasi</a></main>",
    ),
    "Swedish, plain paragraphs and a form": Sample(
        kind=_CONSENT,
        html="<html lang=sv><head><title>Cookies och integritet</title></head><body><div id="
        "usercentrics-root><p>Vi och våra partner sparar uppgifter på din enhet.</p><p>Du kan "
        "ändra ditt val när du vill.</p><form><input type=submit value=Godkänn></form><a href="
        "'/integritet'>Integritet</a></div></body></html>",
    ),
    "English, two languages at once": Sample(
        kind=_CONSENT,
        html="<html lang=en><head><title>Consent | Consentement</title></head><body><div class="
        "'gdpr-wall'><section lang=en><h2>Consent</h2><p>We ask before we store anything.</p>"
        "</section><section lang=fr><h2>Consentement</h2><p>Nous demandons avant de garder quoi "
        "que ce soit.</p></section><button>OK</button><a href='/privacy'>Privacy</a></div></body>",
    ),
}
