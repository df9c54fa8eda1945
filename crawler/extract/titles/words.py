"""Words around headlines: page marks, publication words, breadcrumb words."""

from crawler.lexicon.forms import word_set

PAGE_WORDS = (
    r"Halaman|Hal\.|Page|Seite|Pagina|Página|Páxina|Sayfa|Strana|Strona|Stránka|Sida|Side|Sivu|"
    r"Trang|Oldal|Pagină|Страница|Стр\.|Сторінка|Σελίδα|صفحه|صفحة|الصفحة|หน้า|पृष्ठ|পৃষ্ঠা|ページ|페이지|"
    r"halaman|HALAMAN"
)

# A name followed or led by these is still the name: "BBC News", "Kompas Online".
PUBLICATION_WORDS = word_set(
    "news online digital magazine mag tv radio sport sports world international indonesia india uk us usa "
    "argentina brasil chile colombia españa méxico perú schweiz österreich "
    "africa asia europe global edition daily weekly today newspaper media com org net the nachrichten "
    "noticias notícias nouvelles actualités actu notizie berita haber haberleri nieuws nyheter nyheder "
    "uutiset wiadomości zprávy správy vijesti vesti новости новини вести 新闻 新聞 新闻网 网 網 新聞網 ニュース "
    "뉴스 أخبار الأخبار خبر اخبار समाचार হবর tin tức báo blog en español français deutsch english "
    "politics business opinion lifestyle entertainment tech finance money culture travel "
    "app официальный сайт mobile video videos live 日报 電子報"
)

# What content systems put between headline and site.
CHAIN_WORDS = frozenset(("기사본문", "본문", "전체기사", "뉴스", "正文", "内文"))

DOMAIN_ENDINGS = "com|net|org|info|tv|co|id|co\\.id|co\\.uk|de|fr|it|es|ru|ua|pl|cz|jp|cn|com\\.cn|br|com\\.br|in|fm|news|io"

# Labels of a host name that name no site.
HOST_LABELS = word_set(
    "www m mobile amp co com org net ac go gov or web edu news blog blogspot wordpress wixsite medium "
    "substack github gitlab en de fr es it id edition english international"
)
