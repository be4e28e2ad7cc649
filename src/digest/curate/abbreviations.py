"""
Abbreviations and other words whose full stop need not end a sentence, in the languages that news
is written in; lower case, without the last stop. Plain lists, so that a language is added by
adding words.
"""

#: Followed by a name or a word; never end a sentence.
BEFORE = frozenset(
    # English
    "mr mrs ms messrs dr drs prof st ste gen col lt sgt cpl pvt maj cmdr capt adm rep sen gov pres hon rev fr mt ft supt insp det"
    " atty asst assoc vs v cf e.g i.e viz approx ca c esp"
    # German
    " hr hrn frl bzw evtl ggf inkl exkl vgl z.b d.h u.a o.ä s.o sog geb gest verh ing dipl lic bspw insb insbes zzgl abzgl mind max"
    " ev kath chr allg bes gebr"
    # French
    " m mm mme mmes mlle mlles mgr bd éd env c.-à-d p.ex"
    # Spanish, Portuguese
    " sr sra sres sras srta dra dña d ud uds vd vds gral arq avda profa exmo exma eng"
    # Italian
    " sig sigg dott dott.ssa prof.ssa avv arch geom rag cav mons"
    # Dutch
    " dhr mevr mw bijv ir o.a d.w.z m.b.t t.a.v i.v.m z.g zgn resp"
    # Swedish, Danish, Norwegian
    " t.ex bl.a s.k d.v.s dvs f.d fil kand f.eks hhv evt pga vedr"
    # Polish, Czech
    " św ul np tzw tzn gen płk ppłk mjr kpt por ppor hab inż mgr red m.in im j.św tj mps bp abp pn wg ww zob"
    " mudr judr rndr phdr např tzv doc"
    # Russian, Ukrainian
    " им ул г гр гг т.е т.к т.н напр проф акад др мл св пр пер наб кв стр обл р"
    # Turkish, Indonesian
    " doç yrd alb bşk ör mah cad sok jl bpk hj"
    # Greek, Hindi
    " κ κα κος π.χ δηλ डॉ श्री प्रो".split()
)
#: Followed by a number; without one they are words, or end a sentence.
BEFORE_NUMBER = frozenset(
    "no nos nr nrs n° nº núm num pág págs pag pagg p pp pg fig figs vol vols art arts abs sec ch chap ziff § rz tel ext op"
    " sect jan feb mar apr jun jul aug sept sep oct nov dec mär okt dez janv févr avr juil déc ene abr ago dic lug set ott"
    " янв февр апр авг сент окт нояб дек s ss poz ust pkt рис табл п ст № κεφ".split()
)
#: May end a sentence, and do so before a word that often begins one.
MAYBE = frozenset(
    "co corp inc ltd llc plc bros jr esq dept est ave blvd rd sq ed eds mfg univ assn a.m p.m am pm ph.d m.d b.a m.a b.s"
    " m.s d.c mio mrd tsd mill bill gmbh str mln mld mlrd tys zł godz млн млрд тыс руб".split()
)
#: States as American newspapers write them; may end a sentence too.
STATES = frozenset(
    "Ala Ariz Ark Calif Colo Conn Del Fla Ga Ill Ind Kan Ky La Md Mass Mich Minn Miss Mo Mont Neb Nev Okla Ore Pa Tenn Tex Va Vt Wash"
    " Wis Wyo".split()
)
#: End a sentence wherever a capital follows.
AFTER = frozenset("etc usw ecc enz osv itd itp т.д т.п и.т.д u.a.m u.v.m e.a o.m etcetera".split())

#: Words that begin sentences far more often than names do.
STARTERS = frozenset(
    "The A An It They He She We You I This That These Those There Here In On At By For From With As If When While After"
    " Before Since But And Or So Yet However Meanwhile Then Now Also Although Though Because What Who How Why Where Which"
    " Did Does Do Is Are Was Were Will Would Could Should Can May His Her Its Their Our My Your No Not One Two Some Many"
    " Most More All Both Each Every Another Other Please Let Thank Thanks Under Over During Despite Among According Mr Mrs"
    " Ms Der Die Das Ein Eine Er Sie Es Wir Ich Im Am Auf Bei Nach Für Mit Doch Aber Und Auch Dies Diese Dieser Le La Les Un"
    " Une Il Elle Ils Elles Nous Je Ce Cette Ces Dans En Mais Pour Selon El Los Las Lo Una Pero Según Para Con Su Gli Nel Ma"
    " Per O Os As Um Uma Na Mas De Het Een Dit Deze Maar Den Det Han Hun På Men".split()
)
#: Nouns after a German ordinal number, for texts of unknown language.
COUNTED = frozenset(
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember Jahrhundert Jahrhunderts Weltkrieg"
    " Weltkriegs Weltkrieges Platz Runde Minute Spieltag Liga Bundesliga Auflage Geburtstag Stock Klasse Etage Bezirk Tag"
    " Jahrestag FC Rang".split()
)
#: Languages that write ordinal numbers with a stop.
ORDINALS = frozenset("de da nb nn no fi et hu cs sk sl hr sr bs tr is lv pl".split())
