"""
Phrases of the page around articles, by language: beginnings of lines that are no
prose, ends of articles, bylines, source lines.

Plain lists, so that a language is added by adding words.
"""

import re

from digest.collect.label_phrases import AUTHOR

_I = re.IGNORECASE

_FURNITURE = """
advert\\w* share tweet e-?mail print follow subscrib\\w* sign\\s?up sign\\s?in log\\s?in read\\smore read\\snext related more\\sfrom more\\son
more\\sstor\\w+ most\\sread most\\spop\\w+ popular trending comments? post\\scomment leave\\sa add\\sa\\scomment reply tags? filed\\sunder posted published
updated copyright all\\srights privacy terms cookies? contact about skip menu search home newsletters? click loading next prev\\w* photo image
credit getty source: by view watch continue join get\\sthe save \\d+\\scomments? like\\sthis facebook twitter whatsapp recommend\\w* editor
also\\sread read\\salso see\\salso don.t\\smiss you\\smay recent latest categor\\w+ archive\\w* topics listen close back\\sto\\stop jump\\sto accept
anzeige werbung teilen drucken merken kommentare? mehr\\szum mehr\\svon mehr\\saus lesen\\ssie anmelden abonnieren startseite impressum datenschutz
veröffentlicht publicité partager imprimer commentaires? lire\\saussi lire\\splus à\\slire s.abonner abonnez accueil mentions\\slégales publié
se\\sconnecter publicidad compart\\w+ imprimir comentarios? leer\\smás lee\\stambién suscríb\\w+ inicio aviso\\slegal publicado iniciar\\ssesión
te\\spuede\\sinteresar pubblicità condividi stampa commenti leggi\\sanche leggi\\stutto abbonati accedi iscriviti publicidade partilhar comentários
leia\\stambém leia\\smais assine advertentie delen reacties lees\\sook lees\\smeer abonneer reklama udostępnij komentarze czytaj\\steż czytaj\\stakże
zaloguj dela läs\\socså läs\\smer prenumerera iklan bagikan baca\\sjuga komentar tanggapan terkait masuk daftar quảng\\scáo chia\\ssẻ bình\\sluận
xem\\sthêm đăng\\snhập đăng\\ský theo\\sdõi trang\\schủ реклама поделиться комментари\\w+ читайте\\sтакже подпис\\w+ войти главная поширити коментарі
إعلان شارك تعليقات? اقرأ\\sأيضا اقرأ\\sالمزيد اشترك تسجيل\\sالدخول الرئيسية विज्ञापन शेयर टिप्पणियाँ? reklam paylaş yorumlar? abone\\sol διαφήμιση σχόλια
"""
_FURNITURE_UNSPACED = "広告|シェア|共有|コメント|関連記事|続きを読む|ログイン|会員登録|ホーム|广告|分享|评论|相关阅读|相关新闻|登录|注册|首页|廣告|留言|相關|광고|공유|댓글|관련기사|더보기|로그인|회원가입|โฆษณา|แชร์|ความคิดเห็น|อ่านต่อ"

#: A line that begins so is furniture more often than prose.
FURNITURE = re.compile(r"^\W*(?:(?:" + "|".join(_FURNITURE.split()) + r")(?!\w)|" + _FURNITURE_UNSPACED + ")", _I)

#: A separate line above the readers' comments.
COMMENTS = re.compile(
    r"^\W*(?:\d+\s+|no |one )?(?:(?:top |rated |reader |readers'? |view |show |all |read |leave a |add a |post (?:a )?|join the )*"
    r"(?:comments?|repl(?:y|ies)|responses?|conversation|discussion)|comentarios?|kommentare?|commentaires?|commenti|comentários|reacties|komentarze"
    r"|комментари\w*|коментарі|bình luận|تعليقات?|komentar\w*|tanggapan|yorumlar?|コメント|댓글|评论|留言|σχόλια|टिप्पणियाँ?)"
    r"\W*(?:\(\d+\)|\d+|closed|are closed.?)?\W*$",
    _I,
)
#: A line about rights or cookies: the article usually ends above it.
RIGHTS = re.compile(
    r"©|\(c\) ?\d{4}|all rights reserved|^copyright\b|alle rechte vorbehalten|tous droits réservés|(?:todos los derechos|reservados todos)"
    r"|tutti i diritti|todos os direitos|все права защищены|無断転載|禁無断|무단\s?전재|版权所有|版權所有|cookies? (?:policy|to improve|are)|uses? cookies",
    _I,
)
#: A heading above links to other articles, or a line of tags.
ELSEWHERE = re.compile(
    r"^\W*(?:tags?\b|filed under|topics?:|categor|posted in|post navigation|(?:previous|next) (?:post|article|story)|about the author"
    r"|more (?:from|on|stories|news)\b|related (?:stories|articles|news|posts|content|topics|links|coverage)|most (?:read|popular|viewed)"
    r"|(?:top|latest|recent|trending|popular) (?:stories|news|posts|articles|videos)|trending|recommended|you (?:may|might) also|read next"
    r"|share this|like this|mehr zum thema|das könnte sie|ähnliche artikel|auch interessant|à lire aussi|sur le même sujet|articles liés|te puede interesar"
    r"|noticias relacionadas|más noticias|leggi anche|articoli correlati|leia também|lees ook|czytaj także|baca juga|artikel terkait|tin liên quan"
    r"|xem thêm|читайте также|похожие|по теме|читайте також|اقرأ أيضا|مواضيع ذات صلة|関連記事|あわせて読みたい|관련\s?기사|相关(?:阅读|新闻|文章)|相關新聞"
    r"|benzer haberler|यह भी पढ़ें)",
    _I,
)
_DATED = (
    r"\b(?:jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-zä]*\.? \d{1,2},? \d{4}|\b\d{1,2}[./ -]\d{1,2}[./ -]\d{2,4}|\b(?:20|19)\d\d\b"
    r"|\d+ (?:hours?|days?|minutes?|mins?|weeks?|months?) ago|\d{1,2}:\d\d ?(?:am|pm)|\d年\s?\d{1,2}月|\d{4}년|ngày \d|vor \d+ (?:stunden|tagen|minuten)"
    r"|il y a \d|hace \d"
)
#: A short line around a date or an age.
DATED = re.compile(rf"^.{{0,40}}(?:{_DATED}).{{0,30}}$", _I)

_NAME = r"(?:[A-ZÀ-ÖØ-ÞĀ-ŽА-ЯЁІЇЄΑ-Ω][\w'’.-]*)"
_NAMES = rf"{_NAME}(?:\s+(?:(?:de|da|di|du|del|della|van|von|der|den|la|le|bin|ibn|al|el|y|e|dos|das|af|av|ten|ter)\s+)*{_NAME}){{1,4}}"
#: `By Jane Doe and John Roe`, `Von …`, `作者：…`; group 1 holds the names.
BYLINE = re.compile(
    rf"^\W*(?:(?:(?:words|text|story|report(?:ed|ing)?|written|posted|published|analysis|review|photographs)\s+)?(?i:by|von|par|por|da|di|door|av|af|przez|oleh|bởi|автор|текст|автори|بقلم|كتب|yazan)(?:\s*[:：]|(?=\s))"
    rf"|(?i:{AUTHOR})\s*[:：])"
    rf"\s*((?:{_NAMES}|\S+(?: \S+){{1,3}})(?:\s*(?:,|&|\+|and|und|et|y|e|en|og|och|i|dan|và|и|та|و|ve)\s+{_NAMES})*)\s*(?:[,|·•–—-].*|\(.*\))?$"
)
#: The same where names are written without spaces.
BYLINE_UNSPACED = re.compile(
    r"^\W*(?:作者|記者|记者|文|撰文|取材・文|執筆|기자|글|작성자|เรื่อง|ผู้เขียน)\s*[:：/／=]?\s*([\w・·]{2,20}(?:\s[\w・·]{1,12}){0,3})\s*$|^([가-힣]{2,4})\s*기자(?:\s.*)?$|^([\w・]{2,12})\s*(?:記者|记者)$"
)
#: The text of a biography after the name that it begins with.
BIOGRAPHY = re.compile(
    rf"^(?i:about the author:?\s*)?({_NAMES})\s*(?:\([^)]*\)\s*)?,?\s+(?:is|was|has (?:been|worked|written|covered|reported)|writes|covers|reports|lives|works|joined|studied|brings|holds"
    r"|ist|war|arbeitet|schreibt|berichtet|lebt|studierte|est|écrit|couvre|travaille|vit|es|escribe|cubre|trabaja|è|scrive|lavora|vive|é|escreve|trabalha|schrijft|werkt|jest|pisze|är|skriver|er"
    r"|adalah|là|viết|пишет|работает|является|—|–|—)\s+"
)
#: Subjects of a biography.
BIOGRAPHY_WORDS = re.compile(
    r"\b(?:journalist\w*|reporter\w*|correspondent\w*|columnist\w*|writer\w*|author\w*|editors?\b|editor-in-chief|freelance\w*|blogger\w*|newsroom|storyteller|journalism|byline|award-winning|accolades|bestselling"
    r"|autorin|autor\b|redakteur\w*|korrespondent\w*|schriftsteller\w*|volont\w*|reporterin|journaliste|rédact\w+|correspondante?|auteure?\b|autrice|periodista\w*|corresponsal\w*|redactora?\b|escritora?\b|giornalista|scrittrice"
    r"|scrittore|jornalista|repórter|redacteur|dziennikar\w+|autork\w+|reporterk\w+|journalisten|skribent|wartawan|jurnalis|penulis|nhà báo|phóng viên|biên tập viên|журналист\w*|корреспондент\w*|обозреват\w+|редактор\w*|журналістк\w+)",
    _I,
)
BIOGRAPHY_UNSPACED = re.compile(
    r"^(?:[\w・·]{2,14}(?:（[^）]*）|\([^)]*\))?(?:は、?|，|,|是|는|은)\s?).{0,60}(?:記者|编辑|編集者|ジャーナリスト|ライター|作家|记者|作者|專欄|专栏|기자|칼럼니스트|작가|언론인|특파원)"
)
BIOGRAPHY_ARABIC = re.compile(r"^(\w+ \w+(?: \w+)?)\s+(?:صحفي|صحفية|كاتب|كاتبة|مراسل|مراسلة|إعلامي|محرر)")
