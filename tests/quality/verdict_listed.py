"""Pages that a list names by a headline: what stands in a story's place, and short stories.

The first have no mark of a wall; the second have the marks of one, but the headline.
"""

from storage.model.verdict import VerdictKind
from tests.quality.verdict_pages import Sample

_ERROR = VerdictKind.ERROR
_ARTICLE = VerdictKind.ARTICLE

OTHERS = {
    "Indonesian, browser is being checked": Sample(
        kind=_ERROR,
        listed="Harga beras medium naik lagi di pasar induk",
        html="<!doctype html><html lang=id><head><meta charset=utf-8><title>Memeriksa peramban Anda"
        "</title></head><body><div class=wrap><h1>Memeriksa peramban Anda</h1><p>Proses ini berjalan "
        "otomatis. Peramban Anda akan segera dialihkan ke halaman yang diminta.</p><p>ID permintaan: "
        "8f2a91bc77</p></div></body></html>",
    ),
    "German, denied with a reference": Sample(
        kind=_ERROR,
        listed="Bürgermeister will Schwimmbad im Stadtpark sanieren",
        html="<html lang=de><head><title>Zugriff verweigert</title></head><body><h1>Zugriff verweigert"
        "</h1><p>Sie haben keine Berechtigung, diese Seite auf diesem Server aufzurufen. Ihre Anfrage "
        "wurde von unserem Sicherheitssystem blockiert, weil sie einem automatisierten Zugriff ähnelt."
        "</p><p>Referenz #18.4f2d1702</p><p>Wenn Sie glauben, dass es sich um einen Fehler handelt, "
        "nennen Sie diese Nummer unserem Kundendienst.</p></body></html>",
    ),
    "Arabic, letters of an image": Sample(
        kind=_ERROR,
        listed="رئيس الوزراء يفتتح مستشفى جديدا في العاصمة",
        html="<html lang=ar dir=rtl><head><meta charset=utf-8><title>التحقق الأمني</title></head><body>"
        "<main><h2>يرجى إثبات أنك لست روبوتا</h2><p>لاحظنا نشاطا غير معتاد من شبكتك. للمتابعة يرجى كتابة "
        "الأحرف التي تظهر في الصورة أدناه.</p><form method=post><input name=code><button>متابعة</button>"
        "</form></main></body></html>",
    ),
    "Japanese, age gate": Sample(
        kind=_ERROR,
        listed="首相、減税法案の提出を見送り",
        html="<html lang=ja><head><meta charset=utf-8><title>年齢確認 | 港新聞</title></head><body><div "
        "id=gate><h2>年齢確認</h2><p>この先のページには、アルコールに関する内容が含まれています。20歳未満の方は"
        "ご覧いただけません。あなたは20歳以上ですか。</p><a href='?ok=1'>はい</a> <a href='/'>いいえ</a></div>",
    ),
    "Korean, waiting room": Sample(
        kind=_ERROR,
        listed="대통령, 국회 연설서 협력 당부",
        html="<html lang=ko><head><meta charset=utf-8><title>접속 대기 중</title></head><body><table><tr><td>"
        "<b>현재 접속자가 많아 대기 중입니다</b></td></tr><tr><td>고객님 앞에 1,204명의 대기자가 있습니다. 잠시만 "
        "기다리시면 서비스로 자동 접속됩니다.</td></tr></table></body></html>",
    ),
    "Vietnamese, log in to read on": Sample(
        kind=_ERROR,
        listed="Giá gạo tăng ở ba tỉnh miền Tây",
        html="<html lang=vi><head><meta charset=utf-8><title>Đăng nhập</title></head><body><div class=c><h2>"
        "Đăng nhập để đọc tiếp</h2><p>Bài viết này chỉ dành cho thành viên đã đăng ký. Vui lòng đăng nhập "
        "hoặc tạo tài khoản miễn phí để tiếp tục đọc bài viết.</p><input type=password></div></body></html>",
    ),
    "Turkish, not in this country": Sample(
        kind=_ERROR,
        listed="Belediye meclisi yeni bütçeyi onayladı",
        html="<html lang=tr><head><meta charset=utf-8><title>Uyarı</title></head><body><header><a "
        "href='/'>Haber Limanı</a></header><div class=uyari><p>Bu içerik bulunduğunuz ülkede yayın hakları "
        "nedeniyle görüntülenememektedir. Anlayışınız için teşekkür ederiz.</p><p>Hata kodu: GEO-13</p></div>",
    ),
    "Russian, unusual traffic at length": Sample(
        kind=_ERROR,
        listed="Губернатор открыл новую больницу в посёлке",
        html="<html lang=ru><head><meta charset=utf-8><title>Проверка — Вестник</title></head><body><header>"
        "<a href='/'>Вестник</a></header><main><h1>Проверка</h1><p>Мы зафиксировали подозрительную "
        "активность с вашего адреса. Чтобы продолжить пользоваться сайтом, подтвердите, что запросы "
        "отправляете вы, а не робот.</p><p>Почему это могло произойти? Возможно, автоматические запросы "
        "принадлежат другому пользователю, выходящему в сеть с одного с вами адреса.</p></main></body></html>",
    ),
    "Polish, maintenance": Sample(
        kind=_ERROR,
        listed="Burmistrz otworzył nową szkołę nad zatoką",
        html="<html lang=pl><head><meta charset=utf-8><title>Przerwa techniczna</title></head><body><div "
        "class=box><img src=logo.png><h1>Przerwa techniczna</h1><p>Pracujemy nad ulepszeniem serwisu. "
        "Zapraszamy ponownie za kilka godzin. Dziękujemy za cierpliwość.</p></div></body></html>",
    ),
    "Thai, maintenance": Sample(
        kind=_ERROR,
        listed="ชาวประมงจับปลาหมึกยักษ์ได้กลางอ่าว",
        html="<html lang=th><head><meta charset=utf-8><title>ปิดปรับปรุงระบบ</title></head><body><section><h1>"
        "ปิดปรับปรุงระบบชั่วคราว</h1><p>ขออภัยในความไม่สะดวก ขณะนี้เว็บไซต์อยู่ระหว่างการปรับปรุง คาดว่าจะเปิดให้"
        "บริการอีกครั้งในเวลา 06.00 น.</p></section></body></html>",
    ),
    "English, domain for sale": Sample(
        kind=_ERROR,
        listed="Council votes to rebuild the old swimming pool",
        html="<html><head><title>lamp.example is for sale</title></head><body><div><h1>lamp.example</h1><p>"
        "This domain may be for sale. Our brokers can help you to obtain it at the best price.</p><ul><li>"
        "<a href='/s?q=loans'>Cheap Loans Online</a></ul><p>The listings displayed above are served "
        "automatically by a third party.</p></div></body></html>",
    ),
    "Ukrainian, ad blocker": Sample(
        kind=_ERROR,
        listed="Рибалки врятували дельфіна біля берега",
        html="<html lang=uk><head><meta charset=utf-8><title>Хвиля</title></head><body><div class=m><h2>"
        "Вимкніть блокувальник</h2><p>Ми помітили, що у вас увімкнено блокування оголошень. Саме вони дають "
        "нам змогу працювати для вас безкоштовно. Додайте сайт до винятків і оновіть сторінку.</p></div>",
    ),
    "trace of a program": Sample(
        kind=_ERROR,
        listed="Perajin batik tulis buka kelas malam",
        html="<br />\n<b>Fatal error</b>:  Uncaught mysqli_sql_exception: Too many connections in "
        "/var/www/html/inc/db.php:12\nStack trace:\n#0 /var/www/html/index.php(3): require('/var/www...')\n"
        "#1 {main}\n  thrown in <b>/var/www/html/inc/db.php</b> on line <b>12</b><br />",
    ),
}

STORIES = {
    "Indonesian, about pages with 404": Sample(
        kind=_ARTICLE,
        listed="Mengapa Halaman 404 Jadi Karya Seni",
        html="<html lang=id><head><meta charset=utf-8><title>Mengapa Halaman 404 Jadi Karya Seni - Kabar"
        "</title></head><body><article><h1>Mengapa Halaman 404 Jadi Karya Seni</h1><p>Halaman tidak "
        "ditemukan biasanya membuat kesal. Sejumlah perancang di Bandung mengubahnya menjadi pameran kecil "
        "yang dibuka hari ini.</p></article></body></html>",
    ),
    "Turkish, a fisherman is not found": Sample(
        kind=_ARTICLE,
        listed="Kayıp balıkçı bulunamadı",
        html="<html lang=tr><head><meta charset=utf-8><title>Kayıp balıkçı bulunamadı</title></head><body>"
        "<main><h1>Kayıp balıkçı bulunamadı</h1><p>Pazartesi günü denize açılan balıkçı bulunamadı. Arama "
        "çalışmaları üçüncü gününde fırtına nedeniyle durduruldu.</p></main></body></html>",
    ),
    "Vietnamese, nobody is found, not to be indexed": Sample(
        kind=_ARTICLE,
        listed="Không tìm thấy người mất tích",
        html="<html lang=vi><head><meta charset=utf-8><meta name=robots content=noindex><title>Không tìm thấy "
        "người mất tích</title></head><body><div><h2>Không tìm thấy người mất tích</h2><p>Đội cứu hộ vẫn "
        "chưa tìm thấy ngư dân mất tích từ hôm thứ hai. Việc tìm kiếm tạm dừng vì sóng lớn.</p></div></body>",
    ),
    "Polish, about cookies under a banner": Sample(
        kind=_ARTICLE,
        listed="Koniec ciasteczek: co zmieni nowe prawo o cookies",
        html="<html lang=pl><head><meta charset=utf-8><title>Koniec ciasteczek: co zmieni nowe prawo o cookies"
        "</title></head><body><article><h1>Koniec ciasteczek: co zmieni nowe prawo o cookies</h1><p>Od maja "
        "strony nie będą już pytać o zgodę przy każdej wizycie. Przeglądarka zapamięta wybór. Wydawcy boją "
        "się o wpływy z reklam.</p></article><div id=cookie-banner><p>Używamy cookies.</p><button>OK"
        "</button></div><footer><a href='/privacy'>RODO</a></footer></body></html>",
    ),
    "German, newsletter and banner around a brief": Sample(
        kind=_ARTICLE,
        listed="Der Deich wächst im Sommer",
        html="<html lang=de><head><title>Der Deich wächst im Sommer</title></head><body><article><h1>Der Deich "
        "wächst im Sommer</h1><div class=newsletter-box><form><input name=mail><button>Anmelden</button>"
        "</form></div><p>Der Deich am Nordhafen wird um einen halben Meter erhöht. Das beschloss der Rat am "
        "Dienstagabend mit großer Mehrheit.</p></article><footer><a href='/datenschutz'>Datenschutz</a>",
    ),
    "English, forbidden fruit above a captcha for comments": Sample(
        kind=_ARTICLE,
        listed="Forbidden fruit: orchard opens its gates",
        html="<html lang=en><head><title>Forbidden fruit: orchard opens its gates</title><meta name=robots "
        "content=noindex></head><body><article><h1>Forbidden fruit: orchard opens its gates</h1><p>For "
        "forty years the walled orchard was closed to the public. On Sunday anyone may pick a basket, said "
        "its owner.</p></article><form id=comments><div class=g-recaptcha></div><button>Send</button></form>"
        "<script src='https://www.google.com/recaptcha/api.js'></script></body></html>",
    ),
}
