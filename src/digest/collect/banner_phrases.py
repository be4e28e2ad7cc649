"""
Phrases of banners over and around articles, by language: cookie banners and paywall offers.

A language is added by adding a line to each table.
"""

import re
from collections.abc import Iterable, Mapping


def any_of(phrases: Mapping[str, str] | Iterable[str]) -> str:
    """Join all phrases of a table into one alternation."""
    return "(?:" + "|".join(phrases.values() if isinstance(phrases, Mapping) else phrases) + ")"


#: Sentences in which a site asks for consent. Each speaks as the site or to the visitor, which news about cookies does not.
_CONSENT = {
    "en": r"\b(?:we|us)(?: and|,) our (?:[\d,.]+ |\w+ ){0,3}(?:partners|vendors|affiliates|suppliers)|\b(?:we|this (?:web)?site|our (?:web)?sites?)\b(?: and .{1,60})?,? (?:also |would like to )?uses?\b.{0,40}\b(?:cookies|similar technolog)|(?:withdraw|change|revoke|manage|give) your (?:consent|privacy|cookie|choices|preferences|settings)|by (?:clicking|selecting|continuing|using).{0,80}(?:you (?:accept|agree|consent)|accept|cookies)|(?:with )?your (?:consent|permission|agreement),? (?:we|our)|store and(?:/or|/ or| or)? access (?:personal data|information|data).{0,60}\byour? ?device|we (?:value|respect|care about) your privacy|you can (?:change|withdraw|manage|accept|reject|choose|object).{0,60}(?:choices|consent|preferences|settings|cookies)",
    "de": r"\bwir(?:,| und|\b.{0,30}\bund) unsere (?:[\d,.]+ |\w+ ){0,3}(?:partner|dienstleister|anbieter)|(?:wir|diese (?:web)?seite|unsere (?:web)?seite)\b.{0,40}(?:verwende[nt]|nutz(?:en|t)|setz(?:en|t))\b.{0,40}(?:cookies|technologien)|(?:ihre|deine) (?:einwilligung|zustimmung|auswahl|cookie-einstellungen).{0,80}(?:widerrufen|ändern|anpassen|jederzeit)|(?:mit|durch) (?:(?:ihrer|deiner) (?:zustimmung|einwilligung)|(?:dem )?(?:klick|klicken)).{0,80}(?:wir|cookies|akzeptieren|zustimmen|einverstanden)|wir (?:schätzen|respektieren|achten) (?:ihre|deine) privatsphäre|(?:sie|du) k(?:önnen|annst).{0,80}(?:einwilligung|zustimmung|cookies).{0,40}(?:widerrufen|ändern|ablehnen|anpassen)",
    "fr": r"(?:nous(?: et|,)|avec) nos (?:[\d,.]+ |\w+ ){0,3}partenaires|(?:nous|ce site|notre site)\b.{0,40}utilis(?:ons|e|ent)\b.{0,40}(?:cookies|traceurs|technologies)|(?:vos|votre) (?:choix|consentement|préférences).{0,80}(?:retirer|modifier|à tout moment|changer)|(?:retirer|modifier|donner) (?:vos|votre) (?:choix|consentement|préférences)|en (?:cliquant|continuant|poursuivant).{0,80}(?:acceptez|consentez|cookies)|avec votre (?:accord|consentement)|vous pouvez.{0,80}(?:retirer|modifier|refuser).{0,40}(?:consentement|choix|préférences)",
    "es": r"(?:nosotros y|con) nuestros (?:[\d,.]+ |\w+ ){0,3}(?:socios|proveedores|colaboradores)|(?:nosotros|este sitio|nuestra web|nuestro sitio|esta (?:página|web))\b.{0,40}(?:usa|usamos|utiliza|utilizamos)\b.{0,40}cookies|(?:usamos|utilizamos) (?:\w+ )?cookies.{0,40}(?:propias|terceros|para)|(?:su|tu) (?:consentimiento|elección|configuración).{0,80}(?:retirar|cambiar|cualquier momento)|(?:retirar|cambiar|modificar) (?:su|tu) consentimiento|al (?:hacer clic|pulsar|continuar).{0,80}(?:acepta|cookies)|con (?:su|tu) (?:acuerdo|consentimiento|permiso)|puede[s]?.{0,80}(?:retirar|cambiar|rechazar|configurar).{0,40}(?:consentimiento|preferencias|cookies)",
    "it": r"(?:noi e|con) i nostri (?:[\d,.]+ |\w+ ){0,3}(?:partner|fornitori)|(?:noi|questo sito|il nostro sito)\b.{0,40}(?:usa|usiamo|utilizza|utilizziamo)\b.{0,40}cookie|utilizziamo (?:i )?cookie|(?:il tuo|i tuoi|le tue) (?:consenso|scelte|preferenze).{0,80}(?:revocare|modificare|momento)|(?:revocare|modificare) il (?:tuo )?consenso|(?:cliccando|continuando|proseguendo).{0,80}(?:accetti|acconsenti|cookie)|con il tuo (?:consenso|accordo)|puoi.{0,80}(?:revocare|modificare|rifiutare|negare).{0,40}(?:consenso|preferenze|cookie)",
    "pt": r"(?:nós e|com) os nossos (?:[\d,.]+ |\w+ ){0,3}parceiros|nós e nossos (?:[\d,.]+ |\w+ ){0,3}parceiros|(?:nós|este site|nosso site|o nosso site)\b.{0,40}(?:usa|usamos|utiliza|utilizamos)\b.{0,40}cookies|(?:usamos|utilizamos) cookies|(?:seu|teu) consentimento.{0,80}(?:retirar|alterar|momento)|(?:retirar|alterar) (?:o )?(?:seu )?consentimento|ao (?:clicar|continuar).{0,80}(?:aceita|concorda|cookies)|com (?:o )?seu consentimento",
    "nl": r"(?:wij|we) en (?:onze|al onze) (?:[\d,.]+ |\w+ ){0,3}(?:partners|leveranciers)|(?:wij|we|deze (?:web)?site|onze (?:web)?site)\b.{0,40}(?:gebruik(?:en|t)|plaatsen)\b.{0,40}cookies|(?:jouw|uw|je) (?:toestemming|keuzes?|voorkeuren).{0,80}(?:intrekken|wijzigen|aanpassen)|door (?:op|te klikken|verder te gaan).{0,80}(?:akkoord|toestemming|cookies)|met (?:jouw|uw|je) toestemming",
    "pl": r"my i nasi (?:[\d,.]+ |\w+ ){0,3}partnerzy|(?:nasi|naszymi|naszych) (?:zaufani |zaufanymi )?partner\w+.{0,80}(?:dane|cookies|plik)|(?:używamy|wykorzystujemy|stosujemy|ta (?:strona|witryna) używa)\b.{0,40}(?:cookies|ciasteczek)|(?:twoją|swoją|twoja) zgod[ęa].{0,80}(?:wycofać|cofnąć|zmienić)|(?:wycofać|cofnąć) (?:swoją )?zgodę|klikając.{0,80}(?:zgadzasz|wyrażasz|akceptujesz)",
    "sv": r"vi och våra (?:[\d,.]+ |\w+ ){0,3}(?:partner|leverantörer)|(?:vi|den här (?:webbplatsen|sidan))\b.{0,40}använder\b.{0,40}(?:cookies|kakor)|(?:ditt samtycke|dina val).{0,80}(?:återkalla|ändra)|genom att (?:klicka|fortsätta).{0,80}(?:godkänner|samtycker|cookies)",
    "da": r"vi og vores (?:[\d,.]+ |\w+ ){0,3}(?:partnere|leverandører)|(?:vi|denne (?:hjemmeside|side))\b.{0,40}(?:bruger|anvender)\b.{0,40}cookies|(?:dit samtykke|dine valg).{0,80}(?:trække|ændre)|ved at (?:klikke|fortsætte).{0,80}(?:accepterer|samtykker|cookies)",
    "no": r"vi og (?:våre|partnerne våre) (?:[\d,.]+ |\w+ ){0,3}(?:partnere|leverandører)?|(?:vi|dette nettstedet)\b.{0,40}bruker\b.{0,40}(?:cookies|informasjonskapsler)|(?:ditt samtykke|samtykket ditt).{0,80}(?:trekke|endre)",
    "fi": r"(?:me ja )?kumppanimme.{0,60}(?:evästei|tieto)|(?:käytämme|sivusto käyttää)\b.{0,40}eväste|suostumuksesi.{0,80}(?:peruuttaa|muuttaa)",
    "cs": r"(?:my a )?naši (?:[\d,.]+ |\w+ ){0,3}partneři|(?:používáme|web používá|stránky používají)\b.{0,40}(?:cookies|cookie)|souhlas.{0,60}(?:kdykoli|odvolat)|kliknutím.{0,80}(?:souhlas|cookies)",
    "hu": r"(?:mi és )?(?:[\d,.]+ )?partnereink.{0,60}(?:adat|süti|cookie)|(?:sütiket|cookie-kat) (?:használ|használunk)|hozzájárulás\w*.{0,60}visszavon",
    "ro": r"noi și (?:cei )?(?:[\d,.]+ )?(?:de )?parteneri(?:i noștri)?|(?:folosim|utilizăm)\b.{0,30}(?:cookie|module)|consimțământul.{0,60}(?:retrage|modific)",
    "el": r"εμείς και οι (?:[\d,.]+ )?συνεργάτες μας|(?:χρησιμοποιούμε|ιστότοπος χρησιμοποιεί)\b.{0,30}cookies|συγκατάθεσή σας",
    "ru": r"мы и наши (?:[\d,.]+ |\w+ ){0,3}(?:партн[её]ры)|(?:мы|этот сайт|сайт|наш сайт)\b.{0,30}использу(?:ем|ет)\b.{0,40}(?:cookie|куки)|ваше согласие.{0,60}(?:отозвать|изменить)|(?:продолжая|нажимая).{0,80}(?:соглашаетесь|cookie|согласие)",
    "uk": r"ми та наші (?:[\d,.]+ |\w+ ){0,3}партнери|(?:ми|цей сайт|сайт)\b.{0,30}використову(?:ємо|є)\b.{0,40}(?:cookie|кукі)|продовжуючи.{0,80}(?:погоджуєтес|cookie)",
    "tr": r"biz ve (?:[\d,.]+ |\w+ ){0,3}(?:ortaklarımız|iş ortaklarımız)|(?:sitemiz|web sitemiz|bu (?:web )?site)\w*.{0,60}çerez|çerez(?:ler)?.{0,30}kullan(?:ıyoruz|ılmaktadır|maktayız)|onayınızı.{0,60}(?:geri|değiştir)",
    "ja": r"(?:当社|弊社|私たち|当サイト|本サイト|このサイト|当ウェブサイト).{0,40}(?:cookie|クッキー).{0,30}(?:使用|利用)|(?:当社|弊社)(?:と|および|及び).{0,20}パートナー|(?:同意|cookie).{0,20}(?:撤回|拒否|変更)(?:する|でき)",
    "zh": r"(?:我们|我們|本网站|本網站|本站).{0,30}(?:使用|采用|採用).{0,20}cookie|(?:我们|我們)(?:和|及|与|與)(?:我们|我們)?的.{0,10}(?:合作伙伴|合作夥伴)|(?:撤回|更改|管理)(?:您|你)的(?:同意|选择|偏好)",
    "ko": r"(?:당사|저희|본 (?:사이트|웹사이트)|이 (?:사이트|웹사이트)).{0,40}쿠키.{0,20}(?:사용|이용)|(?:당사|저희)(?:와|및|는).{0,20}(?:파트너|협력)",
    "ar": r"نحن وشركاؤنا|(?:نستخدم|يستخدم (?:هذا )?(?:الموقع|موقعنا)).{0,30}(?:ملفات تعريف الارتباط|الكوكيز|كوكيز)|(?:سحب|تغيير) (?:موافقتك|اختياراتك)",
    "vi": r"chúng tôi và (?:[\d,.]+ )?(?:các )?đối tác|(?:chúng tôi|trang web này).{0,20}sử dụng.{0,20}cookie",
    "id": r"kami dan (?:[\d,.]+ )?(?:para )?mitra|(?:kami|situs (?:web )?ini) menggunakan.{0,20}cookie",
    "hi": r"हम (?:और|एवं) हमारे .{0,20}(?:भागीदार|साझेदार|पार्टनर)|(?:हम|यह (?:साइट|वेबसाइट)).{0,30}कुकी.{0,20}(?:उपयोग|इस्तेमाल)",
    "th": r"(?:เรา|เว็บไซต์นี้).{0,20}ใช้.{0,10}คุกกี้",
}
_CONSENT_SENTENCE = re.compile(any_of(_CONSENT), re.IGNORECASE)
#: Stems, one of which occurs in every sentence above: searching for them first is a hundred times as fast.
_CONSENT_STEMS = tuple(
    """
    partner vendor affiliat supplier cook technolog consent privacy choice preference setting permission agreement device accept agree
    dienstleister anbieter einwilligung zustimm auswahl akzeptier einverstanden privatsphäre partenaire traceur choix préférence accord
    socio proveedor colaborador consentimiento elección configura acepta acuerdo permiso fornitor consenso scelte preferenz accett acconsent accordo
    parceiro concorda aceita leverancier toestemming keuze voorkeur akkoord zgod zgadzasz wyrażasz ciastecz plik leverantör kakor samty dina_val
    godkänn informasjonskaps kumppan eväste suostumu souhlas hozzájárul süti partener consimțământ module συνεργάτ συγκατάθεσ партн куки согла
    кукі погодж ortak çerez onay クッキー パートナー 同意 合作 选择 偏好 쿠키 파트너 협력 شركاؤنا ملفات كوكيز موافق اختيار đối_tác mitra भागीदार साझेदार
    पार्टनर कुकी คุกกี้
    """.split()
)

#: Words that consent pages use all the time; three different ones in a line that speaks to the visitor make it one of theirs.
CONSENT_WORDS = re.compile(
    r"cookie|consent|privacy|partners|vendors|personal data|identifier|advertis|accept|reject|preferences|purposes"
    r"|einwilligung|datenschutz|werbung|zustimm|partnern?\b|akzeptier|ablehnen|zwecke|endgerät|personenbezogen"
    r"|consentement|publicité|partenaires|accepter|refuser|finalités|données|traceurs|confidentialité"
    r"|consentimiento|publicidad|socios|aceptar|rechazar|finalidades|privacidad|datos personales"
    r"|consenso|pubblicità|accettare|accetta|rifiuta|finalità|dati personali|consentimento|publicidade|parceiros|aceitar|rejeitar|dados pessoais"
    r"|toestemming|advertentie|voorkeuren|accepteren|weigeren|persoonsgegevens|zgod[aęy]|reklam|partnerzy|danych osobowych|prywatnoś"
    r"|samtyck|samtykk|annons|personuppgifter|evästee|mainon|souhlas|согласи|реклам|партн[её]р|персональн\w+ данн|çerez|gizlilik|onay"
    r"|同意|クッキー|プライバシー|广告|廣告|隐私|隱私|쿠키|개인정보|동의|موافق|ملفات تعريف|خصوصي",
    re.IGNORECASE,
)
_TO_VISITOR = re.compile(
    r"\byour?\b|\b(?:sie|ihre[nrsm]?|du|dein\w*)\b|\b(?:vous|votre|vos)\b|\b(?:usted|su|sus|tu|tus|puedes?)\b|\b(?:tuo|tua|tuoi|puoi|tue)\b|\b(?:você|seus?|suas?)\b"
    r"|\b(?:je|jouw|uw|u)\b|\b(?:tw[oó]j\w*|swoj\w+|możesz)\b|\b(?:din|ditt|dine|dina|du)\b|\b(?:vaš\w*|můžete)\b|\b(?:вы|вам|ваш\w*)\b|\w+(?:ınız|iniz|niz|nız)\b|あなた|お客様|您|你|귀하|당신|\bكم\b|ك\b",
    re.IGNORECASE,
)

#: Containers of the usual consent vendors and plug-ins, by their id or class.
CONSENT_BOX = re.compile(
    r"(?:^|[\s_-])(?:onetrust|ot-sdk|cybot|cookiebot|didomi|qc-cmp2?|truste|trustarc|teconsent|consent_blackbar|usercentrics|uc-banner|sp_message|fc-(?:consent|dialog)"
    r"|klaro|osano|cky-|cmplz|iubenda|borlabs|cmpbox|cmpwrapper|axeptio|tarteaucitron|termly|evidon|cookie-?law|cookieconsent|cc-(?:window|banner)|gdpr|moove_gdpr"
    r"|cookie-?(?:bar|banner|notice|consent|popup|overlay|wall|modal|dialog|message|policy-notice|alert|disclaimer|box|layer|info|hint|prompt)|consent-?(?:banner|bar|modal|overlay|wall|layer|manager|popup|dialog|box|notice)"
    r"|privacy-?(?:banner|wall|modal|overlay|notice|popup|prompt)|(?:cmp|ccpa|rgpd|dsgvo|avg|lgpd)-?(?:banner|container|modal|popup|overlay|root|wrapper))",
    re.IGNORECASE,
)

#: Statements of a paywall about who may read on. They name the article or the reading, which news about subscriptions does not.
_OFFERS = {
    "en": r"(?:subscribe|sign up|register|log in|sign in|become a (?:member|subscriber))(?: now| today| for free| here)? (?:to|and) (?:continue|keep|finish) (?:reading|enjoying)|(?:subscribe|sign up|register|log in|sign in|become a (?:member|subscriber))(?: now| today| for free| here)? (?:to|and) (?:read|unlock|view|access|get access to) (?:the |this |our |all |more |full )+|^to (?:continue|keep|finish) reading|(?:this|the rest of this|the full) (?:article|story|content|post|page) is (?:(?:only |exclusively )?(?:available (?:only |exclusively )?)?(?:for|to)|reserved for|exclusive to|restricted to|locked for)\b.{0,40}(?:subscribers?|members?|registered)|you(?:.ve| have) (?:reached|read|used|hit) (?:your|the|all|\d+).{0,40}(?:limit|free (?:article|stor)|articles? (?:remaining|left|this month))|^\W*(?:you have )?\d+ free (?:articles?|stor\w+) (?:left|remaining)|(?:subscriber|member|premium)[- ](?:only|exclusive) (?:content|article|story)|^want to (?:read|keep reading|continue reading)\b.{0,60}\?",
    "de": r"^(?:jetzt |einfach )?(?:weiterlesen|lesen sie weiter)(?: mit|,? wenn|.{0,30}(?:abo|plus|\+))|(?:dieser|der ganze|der vollständige|diesen) (?:artikel|beitrag|text|inhalt)(?: ist| wird| können sie| ist leider)?.{0,40}(?:abonnent|mitgliedern|plus\b|-abo\b|kostenpflichtig|registriert)|(?:melden sie sich an|jetzt anmelden|jetzt registrieren|abonnieren sie|jetzt abonnieren).{0,40}(?:um|und) .{0,40}(?:lesen|weiterzulesen|weiterlesen)|mit .{1,20}\+ weiterlesen|um (?:diesen|den ganzen|den vollständigen) (?:artikel|text|beitrag).{0,20} zu lesen",
    "fr": r"(?:la suite|cet article|l.article complet|ce contenu|l.intégralité de (?:l.|cet )article)(?: est| vous est)?.{0,20} (?:réservée?s?|exclusi\w+|accessible).{0,30}abonnés|il vous reste .{1,12}(?:%|pour cent).{0,40}(?:à (?:lire|découvrir)|article)|(?:abonnez-vous|inscrivez-vous|connectez-vous|identifiez-vous).{0,40}pour (?:lire|continuer|accéder|poursuivre|découvrir)|^pour (?:lire la suite|continuer (?:la|votre) lecture|poursuivre (?:la|votre) lecture)|article réservé aux abonnés",
    "es": r"(?:este |el )?(?:contenido|artículo)(?: es| está)? (?:exclusivo|solo|sólo|reservado|disponible).{0,20}(?:para|a) .{0,20}(?:suscriptores|abonados|registrados|socios de)|(?:suscríbete|suscríbase|regístrate|regístrese|inicia sesión|hazte (?:socio|suscriptor)).{0,40}(?:para|y) (?:seguir|sigue|continuar|continúa|leer|lee|acceder|accede)|^para (?:seguir|continuar) leyendo",
    "it": r"(?:questo )?(?:articolo|contenuto)(?: è)? (?:riservato|esclusivo|disponibile solo).{0,20}(?:abbonati|utenti registrati|iscritti)|(?:abbonati|registrati|accedi|iscriviti).{0,30}(?:per|e) (?:continuare|continua|leggere|leggi|proseguire|accedere|sbloccare)|^per continuare a leggere|la lettura (?:dell.articolo )?è riservata",
    "pt": r"(?:este )?(?:conteúdo|artigo|texto|reportagem)(?: é| está)? (?:exclusivo|exclusiva|reservado|restrito|disponível).{0,20}(?:para|a|aos) .{0,20}(?:assinantes|subscritores|membros)|(?:assine|cadastre-se|faça login|subscreva).{0,40}(?:para|e) (?:continuar|continue|ler|leia|acessar|aceder|desbloquear)|^para continuar (?:a ler|lendo)",
    "nl": r"(?:dit artikel|dit verhaal|deze inhoud) is.{0,30}(?:voor|exclusief).{0,20}(?:abonnees|leden)|(?:abonneer|word (?:lid|abonnee)|log in|registreer).{0,40}(?:om|en) (?:verder|dit artikel|door te|onbeperkt|lees)|^om (?:verder|door) te lezen|^lees (?:verder|dit artikel) (?:met|voor)",
    "pl": r"(?:ten|pełny|cały) (?:artykuł|tekst|materiał).{0,30}(?:dla|tylko).{0,20}(?:prenumerator|subskrybent|zalogowanych)|(?:zaloguj się|zarejestruj się|wykup|zaprenumeruj|subskrybuj).{0,40}(?:aby|żeby|by|i) (?:czytać|przeczytać|kontynuować|czytaj|uzyskać)|dalsza część artykułu|pozostało \d+ ?% (?:tekstu|artykułu|treści)",
    "sv": r"(?:den här artikeln|artikeln|innehållet) är (?:bara |endast |exklusivt )?(?:för|låst för).{0,20}(?:prenumeranter|medlemmar)|(?:bli prenumerant|prenumerera|logga in).{0,40}(?:för att|och) (?:läsa|fortsätta|läs)|^för att läsa (?:vidare|hela)",
    "da": r"(?:denne artikel|artiklen|indholdet) er (?:kun )?(?:for|forbeholdt|låst for).{0,20}(?:abonnenter|medlemmer)|(?:bliv abonnent|log ind|tegn abonnement).{0,40}(?:for at|og) (?:læse|fortsætte|læs)|^for at læse (?:videre|hele)",
    "no": r"(?:denne (?:artikkelen|saken)|innholdet) er (?:kun )?(?:for|forbeholdt|låst for).{0,20}(?:abonnenter|medlemmer)|(?:bli abonnent|logg inn).{0,40}(?:for å|og) (?:lese|fortsette|les)|^for å lese (?:videre|hele)",
    "fi": r"(?:tämä artikkeli|artikkeli|juttu) (?:on )?(?:vain )?(?:tilaajille|tilaajien)|(?:tilaa|kirjaudu|rekisteröidy).{0,40}(?:jatkaaksesi|lukeaksesi|ja lue|niin voit)",
    "cs": r"(?:tento|celý) (?:článek|obsah|text).{0,30}(?:pro|jen).{0,20}(?:předplatitele|přihlášené)|(?:předplaťte|přihlaste se|registrujte se).{0,40}(?:a |abyste )(?:čtěte|číst|pokračujte|mohli)",
    "ru": r"(?:этот|полный|весь) (?:материал|текст|статья).{0,30}(?:только|доступ\w+).{0,20}(?:подписчик|по подписке|зарегистрированн)|(?:оформите подписку|подпишитесь|войдите|зарегистрируйтесь).{0,40}(?:чтобы|и) (?:чита|продолж|прочит|дочит)|^чтобы (?:читать дальше|продолжить чтение|прочитать полностью|дочитать)",
    "tr": r"(?:bu|haberin|yazının) (?:içerik|haber|yazı|devamı).{0,30}(?:abonelere|abonelerimiz|üyelere)|(?:abone ol|üye ol|giriş yap).{0,40}(?:okumaya|devam et|okumak)|^okumaya devam etmek için",
    "ja": r"(?:この(?:記事|コンテンツ)は|続きは|ここから先は|残り\s?[\d,]+\s?文字).{0,20}(?:有料|会員|登録|購読|定期購読|ログイン)|有料(?:会員)?(?:限定|記事)|会員限定(?:の)?記事|(?:続き|全文)を(?:読む|お読み)(?:には|になるには|いただ)|残り\s?[\d,]+\s?文字",
    "zh": r"(?:本文|全文|此文|剩余内容|余下内容).{0,15}(?:订阅|付费|会员|訂閱|付費|會員).{0,15}(?:阅读|可读|專享|专享|閱讀)|(?:订阅|登录|注册|付费|訂閱|登入|註冊|付費).{0,10}(?:继续阅读|阅读全文|繼續閱讀|閱讀全文|查看全文)|解锁全文|解鎖全文",
    "ko": r"이 (?:기사|콘텐츠)는.{0,20}(?:유료|구독자|회원|로그인)|(?:구독|로그인|회원가입)(?:하고|하시면|하면|후).{0,20}(?:기사|전문|읽으실|계속)",
    "ar": r"(?:هذا|بقية|باقي) (?:المحتوى|المقال).{0,20}(?:للمشتركين|للأعضاء|مخصص)|(?:اشترك|سجل|سجّل الدخول).{0,30}(?:لمتابعة|لقراءة|لمواصلة) |^لمتابعة القراءة",
    "vi": r"(?:bài viết|nội dung) này.{0,20}(?:dành (?:riêng )?cho|chỉ).{0,20}(?:thuê bao|thành viên|hội viên)|(?:đăng ký|đăng nhập).{0,20}để (?:đọc|tiếp tục)",
    "id": r"(?:artikel|konten) ini (?:khusus|hanya|eksklusif).{0,20}(?:pelanggan|member|anggota)|(?:berlangganan|daftar|masuk|login).{0,20}untuk (?:membaca|melanjutkan|lanjut)",
    "hi": r"(?:यह|पूरा) (?:लेख|खबर).{0,20}(?:सब्सक्राइबर|सदस्य)|(?:सब्सक्राइब|लॉग ?इन|साइन ?इन).{0,20}(?:पढ़|जारी)",
}
#: Text around such a line: the price, existing subscribers, the benefits. Alone, it may be news.
_TERMS = {
    "en": r"already (?:a |have an? )?(?:subscriber|member|subscription|account|registered|subscribed)|(?:cancel|stop) (?:at )?any ?time|(?:full|unlimited|complete|digital|instant) (?:digital )?access|(?:choose|see|view|compare|explore) (?:your|our|all) (?:subscription|plans?|offers|options)|\bsubscri(?:be|ption)|(?:log|sign) in|free trial|no commitment",
    "de": r"(?:schon|bereits|sie haben).{0,20}(?:abo|abonnent|registriert|kunde)|kündbar|zugriff|zugang zu|\babo|(?:kostenlos|gratis) testen|anmelden|einloggen",
    "fr": r"déjà (?:un )?abonné|sans engagement|accès (?:illimité|à tous)|abonne|offre|(?:se )?connect|essai gratuit",
    "es": r"ya (?:eres|es|estás|tienes)|sin (?:permanencia|compromiso)|cancela cuando|acceso ilimitado|suscr[ií]|inicia sesión|prueba gratis",
    "it": r"già (?:un )?(?:abbonato|registrato|iscritto)|senza vincoli|disdici|accesso illimitato|abbon|accedi|prova gratuita",
    "pt": r"já (?:é|sou|tem)|cancele quando|sem fidelização|acesso ilimitado|assin|subscr|entrar|faça login|teste grátis",
    "nl": r"(?:al|bent u|ben je) .{0,10}(?:abonnee|lid)|opzegbaar|onbeperkt|abonne|inloggen|log in|proefperiode",
    "pl": r"(?:masz już|jesteś już)|rezygnuj|dostęp|prenumerat|subskryp|zaloguj|okres próbny",
    "sv": r"redan (?:prenumerant|medlem|kund)|bindningstid|prenumer|logga in|obegränsad",
    "da": r"allerede (?:abonnent|medlem)|binding|abonnement|log ind|ubegrænset",
    "no": r"allerede abonnent|bindingstid|abonnement|logg inn|ubegrenset",
    "ru": r"уже (?:есть подписка|подписаны|подписчик)|подписк|безлимитный|войти|войдите|бесплатн",
    "tr": r"zaten (?:abone|üye)|abone|giriş yap|sınırsız|ücretsiz dene",
    "ja": r"(?:すでに|既に)会員|月額|初月|初回|購読|会員登録|ログイン|無料",
    "zh": r"(?:已经是|已是|已經是)|订阅|訂閱|会员|會員|登录|登入|试用|試用",
    "ko": r"이미 (?:구독|회원)|구독|로그인|무료 체험",
    "ar": r"هل أنت مشترك|اشترك|تسجيل الدخول|إلغاء في أي وقت",
    "prices": r"[€$£¥₽₩₹] ?\d|\d ?(?:€|\$|£|¥|₽|₩|円|元|원|kr\b|zł|kč|euro|chf|руб|tl\b)",
}
OFFER_MAX = 320  #: characters of a line that is an offer
TERMS_MAX = 160  #: characters of a line that states its terms
TERMS_REACH = 6  #: lines around an offer that may hold its terms
_OFFER = re.compile(any_of(_OFFERS), re.IGNORECASE)
_OFFER_STEMS = tuple(
    """
    subscri sign_up sign_in log_in regist member article story stories reading premium weiterles lesen_sie artikel beitrag anmelden abonn réservé
    il_vous_reste connectez inscrivez identifiez lecture contenido artículo suscr regístr inicia_sesión hazte leyendo articolo contenuto abbonat
    registrat accedi iscriv leggere lettura conteúdo artigo texto reportagem assin cadastr login lendo a_ler verhaal inhoud lid_ lezen lees_ artykuł tekst
    zaloguj zarejestruj wykup prenumer subskryb pozostało innehållet logga_in läsa indholdet log_ind læse saken innholdet logg_inn lese juttu tilaa kirjaudu
    rekisteröidy člán obsah předpla přihla материал текст статья подпис войдите зарегистр читат чтени дочит içerik haber yazı abone üye giriş okumaya
    記事 コンテンツ 続き ここから 有料 会員 全文 残り 本文 此文 内容 订阅 登录 注册 付费 訂閱 登入 註冊 付費 기사 콘텐츠 구독 로그인 회원 المحتوى المقال اشترك سجل القراءة
    bài_viết nội_dung đăng konten berlangganan daftar masuk लेख खबर सब्सक्राइब लॉग साइन
    """.split()
)
_TERM = re.compile(any_of(_TERMS), re.IGNORECASE)
#: Reported speech is prose, whatever its subject.
_REPORTED = re.compile(
    r"[\"“”„«»].{10,}|\b(?:said|says|told|according to|announced|sagte|teilte|erklärte|a (?:dit|déclaré)|dijo|anunció|ha detto|disse|zei|сказал\w*)\b",
    re.IGNORECASE,
)


def asks_consent(line: str) -> bool:
    """Report whether a line holds a sentence in which a site asks for consent."""
    return _has_stem(line, _CONSENT_STEMS) and bool(_CONSENT_SENTENCE.search(line))


def is_consent(line: str) -> bool:
    """Report whether a line of text is a part of a consent page."""
    if not _has_stem(line, _CONSENT_STEMS):
        return False
    words = {word.casefold() for word in CONSENT_WORDS.findall(line)}
    return bool(_CONSENT_SENTENCE.search(line)) or (len(words) >= 3 and bool(_TO_VISITOR.search(line)))


def is_offer(line: str) -> bool:
    """Report whether a line of text is a paywall's offer."""
    return len(line) <= OFFER_MAX and _has_stem(line, _OFFER_STEMS) and bool(_OFFER.search(line)) and not _REPORTED.search(line)


def is_term(line: str) -> bool:
    """Report whether a line beside a paywall's offer states its terms."""
    return len(line) <= TERMS_MAX and bool(_TERM.search(line)) and not _REPORTED.search(line)


def _has_stem(line: str, stems: tuple[str, ...]) -> bool:
    folded = "_".join(line.casefold().split()) + "_"
    return any(stem in folded for stem in stems)
