"""What a text is about: its words without those that every text has; of scripts without spaces, pairs of characters."""

import re
from collections.abc import Iterator

_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+")
_WORD = re.compile(r"\w+")

#: Function words of the languages that much news is written in.
STOP = frozenset(
    # English
    "the a an of to in on for and at by with as is are was were be been it its this that these those from he she his her him you your"
    " they their them has have had do does did not but or if so than then there what when where which while who whom whose why how will"
    " would can could may might must should shall after before about into over under up down out off more most other some such no nor"
    " only own same too very just also said says say new we our us i my me am all any each both few here again once during between"
    # German
    " der die das den dem des ein eine einer eines einem einen und oder aber ist sind war waren wird werden wurde wurden hat haben hatte"
    " nicht auch auf aus bei bis durch für gegen im in ins mit nach ohne um unter vom von vor zu zum zur über als wie wenn dass daß sich"
    " er sie es wir ihr ihre sein seine noch nur schon mehr sehr so am an"
    # French
    " le la les un une des du de et ou mais est sont était été être a ont avait avoir ne pas plus aux au en dans par pour sur avec sans"
    " sous que qui quoi dont où ce cet cette ces il elle ils elles on nous vous leur leurs son sa ses se lui y comme"
    # Spanish, Portuguese
    " el los las lo al del una unos unas y e o u pero es son era fue ser está han ha había no más en con sin por para sobre que quien"
    " como se su sus le les este esta estos estas os as um uma uns umas do da dos das no na nos nas ao à pelo pela com sem foi são mais"
    # Italian, Dutch
    " il gli i uno dello della dei degli delle nel nella al alla dal dalla sul sulla con per tra fra non più che chi come si sono è era"
    " het een van op te dat die er zijn was werd naar bij ook voor met maar aan om niet nog uit tot door over hij zij ze wij"
    # Swedish, Danish, Norwegian
    " och att det som en ett den på är av med för inte till om har från men var han hon de og af til ikke et på fra"
    # Polish, Czech
    " i w na z do nie się że to jest o po od za jak przez ale co był była dla oraz a v je se že s by ve pro jsou"
    # Russian
    " и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по ее мне было вот от меня еще нет о из ему для при"
    # Turkish, Indonesian, Vietnamese
    " ve bir bu da de için ile olarak çok daha gibi yang dan di ke dari ini itu dengan untuk pada tidak akan và của là có được cho trong"
    " với các một những này đã không khi".split()
)


def terms(text: str) -> Iterator[str]:
    """The terms of a text in order, as they are written."""
    for found in _WORD.finditer(text):
        word = found[0]
        if _UNSPACED.match(word):
            yield from (word[i : i + 2] for i in range(max(1, len(word) - 1)))
        elif len(word) > 1 and word.casefold() not in STOP:
            yield word
