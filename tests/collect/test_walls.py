"""Pages that stand in an article's place are refused with their kind; articles that speak of such pages are not."""

import pytest

from digest.collect import pages, texts
from digest.collect.banner_phrases import is_offer
from digest.collect.trimming import trim
from digest.collect.wall_phrases import Wall
from digest.errors import ParseError

PROSE = [
    "The harbour council voted on Thursday evening to keep the old ferry line for another two winters, after a debate of four hours.",
    "Supporters said that the line carries more pupils than the bus, and that its crew of nineteen should stay where it is.",
    "A tender for a used electric boat is to follow in spring, the mayor told reporters, and the county will pay a third of it.",
]
ARTICLE = "".join(f"<p>{p}</p>" for p in PROSE)


def page(title: str, body: str, *, head: str = "", lang: str = "en") -> str:
    return f"<!DOCTYPE html><html lang='{lang}'><head><title>{title}</title>{head}</head><body>{body}</body></html>"


def kind_of(markup: str) -> Wall:
    with pytest.raises(ParseError) as refused:
        pages.parse(markup, where="page", url="https://coast.example/a/1")
    return Wall(refused.value.reason)


CHALLENGES = {
    "cloudflare": page(
        "Just a moment...",
        "<div class='main-content'><noscript><div class='h2'><span id='challenge-error-text'>Enable JavaScript and cookies to continue</span></div></noscript></div><script>window._cf_chl_opt={};</script>",
    ),
    "cloudflare, blocked": page(
        "Attention Required! | Cloudflare",
        "<h1>Sorry, you have been blocked</h1><h2>You are unable to access coast.example</h2><div class='cf-error-details'><p>This website is using a security service to protect itself from online attacks. The action you just performed triggered the security solution. There are several actions that could trigger this block including submitting a certain word or phrase, a SQL command or malformed data.</p><p>You can email the site owner to let them know you were blocked. Please include what you were doing when this page came up and the Cloudflare Ray ID found at the bottom of this page.</p></div>",
    ),
    "cloudflare, German": page("Nur einen Moment…", "<h1>coast.example</h1><p>Verifizieren Sie, dass Sie ein Mensch sind.</p>", lang="de"),
    "cloudflare, Japanese": page("しばらくお待ちください...", "<p>人間であることを確認します。</p>", lang="ja"),
    "akamai": page(
        "Access Denied",
        "<h1>Access Denied</h1>You don't have permission to access \"http://coast.example/a/1\" on this server.<p>Reference #18.4d5f1402.1700000000.1a2b3c</p><p>https://errors.edgesuite.net/18.4d5f1402</p>",
    ),
    "akamai, interstitial": page("", "<div id='sec-if-cpt-container'></div><script src='/_sec/cp_challenge/sec-4-2.js'></script>"),
    "datadome": page(
        "coast.example",
        "<p id='cmsg'>Please enable JS and disable any ad blocker</p><script>var dd={'rt':'c','cid':'x','host':'geo.captcha-delivery.com'}</script><script src='https://ct.captcha-delivery.com/c.js'></script>",
    ),
    "perimeterx": page(
        "Access to this page has been denied.",
        "<div id='px-captcha'></div><p>Access to this page has been denied because we believe you are using automation tools to browse the website.</p><script>window._pxAppId='PX1'</script>",
    ),
    "perimeterx, press and hold": page("Before we continue...", "<p>Press &amp; Hold to confirm you are a human (and not a bot).</p><div id='px-captcha'></div>"),
    "incapsula": page(
        "",
        "<iframe src='/_Incapsula_Resource?CWUDNSAI=9'>Request unsuccessful. Incapsula incident ID: 123-456</iframe>",
    ),
    "imperva": page(
        "Pardon Our Interruption",
        "<h1>Pardon Our Interruption...</h1><p>As you were browsing something about your browser made us think you were a bot. There are a few reasons this might happen: You are a power user moving through this website with super-human speed.</p>",
    ),
    "aws waf": page("Human Verification", "<script>window.gokuProps={};window.awsWafCookieDomainList=[];</script><div id='captcha-container'></div>"),
    "sucuri": page("You are being redirected...", "<noscript>Javascript is required. Please enable javascript before you are allowed to see this page.</noscript><script>sucuri_cloudproxy_js=''</script>"),
    "ddos-guard": page("DDoS-Guard", "<h1>Checking your browser before accessing coast.example</h1><p>Please wait a few seconds.</p>"),
    "anubis": page("Making sure you're not a bot!", "<script id='anubis_challenge' type='application/json'>{}</script><p>Loading...</p>"),
    "vercel": page("Vercel Security Checkpoint", "<p>We're verifying your browser</p>"),
    "google": page("Sorry...", "<p>We're sorry... but your computer or network may be sending automated queries. To protect our users, we can't process your request right now. Our systems have detected unusual traffic from your computer network.</p>"),
    "recaptcha": page("coast.example", "<p>Complete the security check to access coast.example</p><script src='https://www.google.com/recaptcha/api.js'></script>"),
}  # fmt: skip


@pytest.mark.parametrize("markup", CHALLENGES.values(), ids=CHALLENGES)
def test_bot_checks_are_refused(markup: str) -> None:
    assert kind_of(markup) in (Wall.CHALLENGE, Wall.BLOCKED)


CONSENTS = {
    "google": page(
        "Before you continue to Google Search",
        "<h1>Before you continue</h1><p>We use cookies and data to</p><ul><li>Deliver and maintain Google services</li><li>Track outages and protect against spam, fraud, and abuse</li></ul><p>If you choose to “Accept all,” we will also use cookies and data to develop and improve new services, deliver and measure the effectiveness of ads and show personalized content, depending on your settings.</p><button>Reject all</button><button>Accept all</button>",
    ),
    "yahoo, German": page(
        "Yahoo ist Teil der Yahoo Markenfamilie",
        "<h1>Yahoo ist Teil der Yahoo Markenfamilie</h1><p>Die Websites und Apps, die wir betreiben und verwalten, einschließlich Yahoo und AOL, sind Teil der Yahoo Markenfamilie.</p><p>Wenn Sie unsere Websites und Apps nutzen, verwenden wir Cookies, um Ihnen unsere Websites und Apps bereitzustellen, Nutzer zu authentifizieren und Ihre Nutzung zu messen.</p><p>Wenn Sie auf „Alle akzeptieren“ klicken, verarbeiten wir und unsere Partner, darunter 237, die Teil des IAB-Rahmenwerks sind, Ihre personenbezogenen Daten für Werbung.</p>",
        lang="de",
    ),
    "onetrust": page("Coast Times", "<div id='onetrust-consent-sdk'><h2>Privacy Preference Center</h2><p>When you visit any website, it may store or retrieve information on your browser, mostly in the form of cookies.</p><button>Accept</button></div>"),
    "sourcepoint": page(
        "Your privacy choices",
        "<div class='sp_message_container_1'><p>We and our 842 partners store and access personal data, like browsing data or unique identifiers, on your device.</p></div>",
    ),
    "didomi, French": page(
        "Le Quotidien",
        "<div id='didomi-host'><h2>Votre vie privée est importante</h2><p>Avec votre accord, nos 842 partenaires et nous utilisons des cookies pour stocker et accéder à des données personnelles.</p></div>",
        lang="fr",
    ),
    "unknown box, French": page(
        "Avant de continuer",
        "<div class='x1'><p>Nous et nos 842 partenaires utilisons des cookies ou traceurs pour stocker, consulter et traiter des données personnelles telles que votre visite sur ce site. Vous pouvez retirer votre consentement à tout moment.</p></div>",
        lang="fr",
    ),
    "Spanish": page("El Faro", "<div><p>Nosotros y nuestros 842 socios almacenamos o accedemos a información en tu dispositivo. Puedes cambiar tus preferencias o retirar tu consentimiento en cualquier momento.</p></div>", lang="es"),
    "Italian": page("Il Faro", "<div><p>Noi e i nostri 842 fornitori archiviamo informazioni su un dispositivo e trattiamo dati personali per pubblicità. Puoi revocare il consenso in qualsiasi momento.</p></div>", lang="it"),
    "Dutch": page("Voordat je verdergaat", "<div><p>Wij en onze 842 partners gebruiken cookies om informatie op je apparaat op te slaan. Je kunt je toestemming op elk moment intrekken.</p></div>", lang="nl"),
    "Polish": page("Szanujemy Twoją prywatność", "<div><p>My i nasi 842 partnerzy przechowujemy informacje na urządzeniu i przetwarzamy dane osobowe. W każdej chwili możesz wycofać zgodę.</p></div>", lang="pl"),
    "German, pay or consent": page("Kurier mit Werbung lesen", "<div><h1>Weiter mit Werbung lesen</h1><p>Besuchen Sie kurier.example wie gewohnt mit Werbung und Tracking. Ihre Zustimmung können Sie jederzeit widerrufen. Wir und unsere 184 Partner verwenden Cookies und ähnliche Technologien.</p></div>", lang="de"),
    "Swedish": page("Kusten", "<div><p>Vi och våra 842 partner lagrar och får åtkomst till personuppgifter på din enhet. Du kan återkalla ditt samtycke.</p></div>", lang="sv"),
    "Portuguese": page("O Farol", "<div><p>Nós e nossos 842 parceiros armazenamos informações no seu dispositivo e usamos cookies para publicidade.</p></div>", lang="pt"),
    "Japanese": page("朝の海", "<div><p>当社と842社のパートナーは、お客様の端末に情報を保存します。当サイトではクッキーを使用しています。同意はいつでも撤回できます。</p></div>", lang="ja"),
}  # fmt: skip


@pytest.mark.parametrize("markup", CONSENTS.values(), ids=CONSENTS)
def test_consent_pages_are_refused(markup: str) -> None:
    assert kind_of(markup) is Wall.CONSENT


MISSING = {
    "en": ("404 - Page not found", "Sorry, the page you are looking for does not exist. It may have been moved or deleted. Try the search or go back to the home page."),
    "en, oops": ("Coast Times", "<h1>Oops!</h1>We can't find the page that you requested. Here are some stories that others read."),
    "en, article": ("Article not found | Coast Times", "The article may have been removed by its author."),
    "de": ("Seite nicht gefunden – Kurier", "Die gesuchte Seite wurde leider nicht gefunden. Vielleicht hilft die Suche weiter."),
    "fr": ("Page introuvable", "La page que vous recherchez n'existe plus ou a été déplacée."),
    "es": ("Página no encontrada - El Faro", "La página que busca no existe o ha sido eliminada."),
    "it": ("Pagina non trovata", "La pagina che stai cercando non esiste."),
    "pt": ("Página não encontrada", "A página que você procura não existe ou foi removida."),
    "nl": ("Pagina niet gevonden", "De opgevraagde pagina bestaat niet of is verplaatst."),
    "pl": ("Nie znaleziono strony", "Strona, której szukasz, nie istnieje lub została usunięta."),
    "ru": ("Страница не найдена", "Запрашиваемая страница не существует или была удалена."),
    "sv": ("Sidan kunde inte hittas", "Sidan du söker finns inte."),
    "tr": ("Sayfa bulunamadı", "Aradığınız sayfa kaldırılmış olabilir."),
    "ja": ("ページが見つかりません", "お探しのページは削除された可能性があります。"),
    "zh": ("页面不存在", "您访问的页面已被删除。"),
    "ko": ("페이지를 찾을 수 없습니다", "요청하신 페이지가 삭제되었거나 주소가 잘못되었습니다."),
    "ar": ("الصفحة غير موجودة", "الصفحة التي تبحث عنها غير متوفرة."),
    "vi": ("Không tìm thấy trang", "Trang bạn đang tìm không tồn tại."),
}  # fmt: skip


@pytest.mark.parametrize("lang", MISSING)
def test_pages_that_are_not_there_are_refused_whatever_their_status(lang: str) -> None:
    title, body = MISSING[lang]

    assert (
        kind_of(page(title, f"<nav><a href='/'>Coast</a></nav><main><h2>{title}</h2><p>{body}</p></main>", lang=lang[:2]))
        is Wall.MISSING
    )


LOGINS = {
    "en": ("Log in", "<h1>Log in to your account</h1><form><label>Email</label><input name=e><label>Password</label><input type=password><button>Log in</button></form><p>Forgot your password? Don't have an account? Sign up.</p>"),
    "de": ("Anmelden | Kurier", "<h1>Anmelden</h1><form><input type='password'></form><p>Passwort vergessen? Noch kein Konto?</p>"),
    "fr": ("Connexion", "<h1>Connectez-vous</h1><form><input type='password'></form><p>Mot de passe oublié ?</p>"),
    "es": ("Iniciar sesión", "<form><input type='password'></form><p>¿Olvidaste tu contraseña?</p>"),
    "ru": ("Вход", "<form><input type='password'></form><p>Забыли пароль?</p>"),
    "ja": ("ログイン", "<form><input type='password'></form><p>パスワードをお忘れの方</p>"),
    "only a form": ("Coast Times", "<form action='/session'><input name='user'><input name='pass' type='password'><input type='submit'></form>"),
}  # fmt: skip


@pytest.mark.parametrize("lang", LOGINS)
def test_log_in_pages_are_refused(lang: str) -> None:
    title, body = LOGINS[lang]

    assert kind_of(page(title, body)) is Wall.LOGIN


SHELLS = {
    "react": "<noscript>You need to enable JavaScript to run this app.</noscript><div id='root'></div><script src='/app.js'></script>",
    "next": "<div id='__next'></div><script id='__NEXT_DATA__' type='application/json'>{}</script>",
    "angular": "<app-root></app-root><script src='main.js'></script>",
    "loading": "<div id='app'><p>Loading…</p></div><script src='/app.js'></script>",
    "German": "<noscript>Bitte aktivieren Sie JavaScript in Ihrem Browser, um diese Seite zu sehen.</noscript><div class='x'></div><script src='/a.js'></script>",
    "Spanish": "<noscript>Necesita habilitar JavaScript para ejecutar esta aplicación.</noscript><script src='/a.js'></script>",
    "redirect": "<p>You are being redirected…</p><script>location.replace('/elsewhere')</script>",
}


@pytest.mark.parametrize("body", SHELLS.values(), ids=SHELLS)
def test_pages_that_are_empty_without_scripts_are_refused(body: str) -> None:
    assert kind_of(page("Coast Times", body)) is Wall.SCRIPT


OTHERS = {
    "for sale": (Wall.PARKED, "coast.example", "<h1>coast.example is for sale</h1><p>Buy this domain. The owner of coast.example is offering it for sale for an asking price of 2,000 USD.</p>"),
    "parked": (Wall.PARKED, "coast.example", "<p>This domain is registered at Godaddy.com. This Web page is parked free, courtesy of GoDaddy.</p>"),
    "parking frame": (Wall.PARKED, "coast.example", "<script src='https://img.sedoparking.com/js/x.js'></script><div id='content'></div>"),
    "nginx": (Wall.PARKED, "Welcome to nginx!", "<h1>Welcome to nginx!</h1><p>If you see this page, the nginx web server is successfully installed and working. Further configuration is required.</p>"),
    "domain, German": (Wall.PARKED, "kueste.example", "<h1>Diese Domain steht zum Verkauf</h1><p>Die Domain kueste.example ist zu verkaufen.</p>"),
    "domain, French": (Wall.PARKED, "cote.example", "<h1>Ce nom de domaine est à vendre</h1><p>Le domaine cote.example est en vente.</p>"),
    "domain, Russian": (Wall.PARKED, "bereg.example", "<h1>Домен продаётся</h1><p>Домен bereg.example продаётся.</p>"),
    "bad gateway": (Wall.BROKEN, "502 Bad Gateway", "<h1>502 Bad Gateway</h1><p>nginx</p>"),
    "maintenance": (Wall.BROKEN, "Site under maintenance", "<h1>We'll be back soon</h1><p>Scheduled maintenance is under way. Please try again later.</p>"),
    "Wartung": (Wall.BROKEN, "Wartungsarbeiten", "<p>Wegen Wartungsarbeiten sind wir gerade nicht erreichbar. Bitte versuchen Sie es später erneut.</p>"),
    "region": (Wall.BLOCKED, "Unavailable due to legal reasons", "<p>Our European visitors are important to us. This site is currently unavailable to visitors from the European Economic Area while we work to ensure your data is protected.</p>"),
    "forbidden": (Wall.BLOCKED, "403 Forbidden", "<h1>403 Forbidden</h1>"),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_parked_broken_and_blocked_pages_are_refused(name: str) -> None:
    kind, title, body = OTHERS[name]

    assert kind_of(page(title, body)) is kind


@pytest.mark.parametrize(
    "headline",
    [
        "Page not found: how newspapers lose their archives",
        "Cookies and consent: what the court decided",
        "Why half of the web asks you to enable JavaScript",
        "Just a moment with the mayor",
        "Log in or lose out: schools move their forms online",
        "This domain is for sale, and the buyers are many",
        "Access denied: reporters kept out of the hearing",
    ],
)
def test_an_article_that_speaks_of_such_pages_is_read(headline: str) -> None:
    about = "The notice told visitors to accept all cookies, to log in, to enable JavaScript, or that the page was not found, said the judge."

    found = pages.parse(
        page(f"{headline} | Coast Times", f"<article><h1>{headline}</h1><p>{about}</p>{ARTICLE}</article>"), where="p"
    )

    assert found.text.split("\n\n") == [about, *PROSE]


GUARDS = {
    "cloudflare": "<script>(function(){window.__CF$cv$params={r:'8'};var a=document.createElement('script');a.src='/cdn-cgi/challenge-platform/scripts/jsd/main.js';})();</script>",
    "datadome": "<script>window.ddjskey='X'</script><script src='https://js.datadome.co/tags.js'></script>",
    "perimeterx": "<script>window._pxAppId='PX1'</script>",
    "incapsula": "<script src='/_Incapsula_Resource?SWJIYLWA=7'></script>",
    "log-in box": "<form hidden><p>Log in</p><input type='password'></form>",
    "noscript": "<noscript>Please enable JavaScript to see the comments.</noscript><div id='root'></div>",
    "consent": "<div id='onetrust-banner-sdk'><p>We and our 842 partners store and access personal data on your device. You can withdraw your consent at any time.</p></div>",
}


@pytest.mark.parametrize("guard", GUARDS.values(), ids=GUARDS)
@pytest.mark.parametrize("paragraphs", [PROSE, PROSE[:1]], ids=["whole", "one paragraph"])
def test_an_article_behind_the_usual_guards_is_read(guard: str, paragraphs: list[str]) -> None:
    body = "".join(f"<p>{p}</p>" for p in paragraphs)

    found = pages.parse(page("Ferry line stays", f"{guard}<article><h1>Ferry line stays</h1>{body}</article>{guard}"), where="p")

    assert found.text.split("\n\n") == paragraphs


@pytest.mark.parametrize(
    "tag", ["aside", "aside class='sidebar'", "form method=post", "footer", "header", "dialog open", "noscript", "div class=x"]
)
def test_an_article_is_found_whatever_element_it_stands_in(tag: str) -> None:
    banner = "<div class='q7'><p>We and our 842 partners store and access personal data, like browsing data or unique identifiers, on your device. Selecting I Accept enables tracking technologies to support the purposes shown under we and our partners process data to provide. If trackers are disabled, some content and ads you see may not be as relevant to you.</p></div>"  # fmt: skip

    found = pages.parse(
        page("Ferry line stays", f"<{tag}><h1>Ferry line stays</h1>{ARTICLE}</{tag.split()[0]}>{banner}"), where="p"
    )

    assert found.text.split("\n\n") == PROSE


def test_the_readers_comments_are_no_article_however_long() -> None:
    comments = "".join(f"<p>{PROSE[0]} I have said so for years, and nobody listens, number {n}.</p>" for n in range(9))

    found = pages.parse(page("Ferry line stays", f"<article><h1>Ferry line stays</h1>{ARTICLE}</article><aside class='comments'>{comments}</aside>"), where="p")  # fmt: skip

    assert found.text.split("\n\n") == PROSE


OFFERS = {
    "en": ["Subscribe to continue reading", "Already a subscriber? Log in", "Only €1 for the first month, cancel anytime"],
    "en, box": ["This article is for subscribers only.", "Unlimited access to all articles", "From $4.99 per month"],
    "de": ["Jetzt weiterlesen mit Kurier+", "Sie haben bereits ein Abo? Anmelden", "9,99 € pro Monat, jederzeit kündbar"],
    "fr": ["Il vous reste 76.34% de cet article à lire. La suite est réservée aux abonnés.", "Déjà abonné ? Connectez-vous", "Sans engagement, 1 € le premier mois"],
    "es": ["Este contenido es exclusivo para suscriptores", "¿Ya eres suscriptor? Inicia sesión", "Desde 1 € al mes"],
    "it": ["Questo articolo è riservato agli abbonati", "Sei già abbonato? Accedi", "1 € al mese per 3 mesi"],
    "pt": ["Conteúdo exclusivo para assinantes", "Já é assinante? Faça login"],
    "nl": ["Dit artikel is exclusief voor abonnees", "Al abonnee? Log in"],
    "pl": ["Dalsza część artykułu dostępna dla prenumeratorów", "Masz już prenumeratę? Zaloguj się"],
    "ja": ["この記事は有料会員限定です", "残り 1,234文字", "すでに会員の方はログイン"],
    "ru": ["Полный текст доступен только подписчикам", "Уже есть подписка? Войти"],
}  # fmt: skip


@pytest.mark.parametrize("lines", OFFERS.values(), ids=OFFERS)
def test_paywall_offers_are_dropped(lines: list[str]) -> None:
    offer = "".join(f"<p>{line}</p>" for line in lines)

    found = pages.parse(
        page("Ferry line stays", f"<article><h1>Ferry line stays</h1>{ARTICLE}<div class='q'>{offer}</div></article>"), where="p"
    )

    assert found.text.split("\n\n") == PROSE


@pytest.mark.parametrize(
    "line",
    [
        "Netflix will cost $9.99 a month from April, with unlimited access to its films.",
        "Turkey is already a member of the alliance and can cancel at any time.",
        "“Subscribe to read the future,” the advertisement said.",
        "Viewers may sign up for the course at the town hall until Friday.",
        "Das Treffen ist nur für Mitglieder, bereits Registrierte zahlen 20 Euro pro Monat.",
        "Le journal compte 500 000 abonnés, dont la moitié en ligne.",
    ],
)
def test_news_of_prices_and_members_is_kept(line: str) -> None:
    assert not is_offer(line)
    assert list(trim([*PROSE, line], headline="")) == [*PROSE, line]


@pytest.mark.parametrize(
    ("head", "free"),
    [
        ('<script type="application/ld+json">{"@type":"NewsArticle","headline":"Ferry","isAccessibleForFree":false}</script>', False),
        ('<script type="application/ld+json">{"@type":"NewsArticle","headline":"Ferry","isAccessibleForFree":"False"}</script>', False),
        ('<script type="application/ld+json">{"@type":"NewsArticle","headline":"Ferry","isAccessibleForFree":"http://schema.org/True"}</script>', True),
        ('<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":true,"hasPart":{"@type":"WebPageElement","isAccessibleForFree":"false","cssSelector":".paywall"}}</script>', False),
        ('<meta property="article:content_tier" content="locked">', False),
        ('<meta itemprop="isAccessibleForFree" content="true">', True),
        ("", None),
    ],
)  # fmt: skip
def test_the_page_says_whether_everybody_may_read_it(head: str, free: bool | None) -> None:
    assert pages.parse(page("Ferry line stays", f"<article>{ARTICLE}</article>", head=head), where="p").is_free is free


def test_the_text_of_a_page_without_markup_comes_from_its_json_ld() -> None:
    body = "\\n\\n".join(PROSE)
    head = f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"Ferry line stays","articleBody":"{body}"}}</script>'

    found = pages.parse(page("Coast", "<div id='root'></div><script src='/a.js'></script>", head=head), where="p")

    assert (found.title, found.text.split("\n\n")) == ("Ferry line stays", PROSE)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Just a moment...\n\nEnable JavaScript and cookies to continue\n", Wall.CHALLENGE),
        ("404 - Page not found\n\nSorry, the page you are looking for does not exist.\n", Wall.MISSING),
        (
            "Before you continue\n\nWe and our 842 partners store and access personal data on your device.\n\nAccept all\n",
            Wall.CONSENT,
        ),
    ],
)
def test_dropped_texts_of_such_pages_are_refused(text: str, kind: Wall) -> None:
    with pytest.raises(ParseError) as refused:
        texts.parse(text, where="x.txt")

    assert refused.value.reason == kind.value
