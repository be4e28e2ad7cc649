"""Czech and Slovak."""

from digest.curate.cues.words import Words

WORDS = Words(
    opening="""
        on ona ono oni to ten ta ti tyto tato tento jeho její jejich ale a nebo tedy pak také však avšak přesto navíc proto
        mezitím naopak výměnou na_dotaz pokud pouze jen kromě jinak žádn* ne_všichni jiní oba zatím takov*
    """,
    denying="""
        popír* popřel* odmít* vyvrac* vyvrátil* dement* zpochyb* nepravd* lživ* lež* nepodložen* smyšl* vymyšl* pomluv*
        fám* neexist* nic_takového důkaz* nepotvrz* potvrd* potvrz* ověř* nezávisl* odvol* stáhl* oprav* omluv* nevin*
        zprošt* kriti* odpůrc* pochyb* skepti* varuj* varoval* opatrn* nejasn* nejist* zatím_ne nekomentoval* komentář*
        údajn* mluvčí
    """,
    bounding="""
        pokud jestliže ledaže podmínk* za_podmínky závis* záleží bez musí_ještě nejprve schvál* souhlas* výměnou dokud
        kromě výjim* vylouč* nezahrn* nevztah* neplatí jen pouze sotva nanejvýš předběž* zatím dosud omez* vzor(?:ek|ku)
        myší* odhad* dočasn* však avšak přesto ačkoli přestože podle tvrd* zdroj* cit[uo]* pocház* zaplat* financ* anonym*
        alespoň odpověd* reag* bránil* hájí* vysvětl* trvá_na advokát* právn* agent vin[auy]* přičít* žalob* ukázal*
        hlasuj* hlasov* zda rozhod* nic_společného číslo čísla končí vyprší lhůt*
    """,
    guarding="""
        ne není nejsou nebyl* nikdy nikdo nic ani řekl* uvedl* dodal* prý měl_by mohl* musí ještě firma společnost
        ministerstvo experti odborníci rizik* problém*
    """,
)
