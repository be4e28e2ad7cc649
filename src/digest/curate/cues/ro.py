"""Romanian."""

from digest.curate.cues.words import Words

WORDS = Words(
    opening="""
        el ea ei ele acesta aceasta aceștia acestea acest această asta său sa lui lor dar și sau însă totuși deci apoi
        de_asemenea în_schimb dimpotrivă în_plus între_timp la_rândul întrebat* cu_condiția doar numai altfel niciun*
        nu_toți alții ambii deocamdată astfel
    """,
    denying="""
        neag* negat dezminț* respin* conteste* contest* fals* neadevăr* nefondat* inventat* invenți* minciun* calomni*
        zvon* nu_există nimic_de dovez* dovad* neconfirmat* confirm* verificat* independent* retra[sg]* corect* rectific*
        scuz* nevinovat* achitat* critic* opoz* îndoi* sceptic* avertiz* prudenț* neclar* incert* încă_nu comentari*
        presupus* purtător*
    """,
    bounding="""
        dacă cu_condiția condiți* depind* fără trebuie_mai_întâi mai_trebuie aprob* acord* în_schimb până except* exclus*
        exclud* scutit* nu_includ* nu_se_aplică doar numai abia cel_mult provizori* preliminar* deocamdată până_acum limit*
        eșantion șoareci estim* temporar* însă totuși deși în_pofida nu_toți potrivit conform susțin* afirm* surs[ae]*
        cit[eaâ]* provin* plătit* finanțat* comandat* anonim* cel_puțin răspun* replic* apăr* justific* explic* insist*
        avocat* agent vin[aăo]* acuz* responsab* atribu* apel recurs dovedit votea* vota* decid* decizi* nicio_legătură
        cifra numărul expiră termen*
    """,
    guarding="""
        nu niciodată nimeni nimic nici spus spune declar* adăug* ar_fi ar_putea trebuie încă compania firma ministerul
        experți* risc* problem*
    """,
)
