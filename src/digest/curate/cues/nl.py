"""Dutch."""

from digest.curate.cues.words import Words

WORDS = Words(
    opening="""
        hij zij ze het_gaat dit dat deze die zijn haar hun maar en of want dus dan ook echter toch bovendien daarnaast
        daarom daarna daarop daarmee daarbij daartegen hiermee hierop niettemin desondanks integendeel daarentegen in_ruil
        in_reactie gevraagd mits alleen behalve anders zo_n zulke geen_van niet_alle* niet_iedereen andere anderen beide
        intussen ondertussen voorlopig tot_nu_toe tot_dusver er_is ten_slotte zelf
    """,
    denying="""
        ontken* wijst wijzen wees verwerp* weerleg* betwist* tegenspr* spreekt_dat sprak_dat tegengesproken onwaar onjuist
        onterecht ongegrond verzonnen verzinsel leugen* laster gerucht* onzin bestaat_niet niets_van geen_bewijs
        zonder_bewijs bewijs* niet_bevestigd bevestig* onafhankelijk controle* herroep* ingetrokken trekt_terug
        gecorrigeerd rectif* excus* verontschuldig* onschuld* vrijgesproken kriti* tegenstand* twijfel* betwijfel* scepti*
        waarsch* voorzichtig* onduidelijk onzeker* nog_niet wilde_niet reage* vermeend* woordvoer*
    """,
    bounding="""
        als indien mits tenzij voorwaard* op_voorwaarde afhankelijk hangt zonder moet_nog moeten_nog eerst instem*
        goedkeur* toestem* in_ruil tot behalve uitzonder* uitgezonderd uitgesloten vrijgesteld niet_meegeteld geldt_niet
        alleen slechts enkel hooguit amper nauwelijks voorlopig* tot_nu_toe tot_dusver beperk* steekproef muizen schat*
        tijdelijk* echter toch niettemin hoewel ondanks daarentegen niet_alle niet_iedereen volgens beweer* claim* bron
        bronnen citeer* afkomstig gebaseerd betaald gefinancierd opdracht anoniem* zegt_zelf althans antwoord* reageer*
        reactie verweer* verdedig* rechtvaardig* verklaar* leg[td]*_uit benadruk* houdt_vol advoca* zaakwaarnemer schuld
        verwijt* wijt verantwoord* spreekt_van sprak_van beroep klag* bleek stem(?:t|men) beslis* besluit* of_het
        niets_te_maken vallen_er_niet valt_er_niet dat_aantal het_aantal die_cijfers eindigt loopt_af termijn
        bereikbaar benaderd
    """,
    guarding="""
        niet geen nooit niemand niets noch zei zegt zeggen meld* zou zouden kan_niet moet nog maar bedrijf ministerie
        deskundigen risico problem*
    """,
)
