"""Hungarian."""

from digest.curate.cues.words import Words

WORDS = Words(
    opening="""
        ő ők ez az_ő ezek azok ezt azt ennek annak de és vagy tehát aztán is azonban viszont mégis ezért emellett ráadásul
        közben ellenben ehelyett cserébe kérdésre válaszul feltéve csak csupán kivéve különben nem_minden mások mindkett*
        egyelőre eddig ilyen*
    """,
    denying="""
        tagad* cáfol* visszautasít* elutasít* vitat* hamis* valótlan* alaptalan* kitalál* koholmány* rágalm* pletyk*
        nem_létez* bizonyíték* nem_erősít* megerősít* független* ellenőriz* visszavon* helyesbít* elnézés* bocsánat*
        ártatlan* felment* kritik* bírál* ellenzi* ellenző* kétel* kétség* szkeptik* figyelmeztet* óvat* nem_világos
        bizonytalan* még_nem komment* állítólag* szóvivő*
    """,
    bounding="""
        ha amennyiben feltéve feltétel* függ* múlik nélkül előbb jóváhagy* hozzájárul* cserébe amíg kivéve kivétel*
        nem_tartal* nem_vonatkoz* csak csupán alig legfeljebb előzetes* ideiglenes* egyelőre eddig korlátoz* minta egere*
        becs* azonban viszont mégis bár noha ellenére nem_minden szerint állít* forrás* hivatkoz* származ* fizet*
        finanszíroz* névtelen* legalábbis válasz* reagál* véd[ei]* magyaráz* hangsúlyoz* ügyvéd* ügynök* hibáz* felelős*
        fellebbez* bizonyult szavaz* dönt* semmi_köze a_számot az_adat* lejár* határid*
    """,
    guarding="""
        nem nincs ne soha senki semmi sem mondta közölt* hozzátett* lehet kell még cég vállalat minisztérium szakértő*
        kockázat* problém*
    """,
)
