"""Words and sentences of twelve languages, written for this.

A word stands beside one that is near it but another: an inflected or compounded
form, or, where no blanks part words, the same characters in another order or cut.
Sentences hold none of the words. `{}` is where one goes.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """Words as `word near` lines; `blank` is what parts words."""

    code: str
    pairs: tuple[tuple[str, str], ...]
    sentences: tuple[str, ...]
    blank: str = " "


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    pairs = [tuple(pair.split("/")) for pair in text.split()]
    return tuple((word, near) for word, near in pairs)


LANGUAGES = (
    Language(
        code="en",
        pairs=_pairs(
            "harbour/harbours ferry/ferries strike/striking bridge/bridged"
            " council/councillor budget/budgetary teacher/teachers hospital/hospitals"
            " café/cafés river/riverside storm/stormy library/librarian"
            " election/elections farmer/farming tunnel/tunnelled museum/museums"
            " naïve/naïvely tram/trams résumé/résumés orchard/orchards"
        ),
        sentences=(
            "On Monday people spoke about the {} for a long time.",
            "Nobody had expected that a {} would matter here.",
            "Later that week, {} came up again; nothing was decided.",
            "What remains of it? The {}, say those who were there.",
        ),
    ),
    Language(
        code="de",
        pairs=_pairs(
            "Straße/Straßen Brücke/Brücken Hafen/Häfen Bürger/Bürgermeister"
            " Schule/Schulen Haus/Hausboot Gemüse/Gemüsehändler Zug/Züge"
            " Krankenhaus/Krankenhäuser Größe/Größen Wald/Wälder Fluß/Flüsse"
            " Lehrer/Lehrerin Müll/Müllabfuhr Rathaus/Rathäuser Bäcker/Bäckerei"
            " Übung/Übungen Strom/Ströme Gericht/Gerichte Öl/Ölpreis"
        ),
        sentences=(
            "Am Montag sprach man lange über {} und anderes.",
            "Niemand hatte erwartet, dass {} hier wichtig wird.",
            "Später kam „{}“ erneut zur Sprache; entschieden ist nichts.",
            "Was bleibt davon? Nur {}, sagen die Beteiligten.",
        ),
    ),
    Language(
        code="id",
        pairs=_pairs(
            "parkir/parkiran hujan/kehujanan banjir/kebanjiran sekolah/bersekolah"
            " jembatan/jembatannya pelabuhan/pelabuhannya nelayan/nelayannya"
            " harga/seharga beras/berasnya kereta/keretanya pasar/pasaran"
            " gempa/gempanya rumah/perumahan guru/perguruan hakim/kehakiman"
            " jalan/berjalan kapal/perkapalan listrik/kelistrikan petani/pertanian"
            " air/perairan"
        ),
        sentences=(
            "Pada hari Senin orang berbicara lama tentang {} itu.",
            "Tidak ada yang menyangka {} akan penting di sini.",
            "Kemudian soal {} muncul lagi; belum ada keputusan.",
            "Apa yang tersisa? Hanya {}, kata mereka.",
        ),
    ),
    Language(
        code="fr",
        pairs=_pairs(
            "école/écoles forêt/forêts cœur/cœurs élève/élèves hôpital/hôpitaux"
            " maire/mairie pêcheur/pêcheurs train/trains grève/grèves"
            " château/châteaux œuvre/œuvres été/étés théâtre/théâtres"
            " façade/façades côte/côtes port/portuaire juge/juges neige/neigeux"
            " pont/pontons garçon/garçons"
        ),
        sentences=(
            "Lundi, on a longtemps parlé de {} dans la région.",
            "Personne n’avait prévu que {} compterait ici.",
            "Plus tard, l’affaire {} est revenue ; rien n’est décidé.",
            "Que reste-t-il ? Seulement {}, disent les témoins.",
        ),
    ),
    Language(
        code="es",
        pairs=_pairs(
            "niño/niños año/años escuela/escuelas pingüino/pingüinos"
            " camión/camiones montaña/montañas huelga/huelgas puente/puentes"
            " río/ríos médico/médicos elección/elecciones juez/jueces"
            " autobús/autobuses lluvia/lluvias cárcel/cárceles puerto/puertos"
            " árbol/árboles tren/trenes canción/canciones señal/señales"
        ),
        sentences=(
            "El lunes se habló mucho de {} en la ciudad.",
            "Nadie esperaba que {} importara aquí.",
            "Más tarde, ¿{} otra vez? Nada se ha decidido.",
            "Lo que queda es {}, dicen los testigos.",
        ),
    ),
    Language(
        code="ru",
        pairs=_pairs(
            "мост/мосты река/реки учёный/учёные школа/школы ёлка/ёлки"
            " больница/больницы город/города поезд/поезда выборы/выборов"
            " завод/заводы бюджет/бюджетный суд/судья врач/врачи дорога/дороги"
            " самолёт/самолёты музей/музеи хлеб/хлебный закон/законы"
            " остров/острова берёза/берёзы"
        ),
        sentences=(
            "В понедельник долго говорили про {} и прочее.",
            "Никто не ждал, что {} здесь будет важно.",
            "Позднее «{}» снова обсуждали; решения нет.",
            "Что осталось? Только {}, говорят очевидцы.",
        ),
    ),
    Language(
        code="ar",
        pairs=_pairs(
            "ميناء/موانئ مدرسة/مدارس خبز/مخبز جسر/جسور انتخابات/انتخابي"
            " أسعار/أسعارنا مستشفى/مستشفيات قطار/قطارات وزير/وزراء"
            " حكومة/حكومات إضراب/إضرابات نهر/أنهار طبيب/أطباء محكمة/محاكم"
            " مزارع/مزارعون متحف/متاحف كهرباء/كهربائي آثار/آثارنا"
            " سفينة/سفن أمطار/أمطارها"
        ),
        sentences=(
            "تحدث الناس يوم الاثنين عن {} طويلا.",
            "لم يتوقع أحد أن يكون {} مهما هنا.",
            "ثم عاد موضوع {} من جديد، ولم يتقرر شيء.",
            "ماذا بقي؟ فقط {}، كما يقول الشهود.",
        ),
    ),
    Language(
        code="hi",
        pairs=_pairs(
            "किराया/किराये स्कूल/स्कूलों नदी/नदियों पुल/पुलों सरकार/सरकारी"
            " चुनाव/चुनावी अस्पताल/अस्पतालों किसान/किसानों बिजली/बिजलीघर"
            " सड़क/सड़कों बारिश/बारिशों बाज़ार/बाज़ारों न्यायालय/न्यायालयों"
            " रेलगाड़ी/रेलगाड़ियाँ शिक्षक/शिक्षिका पानी/पानीदार मंत्री/मंत्रियों"
            " बजट/बजटीय पुस्तकालय/पुस्तकालयों हड़ताल/हड़ताली"
        ),
        sentences=(
            "सोमवार को लोगों ने {} पर देर तक बात की।",
            "किसी ने नहीं सोचा था कि {} यहाँ अहम होगा।",
            "बाद में {} फिर उठा; कुछ तय नहीं हुआ।",
            "क्या बचा? केवल {}, ऐसा वे कहते हैं।",
        ),
    ),
    Language(
        code="zh",
        blank="",
        pairs=_pairs(
            "工资/资工 消费税/消费和费税 医院/院医 地铁/铁地 选举/举选"
            " 图书馆/图书与书馆 港口/口港 桥梁/梁桥 预算/算预 农民/民农"
            " 台风/风台 法院/院法 博物馆/博物与物馆 房价/价房 电力/力电"
            " 渔船/船渔 森林/林森 机场/场机 粮食/食粮 火车站/火车与车站"
        ),
        sentences=(
            "周一，人们谈到了{}，谈了很久。",
            "没有人想到{}会在这里变得重要。",
            "后来又提起“{}”，仍未决定。",
            "还剩什么？只有{}，他们说。",
        ),
    ),
    Language(
        code="ja",
        blank="",
        pairs=_pairs(
            "消費税/消費と費税 京都/東京都 選挙/挙選 病院/院病 図書館/図書と書館"
            " カメラ/カメとメラ バス停/バスとス停 ガソリン/ガソとリン 台風/風台"
            " 港湾/湾港 予算/算予 農家/家農 裁判所/裁判と判所 パン屋/パンとン屋"
            " 地下鉄/地下と下鉄 美術館/美術と術館 電力/力電 ダム湖/ダムとム湖"
            " 漁船/船漁 ピアノ/ピアとアノ"
        ),
        sentences=(
            "月曜日に人々は{}のことを長く話した。",
            "ここで{}が大切になるとは誰も思わなかった。",
            "その後「{}」がまた話題に。まだ決まらない。",
            "残るのは？{}だけ、と人は言う。",
        ),
    ),
    Language(
        code="th",
        blank="",
        pairs=_pairs(
            "โรงเรียน/โรงและเรียน ค่าแรง/แรงค่า สะพาน/พานสะ รถไฟ/ไฟรถ"
            " เลือกตั้ง/ตั้งเลือก น้ำท่วม/ท่วมน้ำ ตลาดสด/สดตลาด เกาะสมุย/สมุยเกาะ"
            " ศาลฎีกา/ฎีกาศาล ชาวนา/นาชาว ท่าเรือ/เรือท่า พายุฝน/ฝนพายุ"
            " ห้องสมุด/สมุดห้อง ข้าวสาร/สารข้าว ไฟฟ้า/ฟ้าไฟ งบดุล/ดุลงบ"
            " ภาษีเงิน/เงินภาษี หมอฟัน/ฟันหมอ ป่าสัก/สักป่า แม่น้ำ/น้ำแม่"
        ),
        sentences=(
            "วันจันทร์ผู้คนพูดถึง {} กันอยู่นาน",
            "ไม่มีใครคิดว่า {} จะสำคัญที่นี่",
            "ต่อมาเรื่อง “{}” ก็กลับมาอีก ยังไม่มีข้อสรุป",
            "อะไรเหลืออยู่? มีเพียง {} พวกเขาว่า",
        ),
    ),
    Language(
        code="tr",
        pairs=_pairs(
            "ışık/ışıklar İstanbul/İstanbullu köprü/köprüler okul/okullar"
            " öğretmen/öğretmenler şehir/şehirler çiftçi/çiftçiler ağaç/ağaçlar"
            " ırmak/ırmaklar seçim/seçimler balıkçı/balıkçılar güneş/güneşli"
            " yağmur/yağmurlu fırın/fırıncı hastane/hastaneler müze/müzeler"
            " dağ/dağlar liman/limanlar bütçe/bütçeler kıyı/kıyılar"
        ),
        sentences=(
            "Pazartesi günü insanlar uzun uzun {} üzerine konuştu.",
            "Kimse burada {} konusunun önemli olacağını beklemiyordu.",
            "Sonra “{}” yeniden gündeme geldi; karar yok.",
            "Geriye ne kaldı? Yalnızca {}, diyorlar.",
        ),
    ),
)
