"""French."""

from digest.curate.cues.words import Words

WORDS = Words(
    opening="""
        il elle ils elles on_ignore ce c'est c'était cela ceci ça cette ces cet celui* celle* ceux son sa ses leurs? lui
        eux mais et ou or donc car puis ensuite alors aussi cependant pourtant toutefois néanmoins ainsi enfin également
        d'ailleurs en_revanche en_effet en_outre de_plus par_ailleurs au_contraire à_l'inverse en_échange en_retour
        en_réponse de_son_côté de_leur_côté pour_sa_part pour_leur_part interrogée? interrogés à_condition sauf encore_faut
        sinon si_toutefois seuls? seule seulement une_telle un_tel de_tels de_telles tous_les_* l'intéressée?
        les_intéressés ce_dernier cette_dernière ces_derniers l'un l'autre d'autres certains parmi y_compris deuxièmement
        même entre-temps depuis là y tout_dépend rien_de rien_n'* aucun*
    """,
    denying="""
        nie nient niait niaient nié démen* réfut* contest* rejet* conteste récus* faux fausse* inexact* infond* mensong*
        invent* invention calomni* rumeur* contredi* contraire rien_de_tel rien_révélé n'existe* n'a_rien aucune_preuve
        sans_preuve preuve* non_confirm* confirm* vérifi* indépendant* se_rétract* rétract* retir* corrig* rectifi* excus*
        innocen* acquitt* relax* disculp* critiqu* oppos* adversair* dout* sceptiqu* avert* mett?e?n?t?_en_garde
        mise_en_garde prudence réserv* incertain* on_ignore n'est_pas_clair pas_encore reste_à refusé_de_comment*
        pas_souhaité comment* porte-parole
    """,
    bounding="""
        si s'il s'ils à_condition condition* pourvu sous_réserve dépend* moyennant sans faute_de doit_encore doivent_encore
        doit_d'abord d'abord accord approuv* approbation feu_vert vote* autoris* en_échange en_contrepartie contrepartie
        jusqu'à sinon hormis sauf except* exclu* exempt* ne_figur* pas_inclus* pas_compt* ne_concern* ne_s'appliqu* limit*
        restrein* seulement uniquement seuls? seule ne_*_que qu[e'] provisoir* préliminaire* pour_l'instant pour_le_moment
        jusqu'ici à_ce_jour échantillon souris estimation* estim[ée]* temporair* toutefois cependant pourtant néanmoins
        bien_que quoique malgré en_revanche à_peine au_plus tous_les pas_tous ne_sont_pas n'en_sont_pas selon d'après
        affirm* prétend* soutien* source* cit[eéa]* citant anonym* chiffre_est chiffres_sont provien* émane* vient_de
        reposent? pay[ée]* financ* command* ensuite du_moins répon* répliqu* rétorqu* justifi* défend* expliqu* assur[eé]*
        insist* maintien* avocat* agent entourage interrog* évoqu* met_cela mettent_cela faute responsab* reproch* attribu*
        impute* invoqu* accus* plain* appel_de fait_appel lui-même elle-même parl[eé]_d* prétendu* supposé* présumé* vote_*
        votent votera scrutin décid* tranch* aucun_lien rien_à_voir ce_chiffre ce_nombre ces_chiffres le_chiffre prend_fin
        prennent_fin expire expirent délai échéance
        jointe? joints contactée?s? qualifi*
    """,
    guarding="""
        ne n'* pas non jamais rien aucun* personne ni dit disent disait déclar* indiqu* ajout* estime* mais serait seraient
        aurait auraient pourrait pourraient devrait doit doivent faut encore risque* problème* plutôt société entreprise
        ministère cabinet établissement expert*
    """,
)
