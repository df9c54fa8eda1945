"""Calls to follow a paper elsewhere are told by what they have in common."""

import pytest

from crawler.lexicon.match import Strength, match_line


@pytest.mark.parametrize(
    ("text", "boilerplate"),
    [
        ("تابعوا آخر الأخبار عبر قناتنا على واتساب", "follow_us"),
        ("اشترك في نشرتنا الإخبارية ليصلك كل جديد", "newsletter"),
        ("Dołącz do nas na Facebooku!", "follow_us"),
        ("হোয়াটসঅ্যাপ চ্যানেলে আমাদের সঙ্গে যুক্ত হোন", "follow_us"),
        ("हमारे व्हाट्सएप चैनल से जुड़ने के लिए यहां क्लिक करें", "follow_us"),
        ("به کانال تلگرام ما بپیوندید", "follow_us"),
        ("Читайте нас в Telegram", "follow_us"),
        (
            "Больше новостей — в нашем телеграм-канале. Подпишитесь, чтобы не пропустить.",
            "follow_us",
        ),
        ("Підписуйтеся на наш Telegram-канал", "follow_us"),
        ("Приєднуйтесь до нас у Viber", "follow_us"),
        (
            "Ακολουθήστε το paper.example στο Google News και μάθετε πρώτοι όλες τις ειδήσεις",
            "follow_us",
        ),
        ("Iratkozzon fel hírlevelünkre!", "newsletter"),
        ("Sledujte nás na WhatsAppu", "follow_us"),
        ("Abonează-te la canalul nostru de WhatsApp", "follow_us"),
        ("Ladda ner vår app", "app_download"),
        ("Seuraa meitä Instagramissa", "follow_us"),
        ("Google News'te bize abone olun", "follow_us"),
        ("Ikuti saluran WhatsApp Suara Pantura", "follow_us"),
        ("กดติดตาม Facebook ข่าวล้านนา", "follow_us"),
        ("Googleニュースでフォローする", "follow_us"),
        ("关注钱江网微信公众号", "follow_us"),
        ("네이버에서 한강일보 구독하기", "follow_us"),
        ("Mời bạn đọc theo dõi báo trên Google News", "follow_us"),
        (
            "Folgen Sie uns auf WhatsApp: Hier geht es zum Kanal des Seeboten",
            "follow_us",
        ),
        (
            "Sie möchten nichts verpassen? Dann abonnieren Sie unseren Newsletter.",
            "newsletter",
        ),
        (
            (
                "Simak berita pilihan kami setiap pagi langsung di ponselmu, di mana pun kamu berada. "
                "Ikuti saluran WhatsApp Suara Pantura: https://www.whatsapp.com/channel/0a1b2c. "
                "Pastikan kamu sudah install aplikasi WhatsApp ya."
            ),
            "follow_us",
        ),
        (
            (
                "Dapatkan kabar terbaru dari pesisir setiap hari hanya dari Suara Pantura. Mari "
                "bergabung di grup Telegram, caranya klik https://t.me/pantura lalu join."
            ),
            "follow_us",
        ),
        ("Get the day's harbour news in your inbox", "newsletter"),
    ],
)
def test_a_call_is_a_line_of_the_interface(text: str, boilerplate: str) -> None:
    found = match_line(text)

    assert found is not None
    assert (found.boilerplate, found.strength) == (boilerplate, Strength.HARD)


@pytest.mark.parametrize(
    "text",
    [
        "Telegram said on Monday it would follow the court's order.",
        "“Follow our channel on Telegram”, the ministry wrote.",
        "„Abonnieren Sie unseren Kanal auf YouTube“, rief er.",
        "Half of Facebook users follow companies; 30% of US-based adults rely on it.",
        "Подписчики телеграм-канала сообщили о взрыве в центре города.",
        "企業は公式サイトで、フェイスブックのアプリを通じて登録を受け付けると発表した。",
        "百度的官方微博为此专门发布了一条帖子，介绍其是校园招聘组的员工，称“无数粉丝的关注给当事人带来了很大压力，希望大家能尊重和保护她的隐私。”",
        "La app fue descargada por dos millones de personas en España.",
        "Die Polizei bittet Zeugen, dem Telegram-Kanal nicht zu folgen.",
        (
            "Warga diminta klik tautan di grup WhatsApp kami, kata penipu itu. Polisi lalu "
            "menangkap lima orang di dua kota dan menyita belasan ponsel serta kartu yang dipakai "
            "untuk menipu ratusan orang sejak bulan lalu."
        ),
    ],
)
def test_news_of_a_channel_is_no_call(text: str) -> None:
    assert match_line(text) is None
