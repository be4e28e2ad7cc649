"""
Phrases of pages that are served in an article's place, by kind and language.

`TITLES` are matched against a whole part of the page's title or its first heading, `SPEECH`
against a short body, `MARKERS` against the page's source. A language is added by adding a line.
"""

from collections.abc import Mapping
from enum import StrEnum


class Wall(StrEnum):
    """A kind of page without an article; its value is the reason that a source's error gives."""

    CHALLENGE = "is a check for bots, not an article: the site keeps programs out; add its feed instead, or remove the source"
    CONSENT = "is a cookie consent page, not an article: the site shows nothing else to programs; add its feed instead"
    MISSING = "says that the page was not found, although the server reported success; check the address"
    LOGIN = "is a log-in page, not an article; add the site's feed instead, or remove the source"
    BLOCKED = "says that it may not be read from here, although the server reported success; add the site's feed instead"
    PARKED = "is a parked or unfinished site, not an article; check the address, or remove the source"
    BROKEN = "is an error page of the server, although it reported success; it is tried again later"
    SCRIPT = "is empty without JavaScript, which digest does not run; add the site's feed instead"


#: The title of such a page, or its first heading, with no other significant words.
TITLES: Mapping[Wall, Mapping[str, str]] = {
    Wall.CHALLENGE: {
        "en": r"just a moment|attention required|one more step|checking your browser(?: before accessing.*)?|verify(?:ing)? (?:that )?you are (?:a )?human|are you (?:a )?(?:robot|human)|human verification|security (?:check(?:point)?|verification)|vercel security checkpoint|pardon our interruption|please wait|ddos-guard|bot (?:check|verification)|captcha|robot check|making sure you.re not a bot|access to this page has been denied|please verify you are a human|you have been blocked|sorry, you have been blocked|challenge validation|client challenge|browser check",
        "de": r"(?:nur )?einen moment|sicherheits(?:überprüfung|abfrage|check)|ich bin kein roboter|browser wird überprüft|bist du ein (?:mensch|roboter)|sind sie ein (?:mensch|roboter)",
        "fr": r"un (?:instant|moment)|vérification de sécurité|êtes-vous (?:un )?(?:humain|robot)|vérification (?:du navigateur|en cours)",
        "es": r"un momento|verificación de seguridad|comprobando (?:tu|su) navegador|¿?eres (?:un )?(?:humano|robot)",
        "it": r"un attimo|un momento|verifica di sicurezza|sei un (?:robot|essere umano)",
        "pt": r"um momento|só um momento|verificação de segurança|você é (?:um )?(?:humano|robô)",
        "nl": r"een moment|beveiligingscontrole|ben je een (?:mens|robot)",
        "pl": r"chwileczkę|jeszcze chwila|weryfikacja (?:bezpieczeństwa|użytkownika)",
        "ru": r"один момент|подождите|проверка (?:безопасности|браузера)|вы не робот|доступ ограничен",
        "tr": r"bir dakika lütfen|bir dakika|güvenlik (?:doğrulaması|kontrolü)",
        "ja": r"しばらくお待ちください|セキュリティ(?:確認|チェック)|ロボットではありません",
        "zh": r"请稍候|請稍候|安全(?:验证|驗證|检查|檢查)|人机验证",
        "ko": r"잠시만 기다(?:리십시오|려 주세요)|보안 (?:확인|검사)",
        "ar": r"لحظة(?: من فضلك)?|انتظر لحظة|التحقق (?:من الأمان|الأمني)",
        "vi": r"(?:xin )?chờ một chút|xác minh bảo mật",
        "sv": r"ett ögonblick|säkerhetskontroll",
    },
    Wall.CONSENT: {
        "en": r"before you continue(?: to .{1,40})?|(?:your|we value your|we care about your|we respect your) (?:privacy|privacy choices|data|cookie (?:choices|preferences))(?: matters)?(?: is important to us)?|privacy (?:preferences?|settings|manager|choices)(?: center| centre)?|cookie (?:consent|settings|preferences|notice|policy|wall)|cookies?|consent(?: required| management)?|manage (?:your )?(?:consent|cookies|privacy)|.{1,40} is part of the .{1,30} family of brands",
        "de": r"bevor (?:sie|du) (?:fortfahren|fortfährst|weiterlesen|weiterliest|zu .{1,40})|(?:ihre|deine) (?:privatsphäre|daten|datenschutz\w*)(?: ist uns wichtig)?|(?:datenschutz|cookie|privatsphäre)[ -]?(?:einstellungen|hinweis|zustimmung|präferenzen)|einwilligung|zustimmung(?: erforderlich)?|wir (?:schätzen|respektieren) ihre privatsphäre|.{1,40} mit werbung (?:lesen|nutzen).{0,60}|.{1,40} ist teil der .{1,30} markenfamilie",
        "fr": r"avant de continuer(?: vers .{1,40})?|(?:le respect de )?votre vie privée(?: est importante)?.{0,40}|vos? choix.{0,40}|(?:gestion|paramètres) des cookies|gérer (?:mes|vos|les) (?:cookies|choix)|consentement|.{1,40} fait partie de la famille .{1,40}",
        "es": r"antes de (?:continuar|ir a .{1,40})|(?:tu|su) privacidad(?: (?:es importante|nos importa))?.{0,40}|(?:configuración|aviso|política) de (?:las )?cookies|(?:valoramos|respetamos|nos preocupa) (?:tu|su) privacidad|consentimiento|.{1,40} forma parte de la familia .{1,40}",
        "it": r"prima di continuare(?: su .{1,40})?|(?:la tua|la vostra|il rispetto della tua) privacy.{0,40}|(?:impostazioni|informativa|preferenze)(?: sui?| dei)? cookie|consenso.{0,30}|.{1,40} fa parte della famiglia .{1,40}",
        "pt": r"antes de continuar(?: para .{1,40})?|(?:a )?sua privacidade.{0,40}|(?:definições|configurações|política) de cookies|valorizamos a sua privacidade|consentimento",
        "nl": r"voordat (?:je|u) (?:verdergaat|doorgaat|naar .{1,40} gaat)|(?:jouw|uw|je) privacy.{0,40}|cookie-?(?:instellingen|melding|toestemming)|toestemming.{0,30}",
        "pl": r"zanim przejdziesz.{0,40}|(?:twoja|dbamy o twoją|szanujemy twoją) prywatność.{0,40}|(?:ustawienia|polityka) (?:plików )?cookies?|zgoda.{0,30}",
        "sv": r"innan du (?:fortsätter|går vidare).{0,40}|din integritet.{0,40}|cookie-?inställningar|vi värnar om din integritet",
        "da": r"før du fortsætter.{0,40}|dit privatliv.{0,40}|cookie-?indstillinger|samtykke",
        "no": r"før du fortsetter.{0,40}|ditt personvern.{0,40}|(?:cookie|informasjonskapsel)-?innstillinger",
        "fi": r"ennen kuin jatkat.{0,40}|yksityisyytesi.{0,40}|evästeasetukset",
        "cs": r"než budete pokračovat.{0,40}|vaše soukromí.{0,40}|nastavení (?:souborů )?cookies?",
        "ru": r"прежде чем продолжить.{0,40}|ваша конфиденциальность.{0,40}|настройки файлов cookie",
        "tr": r"devam etmeden önce.{0,40}|gizliliğiniz.{0,40}|çerez (?:ayarları|tercihleri|politikası)",
        "ja": r".{0,20}に進む前に|プライバシー設定|cookie(?:の設定| ?設定|について)",
        "zh": r"(?:继续|前往).{0,20}之前|(?:cookie|隐私|隱私) ?(?:设置|設定|偏好)",
        "ko": r".{0,20}계속하기 전에|쿠키 설정|개인정보 (?:보호 )?설정",
        "ar": r"قبل المتابعة.{0,40}|خصوصيتك.{0,40}|إعدادات ملفات تعريف الارتباط",
    },
    Wall.MISSING: {
        "en": r"(?:web ?)?page (?:was |is |could |can |cannot |can.t |can not )*(?:not )?(?:be )?(?:found|missing|gone|unavailable|removed|not available|doesn.t exist|does not exist|no longer (?:available|exists))|(?:article|story|post|content|document|file|url|resource) (?:was )?(?:not found|not available|unavailable|no longer available|does not exist|has been removed)|(?:error )?404(?: error)?|not found|nothing (?:was )?found(?: here)?|(?:we )?(?:can.t|couldn.t|cannot|could not) find (?:that|the|this) (?:page|article|story).{0,30}|this page (?:isn.t available|doesn.t exist|has moved|is gone|is no longer available)|(?:the )?page you.{0,40}(?:not|n.t).{0,30}|oops!?.{0,20}(?:not found|can.t be found|page|gone)|file or directory not found",
        "de": r"(?:die |diese )?(?:web)?(?:seite|inhalt|artikel|beitrag|dokument|datei)(?: wurde| konnte| ist| existiert)?(?: leider)?(?: nicht)?(?: mehr)? ?(?:gefunden(?: werden)?|verfügbar|vorhanden|nicht|nicht mehr)|nicht gefunden|fehler 404|404[ -]fehler|nichts gefunden",
        "fr": r"(?:la |cette )?page (?:web )?(?:introuvable|non trouvée|inexistante|pas trouvée|n.existe (?:pas|plus)|n.a pas été trouvée|n.est (?:pas|plus) disponible|demandée.{0,40})|(?:article|contenu|document) (?:introuvable|non trouvé|indisponible)|erreur 404|non trouvée?|introuvable",
        "es": r"(?:la |esta )?página (?:web )?(?:no (?:encontrada|existe|disponible|se encuentra|se ha encontrado|está disponible)|solicitada.{0,40}|inexistente)|(?:artículo|contenido|documento) no (?:encontrado|disponible)|error 404|no (?:encontrada|encontrado|se (?:ha )?encontr\w+.{0,30})",
        "pt": r"(?:a |esta )?página (?:não (?:encontrada|existe|disponível|foi encontrada|está disponível)|inexistente)|(?:artigo|conteúdo|notícia) não (?:encontrad[oa]|disponível)|erro 404|não encontrad[oa]",
        "it": r"(?:la |questa )?pagina (?:non (?:trovata|esiste|disponibile|è stata trovata|è disponibile)|inesistente)|(?:articolo|contenuto) non (?:trovato|disponibile)|errore 404|non trovat[oa]",
        "nl": r"(?:deze |de )?pagina (?:is |kon |werd )?(?:niet (?:gevonden|beschikbaar)(?: worden)?|bestaat niet(?: meer)?)|(?:artikel|bericht) niet (?:gevonden|beschikbaar)|fout 404|niet gevonden",
        "pl": r"(?:nie znaleziono|nie odnaleziono|brak) (?:takiej )?(?:strony|artykułu)|strona (?:nie (?:została (?:znaleziona|odnaleziona)|istnieje|znaleziona)|o podanym adresie.{0,30})|błąd 404|nie znaleziono",
        "sv": r"sidan (?:kunde inte hittas|hittades inte|finns inte(?: längre)?|saknas)|hittades inte|fel 404",
        "da": r"siden (?:blev ikke fundet|kunne ikke findes|findes ikke(?: længere)?|er ikke fundet)|ikke fundet|fejl 404",
        "no": r"(?:siden|fant ikke siden)(?: ble ikke funnet| finnes ikke(?: lenger)?| kunne ikke bli funnet)?|ikke funnet|feil 404",
        "fi": r"sivua ei (?:löytynyt|löydy|ole olemassa)|ei löytynyt|virhe 404",
        "cs": r"(?:stránka|článek) (?:nenalezena|nenalezen|nebyla nalezena|nebyl nalezen|neexistuje)|nenalezeno|chyba 404",
        "hu": r"az? oldal nem (?:található|létezik)|nem található|404-es hiba",
        "ro": r"pagina (?:nu (?:a fost găsită|există|este disponibilă)|negăsită|inexistentă)|eroare 404",
        "el": r"(?:η )?σελίδα δεν (?:βρέθηκε|υπάρχει)|σφάλμα 404",
        "ru": r"(?:такая |эта |запрашиваемая )?(?:страница|статья|новость) (?:не найдена|не существует|удалена|недоступна)|страницы не существует|ошибка 404|не найдено",
        "uk": r"(?:сторінку|сторінка) (?:не знайдено|не існує|не знайдена)|помилка 404",
        "tr": r"(?:aradığınız )?sayfa (?:bulunamadı|mevcut değil|yok)|404 hatası|bulunamadı",
        "ja": r".{0,20}(?:ページ|記事)(?:が|は)(?:見つかりません(?:でした)?|存在しません|ありません|削除されました|見つかりませんでした)|お探しの(?:ページ|記事).{0,30}|ページが見つかりません.{0,10}",
        "zh": r"(?:(?:您(?:访问|要找|请求)的)?(?:页面|頁面|网页|網頁|文章|内容)(?:不存在|未找到|找不到(?:了)?|已删除|已刪除|丢失|走丢了)|(?:找不到|未找到|没有找到|沒有找到)(?:该|此|您.{0,8}|這個|这个)?(?:页面|頁面|网页|網頁|文章)|404.{0,6}错误)",
        "ko": r".{0,20}(?:페이지|기사)(?:를|을|가|이) ?(?:찾을 수 없습니다|존재하지 않습니다|삭제되었습니다|없습니다)|존재하지 않는 페이지.{0,10}",
        "ar": r"(?:عذرا\S* ?)?(?:لم يتم العثور على (?:الصفحة|المقال)|الصفحة (?:غير موجودة|غير متوفرة|المطلوبة.{0,30}|التي.{0,40}))|خطأ 404|غير موجودة?",
        "fa": r"(?:صفحه|برگه)(?: مورد نظر)? (?:یافت نشد|پیدا نشد|وجود ندارد)|خطای 404",
        "he": r"(?:ה?דף|ה?עמוד) (?:לא נמצא|אינו קיים)|שגיאה 404",
        "hi": r"(?:पेज|पृष्ठ)(?: उपलब्ध)? नहीं (?:मिला|है)",
        "vi": r"(?:không tìm thấy trang|trang (?:không (?:tồn tại|tìm thấy)|bạn .{0,30}))(?: này)?|lỗi 404",
        "id": r"halaman (?:tidak (?:ditemukan|ada|tersedia)|yang .{0,40})|kesalahan 404",
        "th": r"ไม่พบ(?:หน้า|บทความ).{0,20}",
    },
    Wall.LOGIN: {
        "en": r"(?:please )?(?:log|sign)[ -]?(?:in|on)(?: (?:to|with) .{1,60}| or (?:sign|register|create).{0,30})?|(?:member |subscriber |user )?log ?in|authentication(?: required)?|(?:create|sign up for) (?:an|a free|your) account.{0,30}|sign ?up(?: (?:for|to) .{1,40})?|register(?: (?:for free|to continue.{0,30}))?|(?:members|subscribers) only|session expired",
        "de": r"(?:bitte )?(?:anmelden|einloggen|anmeldung|login)(?: .{1,40})?|registrier(?:en|ung)(?: .{1,40})?|(?:mein )?(?:benutzer)?konto",
        "fr": r"(?:se connecter|connexion|connectez-vous|identifiez-vous|s.identifier|identification)(?: .{1,40})?|cré(?:er|ez) (?:un|votre) compte|s.inscrire|inscription",
        "es": r"(?:iniciar|inicie|inicia|inicio de) sesión(?: .{1,40})?|(?:acceder|acceso|identifícate|entrar)(?: .{1,30})?|regístr(?:ate|ese).{0,30}|crear (?:una )?cuenta",
        "pt": r"(?:iniciar sessão|entrar|faça login|login|acesse sua conta)(?: .{1,40})?|cadastr(?:e-se|o).{0,30}|criar conta",
        "it": r"(?:accedi|accesso|login|effettua il login)(?: .{1,40})?|registra(?:ti|zione).{0,30}|crea (?:un )?account",
        "nl": r"(?:inloggen|log in|aanmelden)(?: .{1,40})?|registreren|account (?:aanmaken|maken)",
        "pl": r"(?:zaloguj(?: się)?|logowanie)(?: .{1,40})?|(?:zarejestruj się|rejestracja)(?: .{1,30})?|załóż konto",
        "sv": r"logga in(?: .{1,40})?|skapa konto",
        "da": r"log (?:ind|på)(?: .{1,40})?|opret (?:konto|bruger)",
        "no": r"logg inn(?: .{1,40})?|opprett konto",
        "fi": r"kirjaudu(?: sisään)?(?: .{1,40})?|luo tili",
        "cs": r"přihl(?:ásit se|ášení|aste se)(?: .{1,40})?|registrace",
        "ru": r"(?:вход|войти|авторизация|войдите)(?: .{1,40})?|регистрация(?: .{1,30})?",
        "uk": r"(?:вхід|увійти|авторизація)(?: .{1,40})?|реєстрація",
        "tr": r"(?:giriş yap(?:ın)?|oturum aç(?:ın)?|üye girişi)(?: .{1,40})?|(?:kayıt|üye) ol",
        "ja": r"(?:会員)?ログイン(?:ページ|画面|する)?|サインイン|会員登録",
        "zh": r"(?:用户|用戶|会员|會員|账号|帳號)?(?:登录|登錄|登入)(?:页面|頁面)?|注册|註冊",
        "ko": r"로그인(?: 페이지)?|회원 ?가입",
        "ar": r"(?:تسجيل الدخول|سجل الدخول|سجّل الدخول)(?: .{1,40})?|إنشاء حساب",
        "vi": r"đăng (?:nhập|ký)(?: .{1,40})?",
        "id": r"(?:masuk|log ?in)(?: (?:ke|untuk) .{1,40})?|daftar akun",
    },
    Wall.BLOCKED: {
        "en": r"access (?:to this .{1,20} )?(?:is |has been )?(?:denied|forbidden|blocked|restricted)|(?:error )?403(?: error)?(?: forbidden)?|forbidden|unavailable (?:for legal reasons|in your (?:region|country|location))|(?:error )?451.{0,40}|not available in your (?:region|country|location)|request (?:rejected|blocked|unsuccessful)|(?:your )?browser (?:is )?(?:not supported|unsupported|out of date)|(?:please )?(?:verify|confirm) your age|age (?:verification|gate|check)|are you (?:over |at least )?(?:18|21).{0,20}|(?:please )?(?:disable|turn off) your ad ?blocker.{0,30}|ad ?block(?:er)? detected",
        "de": r"zugriff (?:verweigert|gesperrt)|zugang verweigert|nicht verfügbar in (?:ihrer|deiner) region|altersprüfung|(?:bitte )?adblocker (?:deaktivieren|erkannt)",
        "fr": r"accès (?:refusé|interdit|bloqué)|non disponible dans votre (?:pays|région)|vérification de l.âge",
        "es": r"acceso (?:denegado|prohibido|bloqueado)|no disponible en (?:tu|su) (?:país|región)",
        "it": r"accesso (?:negato|vietato)|non disponibile nel tuo paese",
        "pt": r"acesso (?:negado|proibido|bloqueado)|não disponível (?:no seu país|na sua região)",
        "nl": r"toegang geweigerd|niet beschikbaar in (?:jouw|uw) (?:land|regio)",
        "pl": r"(?:brak dostępu|odmowa dostępu|dostęp zabroniony)",
        "ru": r"доступ (?:запрещ[её]н|закрыт|ограничен)",
        "tr": r"erişim (?:engellendi|reddedildi)",
        "ja": r"アクセスが(?:拒否|制限)されました|アクセス拒否",
        "zh": r"(?:访问|訪問|存取)(?:被拒绝|被拒絕|受限|禁止)|禁止访问",
        "ko": r"접근(?:이)? ?(?:거부|차단|제한)(?:되었습니다)?",
        "ar": r"تم رفض الوصول|الوصول مرفوض",
    },
    Wall.PARKED: {
        "en": r".{0,60}\bdomain (?:name )?(?:is )?(?:for sale|may be for sale|parked|expired|has expired|available)|(?:buy|purchase) (?:this )?domain.{0,30}|[\w.-]+\.\w+ is for sale|account (?:has been )?suspended|(?:website |site )?(?:coming soon|under construction)|future home of .{1,40}|welcome to (?:nginx|openresty|caddy|centos|your new (?:site|website)).{0,20}|apache2? (?:\w+ )?default page.{0,20}|it works|test page for .{1,60}|index of /.{0,60}|default (?:web ?site|plesk|parallels) page|iis windows server|hello,? world",
        "de": r".{0,60}domain (?:steht zum verkauf|zu verkaufen|kaufen|ist (?:geparkt|reserviert|abgelaufen))|hier entsteht .{1,60}|(?:webseite|website) im aufbau",
        "fr": r".{0,60}domaine (?:est )?(?:à vendre|en vente|réservé|expiré)|site en construction|bientôt disponible",
        "es": r".{0,60}dominio (?:está )?(?:en venta|a la venta|aparcado|caducado)|(?:sitio|página) en construcción|próximamente",
        "it": r".{0,60}dominio (?:è )?(?:in vendita|parcheggiato|scaduto)|sito in (?:costruzione|allestimento)",
        "pt": r".{0,60}domínio (?:está )?(?:à venda|estacionado|expirado)|(?:site|página) em construção",
        "nl": r".{0,60}domein(?:naam)? (?:is )?(?:te koop|gereserveerd|geparkeerd|verlopen)",
        "pl": r".{0,60}domena (?:jest )?(?:na sprzedaż|wygasła|zaparkowana)|strona w budowie",
        "ru": r".{0,60}домен (?:прода[её]тся|припаркован|истек|не оплачен)|сайт (?:в разработке|находится в разработке)",
        "ja": r".{0,40}ドメイン.{0,20}(?:販売|売り出し|期限切れ|取得).{0,20}|(?:ただいま)?準備中(?:です)?|工事中",
        "zh": r".{0,40}域名.{0,10}(?:出售|转让|過期|过期|停放).{0,10}|网站建设中",
    },
    Wall.BROKEN: {
        "en": r"(?:error )?5\d\d(?: error)?(?: (?:internal server error|bad gateway|service (?:temporarily )?unavailable|gateway time-?out))?|internal server error|bad gateway|service (?:temporarily )?unavailable|gateway time-?out|(?:site )?(?:is )?(?:down for |under |scheduled )?maintenance(?: mode)?|database error|error establishing a database connection|something went wrong|an error (?:has )?occurred|application error|too many requests|we.ll be (?:right )?back(?: soon)?|temporarily (?:unavailable|down).{0,30}|fatal error|origin is unreachable|web server is down|connection timed out",
        "de": r"wartungs(?:arbeiten|modus)|(?:vorübergehend|zurzeit) nicht (?:verfügbar|erreichbar)|(?:ein|es ist ein) fehler (?:ist )?aufgetreten|interner serverfehler",
        "fr": r"(?:site )?en maintenance|maintenance en cours|une erreur (?:est survenue|s.est produite)|service (?:temporairement )?indisponible|erreur interne.{0,20}",
        "es": r"(?:sitio )?en mantenimiento|(?:ha ocurrido|se ha producido) un error|servicio (?:temporalmente )?no disponible|error interno.{0,20}",
        "it": r"(?:sito )?in manutenzione|si è verificato un errore|servizio (?:temporaneamente )?non disponibile",
        "pt": r"(?:site )?em manutenção|ocorreu um erro|serviço (?:temporariamente )?indisponível",
        "nl": r"(?:site )?in onderhoud|er is een fout opgetreden|tijdelijk niet (?:beschikbaar|bereikbaar)",
        "pl": r"przerwa techniczna|wystąpił błąd|(?:strona|serwis) (?:jest )?(?:chwilowo |tymczasowo )?niedostępn[ay]",
        "ru": r"(?:ведутся )?технические работы|(?:произошла|внутренняя) ошибка.{0,20}|сайт временно недоступен",
        "ja": r"(?:ただいま)?メンテナンス中(?:です)?|エラーが発生しました",
        "zh": r"(?:系统|系統|网站)?维护中|(?:系统|服务器)(?:错误|繁忙)|發生錯誤",
        "ko": r"(?:시스템 )?점검 중(?:입니다)?|오류가 발생했습니다",
        "ar": r"(?:الموقع )?(?:قيد|تحت) الصيانة|حدث خطأ.{0,20}",
    },
}

#: Phrases in the short text of such a page.
SPEECH: Mapping[Wall, Mapping[str, str]] = {
    Wall.CHALLENGE: {
        "en": r"checking (?:if the site connection is secure|your browser)|verify(?:ing)? (?:that )?you are (?:a )?(?:human|not a (?:ro)?bot)|needs to review the security of your connection|enable javascript and cookies to continue|unusual (?:traffic|activity) from your|incapsula incident id|ray id|complete the (?:security check|captcha)|as you were browsing.{0,80}(?:bot|super-human)|press (?:and|&) hold to confirm|protected by .{1,30}(?:ddos|bot)|you (?:have been|were|are) (?:temporarily )?blocked|prove (?:that )?you.re (?:a human|not a (?:ro)?bot)|automated (?:requests|access|queries)|confirm you are human",
        "de": r"(?:bestätigen|bestätige).{0,40}(?:mensch|kein roboter)|überprüf\w+ (?:ihre|deine|der) .{0,30}(?:verbindung|browser)|ungewöhnlichen (?:datenverkehr|aktivität)",
        "fr": r"(?:vérifi\w+|confirm\w+).{0,40}(?:humain|robot)|trafic inhabituel",
        "es": r"(?:verific\w+|confirm\w+).{0,40}(?:human[oa]|robot)|tráfico inusual",
        "it": r"(?:verific\w+|conferm\w+).{0,40}(?:uman[oa]|robot)",
        "pt": r"(?:verific\w+|confirm\w+).{0,40}(?:human[oa]|robô)",
        "ru": r"(?:подтвердите|докажите).{0,40}(?:не робот|человек)|подозрительн\w+ (?:активность|трафик)",
        "ja": r"ロボットではない|人間であることを確認",
        "zh": r"(?:验证|驗證|证明|確認)您?.{0,6}(?:真人|人类|不是机器人|人類)|完成.{0,6}安全验证",
        "ko": r"로봇이 아닙|사람인지 확인",
    },
    Wall.MISSING: {
        "en": r"(?:the )?(?:page|article|story|content|url|link|address) (?:that )?you.{0,30}(?:looking for|requested|trying to|searching for|clicked).{0,60}|(?:this|the|that|requested) (?:page|url|article|story|content).{0,20}(?:does(?: not|n.t) exist|(?:was|were|is|could|can)? ?(?:not|n.t)(?: be)? found|no longer (?:exists|available)|has been (?:moved|removed|deleted))|(?:we )?(?:can.t|couldn.t|cannot|could not|weren.t able to) (?:seem to )?find (?:the|that|this|what you|a) ",
        "de": r"(?:gesuchte|angeforderte|aufgerufene|gewünschte)n? (?:seite|artikel|inhalt|adresse|url).{0,80}(?:nicht|existiert)|seite.{0,40}(?:nicht gefunden|existiert nicht|nicht mehr verfügbar|wurde (?:verschoben|gelöscht))",
        "fr": r"(?:page|article|contenu|adresse) (?:que vous|demandée?|recherchée?).{0,80}|page.{0,30}(?:n.existe (?:pas|plus)|introuvable|a été (?:supprimée|déplacée))",
        "es": r"(?:página|artículo|contenido|dirección) (?:que (?:busca|está|estás|ha|intenta)|solicitad[ao]).{0,80}|página.{0,30}(?:no existe|no se (?:ha )?encontr|ha sido (?:eliminada|movida))",
        "pt": r"(?:página|artigo|conteúdo|endereço) (?:que (?:você|procura|está|tentou)|solicitad[ao]).{0,80}|página.{0,30}(?:não existe|não foi encontrad|foi (?:removida|movida))",
        "it": r"(?:pagina|articolo|contenuto|indirizzo) (?:che (?:stai|hai|cerchi|state)|richiest[ao]|cercat[ao]).{0,80}|pagina.{0,30}(?:non esiste|non (?:è stata )?trovat|è stata (?:rimossa|spostata))",
        "nl": r"pagina.{0,40}(?:niet (?:gevonden|gevonden worden)|bestaat niet|verplaatst of verwijderd)|(?:opgevraagde|gezochte) pagina",
        "pl": r"strona.{0,60}(?:nie istnieje|nie została (?:znaleziona|odnaleziona)|została (?:usunięta|przeniesiona))|szukana strona",
        "ru": r"(?:страница|страницы|статья).{0,60}(?:не найден|не существует|удален|перемещен)|запрашиваем\w+ (?:вами )?страниц",
        "uk": r"сторінк\w+.{0,60}(?:не знайден|не існує|видален|переміщен)",
        "tr": r"sayfa.{0,40}(?:bulunamadı|mevcut değil|taşınmış|kaldırılmış|silinmiş)",
        "sv": r"sidan.{0,40}(?:finns inte|hittades inte|kunde inte hittas|har (?:flyttats|tagits bort))",
        "ja": r"お探しの(?:ページ|記事)|ページ(?:は|が)(?:見つかりません|存在しません|削除|移動)|(?:URL|アドレス)をご確認",
        "zh": r"(?:您|你)(?:访问|要找|请求|查找|訪問|所请求).{0,6}(?:页面|頁面|网页|網頁)|(?:页面|頁面|网页).{0,8}(?:不存在|被删除|已删除|移动|移除)",
        "ko": r"(?:요청하신|찾으시는|찾으시려는|방문하시려는).{0,10}(?:페이지|기사)|페이지.{0,10}(?:찾을 수 없|존재하지 않|삭제)",
        "ar": r"الصفحة (?:التي|المطلوبة).{0,60}(?:غير|لم|لا|حذف|نقل|تعذر)",
        "vi": r"trang (?:bạn|mà bạn|quý vị).{0,60}(?:không|đã)",
        "id": r"halaman (?:yang anda|ini).{0,60}(?:tidak|telah|sudah)",
    },
    Wall.LOGIN: {
        "en": r"(?:please |you (?:must|need to|have to) )(?:log|sign)(?: ?in| on)|(?:log|sign) ?in to (?:continue|view|read|access|your account)|forgot(?:ten)? (?:your )?password|don.t have an account|already have an account|enter your (?:e-?mail|password|username)",
        "de": r"(?:bitte )?(?:melden sie sich|melde dich|loggen sie sich|logge dich).{0,30}(?:an|ein)|passwort vergessen|noch kein(?:en)? (?:konto|account)|bereits registriert",
        "fr": r"mot de passe oublié|connectez-vous|pas encore (?:de compte|inscrit)|déjà (?:un compte|inscrit)",
        "es": r"(?:olvid\w+|has olvidado) (?:tu|su|la)? ?contraseña|inici[ae] sesión (?:para|con)|¿(?:no|ya) tienes? (?:una )?cuenta",
        "it": r"password dimenticata|hai dimenticato la password|accedi (?:per|al tuo)|non hai (?:ancora )?un account",
        "pt": r"esquec\w+ (?:a|sua|minha) senha|faça (?:o )?login (?:para|e)|não tem (?:uma )?conta",
        "nl": r"wachtwoord vergeten|log in om|nog geen account",
        "pl": r"(?:nie pamiętasz|zapomniałeś|przypomnij) hasł|zaloguj się,? aby|nie masz (?:jeszcze )?konta",
        "ru": r"забыли пароль|войдите,? чтобы|нет (?:учетной записи|аккаунта)",
        "tr": r"şifre(?:ni|nizi|mi) unut|giriş yapmanız|hesabınız yok mu",
        "ja": r"パスワードを(?:お)?忘れ|ログインしてください|会員登録(?:が|は)",
        "zh": r"忘记密码|忘記密碼|请先?登录|請先?登入|没有(?:账号|帐号)",
        "ko": r"비밀번호(?:를)? (?:찾기|잊)|로그인(?:이 필요|해 주|하세요)",
        "ar": r"نسيت كلمة (?:المرور|السر)|(?:يرجى|الرجاء) تسجيل الدخول",
    },
    Wall.BLOCKED: {
        "en": r"you don.t have permission to access|not (?:currently )?available (?:in|to (?:visitors|users|readers|you) (?:in|from)|due to) (?:your|the|most)? ?(?:region|country|location|european|eu\b|legal)|our european visitors|due to (?:gdpr|the general data protection|legal reasons|copyright restrictions).{0,80}(?:cannot|can not|not|unavailable)|requested url was rejected|your (?:browser|ip(?: address)?) (?:is|has been) (?:not supported|out of date|blocked|outdated)|you must be (?:at least )?(?:18|21)|ad ?blocker.{0,40}(?:disable|turn off|detected|whitelist)|(?:disable|turn off|whitelist).{0,40}ad ?blocker",
        "de": r"(?:keine berechtigung|nicht berechtigt).{0,40}(?:zuzugreifen|zugriff|seite)|(?:in ihrem land|in deiner region|aus rechtlichen gründen).{0,30}nicht verfügbar|deaktivier\w+.{0,30}(?:adblocker|werbeblocker)",
        "fr": r"(?:vous n.avez pas|pas) l.autorisation d.accéder|pas disponible dans votre (?:pays|région)|désactiv\w+.{0,40}(?:bloqueur de publicité|adblock)",
        "es": r"no (?:tiene|tienes) permiso para acceder|no está disponible en (?:tu|su) (?:país|región)|desactiv\w+.{0,30}bloqueador de anuncios",
    },
    Wall.PARKED: {
        "en": r"(?:this|the) domain (?:name )?(?:\S+ )?(?:is|may be|has) (?:for sale|parked|expired|been registered|available for|registered)|buy this domain|inquire about this domain|parked (?:free|courtesy|domain)|courtesy of godaddy|this (?:web ?site|site|account) (?:is|has been) (?:suspended|under construction|coming soon)|successfully installed and working|if you are the (?:owner|administrator) of this (?:web ?site|domain)",
        "de": r"domain.{0,40}(?:zum verkauf|zu verkaufen|erwerben|geparkt|registriert)|hier entsteht",
        "fr": r"domaine.{0,40}(?:à vendre|en vente|réservé|enregistré|parking)",
        "es": r"dominio.{0,40}(?:en venta|a la venta|registrado|aparcado)",
        "it": r"dominio.{0,40}(?:in vendita|registrato|parcheggiato)",
        "pt": r"domínio.{0,40}(?:à venda|registrado|estacionado)",
        "nl": r"domein(?:naam)?.{0,40}(?:te koop|geregistreerd|geparkeerd|gereserveerd)",
        "pl": r"domen[ay].{0,40}(?:na sprzedaż|zarejestrowana|wygasła)",
        "ru": r"домен.{0,40}(?:прода[её]тся|припаркован|зарегистрирован|истек)",
        "ja": r"ドメイン.{0,20}(?:販売|購入|お名前|期限)",
        "zh": r"域名.{0,10}(?:出售|转让|购买|过期)",
    },
    Wall.BROKEN: {
        "en": r"(?:the )?server (?:encountered an|is temporarily|returned an|was unable)|scheduled maintenance|please try again (?:later|in a few)|we.ll be back|error establishing a database|an unexpected error|varnish cache server",
        "de": r"(?:wartungsarbeiten|später (?:noch einmal|erneut|wieder))",
        "fr": r"(?:réessayer|réessayez|revenez) (?:plus tard|ultérieurement)|en maintenance",
        "es": r"(?:inténtelo|inténtalo|vuelva|vuelve).{0,20}más tarde|en mantenimiento",
        "it": r"(?:riprova|riprovare) più tardi|in manutenzione",
        "pt": r"tente (?:novamente )?mais tarde|em manutenção",
        "ru": r"(?:попробуйте|зайдите) (?:еще раз )?позже|технические работы",
    },
    Wall.SCRIPT: {
        "en": r"(?:enable|activate|turn on|need|requires?|without|allow)\b.{0,40}java ?script|java ?script.{0,50}(?:disabled|required|enabled|not (?:supported|available)|turned off)|^loading\b|(?:you are being |you will be )?redirect(?:ed|ing)",
        "de": r"java ?script.{0,50}(?:aktivieren|aktiviert|einschalten|deaktiviert|benötigt|erforderlich)|aktivier\w+.{0,30}java ?script|wird geladen|sie werden weitergeleitet",
        "fr": r"(?:activer|activez|nécessite).{0,40}java ?script|java ?script.{0,40}(?:désactivé|activé|requis|nécessaire)|chargement|vous allez être redirigé",
        "es": r"(?:active|activar|activa|habilite|habilitar|habilita|necesita|requiere).{0,40}java ?script|java ?script.{0,40}(?:desactivado|activado|habilitado|necesario|requerido)|cargando",
        "pt": r"(?:ative|ativar|habilite|habilitar|precisa|requer).{0,40}java ?script|java ?script.{0,40}(?:desativado|ativado|habilitado|necessário)|carregando|a carregar",
        "it": r"(?:attiva|attivare|abilita|abilitare|richiede).{0,40}java ?script|java ?script.{0,40}(?:disattivato|disabilitato|attivo|abilitato|necessario)|caricamento",
        "nl": r"java ?script.{0,40}(?:inschakelen|ingeschakeld|uitgeschakeld|nodig|vereist)|schakel.{0,30}java ?script|laden\.\.\.",
        "pl": r"(?:włącz|włączyć|wymaga).{0,40}java ?script|java ?script.{0,40}(?:wyłączon|włączon|wymagan)|ładowanie|wczytywanie",
        "ru": r"(?:включите|включить|требуется|необходим).{0,40}java ?script|java ?script.{0,40}(?:отключ|выключ|необходим|включен)|загрузка",
        "tr": r"java ?script.{0,40}(?:etkinleştir|gerekli|devre dışı|açın)|yükleniyor",
        "sv": r"java ?script.{0,40}(?:aktivera|avstängt|krävs)|aktivera.{0,30}java ?script",
        "ja": r"java ?script.{0,20}(?:有効|無効|必要|オン)|読み込み中",
        "zh": r"(?:启用|啟用|开启|開啟|打开).{0,10}java ?script|java ?script.{0,10}(?:禁用|启用|停用)|加载中|載入中",
        "ko": r"(?:자바스크립트|java ?script).{0,20}(?:활성화|사용|필요|허용)|로딩 중",
        "ar": r"(?:تفعيل|تمكين|بتفعيل).{0,20}(?:java ?script|جافا)|جار[يٍ]? التحميل",
        "vi": r"(?:bật|kích hoạt).{0,20}java ?script|đang tải",
    },
}

#: Markers in the source of such a page; ordinary pages behind the same protection have them too, so they count only without a body.
MARKERS: Mapping[Wall, str] = {
    Wall.CHALLENGE: (
        r"_cf_chl_opt|cf-chl-|cf-browser-verification|challenge-error-text|cf-error-details|/cdn-cgi/challenge-platform/h/"
        r"|errors\.edgesuite\.net|sec-if-cpt-container|bm-verify=|akamai-?bot|captcha-delivery\.com|datadome"
        r"|px-captcha|_pxappid|_pxjsclientsrc|perimeterx|_incapsula_resource|incapsula incident|distil_r_captcha|distilnetworks"
        r"|awswafcookiedomainlist|gokuprops|token\.awswaf\.com|sucuri_cloudproxy|ddos-guard|kpsdk|anubis_challenge|/\.within\.website/"
        r"|perfdrive\.com|hcaptcha\.com|recaptcha/api|challenges\.cloudflare\.com/turnstile|geetest|smartcaptcha|showcaptcha|rbzns|qrator"
    ),
    Wall.PARKED: r"sedoparking|parkingcrew|parklogic|bodis\.com|above\.com/parking|afternic\.com|hugedomains|dan\.com/buy|park\.io|parked-domain|cashparking|domainmarket|uniregistry|namedrive|voodoo\.com|skenzo",
    Wall.LOGIN: r"<input[^>]{0,200}type=[\"']?password",
    Wall.SCRIPT: r"id=[\"']?(?:root|app|__next|__nuxt|___gatsby|svelte|main-app|react-root|q-app|ember-app)\b|<app-root|ng-app|http-equiv=[\"']?refresh|location\.(?:href|replace|assign)",
}
