"""One small story in each of many languages, told by us for the tests."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story as its author wrote it: what an extraction must give back."""

    language: str
    title: str
    author: str
    section: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        """Its paragraphs, as an article's text joins them."""
        return "\n\n".join(self.paragraphs)


def _story(
    language: str, title: str, author: str, section: str, *paragraphs: str
) -> Story:
    return Story(
        language=language,
        title=title,
        author=author,
        section=section,
        paragraphs=paragraphs,
    )


STORIES = {
    story.language: story
    for story in (
        _story(
            "id",
            "Penjaga mercusuar menghitung kapal dua kali setiap malam",
            "Ratna Wulandari",
            "Pesisir",
            "Penjaga mercusuar di Pulau Rendah menghitung kapal dua kali setiap malam, sekali dari lampunya dan sekali dari bunyi mesinnya.",
            "Pada hari Senin kedua hitungan itu tidak sama, sehingga kantor pelabuhan mengirim perahu untuk melihat ke luar tanggul.",
            "Awak perahu menemukan sebuah tongkang yang mematikan semua lampunya supaya penumpang dapat melihat bintang di atas laut.",
            "Pemilik tongkang diminta memilih antara bintang dan aturan, dan ia memilih menunggu di teluk sebelah sampai pagi.",
        ),
        _story(
            "de",
            "Der Leuchtturmwärter zählt die Schiffe zweimal in der Nacht",
            "Jutta Brinkmann",
            "Küste",
            "Der Leuchtturmwärter auf der flachen Insel zählt die Schiffe zweimal, einmal nach ihren Lichtern und einmal nach dem Klang der Motoren.",
            "Am Montag stimmten die beiden Zahlen nicht überein, und so schickte das Hafenamt ein Boot hinaus vor die äußere Mole.",
            "Die Besatzung fand einen Lastkahn, der alle Lampen gelöscht hatte, damit seine Gäste die Sterne über dem Wasser sehen konnten.",
            "Der Besitzer musste zwischen den Sternen und den Regeln wählen und blieb bis zum Morgen in der nächsten Bucht liegen.",
        ),
        _story(
            "en",
            "The lighthouse keeper counts the ships twice every night",
            "Nora Feldman",
            "Coast",
            "The keeper of the lighthouse on the low island counts the ships twice, once by their lamps and once by the sound of their engines.",
            "On Monday the two numbers did not agree, and so the harbour office sent a boat to look beyond the outer mole.",
            "Its crew found a barge that had turned off every lamp to let its passengers see the stars above the water.",
            "The owner was asked to choose between the stars and the rules, and he chose to wait in the next bay until the morning.",
        ),
        _story(
            "fr",
            "Le gardien du phare compte les bateaux deux fois par nuit",
            "Mireille Castagnier",
            "Littoral",
            "Le gardien du phare de l’île basse compte les bateaux deux fois, une fois à leurs lampes et une fois au bruit de leurs moteurs.",
            "Lundi, les deux chiffres ne concordaient pas, et le bureau du port a donc envoyé une barque au-delà de la grande jetée.",
            "Son équipage a trouvé une péniche qui avait éteint toutes ses lampes pour que ses passagers voient les étoiles sur l’eau.",
            "Le propriétaire a dû choisir entre les étoiles et le règlement, et il a préféré attendre le matin dans la baie voisine.",
        ),
        _story(
            "es",
            "El farero cuenta los barcos dos veces cada noche",
            "Inés Valcárcel",
            "Costa",
            "El farero de la isla baja cuenta los barcos dos veces, una por sus lámparas y otra por el sonido de sus motores en la niebla.",
            "El lunes los dos números no coincidían, así que la oficina del puerto envió una lancha a mirar más allá del muelle exterior.",
            "Su tripulación encontró una barcaza que había apagado todas sus lámparas para que los pasajeros vieran las estrellas.",
            "El dueño tuvo que elegir entre las estrellas y las normas, y prefirió esperar en la bahía vecina hasta la mañana siguiente.",
        ),
        _story(
            "pl",
            "Latarnik liczy statki dwa razy każdej nocy",
            "Halina Wróblewska",
            "Wybrzeże",
            "Latarnik z niskiej wyspy liczy statki dwa razy, raz po ich światłach, a drugi raz po odgłosie silników niosącym się nad wodą.",
            "W poniedziałek obie liczby się nie zgadzały, więc kapitanat portu wysłał łódź, żeby zajrzała za zewnętrzny falochron.",
            "Załoga znalazła barkę, która zgasiła wszystkie lampy, aby jej pasażerowie mogli zobaczyć gwiazdy nad spokojnym morzem.",
            "Właściciel musiał wybrać między gwiazdami a przepisami i postanowił poczekać do rana w sąsiedniej, mniejszej zatoce.",
        ),
        _story(
            "ru",
            "Смотритель маяка считает корабли дважды за ночь",
            "Вера Соколова",
            "Побережье",
            "Смотритель маяка на низком острове считает корабли дважды: один раз по огням, а другой раз по шуму двигателей над водой.",
            "В понедельник эти числа не совпали, и портовая служба отправила катер посмотреть, что происходит за внешним молом.",
            "Команда нашла баржу, которая погасила все лампы, чтобы пассажиры могли увидеть звёзды над тихим ночным морем.",
            "Владельцу пришлось выбирать между звёздами и правилами, и он решил подождать утра в соседней небольшой бухте.",
        ),
        _story(
            "el",
            "Ο φαροφύλακας μετρά τα πλοία δύο φορές κάθε νύχτα",
            "Ελένη Μαυρίδου",
            "Παραλία",
            "Ο φαροφύλακας στο χαμηλό νησί μετρά τα πλοία δύο φορές, μία από τα φώτα τους και μία από τον ήχο των μηχανών τους.",
            "Τη Δευτέρα οι δύο αριθμοί δεν συμφωνούσαν, και έτσι το λιμεναρχείο έστειλε μια βάρκα να κοιτάξει έξω από τον μόλο.",
            "Το πλήρωμα βρήκε μια μαούνα που είχε σβήσει όλα τα φώτα της για να δουν οι επιβάτες τα αστέρια πάνω από τη θάλασσα.",
            "Ο ιδιοκτήτης έπρεπε να διαλέξει ανάμεσα στα αστέρια και τους κανόνες, και προτίμησε να περιμένει στον διπλανό όρμο.",
        ),
        _story(
            "tr",
            "Fener bekçisi gemileri her gece iki kez sayıyor",
            "Sevgi Aydoğan",
            "Kıyı",
            "Alçak adadaki fener bekçisi gemileri her gece iki kez sayıyor, bir kez ışıklarından ve bir kez motorlarının sesinden.",
            "Pazartesi günü iki sayı birbirini tutmadı, bu yüzden liman idaresi dış mendireğin ötesine bakması için bir tekne gönderdi.",
            "Teknenin mürettebatı, yolcular yıldızları görebilsin diye bütün lambalarını söndürmüş olan bir mavna buldu.",
            "Sahibinden yıldızlarla kurallar arasında seçim yapması istendi ve o sabaha kadar yandaki koyda beklemeyi seçti.",
        ),
        _story(
            "ar",
            "حارس المنارة يعد السفن مرتين كل ليلة",
            "سلمى الحداد",
            "الساحل",
            "يعد حارس المنارة في الجزيرة المنخفضة السفن مرتين كل ليلة، مرة من مصابيحها ومرة من صوت محركاتها فوق الماء.",
            "وفي يوم الاثنين لم يتفق الرقمان، فأرسل مكتب الميناء قاربا صغيرا لينظر إلى ما وراء الرصيف الخارجي الطويل.",
            "ووجد طاقم القارب صندلا أطفأ جميع مصابيحه حتى يتمكن ركابه من رؤية النجوم فوق البحر الهادئ في تلك الليلة.",
            "وطلب من المالك أن يختار بين النجوم والقواعد، فاختار أن ينتظر في الخليج المجاور حتى طلوع الصباح.",
        ),
        _story(
            "he",
            "שומר המגדלור סופר את הספינות פעמיים בכל לילה",
            "נועה שפירא",
            "החוף",
            "שומר המגדלור באי הנמוך סופר את הספינות פעמיים בכל לילה, פעם לפי האורות שלהן ופעם לפי רעש המנועים על המים.",
            "ביום שני שני המספרים לא התאימו זה לזה, ולכן שלח משרד הנמל סירה קטנה להביט אל מעבר לשובר הגלים החיצוני.",
            "הצוות מצא דוברה שכיבתה את כל האורות שלה כדי שהנוסעים יוכלו לראות את הכוכבים מעל הים השקט באותו הלילה.",
            "הבעלים התבקש לבחור בין הכוכבים לבין הכללים, והוא בחר להמתין במפרץ הסמוך עד לשעות הבוקר המוקדמות.",
        ),
        _story(
            "fa",
            "نگهبان فانوس دریایی هر شب دو بار کشتی‌ها را می‌شمارد",
            "مینا رستگار",
            "ساحل",
            "نگهبان فانوس دریایی در جزیره کم‌ارتفاع هر شب دو بار کشتی‌ها را می‌شمارد، یک بار از روی چراغ‌ها و یک بار از صدای موتورها.",
            "روز دوشنبه این دو عدد با هم یکی نبودند و به همین دلیل اداره بندر قایقی فرستاد تا پشت موج‌شکن بیرونی را نگاه کند.",
            "خدمه قایق یک دوبه پیدا کردند که همه چراغ‌هایش را خاموش کرده بود تا مسافران بتوانند ستاره‌ها را بر فراز دریا ببینند.",
            "از صاحب آن خواستند میان ستاره‌ها و مقررات یکی را انتخاب کند و او تصمیم گرفت تا صبح در خلیج کناری منتظر بماند.",
        ),
        _story(
            "hi",
            "प्रकाशस्तंभ का रखवाला हर रात जहाज़ों को दो बार गिनता है",
            "मीरा चतुर्वेदी",
            "तट",
            "निचले द्वीप के प्रकाशस्तंभ का रखवाला हर रात जहाज़ों को दो बार गिनता है, एक बार उनकी बत्तियों से और एक बार इंजनों की आवाज़ से।",
            "सोमवार को दोनों संख्याएँ आपस में नहीं मिलीं, इसलिए बंदरगाह के दफ़्तर ने बाहरी घाट के पार देखने के लिए एक नाव भेजी।",
            "नाव के लोगों को एक बजरा मिला जिसने अपनी सारी बत्तियाँ बुझा दी थीं ताकि उसके यात्री पानी के ऊपर तारे देख सकें।",
            "मालिक से तारों और नियमों में से एक को चुनने के लिए कहा गया, और उसने सुबह तक पास की खाड़ी में रुकना पसंद किया।",
        ),
        _story(
            "bn",
            "বাতিঘরের রক্ষী প্রতি রাতে জাহাজ দুইবার গোনেন",
            "শর্মিলা ঘোষাল",
            "উপকূল",
            "নিচু দ্বীপের বাতিঘরের রক্ষী প্রতি রাতে জাহাজ দুইবার গোনেন, একবার তাদের বাতি দেখে আর একবার ইঞ্জিনের শব্দ শুনে।",
            "সোমবার দুটি সংখ্যা মেলেনি, তাই বন্দরের অফিস বাইরের বাঁধের ওপারে দেখার জন্য একটি ছোট নৌকা পাঠিয়েছিল।",
            "নৌকার লোকেরা একটি বজরা খুঁজে পায় যা তার সব বাতি নিভিয়ে দিয়েছিল, যাতে যাত্রীরা জলের উপরে তারা দেখতে পারে।",
            "মালিককে তারা আর নিয়মের মধ্যে একটি বেছে নিতে বলা হয়, এবং তিনি সকাল পর্যন্ত পাশের উপসাগরে অপেক্ষা করেন।",
        ),
        _story(
            "th",
            "ผู้ดูแลประภาคารนับเรือสองครั้งทุกคืน",
            "สุนิสา แก้วมณี",
            "ชายฝั่ง",
            "ผู้ดูแลประภาคารบนเกาะเตี้ยนับเรือสองครั้งทุกคืน ครั้งหนึ่งจากแสงไฟของเรือ และอีกครั้งหนึ่งจากเสียงเครื่องยนต์ที่ดังเหนือผิวน้ำ",
            "เมื่อวันจันทร์ตัวเลขทั้งสองไม่ตรงกัน สำนักงานท่าเรือจึงส่งเรือลำเล็กออกไปดูด้านนอกของเขื่อนกันคลื่นในคืนนั้น",
            "ลูกเรือพบเรือบรรทุกลำหนึ่งซึ่งดับไฟทุกดวงเพื่อให้ผู้โดยสารมองเห็นดวงดาวเหนือทะเลที่เงียบสงบได้อย่างชัดเจน",
            "เจ้าของเรือถูกขอให้เลือกระหว่างดวงดาวกับกฎระเบียบ และเขาเลือกที่จะรออยู่ในอ่าวข้างเคียงจนถึงรุ่งเช้าของวันใหม่",
        ),
        _story(
            "vi",
            "Người giữ hải đăng đếm tàu hai lần mỗi đêm",
            "Trần Thu Hiền",
            "Ven biển",
            "Người giữ hải đăng trên hòn đảo thấp đếm tàu hai lần mỗi đêm, một lần theo ánh đèn và một lần theo tiếng động cơ trên mặt nước.",
            "Hôm thứ Hai hai con số không khớp nhau, vì vậy văn phòng cảng đã cử một chiếc thuyền ra xem phía ngoài đê chắn sóng.",
            "Thủy thủ đoàn tìm thấy một chiếc sà lan đã tắt hết đèn để hành khách có thể ngắm những vì sao trên mặt biển yên lặng.",
            "Người chủ được yêu cầu chọn giữa những vì sao và quy định, và ông đã chọn chờ đến sáng ở vịnh bên cạnh.",
        ),
        _story(
            "zh",
            "灯塔看守人每晚把船数两遍",
            "林晓梅",
            "海岸",
            "低岛上的灯塔看守人每天晚上都要把过往的船数两遍，一遍看它们的灯光，一遍听它们发动机的声音。",
            "星期一这两个数字对不上，于是港务办公室派出一条小船，到外防波堤的另一边去看个究竟。",
            "船员们发现了一条驳船，它把所有的灯都关掉了，好让船上的乘客看清楚海面上空的星星。",
            "船主被要求在星星和规定之间做出选择，他最后决定在旁边的海湾里一直等到第二天早上。",
        ),
        _story(
            "ja",
            "灯台守は毎晩船を二度数えている",
            "高梨ゆかり",
            "海岸",
            "低い島の灯台守は毎晩、通り過ぎる船を二度数えている。一度目は明かりで、二度目は水の上に響くエンジンの音で数える。",
            "月曜日には二つの数が合わなかったため、港の事務所は外側の防波堤の向こうを調べるために小さな舟を出した。",
            "乗組員が見つけたのは、乗客に海の上の星を見せるために、すべての明かりを消していた一隻のはしけだった。",
            "持ち主は星と規則のどちらかを選ぶように求められ、朝になるまで隣の入り江で待つことを選んだという。",
        ),
        _story(
            "ko",
            "등대지기는 매일 밤 배를 두 번 센다",
            "윤서연",
            "해안",
            "낮은 섬의 등대지기는 매일 밤 지나가는 배를 두 번 센다. 한 번은 불빛으로 세고 또 한 번은 물 위로 들려오는 엔진 소리로 센다.",
            "월요일에는 두 숫자가 서로 맞지 않아서 항만 사무소가 바깥 방파제 너머를 살펴보려고 작은 배 한 척을 내보냈다.",
            "선원들은 승객들이 바다 위의 별을 볼 수 있도록 모든 불을 꺼 놓은 바지선 한 척을 그곳에서 발견했다고 말했다.",
            "배 주인은 별과 규칙 가운데 하나를 고르라는 요청을 받았고 아침까지 옆에 있는 만에서 기다리기로 했다.",
        ),
    )
}
