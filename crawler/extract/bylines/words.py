"""The words of bylines: labels, roles, particles, desks, agencies.

Labels follow `data/lexicon.json` (class `byline`); the rest is own knowledge of
the papers' habits.
"""

from crawler.lexicon.forms import word_set

# Labels that name the writer and are no common words: a name may follow at once.
LABELS = frozenset(
    (
        "auteur", "autor", "autora", "autore", "autori", "autoři", "autorius", "autorka", "autors",
        "autorzy", "autorin", "author", "authors", "artigo de", "bericht von", "ditulis oleh", "door",
        "dal nostro inviato", "de notre correspondant", "ein artikel von", "ein gastbeitrag von",
        "ein kommentar von", "eine analyse von", "eine kolumne von", "ein interview von",
        "escrito por", "geschreven door", "geschrieben von", "escrit per", "haber", "höfundur",
        "imeandikwa na", "journalist", "jurnalis", "kirjoittaja", "kirjoittanut", "kontributor",
        "laporan", "laporan wartawan", "liputan", "muhabir", "mwandishi", "napisal", "napisala",
        "napisał", "napisała", "napisano", "napisao", "napsal", "napsala", "napísal", "napísala",
        "oleh", "parašė", "parengė", "penulis", "pewarta", "piše", "published by", "publié par",
        "przygotował", "rédigé par", "reported by", "reporter", "reporters", "reporting by",
        "redattore", "schrijver", "scris de", "scritto da", "skrevet af", "skrevet av", "skriven av",
        "story by", "szerző", "teksti", "tekst", "tekst af", "text by", "tác giả", "verfasst von",
        "veröffentlicht von", "wartawan", "words by", "written by", "yazan", "írta",
        "phóng viên", "thực hiện", "bài", "автор", "автори", "авторка", "автор текста", "авторы",
        "аутор", "аўтар", "беседовал", "беседовала", "корреспондент", "написал", "написала",
        "подготовил", "подготовила", "підготував", "підготувала", "текст", "пише", "συντάκτης",
        "γράφει ο", "γράφει η", "του", "της", "επιμέλεια", "מאת", "כתב", "כתבה", "بقلم", "كتب", "كتبت",
        "إعداد", "تقرير", "نویسنده", "به قلم", "خبرنگار", "लेखक", "रिपोर्टर", "द्वारा", "লেখক",
        "প্রতিবেদক", "โดย", "ผู้เขียน", "รายงานโดย", "作者", "记者", "記者", "本报记者", "本報記者", "文",
        "撰文", "取材・文", "執筆", "聞き手", "作成者", "글", "기자", "작성자", "취재", "见习记者", "通讯员",
        "実習記者", "特约记者", "撰稿", "by line", "byline",
        "von unserer redakteurin", "von unserem redakteur", "von unserer reporterin", "von unserem reporter",
        "von unserer korrespondentin", "von unserem korrespondenten", "von unserer mitarbeiterin",
        "von unserem mitarbeiter", "von unserem redaktionsmitglied",
        "de notre correspondante", "de notre envoyé spécial", "de notre envoyée spéciale", "dalla nostra inviata",
        "dal nostro corrispondente", "dalla nostra corrispondente", "de nuestro corresponsal", "de nuestra corresponsal",
        "do nosso correspondente", "van onze correspondent", "van onze verslaggever", "van onze verslaggeefster", "door onze verslaggever", "door onze verslaggeefster", "door onze redacteur", "door onze correspondent",
        "எழுதியவர்", "செய்தியாளர்", "రచయిత", "రిపోర్టర్", "লেখা", "প্রতিবেদন", "रिपोर्ट", "ရေးသားသူ", "សរសេរដោយ", "ដោយ", "ໂດຍ",
        "ავტორი", "հեղինակ", "հեղինակ՝", "تحریر", "رپورٹ", "لیکوال", "nivîskar", "muallif", "муаллиф", "бичсэн", "сурвалжлагч",
        "ලිව්වේ", "ලියුවේ", "egilea", "láti ọwọ́", "ku qoray", "qoraa", "አዘጋጅ", "ዘጋቢ", "ጸሐፊ", "autorius", "tekstas", "kirjutas",
        "isulat ni", "ulat ni", "נכתב על ידי",
        "av vår reporter", "własny korespondent", "наш корреспондент", "від нашого кореспондента",
    )
)  # fmt: skip

# Of these, the ones that names in ideographs may follow after a space.
IDEOGRAPHIC_LABELS = frozenset(
    (
        "作者",
        "记者",
        "記者",
        "本报记者",
        "本報記者",
        "见习记者",
        "特约记者",
        "通讯员",
        "撰文",
        "撰稿",
        "文",
    )
)

# Labels that are common words too, with the languages where they begin sentences
# that are no bylines (None: the name after it must decide in any language).
LABELS_OPEN: dict[str, str | None] = {
    "af": "sq",
    "av": None,
    "aus": None,
    "by": "nb nn",
    "da": "da nb nn sv pl hr sr",
    "de": "de fr es nl pt",
    "daga": None,
    "deur": "nl fr",
    "gan": None,
    "di": "id ms",
    "von": None,
    "par": "sv lv",
    "per": None,
    "por": None,
    "od": None,
    "от": None,
    "від": None,
    "door": None,
    "bởi": None,
    "theo": None,
    "por:": None,
    "text": None,
    "texto": None,
    "text:": None,
    "a cura di": None,
    "propos recueillis par": None,
    "na": "pl ru cs sk hr sr sl bg pt",
}

# Credits that are no writers.
OTHER_ROLES = frozenset(
    (
        "editor", "editors", "edited by", "editing by", "editor in chief", "managing editor", "editorin",
        "redaktur", "redaktor", "redakteur", "redakteurin", "redaktör", "redaktør", "penyunting",
        "fotografer", "fotograf", "foto", "fotos", "photo", "photos", "photos by", "photographer", "photographe",
        "bild", "bilder", "video", "videographer", "kamera", "ilustrasi", "illustration", "illustrator",
        "grafik", "produksi", "producer", "sumber", "source", "quelle", "fonte", "fuente", "editör",
        "editeur", "éditeur", "szerkesztő", "szerkesztette", "bearbeitet von", "bearbeitung",
        "übersetzung", "übersetzt von", "translation", "translated by", "traduction", "traducción",
        "traducido por", "diterjemahkan oleh", "editora", "redacteur", "redaktion", "staff writer",
        "correspondent", "contributor", "columnist", "kontributor", "freelance", "freelance journalist",
        "journalist", "nachrichtenagentur", "chief correspondent", "senior reporter", "political editor", "news editor",
        "deputy editor", "korespondent", "corresponsal", "correspondant", "correspondante", "inviato",
        "редактор", "фото", "источник", "джерело", "перевод", "переклад", "ред", "责任编辑", "責任編輯",
        "编辑", "編輯", "责编", "責編", "主编", "校对", "摄影", "攝影", "图", "圖", "来源", "來源", "編集",
        "撮影", "写真", "翻訳", "사진", "편집", "출처", "영상", "تصوير", "تحرير", "ترجمة", "المصدر", "عکس", "ویراستار",
        "منبع", "επιμέλεια κειμένου", "φωτογραφία", "editado por", "edição", "edición",
        "montage", "regie", "ph", "chief editor",
    )
)  # fmt: skip

PARTICLES = word_set(
    "a abu af al al- an ap av bin bint binti binte da das dal dalla de dei del della den der des di do "
    "dos du e el el- ibn la las le les lo los mac mc ma ni o of 't ten ter te thi und van vande "
    "vom von vor y zu zum zur z фон де ван да аль ибн бин оглы кызы"
)

# Words that begin or fill sentences and headings, never names.
NOT_NAMES = word_set(
    "all an and anfang are at beispiel bedeutung best but design ein eine every example far for "
    "having how in invitation is it law mail means most my nature no now number numbers of on or order our "
    "popular demand region request some such that the their then there these they this those to topic type "
    "using way what when where which who why with year you your category author date name contrast "
    "comparison default definition virtue hand phone email post bus train car air sea night day "
    "ejemplo supuesto ahora fin favor eso esta este ello tanto lo que la el los las otro otra "
    "exemple contre exemplement ailleurs conséquent rapport ici là le les ces cette "
    "heute gestern wegen montag dienstag mittwoch donnerstag freitag samstag sonntag januar "
    "februar märz april mai juni juli august september oktober november dezember "
    "january february march june july october december monday tuesday wednesday thursday friday "
    "saturday sunday exemplo enquanto isso causa aqui ini itu yang dari untuk pada karena sebab"
) - {
    "april",
    "august",
    "la",
    "los",
    "las",
    "el",
    "le",
    "les",
    "mai",
    "june",
    "an",
    "of",
}

# Accounts behind which nobody in particular stands.
GENERIC = word_set(
    "admin administrator administrador anonim anonym anonymous anonymus author autor auteur blogger "
    "contributor default editor editorial gast guest guestauthor kontributor news newsdesk none null "
    "penulis redacao redação redaccion redacción redactie redakcia redakce redakcja redaksi redaktion "
    "redaktionen redazione reporter root staff superadmin superuser system tim timredaksi undefined "
    "noauthor unknown user username webadmin webmaster website writer wordpress wpadmin redakcija toimitus "
    "редакция редакція админ администратор 编辑 小编 编辑部 管理员 本站 編集部 編輯部 관리자 편집부 المحرر "
    "هيئةالتحرير الإدارة مدير تحریریه"
)

# Words that make a name the name of a desk.
DESK_WORDS = word_set(
    "agence agencia agencies agency agentur board bureau central correspondents desk editorial editors post herald tribune gazette "
    "equipe équipe equipo gmbh inc ltd llc ag e.v se kg foundation stiftung institut institute university "
    "universität verein verband bund company group association society department store blog magazin "
    "magazine zeitung college academy center centre zentrum fundación fondation redaktionsteam media magazine network news newsdesk newsroom online press "
    "redacao redação redaccion redacción redactie redakce redakcia redakcja redakcija redaksi redaktion "
    "redaktionen redazione report reporters service services staff team tim times tv web webdesk writers "
    "редакция редакція служба 编辑部 編集部 編輯部 편집부"
)

# What is left of "Senior Reporter" when the role is cut off.
ROLE_ADJECTIVES = word_set(
    "senior junior chief deputy associate assistant executive managing lead staff special national foreign "
    "international political crime business science health sports education environment"
)

CREDENTIALS = word_set(
    "md phd ms msc ma ba bsc mph rd rdn ld rn esq jr sr mba jd facs dds dmd do cpa"
)

TITLES_OF_KOREAN = (
    "선임기자",
    "수습기자",
    "특파원",
    "인턴기자",
    "객원기자",
    "전문기자",
    "기자",
    "논설위원",
)

# What kind of reporter: a word before the rank that is no name.
RANKS_OF_KOREAN = (
    "객원", "동료", "디지털", "방송", "본보", "본사", "본지", "사진", "선임", "수습", "시민", "영상", "온라인", "외신",
    "우리", "의학전문", "인턴", "일부", "전문", "취재", "통신", "편집", "학생", "현장", "담당",
)  # fmt: skip

TITLES_AFTER = (*TITLES_OF_KOREAN, "記者", "记者")

AGENCIES = (
    "Associated Press", "Agence France-Presse", "Deutsche Presse-Agentur", "Press Association", "Press Trust of India",
    "Reuters", "AFP", "AP", "dpa", "epd", "KNA", "SID", "sda", "Keystone-SDA", "APA", "dts", "ANSA", "EFE", "AGI", "Adnkronos",
    "LaPresse", "PTI", "IANS", "ANI", "UNI", "UPI", "Xinhua", "TASS", "ANTARA", "Bernama", "VNA", "PA Media", "PA", "AAP",
    "CP", "Canadian Press", "The Canadian Press", "The Associated Press", "Belga", "ANP", "NTB", "TT", "STT", "Ritzau", "PAP", "ČTK",
    "CTK", "TASR", "SITA", "MTI", "Agerpres", "Lusa", "Anadolu Agency", "Anadolu Ajansı", "AA", "DHA", "İHA", "Kyodo", "Jiji", "Yonhap",
    "KCNA", "Bloomberg", "Europa Press", "Notimex", "Télam", "Interfax", "RIA Novosti", "РИА Новости", "ТАСС",
    "Интерфакс", "Укринформ", "Укрінформ", "УНИАН", "УНІАН", "БТА", "新华社", "新華社", "中新社", "中央社", "共同", "時事", "ロイター",
    "연합뉴스", "뉴시스", "뉴스1", "رويترز", "أ ف ب", "د ب أ", "وكالات", "وام", "ΑΠΕ-ΜΠΕ", "ΑΠΕ",
)  # fmt: skip

# Nouns that end what a person does: "Content Marketing Coordinator".
ROLE_NOUNS = word_set(
    "expert experts editor editors writer writers director manager coordinator founder co-founder "
    "cofounder correspondent reporter columnist contributor specialist officer president professor "
    "analyst strategist consultant ceo cto cfo coo author journalist blogger copywriter producer "
    "researcher engineer developer designer marketer lawyer attorney physician nutritionist dietitian "
    "winemaker photographer fellow scientist lead head experte expertin redakteur redakteurin autor "
    "autorin chefredakteur chefredakteurin korrespondent korrespondentin journalistin reporterin "
    "volontär volontärin kolumnist kolumnistin rechtsanwalt rechtsanwältin geschäftsführer "
    "pressesprecher pressesprecherin rédacteur rédactrice journaliste redactor redactora periodista "
    "giornalista journaliste"
)

# Words of links that hold a name: "View all posts by", "Zeige alle Beiträge von".
LINK_WORDS = (
    "view", "see", "show", "read", "all", "more", "the", "posts", "post", "articles", "article", "stories",
    "entries", "posted", "written", "published", "contributed", "reported", "zeige", "alle", "alles", "mehr",
    "beiträge", "beitrag", "artikel", "meldungen", "geschrieben", "erstellt", "verfasst", "gespeichert",
    "veröffentlicht", "voir", "tous", "les", "articles", "publié", "écrit", "ver", "todas", "todos", "las",
    "los", "entradas", "artículos", "publicado", "escrito", "escrita", "tutti", "gli", "articoli", "scritto",
    "pubblicato", "lihat", "semua", "tulisan", "ditulis", "blog", "a", "guest",
)  # fmt: skip

# Words of the page's own controls that stand where a name might.
INTERFACE_WORDS = word_set(
    "comment comments reply replies share follow following twitter facebook instagram linkedin youtube email "
    "e-mail website homepage profile bio more here all subscribe login contact rss print home news sponsored "
    "advertisement anzeige kommentar kommentare kommentieren teilen folgen mehr artikel beiträge beitrag "
    "inhalte commentaires partager comentarios comentar seguir commenti condividi komentar bagikan updated "
    "view published posted authors date today yesterday time topics modified update updates checked tags category "
    "categories güncelleme aktualisierung 著者一覧 입력 수정 articles"
)

# Labels of credit lines beside a story -> whether any name may follow, even one word.
CREDIT_LABELS: dict[str, bool] = {
    **dict.fromkeys(LABELS, True),
    **dict.fromkeys(
        ("by", "von", "par", "por", "di", "da", "de", "door", "av", "af", "oleh", "από", "от", "від", "od", "theo",
         "deur", "per", "przez", "tekijä", "av:", "投稿者", "執筆者", "著者", "writer", "reported by",
         "posted by", "written by", "article by", "post by", "created by", "contributed by", "words", "text:",
         "geschrieben von", "erstellt von", "gespeichert von", "verfasst von", "autoren", "autorinnen",
         "auteurs", "autores", "publicado por", "publié par", "écrit par", "pubblicato da", "inviato da", "text von",
         "redaktion:", "texte", "texte de", "texte :", "beitrag von", "artikel von", "bericht von",
         "scritto da", "diposting oleh", "dipublikasikan oleh", "gönderen", "dodał", "autorzy"),
        False,
    ),
    **dict.fromkeys(
        ("posted by", "written by", "article by", "post by", "created by", "contributed by", "geschrieben von",
         "erstellt von", "gespeichert von", "verfasst von", "autoren", "autorinnen", "auteurs", "autores",
         "publicado por", "publié par", "écrit par", "scritto da", "pubblicato da", "diposting oleh", "投稿者",
         "執筆者", "著者", "autorzy", "oleh"),
        True,
    ),
}  # fmt: skip

# What may stand before a label in a credit line.
POSTING_WORDS = word_set(
    "posted published updated written created submitted uploaded added last modified story article post "
    "blog on at the in first veröffentlicht geschrieben erstellt gespeichert verfasst aktualisiert "
    "eingestellt geposted gepostet beitrag artikel ein eine der die das text bericht am um uhr publié écrit "
    "mis à jour le rédigé article publicado escrito actualizado el en texto pubblicato scritto il "
    "aggiornato articolo di publicado em escrito atualizado skrevet publisert publicerad opublikowano "
    "napisane dodano ditulis diposting dipublikasikan tanggal gmt utc est cet et pst ist wib jam a an"
)

# Parts of addresses under which papers keep their authors' pages, as a pattern.
PATHS_OF_AUTHORS = (
    r"authors?|autore?n?|autor[aei]s?|autory|autorzy|autorka|auteurs?|writers?|reporters?|journalists?|columnists?"
    r"|journalistes?|yazar(?:lar)?|muhabir(?:ler)?|penulis|wartawan|szerzo(?:k)?|tac-gia|avtor[yi]?|avtors|skribent(?:er)?"
    r"|forfatter|kirjoittaja|toimittajat?|zhurnalist[yi]?|novinari?|redakteure?|periodistas?|firmas?|giornalisti"
)
