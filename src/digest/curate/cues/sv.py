"""Swedish."""

from digest.curate.cues.words import Words

WORDS = Words(
    opening="""
        han hon de det den dessa denna detta hans hennes deras sin men och eller så då också dock ändå däremot dessutom
        därför sedan samtidigt i_stället tvärtom i_gengäld på_frågan förutsatt bara endast utom annars sådan* ingen inget
        inte_alla andra båda hittills än_så_länge
    """,
    denying="""
        förnek* bestrid* tillbakavis* avvis* dement* avfärd* motsäg* falsk* osann* felaktig* grundlös* påhitt* lögn* rykte*
        inga_bevis bevis* obekräft* bekräft* oberoende återta* drar_tillbaka rätta* ursäkt* oskyldig* friad* friken*
        kritik* kritis* motståndar* tvivl* tvek* skepti* varna* försiktig* oklar* osäk* ännu_inte vill_inte_kommentera
        komment* påstå* talesper* talesman
    """,
    bounding="""
        om såvida förutsatt förutsätt* villkor* under_förutsättning bero[r]* utan måste_först måste_ännu godkän* i_gengäld
        mot_att tills utom undant* inte_inräkn* gäller_inte bara endast enbart knappt högst preliminär* hittills
        än_så_länge begräns* urval möss uppskatt* tillfällig* dock däremot trots även_om inte_alla enligt hävda* källa
        källor citera* kommer_från betalt betalade finansier* beställ* anonym* åtminstone svara* bemöt* försvara* förklara*
        insister* advokat* agent skyller skyll* ansvar* klandr* överklag* visade_sig själv rösta* avgör* beslut*
        inget_att_göra siffran siffrorna löper_ut upphör
    """,
    guarding="""
        inte icke aldrig ingen inget inga sade säger sa skulle kan_inte måste ännu men företaget bolaget experter risk*
        problem*
    """,
)
