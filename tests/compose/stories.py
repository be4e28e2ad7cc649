"""Stories to print in tests, as a newsroom might have them: invented, in several languages and to several excesses."""

from collections.abc import Sequence

from digest.model.issue import Coverage, Pick
from digest.model.states import Form

ENGLISH = [
    (
        "World",
        "Grid batteries outpace gas peaker plants for the first time",
        "Batteries supplied more evening-peak power than gas on three European grids last week, operators said, after a year in which installed storage doubled. Analysts expect wholesale prices after sunset to fall through the summer, although a cold spell could still bring gas back.",
        "Energy Monitor",
        5,
        ("Reuters", "Die Zeit", "Carbon Brief", "The Guardian", "El País"),
    ),
    (
        "Technology",
        "A number for the chip plan: 43 billion euros by 2030",
        "The draft splits the money between pilot lines, design tools and training. Member states must match half of it, which smaller countries say they cannot afford.",
        "Politico Europe",
        4,
        ("Heise", "EE Times"),
    ),
    (
        "Technology",
        "A 20-year-old race condition in a popular C library is finally fixed",
        "The bug showed itself once in four billion calls. The fix is eleven lines, and the test that proves it took nine months to write.",
        "LWN",
        6,
        (),
    ),
    (
        "Technology",
        "Browsers agree on a common format for saved passkeys",
        "Moving between devices of different makers will no longer mean setting up every account again. The first releases are due in autumn.",
        "The Register",
        3,
        ("Heise",),
    ),
    (
        "World",
        "Coastal cities sign a pact to share flood-barrier spares",
        "Rotterdam, Singapore and New York will hold common stocks of hydraulic parts, after a six-month wait for one valve kept a barrier closed through two storms.",
        "BBC News",
        4,
        ("Straits Times", "NL Times"),
    ),
    (
        "World",
        "Kenya’s tea auction moves online for good",
        "Buyers from forty countries now bid from their desks. Growers report that payment arrives in three days instead of fourteen.",
        "The East African",
        3,
        (),
    ),
    (
        "World",
        "Night trains return between Madrid and Paris",
        "The journey takes ten hours and twenty minutes. A third of the berths are sold through the end of the year.",
        "El País",
        2,
        ("Le Monde",),
    ),
    (
        "Business",
        "Supermarkets test shelf labels that change price once a day, not more",
        "A voluntary code bans surge pricing on staples. Regulators call it a start; shoppers’ groups want it in law.",
        "Financial Times",
        4,
        ("Retail Week",),
    ),
    (
        "Business",
        "Insurers begin to price roof materials street by street",
        "Satellite images tell tile from tin. Owners who replace a roof may see premiums fall by a fifth.",
        "Bloomberg",
        5,
        (),
    ),
    (
        "Business",
        "A pension fund sells its last office tower",
        "The building goes to a university, which will turn eleven floors into laboratories and leave the lobby as it is.",
        "Irish Times",
        3,
        (),
    ),
    (
        "Science",
        "Moss survives nine months outside a space station",
        "Four in five spores still germinated, twice what the team had hoped for. The result narrows what a greenhouse on the Moon must protect against.",
        "Nature News",
        4,
        ("Ars Technica", "New Scientist"),
    ),
    (
        "Science",
        "A cheap sensor hears bark beetles before trees turn brown",
        "The microphone costs nine euros and runs for a season on two cells. Foresters in three countries are trying it.",
        "Science",
        3,
        (),
    ),
    (
        "Science",
        "Why cold brew tastes sweeter: it is the acids you do not extract",
        "Chemists measured forty compounds in cups brewed at five temperatures. Caffeine hardly changes; chlorogenic acids do.",
        "Chemistry World",
        4,
        (),
    ),
    (
        "Science",
        "Old ice core redates a volcanic winter by four years",
        "Ash from two eruptions had been taken for one. The new date fits tree rings in Finland and chronicles in Kyoto.",
        "Eos",
        5,
        (),
    ),
]
BRIEFS = [
    ("Lisbon’s trams will be free for under-23s from April", "Público"),
    ("A lost Haydn fragment turns up in a school piano stool", "Der Standard"),
    ("An encyclopedia’s oldest bot retires after 61 million edits", "Wikimedia Diff"),
    ("Iceland counts more puffins than people, again", "RÚV"),
    ("The kilogram’s former prototype goes on display in Sèvres", "Le Figaro"),
    ("Chess federation trials a 15-second touch rule", "ChessBase"),
]
ARABIC = [
    (
        "أخبار",
        "بطاريات الشبكة تتفوق على محطات الغاز لأول مرة",
        "وفّرت البطاريات طاقة أكثر من الغاز في ذروة المساء على ثلاث شبكات أوروبية الأسبوع الماضي، بحسب المشغلين، بعد عام تضاعفت فيه سعة التخزين.",
        "Energy Monitor",
        5,
        ("Reuters", "Die Zeit", "الجزيرة", "The Guardian"),
    ),
    (
        "تقنية",
        "الاتحاد الأوروبي يحدد رقمًا لخطة الرقائق: 43 مليار يورو",
        "تقسم مسودة المفوضية الأموال بين خطوط تجريبية وأدوات تصميم وتدريب.",
        "Politico Europe",
        4,
        ("Heise",),
    ),
    (
        "تقنية",
        "متصفحات الويب تتفق على صيغة مشتركة لمفاتيح المرور",
        "لن يتطلب الانتقال بين الأجهزة إعداد كل حساب من جديد.",
        "الشرق الأوسط",
        3,
        (),
    ),
    (
        "أخبار",
        "مدن ساحلية توقّع اتفاقًا لتقاسم قطع غيار حواجز الفيضانات",
        "ستحتفظ روتردام وسنغافورة ونيويورك بمخزون مشترك من القطع الهيدروليكية.",
        "بي بي سي",
        11,
        (),
    ),
]
KOREAN = [
    (
        "세계",
        "등대지기의 아들이 다시 불을 밝히다",
        "남쪽 바다의 작은 섬에 있는 등대가 삼십 년 만에 다시 불을 밝혔다. 마을 사람들은 배를 타고 나가 첫 불빛을 기다렸다.",
        "섬마을신문",
        4,
        ("연합소식", "바다일보"),
    ),
    (
        "기술",
        "오픈소스 개발자들, 매달 이틀 동안 배포를 멈추기로",
        "휴식과 점검을 위한 이틀이다. 참여한 프로젝트의 결함 신고는 지난 분기보다 줄었다.",
        "테크브리프",
        3,
        (),
    ),
    (
        "기술",
        "암호 없는 로그인의 공통 형식에 브라우저들이 합의",
        "기기를 바꿔도 계정을 처음부터 다시 설정할 필요가 없어진다.",
        "한결경제",
        3,
        ("연합소식",),
    ),
    (
        "세계",
        "마드리드와 파리를 잇는 밤기차가 돌아온다",
        "열 시간 이십 분이 걸리며, 연말까지 침대칸의 삼분의 일이 이미 팔렸다.",
        "El País",
        2,
        (),
    ),
]
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


def pick(
    number: int, story: tuple[str, str, str, str, int, tuple[str, ...]], *, form: Form, language: str, image: bool = False
) -> Pick:
    section, headline, summary, publisher, minutes, also = story
    return Pick(
        story_id=number,
        section=section,
        form=form,
        headline=headline,
        summary=summary,
        publisher=publisher,
        author="",
        url=f"https://news.example.com/2026/03/03/{number}-what-happened",
        image=f"https://pictures.example.com/{number}.jpg" if image else "",
        language=language,
        minutes=minutes,
        also=tuple(Coverage(publisher=name, url=f"https://also.example.net/{number}/{i}") for i, name in enumerate(also)),
    )


def told(stories: Sequence[tuple[str, str, str, str, int, tuple[str, ...]]], language: str) -> list[Pick]:
    return [
        pick(i + 1, story, form=Form.TOP if i == 0 else Form.FULL, language=language, image=i in (0, 1, 4, 10))
        for i, story in enumerate(stories)
    ]


def twenty() -> list[Pick]:
    """A day's paper: a top story, thirteen full ones in four sections, six briefs; one is in German."""
    briefs = [
        pick(len(ENGLISH) + i + 1, ("World", headline, "", publisher, 1, ()), form=Form.BRIEF, language="en")
        for i, (headline, publisher) in enumerate(BRIEFS)
    ]
    german = (
        "World",
        "Nachtzug nach Stockholm fährt wieder täglich",
        "Die Fahrt von Berlin dauert vierzehn Stunden.",
        "Tagesspiegel",
        2,
        (),
    )
    return [*told(ENGLISH, "en"), *briefs[:-1], pick(20, german, form=Form.BRIEF, language="de")]


def stress() -> list[Pick]:
    """Sixty stories of what breaks layouts: words and addresses without end, emoji, right-to-left, markup, no link at all."""
    url = "https://news.example.com/" + "a-very-long-path-" * 20
    odd = [
        (LONG + "skapitänsmützenabzeichenentwurf", "word " * 90, LONG),
        (url, "See " + url, "news.example.com"),
        ("🎉🔥🚀 Emoji 👩‍👩‍👧‍👦🇩🇪 everywhere 🎉🔥🚀", "👍" * 60, "Emoji 🗞 Times"),
        ("نص من اليمين إلى اليسار داخل رسالة إنجليزية", "جملة عربية تصف ما حدث.", "الجزيرة"),
        ("<script>alert(1)</script> & \"quotes\" 'and' <b>bold</b>", "Less < than & more > than; 100 % {of} it.", "A&B <News>"),
        ("No link, no summary", "", ""),
    ]
    picks = []
    for i in range(60):
        headline, summary, publisher = odd[i % len(odd)]
        story = (
            ("World", "Technology", LONG)[i % 3],
            headline,
            summary,
            publisher,
            120 if i == 7 else i % 9,
            tuple(f"{publisher or 'Wire'} {n}" for n in range(i % 7)),
        )
        made = pick(
            i + 1,
            story,
            form=Form.TOP if i == 0 else Form.BRIEF if i > 45 else Form.FULL,
            language="ar" if i % 6 == 3 else "en",
            image=i % 5 == 0,
        )
        picks.append(made)
    return picks
