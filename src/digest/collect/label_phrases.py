"""
Labels of dropped texts by language: original publisher, author, requests to share.

One line of the table a language; a word is added where it belongs, a language by adding a line.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Regular expressions of one language's labels; an empty one matches nothing."""

    source: str  #: nouns before a colon and the publisher's name
    original: str = ""  #: what may stand before or after such a noun
    published: str = ""  #: what stands before the publisher's name, with a colon or without
    author: str = ""  #: nouns before a colon and the author's name
    share: str = ""  #: whole lines that ask to pass the article on


LABELS = {
    "en": Labels(
        source=r"(?:news |article |story )?(?:sources?|articles?|stor(?:y|ies)|reports?|publication)(?: (?:link|article))?|via|courtesy of|credits?(?= ?:)",
        original=r"original|orig\.|full|primary",
        published=r"(?:first|originally) (?:published|appeared) (?:on|in|at|by)|published (?:first )?(?:by|in)|read the (?:full|original) (?:article|story) (?:on|at)|this (?:article|story|post) (?:was )?(?:first |originally )*(?:appeared|published) (?:on|in|at|by)",
        author=r"authors?|written by|words|reporters?",
        share=r"share(?: (?:now|this(?: (?:article|story|post|page|news))?|article|story|with (?:friends|others)|your thoughts))?(?: (?:on|via|by|with) .{2,40})?|tell a friend|(?:tweet|pin|post|e-?mail) (?:this|it)(?: (?:article|story))?|spread the word|copy link|print(?: (?:this )?(?:article|page))?",
    ),
    "es": Labels(
        source=r"fuentes?(?: de la (?:noticia|información))?|vía|(?:noticia|artículo|información) (?:original|complet[oa])",
        original=r"original|originaria|completa?|completo|primaria",
        published=r"publicado (?:originalmente |primero |por primera vez )?(?:en|por)|(?:este (?:artículo|texto) )?(?:apareció|se publicó|fue publicado) (?:originalmente |primero |por primera vez )?en|leer (?:el artículo|la noticia) (?:original|complet[oa]) en",
        author=r"autor(?:a|es|as)?|texto|redacción|por(?= ?:)",
        share=r"comparte?(?: (?:ahora|esta? (?:noticia|artículo|nota|historia|publicación)|con tus amigos|en (?:redes|tus redes|facebook|twitter|x|whatsapp).{0,20}))?|compartir(?: (?:ahora|esta? (?:noticia|artículo|nota)|artículo|noticia|en .{2,30}|por .{2,30}|vía .{2,30}))?|envía(?:r)? (?:a un amigo|por (?:correo|e-?mail))|copiar enlace|imprimir",
    ),
    "fr": Labels(
        source=r"sources?|via|article (?:original|d.origine|complet)|lien vers l.article",
        original=r"originale?s?|initiale|d.origine|complet",
        published=r"(?:cet article a été )?(?:publié|paru) (?:initialement |d.abord |à l.origine |pour la première fois )?(?:sur|dans|par)|lire l.article (?:original|complet|intégral) sur",
        author=r"auteurs?|autrices?|auteure|texte|rédaction|propos recueillis par|par(?= ?:)",
        share=r"partage[rz]?(?: (?:maintenant|cet article|l.article|cette page|la page|avec vos amis))?(?: (?:sur|par|via) .{2,40})?|envoyer (?:à un ami|par (?:e-?mail|courriel))|copier le lien|imprimer",
    ),
    "de": Labels(
        source=r"(?:original|nachrichten|text|orig\.-?)?quellen?(?:angabe)?|original(?:artikel|beitrag|text)|via",
        original=r"ursprünglicher?|originale?r?|vollständiger?",
        published=r"(?:dieser (?:artikel|beitrag|text) (?:ist |erschien |wurde )?)?(?:ursprünglich|zuerst|erstmals) (?:erschienen|veröffentlicht|erschien)? ?(?:in|im|bei|auf)|den (?:ganzen|vollständigen|originalen) (?:artikel|beitrag) (?:lesen (?:sie )?)?(?:auf|bei|in)",
        author=r"autor(?:en|in|innen)?|text|von(?= ?:)|verfasser(?:in)?",
        share=r"(?:jetzt |diesen? |den )?(?:artikel |beitrag |seite |meldung |inhalt )?(?:teilen|weitersagen|weiterempfehlen|weiterleiten)(?: (?:auf|via|per|mit|über|bei) .{2,40})?|teile (?:diesen |den |das )?(?:artikel|beitrag|jetzt)?(?: .{2,30})?|(?:auf|per|via) .{2,20} teilen|(?:artikel |seite )?(?:drucken|versenden|merken)|link kopieren",
    ),
    "pt": Labels(
        source=r"fontes?|via|(?:artigo|matéria|notícia|reportagem) (?:original|complet[oa])",
        original=r"original|originária|complet[oa]|primária",
        published=r"(?:este (?:artigo|texto) foi )?publicad[oa] (?:originalmente |primeiro |inicialmente )?(?:em|no|na|por|pelo|pela)|leia (?:o artigo|a matéria|a notícia) (?:original|complet[oa]) (?:em|no|na)",
        author=r"autor(?:a|es|as)?|texto|redação|por(?= ?:)",
        share=r"(?:compartilh|partilh)(?:e|ar)(?: (?:agora|est[ea] (?:artigo|notícia|matéria|post|página)|artigo|notícia|com (?:os )?(?:seus )?amigos))?(?: (?:no|na|em|por|via|pelo) .{2,40})?|enviar (?:a um amigo|por (?:e-?mail|correio))|copiar (?:o )?link|imprimir",
    ),
    "it": Labels(
        source=r"font[ei]|via|(?:articolo|notizia) (?:originale|complet[oa])",
        original=r"originale|originaria|complet[oa]|primaria",
        published=r"(?:questo articolo è stato )?pubblicat[oa] (?:originariamente |originalmente |inizialmente |per la prima volta )?(?:su|sul|da|in|dal)|leggi l.articolo (?:originale|completo|intero) su",
        author=r"autor[ei]|autrice|testo|di(?= ?:)",
        share=r"condivid[ie](?:re)?(?: (?:ora|(?:quest[oa]|l[’']?|la|il) ?(?:articolo|notizia|pagina|post)|con (?:i tuoi )?amici))?(?: (?:su|via|per|tramite) .{2,40})?|invia (?:a un amico|per (?:e-?mail|posta))|copia (?:il )?link|stampa(?: (?:l.)?articolo)?",
    ),
    "nl": Labels(
        source=r"(?:nieuws)?bron(?:nen|vermelding)?|via|(?:oorspronkelijk|origineel|volledig) artikel",
        original=r"oorspronkelijke?|originele?|volledige?",
        published=r"(?:dit artikel (?:is|verscheen) )?(?:oorspronkelijk|eerder|eerst) (?:gepubliceerd |verschenen )?(?:in|op|door|bij)|lees het (?:hele|volledige|originele) artikel (?:op|bij|in)",
        author=r"auteurs?|tekst|door(?= ?:)",
        share=r"(?:deel|delen)(?: (?:nu|dit|deze|het)(?: (?:artikel|verhaal|bericht|pagina|nieuws))?)?(?: (?:op|via|met|per) .{2,40})?|mail dit artikel|kopieer link|print(?:en)?",
    ),
    "pl": Labels(
        source=r"źródło|źródła|via",
        original=r"oryginalne|oryginalny|pierwotne|oryginał",
        published=r"(?:artykuł |tekst )?(?:pierwotnie |po raz pierwszy |oryginalnie )?(?:opublikowan[oye]|ukazał się) (?:w|na|przez)",
        author=r"autor(?:zy|ka|ki)?|tekst|opracowanie|oprac\.",
        share=r"udostępnij(?: (?:teraz|ten|artykuł|tekst|to|wpis|znajomym))*(?: (?:na|przez|w) .{2,40})?|podziel się(?: .{2,40})?|poleć (?:znajomym|artykuł)|wyślij (?:znajomemu|e-?mailem)|kopiuj link|drukuj",
    ),
    "ru": Labels(
        source=r"(?:перво)?источники?(?: (?:новости|информации|материала))?|ссылка на источник|оригинал(?: (?:статьи|материала|новости))?",
        original=r"оригинальный|первоначальный|исходный|полный|оригинала",
        published=r"(?:статья |материал |текст )?(?:впервые |первоначально )?(?:опубликован[оа]?|вышел|вышла) (?:в|на|во)",
        author=r"авторы?|текст|подготовил[аи]?|корреспондент",
        share=r"поделиться(?: (?:статьей|статьёй|новостью|ссылкой|с друзьями|материалом))?(?: (?:в|во|на|через) .{2,40})?|поделитесь(?: .{2,40})?|рассказать друзьям|отправить (?:другу|по почте)|скопировать ссылку|распечатать",
    ),
    "uk": Labels(
        source=r"(?:першо)?джерел[оа](?: (?:новини|інформації))?|оригінал(?: статті)?",
        original=r"оригінальне|початкове|повне",
        published=r"(?:стаття |матеріал )?(?:вперше )?опублікован[оаи]? (?:в|у|на)",
        author=r"автори?|автор(?:ка|ки)|текст",
        share=r"(?:поділитися|поширити|поділіться)(?: (?:статтею|новиною|з друзями))?(?: (?:в|у|на|через) .{2,40})?|скопіювати посилання|роздрукувати",
    ),
    "cs": Labels(
        source=r"zdroj(?:e)?",
        original=r"původní|originální|celý",
        published=r"(?:původně |poprvé )?(?:publikováno|vyšlo|vyšel|zveřejněno) (?:v|na|ve)",
        author=r"autor(?:ka|ři)?|text",
        share=r"sdíl(?:et|ejte|ej)(?: (?:článek|tento článek|na .{2,30}|přes .{2,30}))?|poslat e-?mailem|kopírovat odkaz|vytisknout|tisk",
    ),
    "sv": Labels(
        source=r"käll(?:a|or|hänvisning)",
        original=r"ursprunglig|original|ursprunglig",
        published=r"(?:ursprungligen |först )?(?:publicerad|publicerades|publicerat) (?:i|på|av|hos)",
        author=r"författare|text|skribent|av(?= ?:)",
        share=r"dela(?: (?:nu|artikeln|den här artikeln|artikel|sidan|med vänner))?(?: (?:på|via|med) .{2,40})?|mejla artikeln|kopiera länk|skriv ut",
    ),
    "da": Labels(
        source=r"kilder?",
        original=r"oprindelige?|originale?|opprinnelig",
        published=r"(?:oprindeligt |opprinnelig |først )?(?:publiceret|publisert|bragt|offentliggjort|utgitt) (?:i|på|af|av|hos)",
        author=r"forfattere?|tekst|skribent|journalist|af(?= ?:)|av(?= ?:)",
        share=r"del(?: (?:nu|artiklen|artikkelen|artikel|artikkel|saken|denne .{2,20}|siden|med venner))?(?: (?:på|via|med) .{2,40})?|kopier lenke|kopiér link|udskriv|skriv ut",
    ),
    "fi": Labels(
        source=r"lähde|lähteet",
        original=r"alkuperäinen",
        published=r"(?:julkaistu )?(?:alun perin|ensimmäisen kerran)(?: julkaistu)?",
        author=r"teksti|kirjoittaja|toimittaja",
        share=r"jaa(?: (?:artikkeli|juttu|tämä|ystäville))?(?: .{2,30})?|kopioi linkki|tulosta",
    ),
    "hu": Labels(
        source=r"források?|forrás",
        original=r"eredeti|elsődleges",
        published=r"(?:eredetileg )?megjelent",
        author=r"szerzők?|írta|szöveg",
        share=r"(?:cikk )?megosztás(?:a)?(?: .{2,30})?|oszd meg(?: .{2,30})?|link másolása|nyomtatás",
    ),
    "ro": Labels(
        source=r"surs[aăe](?: (?:știrii|articolului))?",
        original=r"originală?|inițială",
        published=r"publicat (?:inițial |prima dată )?(?:în|pe|de)",
        author=r"autori?|autoare|text",
        share=r"distribui(?:e|ți)(?: .{2,40})?|trimite (?:unui prieten|prin e-?mail)|copiază link(?:ul)?|printează",
    ),
    "el": Labels(
        source=r"πηγ(?:ή|ές)",
        original=r"αρχική|πρωτότυπη|πρωτότυπο",
        published=r"(?:πρωτο)?δημοσιεύ(?:τηκε|θηκε) (?:στ[οην]+|σε|από)",
        author=r"συντάκτ(?:ης|ρια)|συγγραφέας|κείμενο|του(?= ?:)|της(?= ?:)",
        share=r"κοινοποίηση(?: .{2,30})?|μοιράσ(?:ου|τείτε)(?: .{2,40})?|αντιγραφή συνδέσμου|εκτύπωση",
    ),
    "tr": Labels(
        source=r"(?:haber(?:in)? )?kayna[kğ][ıi]?(?:lar)?|kaynakça",
        original=r"asıl|orijinal|özgün|ilk",
        published=r"ilk (?:kez|olarak) yayınlandığı yer",
        author=r"yazar(?:lar)?|haber|metin|muhabir",
        share=r"(?:haberi |yazıyı |bunu |şimdi |arkadaşlarınla )?paylaş(?:ın)?(?: .{2,30})?|(?:facebook|twitter|whatsapp).{0,6}ta paylaş|bağlantıyı kopyala|yazdır",
    ),
    "ar": Labels(
        source=r"(?:ال)?مصدر(?: الخبر| المقال)?|المصادر",
        original=r"الأصلي|الاصلي|الأصل",
        published=r"(?:نُ?شر (?:أولا?ً? |لأول مرة )?(?:في|على))|نقلا?ً? ?ا? عن",
        author=r"المؤلف|الكاتب|بقلم|كتب|إعداد|تحرير",
        share=r"(?:شارك|شاركها|مشاركة|شارك(?:وا)?)(?: (?:الآن|المقال|الخبر|هذا المقال|مع أصدقائك|الصفحة))?(?: (?:على|عبر) .{2,40})?|انسخ الرابط|نسخ الرابط|طباعة",
    ),
    "fa": Labels(
        source=r"منبع(?: خبر)?|منابع",
        original=r"اصلی",
        published=r"نخستین بار (?:در|منتشر شده در)",
        author=r"نویسنده|خبرنگار|نوشته",
        share=r"(?:به )?اشتراک ?‌?(?:گذاری|بگذارید)(?: .{2,30})?|کپی لینک|چاپ",
    ),
    "he": Labels(
        source=r"ה?מקור(?:ות)?",
        original=r"ה?מקורי",
        published=r"פורסם (?:לראשונה )?ב-?",
        author=r"מאת|כתב(?:ת)?|מחבר",
        share=r"שתפו?(?: .{2,30})?|שיתוף(?: .{2,30})?|העתק קישור|הדפסה",
    ),
    "hi": Labels(
        source=r"स्रोत|सोर्स|साभार",
        original=r"मूल",
        published=r"(?:सबसे पहले|मूल रूप से) प्रकाशित",
        author=r"लेखक|लेखिका|रिपोर्टर",
        share=r"(?:अभी |इसे )?शेयर(?: करें)?(?: .{2,30})?|साझा करें(?: .{2,30})?|लिंक कॉपी करें",
    ),
    "bn": Labels(
        source=r"(?:সংবাদ)?সূত্র|উৎস", original=r"মূল", author=r"লেখক|প্রতিবেদক", share=r"(?:এখনই )?শেয়ার(?: করুন)?(?: .{2,30})?"
    ),
    "ur": Labels(source=r"ماخذ|ذریعہ|بشکریہ", original=r"اصل", author=r"مصنف|تحریر", share=r"شیئر(?: کریں)?(?: .{2,30})?"),
    "vi": Labels(
        source=r"(?:nguồn|nguồn tin|nguồn bài viết|theo)",
        original=r"gốc|ban đầu|bài",
        published=r"(?:được )?(?:đăng|xuất bản) (?:lần đầu |đầu tiên )?(?:trên|tại|bởi)|theo nguồn",
        author=r"tác giả|bài viết của|bài",
        share=r"chia sẻ(?: (?:ngay|bài viết|bài này|với bạn bè))?(?: (?:trên|qua|lên) .{2,40})?|sao chép liên kết|in bài",
    ),
    "id": Labels(
        source=r"sumber(?: (?:berita|artikel))?|via",
        original=r"asli|asal",
        published=r"(?:artikel ini )?(?:pertama kali )?(?:diterbitkan|tayang|dimuat|dipublikasikan) (?:di|oleh)",
        author=r"penulis|pewarta|oleh(?= ?:)",
        share=r"bagikan(?: (?:sekarang|artikel(?: ini)?|berita(?: ini)?|ke teman))?(?: (?:di|ke|lewat|via) .{2,40})?|kongsi(?: .{2,30})?|salin tautan|cetak",
    ),
    "sw": Labels(source=r"chanzo", original=r"asili", author=r"mwandishi", share=r"shiriki(?: .{2,30})?"),
    "th": Labels(
        source=r"(?:แหล่ง)?ที่มา|ต้นฉบับ|อ้างอิง|เครดิต",
        published=r"เผยแพร่ครั้งแรก(?:ใน|ที่)",
        author=r"ผู้เขียน|เรื่อง",
        share=r"แชร์(?:เลย|บทความ|ข่าวนี้|ให้เพื่อน)?(?: .{2,30})?|คัดลอกลิงก์",
    ),
    "ja": Labels(
        source=r"出典|引用元|情報源|(?:オリジナル)?ソース|参照元|配信元|転載元|元記事|出所|原文",
        original=r"元の|オリジナル",
        published=r"初出",
        author=r"著者|筆者|執筆|文|取材・?文",
        share=r"(?:今すぐ|この記事を|記事を|ページを)?(?:シェア|共有|ツイート)(?:する)?(?:.{0,12})|リンクをコピー|印刷(?:する)?",
    ),
    "zh": Labels(
        source=r"(?:原文|原始|文章|新闻|新聞|信息|消息|資料|资料|稿件|本文)?(?:来源|來源)(?:于|於|自)?|原文(?:链接|連結|出处|出處)?|稿源|出处|出處|转自|轉自|转载自|轉載自|首发于",
        original=r"原始|原",
        published=r"(?:首发于|原载于?|原載於?|本文首发于)",
        author=r"作者|记者|記者|文|撰文|编辑",
        share=r"(?:立即|马上|点击|一键|把这篇文章|将本文)?(?:分享|转发|轉發)(?:到|至|给|給)?(?:.{0,12})|复制链接|複製連結|打印(?:本文)?",
    ),
    "ko": Labels(
        source=r"(?:기사 |원문 |자료 |뉴스 )?(?:출처|원문|원본)(?: 링크)?",
        original=r"원래|최초|원",
        published=r"최초 (?:게재|보도)",
        author=r"기자|글|작성자|글쓴이",
        share=r"(?:지금 |이 기사 |기사 |친구에게 )?(?:공유|공유하기|공유하세요)(?: .{2,20})?|링크 복사|인쇄(?:하기)?",
    ),
}


def of_kind(kind: str, languages: Iterable[Labels] = LABELS.values()) -> str:
    """Join all languages' labels of a kind into one alternation."""
    return "(?:" + "|".join(f"(?:{words})" for labels in languages if (words := getattr(labels, kind))) + ")"


KINDS = tuple(field.name for field in fields(Labels))
_SEPARATOR = r"\s{0,3}(?:[:：]|\s[–—-](?=\s))\s{0,3}"
_NAME = r"(.{2,120})"
_SITE = r"((?:https?://|www\.)?[\w-]+(?:\.[\w-]+)+(?:/\S*)?)"
_SOURCE = (
    rf"(?:{of_kind('original')}[\s:]{{0,3}}){{0,2}}{of_kind('source')}(?:\s{of_kind('original')})?(?:\s{of_kind('source')})?"
)

#: A source line; the one group that matched is the publisher. Without a colon a noun needs a site's name behind it.
SOURCE = re.compile(
    rf"^[\W_]*(?:{_SOURCE}{_SEPARATOR}{_NAME}|{_SOURCE}\s{_SITE}|{of_kind('published')}\s{{0,3}}[:：]?\s{{0,3}}(?<=[\s:：]){_NAME})$",
    re.IGNORECASE,
)
#: The label of a source line whose publisher stands on the next line.
SOURCE_ALONE = re.compile(rf"^[\W_]*(?:{_SOURCE}|{of_kind('published')})\s{{0,3}}[:：]$", re.IGNORECASE)
#: A line that does nothing but ask to pass the article on.
SHARE = re.compile(rf"^[\W_]*{of_kind('share')}[\W_]*$", re.IGNORECASE)
AUTHOR = of_kind("author")
