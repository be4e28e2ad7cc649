"""Function words of each language: they identify the language of a text, and are ignored when texts are compared."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

#: Function words by language (ISO 639-1), of those that much news is written in.
FUNCTION_WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "en": frozenset(
            "the a an of to in on for and at by with as is are was were be been it its this that these those from he she his her him you your"
            " they their them has have had do does did not but or if so than then there what when where which while who whom whose why how will"
            " would can could may might must shall should after before about into over under up down out off more most other some such no nor"
            " only own same too very just also said says say new we our us i my me am all any each both few here again once during between".split()
        ),
        "de": frozenset(
            "der die das den dem des ein eine einer eines einem einen und oder aber ist sind war waren wird werden wurde wurden hat haben hatte"
            " nicht auch auf aus bei bis durch für gegen im in ins mit nach ohne um unter vom von vor zu zum zur über als wie wenn dass daß sich"
            " er sie es wir ihr ihre sein seine noch nur schon mehr sehr so am an".split()
        ),
        "fr": frozenset(
            "le la les un une des du de et ou mais est sont était été être a ont avait avoir ne pas plus aux au en dans par pour sur avec sans"
            " sous que qui quoi dont où ce cet cette ces il elle ils elles on nous vous leur leurs son sa ses se lui y comme d l c qu n s j".split()
        ),
        "es": frozenset(
            "el la los las lo al del un una unos unas y e o u pero es son era fue ser está han ha había no más en con sin por para sobre que quien"
            " como se su sus le les este esta estos estas de a cuando muy ya también entre desde hasta".split()
        ),
        "pt": frozenset(
            "o a os as um uma uns umas do da dos das no na nos nas ao aos à às pelo pela com sem foi são mais e ou mas é era ser está não em para"
            " por que se seu sua seus suas de quando muito já também entre desde até como ele ela isso".split()
        ),
        "it": frozenset(
            "il lo la gli i le un uno una di del dello della dei degli delle nel nella al alla dal dalla sul sulla con per tra fra non più che chi"
            " come si sono è era e o ma in da a anche ha hanno stato essere questo questa suo sua".split()
        ),
        "nl": frozenset(
            "de het een en of maar van in op te dat die er is zijn was werd naar bij ook voor met aan om niet nog uit tot door over hij zij ze wij"
            " als dan heeft hebben had worden wordt deze dit geen meer zich al".split()
        ),
        "sv": frozenset(
            "och att det som en ett i på är av med för inte till om har från men var den de han hon vi jag kan ska så eller när också under efter".split()
        ),
        "da": frozenset(
            "og at det som en et i på er af med for ikke til om har fra men var den de han hun vi jeg kan skal så eller når også under efter blev være".split()
        ),
        "nb": frozenset(
            "og at det som en et i på er av med for ikke til om har fra men var den de han hun vi jeg kan skal så eller når også under etter ble være".split()
        ),
        "pl": frozenset(
            "i w na z do nie się że to jest o od za jak przez ale co był była być dla oraz po tym tego jego ich które który która jako tak już".split()
        ),
        "cs": frozenset(
            "a v na z do ne se že je o od za jak ale co byl byla být pro po tom toho jeho jejich které který která jako tak už s k i to jsou ve".split()
        ),
        "tr": frozenset(
            "ve bir bu da de için ile olarak çok daha gibi en o ne var yok ise ama kadar sonra olan olduğu değil mi her ki".split()
        ),
        "id": frozenset(
            "yang dan di ke dari ini itu dengan untuk pada tidak akan adalah dalam juga sudah telah oleh sebagai atau karena ada bisa".split()
        ),
        "vi": frozenset(
            "và của là có được cho trong với các một những này đã không khi người từ đến cũng để về ra vào như tại".split()
        ),
        "fi": frozenset(
            "ja on ei se että oli hän mutta kun niin myös joka ovat tai jos kuin mukaan sen sitä ole olisi vain vielä nyt".split()
        ),
        "hu": frozenset(
            "a az és hogy nem is egy ez meg volt csak de ha már még mint van el lehet majd vagy azt ezt amely".split()
        ),
        "ro": frozenset(
            "și de la în cu pe nu a fost este sunt din care pentru mai o un să au că se ale al sau dar după fi prin".split()
        ),
    }
)
STOP = frozenset().union(*FUNCTION_WORDS.values()) | frozenset(
    "и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по ее мне было вот от меня еще нет о из ему для при".split()
)

#: Scripts that one language, or one far above all others in news, is written in; the first that fills a third of the letters.
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("fa", re.compile("[\u067e\u0686\u0698\u06af\u06cc]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("uk", re.compile("[\u0456\u0457\u0454\u0491]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
)
_SHARE = {"ja": 0.05, "fa": 0.03, "uk": 0.02}  #: scripts that mark a language with few of their letters
READ = 3000  #: characters of a text that are looked at
_FULL_WIDTH = ("。", "！", "？", "｡")  #: stops that carry their own space
_QUOTES_END = "”’」』）》】"
LEAST, AHEAD = 3, 1.15  #: function words that tell a language; how far ahead of the next it must be


def counted(number: int, one: str, many: str = "") -> str:
    """Format a number and its noun: `1 story`, `12,000 readers`; `many` where it is not `one` and an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def joined(sentences: Iterable[str]) -> str:
    """Join sentences into running text: scripts with a full-width stop set no space after it."""
    text = ""
    for sentence in filter(None, sentences):
        text += sentence if not text or text.rstrip(_QUOTES_END)[-1:] in _FULL_WIDTH else f" {sentence}"
    return text


def language_of(text: str) -> str:
    """Return the language of a text (ISO 639-1), by its script or its function words; empty where they do not identify it."""
    read = text[:READ]
    letters = sum(c.isalpha() for c in read)
    for code, script in _SCRIPTS:
        if letters and len(script.findall(read)) >= _SHARE.get(code, 0.33) * letters:
            return code
    said = Counter(re.findall(r"[^\W\d_]+", read.casefold()))
    scores = sorted(((sum(said[word] for word in own), code) for code, own in FUNCTION_WORDS.items()), reverse=True)
    (most, found), (next_most, _) = scores[:2]
    return found if most >= LEAST and most >= AHEAD * next_most else ""
