"""Pages with a notice where a story was: missing, failing, empty."""

from storage.model.verdict import VerdictKind
from tests.quality.verdict_pages import Sample

_GONE = VerdictKind.SOFT_404
_ERROR = VerdictKind.ERROR

GONE = {
    "French, search form": Sample(
        kind=_GONE,
        html="<!doctype html><html lang=fr><head><title>Page introuvable - La Lampe</title></head>"
        "<body class=error404><div class=wrap><h1>Page introuvable</h1><p>Cette adresse ne mène "
        "plus nulle part.</p><form role=search><input name=s><button>Chercher</button></form>"
        "</div></body></html>",
    ),
    "Spanish, number in large letters": Sample(
        kind=_GONE,
        html="<html lang=es><head><title>404 | El Farol</title><meta name=robots content=noindex>"
        "</head><body><section><span style='font-size:9em'>404</span><h2>Contenido no encontrado"
        "</h2><a href='/'>Volver a la portada</a></section></body></html>",
    ),
    "Polish, layout table": Sample(
        kind=_GONE,
        html="<html lang=pl><head><title>Nie znaleziono strony</title></head><body><table><tr><td>"
        "<img src=l.gif></td><td><b>Nie znaleziono strony</b><br>Sprawdź adres albo wróć na "
        "stronę główną.</td></tr></table></body></html>",
    ),
    "Russian, list of sections": Sample(
        kind=_GONE,
        html="<html lang=ru><head><meta charset=utf-8><title>Страница не найдена</title></head><body>"
        "<header>Маяк</header><main><h1>Страница не найдена</h1><ul><li><a href='/gorod'>Город</a>"
        "<li><a href='/more'>Море</a></ul></main></body></html>",
    ),
    "Chinese, counts down to the front page": Sample(
        kind=_GONE,
        html="<html lang=zh><head><meta charset=utf-8><meta http-equiv=refresh content='5;url=/'>"
        "<title>找不到页面</title></head><body><div class=tip><h3>找不到页面</h3><p>五秒后返回首页。"
        "</p></div></body></html>",
    ),
    "Turkish, modern layout": Sample(
        kind=_GONE,
        html="<html lang=tr><head><title>Sayfa bulunamadı | Fener</title></head><body><div id=app>"
        "<nav><a href='/gundem'>Gündem</a><a href='/spor'>Spor</a></nav><div class=empty-state>"
        "<h1>Sayfa bulunamadı</h1><p>Aradığınız haber kaldırılmış olabilir.</p></div></div></body>",
    ),
    "Korean, definition list": Sample(
        kind=_GONE,
        html="<html lang=ko><head><meta charset=utf-8><title>페이지를 찾을 수 없습니다</title></head>"
        "<body><dl><dt>페이지를 찾을 수 없습니다</dt><dd>주소를 다시 확인해 주세요.</dd></dl></body>",
    ),
    "Vietnamese, with the site's footer": Sample(
        kind=_GONE,
        html="<html lang=vi><head><title>Không tìm thấy trang</title></head><body><div><h1>Không tìm "
        "thấy trang</h1><p>Bài viết có thể đã được gỡ.</p></div><footer>© Hải Đăng <a href='/lien-he'>"
        "Liên hệ</a></footer></body></html>",
    ),
    "Portuguese, not to be indexed": Sample(
        kind=_GONE,
        html="<html lang=pt><head><title>Página não encontrada</title><meta name=robots content="
        "'noindex, follow'></head><body><article><header><h1>Ops!</h1></header><p>A página que você "
        "procura saiu do ar ou mudou de lugar.</p></article></body></html>",
    ),
}

ERRORS = {
    "bad gateway of a proxy": Sample(
        kind=_ERROR,
        status=502,
        html="<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway"
        "</h1></center><hr><center>proxy</center></body></html>",
    ),
    "maintenance, German": Sample(
        kind=_ERROR,
        status=503,
        html="<html lang=de><head><title>Wartung</title></head><body><div class=box><h1>Wir bauen um"
        "</h1><p>In einer Stunde sind wir wieder da. Danke für Ihre Geduld.</p></div></body></html>",
    ),
    "trace of a program": Sample(
        kind=_ERROR,
        status=500,
        html="<html><head><title>Server Error</title></head><body><pre>Traceback: line 12, in view\n"
        "  story = stories[key]\nKeyError: 'lamp'</pre></body></html>",
    ),
    "shell of modules": Sample(
        kind=_ERROR,
        html="<!doctype html><html lang=en><head><title>Lamp</title><link rel=modulepreload href=a.js>"
        "</head><body><app-root></app-root><script type=module src=main.js></script></body></html>",
    ),
    "shell with a skeleton": Sample(
        kind=_ERROR,
        html="<html lang=fr><head><title>La Lampe</title></head><body><div id=app><div class=skeleton>"
        "</div><div class=skeleton></div></div><script src=/static/js/main.js></script><script>var "
        "etat={};</script></body></html>",
    ),
    "redirect by script": Sample(
        kind=_ERROR,
        html="<html><head><title></title><script>location.href='/en/story?x=1'</script></head><body>"
        "</body></html>",
    ),
    "nothing but white space": Sample(kind=_ERROR, html=" \r\n\r\n  "),
    "empty body": Sample(
        kind=_ERROR,
        html="<!doctype html><html lang=ja><head><title>灯台新聞</title></head><body></body></html>",
    ),
    "too many requests": Sample(
        kind=_ERROR,
        status=429,
        html="<html><head><title>Slow down</title></head><body><p>Too many requests from your address."
        " Try again in ten minutes.</p></body></html>",
    ),
    "image under the name of a page": Sample(kind=_ERROR, html="GIF89a\x01\x02\x03"),
    "document under the name of a page": Sample(
        kind=_ERROR, html="%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj"
    ),
}
