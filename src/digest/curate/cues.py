"""
The words by which a sentence shows that it belongs to one before it, in the languages that news is written in.

A plain table, so that a language or a word is added by adding words. `_` stands for a space and
`*` for any ending. Words of kindred languages are not repeated where they are written alike: a
text is searched with the words of its own language, or with all of them where that is not known.

- *opening*: pronouns, connectives and pointing words. A sentence that begins so leans on the one before.
- *denying*: words of denial, correction and dissent. Wherever one stands, the sentence may take back
  what was said up to a few sentences before.
- *bounding*: words of condition, limitation, attribution and reply. They do the same, but a long sentence
  with one most often speaks of a matter of its own.
- *guarding*: negations, reporting verbs and the like, which most often do not. Where one stands, it is in
  doubt whether the sentence answers the one before.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from digest.model.words import language_of

_TABLE: Mapping[str, tuple[str, str, str, str]] = {
    "en": (
        (
            "he she they it his her hers their theirs its him them himself herself that this these those such there but and or nor"
            " so yet then also however instead still meanwhile moreover therefore thus hence both another neither either even only"
            " others some_of the_latter the_former the_same nevertheless nonetheless conversely likewise similarly besides"
            " furthermore additionally accordingly consequently afterwards afterward later at_the_same_time on_the_other_hand"
            " in_contrast by_contrast in_response in_reply in_return in_turn in_exchange as_a_result for_example for_instance"
            " in_fact in_addition until_then otherwise unless provided providing for_now so_far for_his_part for_her_part"
            " for_its_part for_their_part asked not_all not_everyone not_every no_such none_of nothing much_of most_of part_of"
            " half_of one_of all_of either_way second secondly third thirdly finally because which who if_so if_not if_he if_she"
            " if_they if_it what_is_more that_is what_he what_she what_they here too"
        ),
        (
            "den[yi]* reject* refut* disput* contest contests contested contradict* dismiss* deni* baseless unfounded groundless"
            " untrue not_true false falsely incorrect* inaccura* no_evidence no_proof no_sign without_evidence unproven unconfirmed"
            " unverified not_confirmed not_been_confirmed could_not_be cannot_be_verified independently retract* withdr[ae]w*"
            " withdrew takes_back took_back correction corrected apolog* not_guilty innocen* acquit* cleared_of overturn* invent*"
            " fabricat* nonsense negative rumou?r* hoax myth object objects objected opponents? critics sceptic* skeptic* doubt* disagree*"
            " warn* caution* caveat* no_comment declined_to refused_to_comment did_not_respond not_responded unclear not_clear"
            " yet_to not_yet remains_to_be_seen"
        ),
        (
            "if unless provided_that provid(?:ed|ing) condition* as_long_as so_long_as subject_to depend* hinges? stands_or_falls"
            " stand_or_fall string string_attached strings_attached first_have_to must_first pending until approv* in_return"
            " in_exchange assuming in_principle except* exempt* exclud* apart_from not_includ* left_out not_count* not_cover*"
            " not_appl* only limited limit limits restrict* at_most at_best preliminary provisional so_far not_all not_every* sample"
            " margin_of_error in_mice estimat* uncertain* too_early temporar* for_now for_the_time_being exceptions? however"
            " nevertheless nonetheless although though despite in_spite otherwise on_the_other_hand merely barely hardly scarcely"
            " turned_out according_to claim claims claimed claimant citing cites cited sources? reported_by based_on come_from"
            " comes_from came_from rest_on rests_on anonym* unnamed paid_for funded financed sponsor* commissioned own_figures"
            " so_says? so_say himself herself themselves repl(?:y|ies|ied) respon[ds]* answer* counter* rebut* defend* justif*"
            " explain* explan* insist* maintain* hit_back afterwards spokes* lawyers? solicitors? attorneys? agents? blam* the_reason"
            " asked_about comment commented account_is allegedly reportedly apparently seemingly not_so afterwards_by holds?"
            " held_against against_this laugh* criticis* criticiz* complain* appeal* lie lies question(?:ed|s)? alleged* allegation*"
            " supposed* purported*"
        ),
        (
            "not no never none nothing nobody neither nor n't said says say told tells added without cannot just but still while"
            " instead whether may might could would must should risk* problem* catch drawback* however rather company firm ministry"
            " experts?"
        ),
    ),
    "de": (
        (
            "er sie es ihr ihre? ihre[rnms] sein seine[rnms]? ihm ihn ihnen dies diese[rsnm]? jene[rsnm]? das_sei das_ist das_war"
            " das_sagt das_stimm* das_gilt das_hat das_hatte das_geht das_bestreit* das_wies das_weist da dabei dafür dagegen damit"
            " danach dann daran darauf daraus darin darüber darum davon davor dazu dadurch demnach deshalb deswegen daher doch aber"
            " und oder denn sondern auch allerdings jedoch trotzdem dennoch gleichwohl indes indessen zudem außerdem ferner ebenso"
            " hingegen stattdessen vielmehr zwar so solche[rsnm]? ein_solche[rsnm]? eine_solche nur wer_das beide[rsn]? andere"
            " letzter* erster* ersterer im_gegenzug auf_anfrage auf_nachfrage im_gegenteil nicht_alle ohne_dies wiederum inzwischen"
            " unterdessen später hierzu hierbei dort vorausgesetzt sofern falls ausgenommen einzig zweitens drittens schließlich"
            " nichts_davon keine[rs]? dessen deren bedingung"
        ),
        (
            "bestreite* bestritt* weist weisen wies wiesen zurückgewiesen zurück dementier* dementi leugne* widerspr* widerleg*"
            " falsch unwahr unzutreffend haltlos unbegründet erfunden erfindung märchen unsinn verleumd* gerücht* lüge* stimmt_nicht"
            " trifft_nicht keine_belege keinen_beleg nicht_belegt unbestätigt nicht_bestätigt bestätig* überprüf* unabhängig"
            " widerruf* zurückgenommen zurückgezogen berichtig* korrigier* entschuldig* unschuld* freigesproch* freispruch"
            " ergaben_nichts nichts_dergleichen kein_solche[rs]? dergleichen kritik* gegner zweifel* bezweifel* skepti* widerstand"
            " warn* mahn* vorsicht* unklar offen_ist ungewiss noch_nicht wollte_sich_nicht äußer* stellungnahme"
        ),
        (
            "wenn falls sofern soweit vorausgesetzt voraussetzung* bedingung* bedingt unter_der nur_wenn ohne abhäng* hängt"
            " steht_und_fällt vorbehalt* zustimm* genehmig* bewillig* muss_noch müssen_noch im_gegenzug gegenleistung bis_dahin"
            " sonst andernfalls es_sei_denn ausnahm* ausgenommen ausgeschlossen enthalten mitgezählt eingerechnet berücksichtigt"
            " gilt_nicht gelten_nicht nur lediglich bloß kaum höchstens bislang bisher vorläufig zunächst vorerst einschränk*"
            " begrenz* befristet stichprobe fehlerquote geschätzt schätzung* mäuse* allerdings jedoch dennoch trotzdem gleichwohl"
            " obwohl obgleich dagegen hingegen nicht_alle nicht_jede* teilweise laut zufolge nach_angaben angaben behaupt*"
            " stamm(?:t|en) beruf(?:t|en) beruht beruhen zitier* quelle* bezahlt finanzier* auftrag beauftragt anonym* nach_eigene*"
            " jedenfalls antworte* erwider* entgegn* konter* verteidig* rechtfertig* erklär* begründ* beteuer* versicher* beharr*"
            " betont* sprecher* anwalt anwälte anwältin* berater* schuld schiebt schieben verantwortlich anfrage nachfrage äußerte"
            " erläuter* hält_dagegen halten_dagegen hielt vorwurf vorwürfe* selbst einspruch berufung klag* beschwer* angeblich"
            " mutmaßlich vermeintlich"
        ),
        (
            "nicht kein* nie niemand* nichts nein weder sagte? sagten teilte_mit hieß heißt sei habe hätte* könnte* würde* müsste*"
            " soll sollen muss müssen aber doch sondern erst noch zudem statt während haus unternehmen behörde ministerium experten"
            " fachleute risiko problem*"
        ),
    ),
    "fr": (
        (
            "il elle ils elles on_ignore ce c'est c'était cela ceci ça cette ces cet celui* celle* ceux son sa ses leurs? lui eux"
            " mais et ou or donc car puis ensuite alors aussi cependant pourtant toutefois néanmoins ainsi enfin également"
            " d'ailleurs en_revanche en_effet en_outre de_plus par_ailleurs au_contraire à_l'inverse en_échange en_retour en_réponse"
            " de_son_côté de_leur_côté pour_sa_part pour_leur_part interrogée? interrogés à_condition sauf encore_faut sinon"
            " si_toutefois seuls? seule seulement une_telle un_tel de_tels de_telles tous_les_* l'intéressée? les_intéressés"
            " ce_dernier cette_dernière ces_derniers l'un l'autre d'autres certains parmi y_compris deuxièmement même entre-temps"
            " depuis là y tout_dépend rien_de rien_n'* aucun*"
        ),
        (
            "nie nient niait niaient nié démen* réfut* contest* rejet* conteste récus* faux fausse* inexact* infond* mensong*"
            " invent* invention calomni* rumeur* contredi* contraire rien_de_tel rien_révélé n'existe* n'a_rien aucune_preuve"
            " sans_preuve preuve* non_confirm* confirm* vérifi* indépendant* se_rétract* rétract* retir* corrig* rectifi* excus*"
            " innocen* acquitt* relax* disculp* critiqu* oppos* adversair* dout* sceptiqu* avert* mett?e?n?t?_en_garde mise_en_garde"
            " prudence réserv* incertain* on_ignore n'est_pas_clair pas_encore reste_à refusé_de_comment* pas_souhaité comment*"
        ),
        (
            "si s'il s'ils à_condition condition* pourvu sous_réserve dépend* moyennant sans faute_de doit_encore doivent_encore"
            " doit_d'abord d'abord accord approuv* approbation feu_vert vote* autoris* en_échange en_contrepartie contrepartie"
            " jusqu'à sinon hormis sauf except* exclu* exempt* ne_figur* pas_inclus* pas_compt* ne_concern* ne_s'appliqu* limit*"
            " restrein* seulement uniquement seuls? seule ne_*_que qu[e'] provisoir* préliminaire* pour_l'instant pour_le_moment"
            " jusqu'ici à_ce_jour échantillon souris estimation* estim[ée]* temporair* toutefois cependant pourtant néanmoins"
            " bien_que quoique malgré en_revanche à_peine au_plus tous_les pas_tous ne_sont_pas n'en_sont_pas selon d'après affirm*"
            " prétend* soutien* source* cit[eéa]* citant anonym* chiffre_est chiffres_sont provien* émane* vient_de reposent?"
            " pay[ée]* financ* command* ensuite du_moins répon* répliqu* rétorqu* justifi* défend* expliqu* assur[eé]* insist*"
            " maintien* porte-parole avocat* agent entourage interrog* évoqu* met_cela mettent_cela faute responsab* reproch*"
            " attribu* impute* invoqu* accus* plain* appel_de fait_appel lui-même elle-même parl[eé]_d* prétendu* supposé* présumé*"
        ),
        (
            "ne n'* pas non jamais rien aucun* personne ni dit disent disait déclar* indiqu* ajout* estime* mais serait seraient"
            " aurait auraient pourrait pourraient devrait doit doivent faut encore risque* problème* plutôt société entreprise"
            " ministère cabinet établissement expert*"
        ),
    ),
    "es": (
        (
            "él ella ellos ellas ello esto eso este esta estos estas ese esa esos esas aquel* su sus suyo pero y o pues así"
            " entonces luego además también sin_embargo no_obstante aunque sino mientras_tanto por_eso por_ello por_tanto"
            " por_lo_tanto en_cambio al_contrario por_el_contrario a_cambio en_respuesta por_su_parte preguntad[oa]* consultad[oa]*"
            " siempre_que siempre_y si_es solo sólo salvo excepto de_lo_contrario tal_* dich[oa]s? mism[oa]s? ambos ambas otros"
            " otras algunos algunas entre_ellos el_aludido la_aludida l[oa]s_aludid[oa]s est[ea]_últim[oa] no_tod[oa]s ningun[oa]"
            " nada_de para_l[oa]s? todo_depende de_momento por_ahora hasta_entonces después segundo tercero finalmente al_final allí"
            " ahí"
        ),
        (
            "nieg[ao]* negó negaron negar negado desm[ie]* desmintió rechaz* refut* disput* impugn* fals[oa]s? falsedad mentira*"
            " infundad* sin_fundamento fundamento inexact* invent* invención calumni* rumor* contradi* contrario no_existe*"
            " nada_parecido no_hall* no_encontr* sin_prueba* prueba* no_confirm* confirm* contrastad* verific* independiente*"
            " retract* retir[aó]* correg* corrigi* rectific* disculp* inocen* absuel* absolv* exculp* crític* critic* opon* opuso"
            " opositor* dud[ao]* dudan escéptic* advert* adviert* alert* cautela incógnita incert* no_está_claro se_desconoce"
            " todavía_no aún_no está_por_ver no_quiso declin* coment*"
        ),
        (
            "si siempre_que siempre_y condición condicion* a_condición en_caso_de sujet[oa]* depende* pendiente* sin falta falte"
            " visto_bueno aprueb* aprobación autoriz* tiene_que tienen_que debe_antes antes_debe primero a_cambio contrapartida"
            " hasta salvo excepto excep* exclu* exent* fuera_de queda_fuera quedan_fuera no_inclu* incluid* no_afect* no_se_aplic*"
            " limit* restring* solo sólo solamente únicamente apenas como_mucho provisional* preliminar* de_momento por_ahora"
            " por_el_momento hasta_ahora hasta_el_momento muestra ratones estim[aó]* estimación* temporal* sin_embargo no_obstante"
            " aunque pese_a a_pesar en_cambio no_tod[oa]s según afirm[aó]* asegur[aó]* sosti* sostuv* alega* fuente* cita citan"
            " citando anónim* cifra_es cifras_son procede* proviene* se_basa* pag[óa] pagad* pagaron financ* encarg[óa]* al_menos"
            " por_lo_menos publicó respond* contest* replic* rebat* defen* defiend* justific* explic[óa]* insist* mantuv* mantien*"
            " portavoz* abogad[oa]* representante agente entorno preguntad* culpa* atribuy* achac* responsab* reproch* habló_de"
            " habla_de califica* tacha acus* denunci* recurr* apela* resultó él_mismo ella_misma supuest* presunt*"
        ),
        (
            "no nunca jamás nadie nada ningun* ni tampoco dijo dice dijeron dicen declar* añad* señal* pero sino sería serían"
            " habría habrían podría podrían debe deben debería todavía aún riesgo* problema* más_bien empresa entidad compañía"
            " ministerio expertos biólogos"
        ),
    ),
    "it": (
        (
            "lui lei loro egli essa essi esse ciò questo questa questi queste quello quella quelli quelle suo sua suoi sue il_suo"
            " la_sua i_suoi le_sue ma e o però quindi poi allora anche inoltre tuttavia invece eppure così dunque perciò infatti"
            " nonostante al_contrario in_cambio in_risposta da_parte_sua interpellat* a_patto a_condizione purché solo soltanto"
            " salvo tranne altrimenti tale tali un_simile una_simile nessun* non_tutt* altri altre quest'ultim* l'interessat*"
            " entrambi nel_frattempo intanto per_ora finora sempre_che tutto_dipende secondo_lui secondo_lei dopo infine"
        ),
        (
            "neg[aò] negano nega* smenti* respin[gt]* rigett* confut* contest* fals[oaie] infondat* inesatt* menzogn* bugi*"
            " invenzion* inventat* calunni* voc[ie]_di dicer* contradd* contrario non_esiste nulla_del_genere niente_del_genere"
            " senza_prove nessuna_prova prove non_confermat* confermat* conferma* verific* indipendent* ritratt* ritir[aò]* corregg*"
            " corrett* rettific* scus* innocen* assol* scagion* critic* oppo[sn]* avversar* dubbi* dubit* scettic* avvert* ammon*"
            " cautela incert* non_è_chiaro non_ancora resta_da non_ha_voluto comment*"
        ),
        (
            "se sempre_che a_patto purché condizion* a_condizione subordinat* dipend* senza manca deve_ancora devono_ancora"
            " prima_deve approv* via_libera autorizz* in_cambio contropartita finché fino_a salvo tranne eccett* eccezion* esclus*"
            " esent* non_compres* non_inclus* non_rientr* non_riguarda* non_vale limit* solo soltanto solamente appena a_malapena"
            " al_massimo provvisor* preliminar* per_ora finora al_momento campione topi stim[aei]* temporane* tuttavia però benché"
            " sebbene nonostante malgrado invece non_tutt* secondo stando_a sostien* sostengon* afferm* asseri* font[ei] cit[aòa]*"
            " citando anonim* cifra_è provien* si_basa pagat* finanziat* commission* almeno rispo[sn]* replic* ribatt* difen[ds]*"
            " giustific* spieg* insist* ribad* portavoce avvocat* legal[ei] agente procuratore interpellat* colpa attribui*"
            " responsab* addebit* parla_di parlato_di accus* denunc* ricors* appello risult* presunt*"
        ),
        (
            "non mai nessun* niente nulla né neppure ha_detto dice dicono dichiar* aggiun* sarebbe* avrebbe* potrebbe* dovrebbe*"
            " deve ancora rischio problem* piuttosto ma azienda società ministero esperti"
        ),
    ),
    "pt": (
        (
            "ele ela eles elas isso isto este esta estes estas esse essa esses essas aquele* aquela* seu sua seus suas mas e ou"
            " porém então depois também além_disso no_entanto contudo todavia entretanto assim portanto por_isso pelo_contrário"
            " em_contrapartida em_troca em_resposta por_sua_vez questionad* procurad* desde_que só somente apenas exceto salvo"
            " caso_contrário tal tais nenhum* nem_todos outros outras ambos enquanto_isso por_enquanto até_agora tudo_depende"
            " finalmente"
        ),
        (
            "nega* negou negaram desment* rejeit* refut* contest* repudi* fals[oa]s? infundad* inexat* mentira* invent* invenção"
            " calúni* boato* rumor* contradi* contrário não_existe nada_disso sem_provas? provas? não_confirm* confirm* verific*"
            " independente* retrat* retir[aoe]* corrig* retific* desculp* inocen* absolv* crític* critic* opo[sn]* adversári*"
            " dúvida* duvid* cétic* advert* alert* cautela incert* não_está_claro ainda_não resta_saber não_quis coment*"
        ),
        (
            "se caso desde_que contanto condiç* condicion* sujeit* depend* sem falta ainda_precisa* ainda_tem primeiro_tem aprov*"
            " aval autoriz* em_troca contrapartida até exceto salvo exceç* exclu* isent* fora_d* não_inclu* não_abrang*"
            " não_se_aplica* limit* restri* só somente apenas mal no_máximo provisóri* preliminar* por_enquanto até_agora por_ora"
            " amostra ratos camundongos estim[aá]* temporári* no_entanto contudo porém todavia entretanto embora apesar_de nem_tod*"
            " segundo de_acordo_com conforme afirm* alega* sustent* fontes? cit[aou]* citando anônim* anónim* número_é prov[ée]m"
            " baseia* pag[ao]* pagou financi* encomend* pelo_menos respond* rebat* repli* defend* justific* explic* insist*"
            " mant[eé]* porta-voz* advogad* agente empresário questionad* culpa* atribu* responsab* fala_em falou_em acus* denunci*"
            " recorr* apela* revelou-se suposto* suposta* alegad*"
        ),
        (
            "não nunca ninguém nada nenhum* nem disse diz disseram dizem declar* acrescent* seria* teria* poderia* deve devem"
            " deveria ainda risco problema* mas empresa ministério especialistas"
        ),
    ),
    "nl": (
        (
            "hij zij ze het_gaat dit dat deze die zijn haar hun maar en of want dus dan ook echter toch bovendien daarnaast daarom"
            " daarna daarop daarmee daarbij daartegen hiermee hierop niettemin desondanks integendeel daarentegen in_ruil in_reactie"
            " gevraagd mits alleen behalve anders zo_n zulke geen_van niet_alle* niet_iedereen andere anderen beide intussen"
            " ondertussen voorlopig tot_nu_toe tot_dusver er_is ten_slotte zelf"
        ),
        (
            "ontken* wijst wijzen wees verwerp* weerleg* betwist* tegenspr* tegengesproken onwaar onjuist onterecht ongegrond"
            " verzonnen verzinsel leugen* laster gerucht* onzin bestaat_niet niets_van geen_bewijs zonder_bewijs bewijs*"
            " niet_bevestigd bevestig* onafhankelijk controle* herroep* ingetrokken trekt_terug gecorrigeerd rectif* excus*"
            " verontschuldig* onschuld* vrijgesproken kriti* tegenstand* twijfel* betwijfel* scepti* waarsch* voorzichtig*"
            " onduidelijk onzeker* nog_niet wilde_niet reage* vermeend*"
        ),
        (
            "als indien mits tenzij voorwaard* op_voorwaarde afhankelijk hangt zonder moet_nog moeten_nog eerst instem* goedkeur*"
            " toestem* in_ruil tot behalve uitzonder* uitgezonderd uitgesloten vrijgesteld niet_meegeteld geldt_niet alleen slechts"
            " enkel hooguit amper nauwelijks voorlopig* tot_nu_toe tot_dusver beperk* steekproef muizen schat* tijdelijk* echter"
            " toch niettemin hoewel ondanks daarentegen niet_alle niet_iedereen volgens beweer* claim* bron bronnen citeer*"
            " afkomstig gebaseerd betaald gefinancierd opdracht anoniem* zegt_zelf althans antwoord* reageer* reactie verweer*"
            " verdedig* rechtvaardig* verklaar* leg[td]*_uit benadruk* houdt_vol woordvoer* advoca* zaakwaarnemer schuld verwijt*"
            " wijt verantwoord* spreekt_van sprak_van beroep klag* bleek"
        ),
        (
            "niet geen nooit niemand niets noch zei zegt zeggen meld* zou zouden kan_niet moet nog maar bedrijf ministerie"
            " deskundigen risico problem*"
        ),
    ),
    "sv": (
        (
            "han hon de det den dessa denna detta hans hennes deras sin men och eller så då också dock ändå däremot dessutom därför"
            " sedan samtidigt i_stället tvärtom i_gengäld på_frågan förutsatt bara endast utom annars sådan* ingen inget inte_alla"
            " andra båda hittills än_så_länge"
        ),
        (
            "förnek* bestrid* tillbakavis* avvis* dement* avfärd* motsäg* falsk* osann* felaktig* grundlös* påhitt* lögn* rykte*"
            " inga_bevis bevis* obekräft* bekräft* oberoende återta* drar_tillbaka rätta* ursäkt* oskyldig* friad* friken* kritik*"
            " kritis* motståndar* tvivl* tvek* skepti* varna* försiktig* oklar* osäk* ännu_inte vill_inte_kommentera komment* påstå*"
        ),
        (
            "om såvida förutsatt förutsätt* villkor* under_förutsättning bero[r]* utan måste_först måste_ännu godkän* i_gengäld"
            " mot_att tills utom undant* inte_inräkn* gäller_inte bara endast enbart knappt högst preliminär* hittills än_så_länge"
            " begräns* urval möss uppskatt* tillfällig* dock däremot trots även_om inte_alla enligt hävda* källa källor citera*"
            " kommer_från betalt betalade finansier* beställ* anonym* åtminstone svara* bemöt* försvara* förklara* insister*"
            " talesper* talesman advokat* agent skyller skyll* ansvar* klandr* överklag* visade_sig själv"
        ),
        (
            "inte icke aldrig ingen inget inga sade säger sa skulle kan_inte måste ännu men företaget bolaget experter risk*"
            " problem*"
        ),
    ),
    "da": (
        (
            "han hun de det den disse denne dette hans hendes deres sin men og eller så da også dog alligevel derimod desuden"
            " derfor siden samtidig i_stedet tværtimod til_gengjeld til_gengæld adspurt forudsatt forudsat bare kun unntatt undtagen"
            " ellers sådan* slik* ingen ikke_alle andre begge hittil foreløbig likevel imidlertid"
        ),
        (
            "benægte* nægte* nekte* benekte* afvis* avvis* dementer* bestrid* modsig* falsk* usand* forkert* uriktig* grundløs*"
            " opdigt* oppdikt* løgn* rygte* rykte* ingen_bevis* bevis* ubekræft* ubekreft* bekræft* bekreft* uafhængig* uavhengig*"
            " træk*_tilbage trekker_tilbake ret(?:te|tede) undskyld* beklag* uskyldig* frifund* frifunn* kritik* kritis* modstander*"
            " motstander* tvivl* tvil* skepti* advar* forsigtig* forsiktig* uklar* usikker* endnu_ikke ennå_ikke ikke_kommentere"
            " komment* påstå* påstand*"
        ),
        (
            "hvis dersom medmindre med_mindre forudsat* forutsatt betingelse* vilkår* afhæng* avheng* kommer_an uden uten"
            " skal_først må_først godkend* godkjen* til_gengæld til_gjengjeld indtil undtag* unntak* unntatt ikke_medregn*"
            " gælder_ikke gjelder_ikke kun bare højst knap foreløbig* hittil begræns* begrens* stikprøve mus skøn* anslå*"
            " midlertidig* dog derimod imidlertid trods selv_om ikke_alle ifølge hævd* hevd* kilde* citer* siter* stammer betalt"
            " finansier* bestilt anonym* i_det_mindste svar* forsvar* forklar* insister* talsmand* talsperson* advokat* agent skyld*"
            " ansvar* anke* appell* viste_sig selv"
        ),
        (
            "ikke aldrig aldri ingen intet sagde siger sa sier skulle ville kan_ikke må skal endnu men selskabet selskapet"
            " eksperter risiko problem*"
        ),
    ),
    "pl": (
        (
            "on ona ono oni one jego jej ich jemu to ten ta te ci tamten taki taka takie ale a i lub więc zatem potem też także"
            " również jednak jednakże natomiast zaś mimo_to ponadto poza_tym dlatego tymczasem przeciwnie w_zamian w_odpowiedzi"
            " zapytan* pytan[yai] pod_warunkiem o_ile tylko jedynie oprócz inaczej żaden żadn* nie_wszys* nic_z inni inne obaj obie"
            " na_razie dotąd dotychczas tak_przynajmniej tak_twier* wszystko_zależy podobn* wtedy wówczas tam"
        ),
        (
            "zaprzecz* dement* zdement* odrzuc* odpier* podważ* kwestion* nieprawd* fałsz* bezpodstawn* bezzasadn* nieścisł* zmyśl*"
            " wymysł* kłam* oszczer* plotk* pogłosk* przecz* sprzeciw* nie_istnieje niczego_takiego nic_takiego nie_wykaz*"
            " nie_znale* brak_dowod* dowod* niepotwierdz* potwierdz* zweryfik* niezależn* odwoł* wycof* sprostow* popraw* przepros*"
            " przeprasza* niewinn* uniewinni* oczyszcz* kryty* przeciwni* wątpliw* wątpi* scepty* ostrzeg* ostroż* zastrzeg*"
            " niejasn* niepewn* jeszcze_nie nie_wiadomo okaże_się komentar* komentow* rzekom* domniem*"
        ),
        (
            "jeśli jeżeli o_ile chyba_że pod_warunkiem warun* zależy zależ* uzależni* bez musi_jeszcze muszą_jeszcze najpierw"
            " zgod[ayęy]* zatwierdz* w_zamian dopóki dopiero aż oprócz wyjąt* wyłącz* zwolni* nie_wlicz* nie_uwzględn* nie_obejm*"
            " nie_dotycz* tylko jedynie wyłącznie ledwie zaledwie najwyżej wstępn* tymczasow* na_razie dotąd dotychczas jak_dotąd"
            " ogranicz* próba próbie myszach szacun* szacuj* jednak jednakże natomiast choć chociaż mimo pomimo nie_wszys* według"
            " zdaniem twierd* utrzym* źródł* cytuj* powołuj* pochodz* podał* podal* zapłaci* opłaci* sfinansow* zleci* anonim* przynajmniej"
            " odpowied* odpowiad* ripost* broni* tłumacz* wyjaśni* zapewnia* podkreśl* rzeczni* adwokat* prawni* agent menedżer"
            " zapytan* winn[aeiy] win[aęiy] obwini* odpowiedzial* zarzut* zarzuc* oskarż* mówił_o mówi_o nazywa apel* okazał* sam"
            " sama"
        ),
        (
            "nie nigdy nikt nic żaden ani powiedzia* mówi* poda[łl]* doda[łl]* miałby miałaby mógłby mogłaby musi muszą jeszcze"
            " lecz zamiast firma spółka ministerstwo eksperci biegli ryzyk* problem*"
        ),
    ),
    "cs": (
        (
            "on ona ono oni to ten ta ti tyto tato tento jeho její jejich ale a nebo tedy pak také však avšak přesto navíc proto"
            " mezitím naopak výměnou na_dotaz pokud pouze jen kromě jinak žádn* ne_všichni jiní oba zatím takov*"
        ),
        (
            "popír* popřel* odmít* vyvrac* vyvrátil* dement* zpochyb* nepravd* lživ* lež* nepodložen* smyšl* vymyšl* pomluv* fám*"
            " neexist* nic_takového důkaz* nepotvrz* potvrd* potvrz* ověř* nezávisl* odvol* stáhl* oprav* omluv* nevin* zprošt*"
            " kriti* odpůrc* pochyb* skepti* varuj* varoval* opatrn* nejasn* nejist* zatím_ne nekomentoval* komentář* údajn*"
        ),
        (
            "pokud jestliže ledaže podmínk* za_podmínky závis* záleží bez musí_ještě nejprve schvál* souhlas* výměnou dokud kromě"
            " výjim* vylouč* nezahrn* nevztah* neplatí jen pouze sotva nanejvýš předběž* zatím dosud omez* vzor(?:ek|ku) myší*"
            " odhad* dočasn* však avšak přesto ačkoli přestože podle tvrd* zdroj* cit[uo]* pocház* zaplat* financ* anonym* alespoň"
            " odpověd* reag* bránil* hájí* vysvětl* trvá_na mluvčí advokát* právn* agent vin[auy]* přičít* žalob* ukázal*"
        ),
        (
            "ne není nejsou nebyl* nikdy nikdo nic ani řekl* uvedl* dodal* prý měl_by mohl* musí ještě firma společnost"
            " ministerstvo experti odborníci rizik* problém*"
        ),
    ),
    "ru": (
        (
            "он она оно они его её ее их ему ей им это этот эта эти этого этому тот та те такой такая такое такие но а и или однако"
            " тем_не_менее зато также тоже затем потом поэтому впрочем при_этом между_тем наоборот напротив кроме_того взамен"
            " в_ответ в_свою_очередь при_условии если только лишь кроме иначе никто не_все другие оба пока там тогда сам сама сами"
            " речь"
        ),
        (
            "отриц* отверг* опроверг* оспар* оспор* возраж* возраз* ложь лож[ьи]* неправд* недостовер* необоснован* беспочвен*"
            " выдум* вымыс* клевет* слух* фейк* не_существует ничего_подобного не_наш[лё]* не_выяв* доказательств* не_подтвер*"
            " подтвер* подтверж* независим* провер* отозва* отказ* исправ* извин* невинов* невиновн* оправда* критик* противник*"
            " сомне* скепти* предупре* предостер* осторож* неясн* неизвестно пока_не ещё_не еще_не комментар* комментир* якобы"
            " предполож*"
        ),
        (
            "если при_условии услови* завис* без должен_ещё должны сначала одобр* соглас* разреш* взамен в_обмен пока до_тех"
            " исключ* за_исключением не_включ* не_вошл* не_учит* не_учт* не_распростран* не_каса* только лишь едва максимум"
            " предварительн* временн* на_данный_момент до_сих_пор огранич* выборк* мыш* оцен* однако хотя несмотря не_все по_словам"
            " по_данным по_мнению согласно утвержда* заявля* источник* ссыла* со_ссылкой оплат* финансир* заказ* анонимн*"
            " по_крайней_мере ответ* отвеч* парир* защи* оправд* объясн* настаива* подчёрк* подчерк* пресс-секретар* представител*"
            " адвокат* агент вин[аоыу]* обвин* ответствен* связыва* обжал* апелл* жалоб* оказал*"
        ),
        (
            "не ни нет никогда никто ничего сказал* сообщ* добав* говор* заяв* мог_бы могл* долж* ещё еще же компания фирма"
            " министерство эксперт* риск* проблем*"
        ),
    ),
    "uk": (
        (
            "він вона воно вони його її їх їй йому це цей ця ці той та ті такий така таке але а і й або однак проте втім також теж"
            " потім тому натомість навпаки крім_того у_відповідь якщо лише тільки крім інакше не_всі інші поки сам сама"
        ),
        (
            "запереч* спрост* відкид* відкин* оспор* неправд* брехн* фальш* безпідстав* вигад* наклеп* чутк* не_існує"
            " нічого_подібного не_виявил* доказ* не_підтвер* підтвер* незалеж* перевір* відклик* відмов* виправ* вибач* невин*"
            " виправд* крити* противник* сумнів* скепти* попередж* застере* обереж* невідомо незрозуміл* поки_не ще_не коментар*"
            " комент* нібито"
        ),
        (
            "якщо за_умови умов* залеж* без має_ще спочатку схвал* згод* погод* дозв* натомість в_обмін доки крім винят* виключ*"
            " не_включ* не_врахов* не_стосу* лише тільки ледь щонайбільше попередн* тимчасов* наразі досі обмеж* вибірк* миш* оцін*"
            " однак проте хоча попри не_всі за_словами за_даними на_думку згідно стверд* заявля* джерел* посила* оплат* фінанс*"
            " замов* анонім* принаймні відпов* захищ* поясн* наголош* речни* адвокат* агент вин[аоиу]* звинувач* відповідальн*"
            " оскарж* апел* виявил*"
        ),
        (
            "не ні ніколи ніхто нічого сказа* повідом* дода* заяв* міг_би могл* має ще компанія фірма міністерство експерт* ризик*"
            " проблем*"
        ),
    ),
    "tr": (
        (
            "o onlar bu şu bunlar bunun onun onların ancak ama fakat ve veya ya_da ayrıca yine_de oysa buna_karşın buna_rağmen"
            " bununla_birlikte dolayısıyla sonra ardından öte_yandan karşılığında yanıt_olarak şartıyla yalnızca sadece aksi başka"
            " diğer* şimdilik böyle*"
        ),
        (
            "yalanla* reddet* reddedi* inkar* çürüt* itiraz* asılsız yanlış gerçek_dışı uydurma iftira* söylenti* kanıt* doğrula*"
            " doğrulan* bağımsız geri_çek* düzelt* özür* masum* suçsuz* beraat* eleştir* karşı_çık* şüphe* kuşku* uyar* temkin*"
            " belirsiz* henüz yorum* iddia* sözde"
        ),
        (
            "eğer halinde takdirde koşul* şart* bağlı olmadan önce onay* izin* karşılığ* kadar hariç dışında istisna* kapsam*"
            " dahil_değil geçerli_değil yalnızca sadece ancak en_fazla ön_ geçici şimdilik sınırlı örneklem fare* tahmin* oysa"
            " rağmen göre öne_sür* kaynak* aktar* ödedi finanse* anonim en_azından yanıt* cevap* savun* açıkla* ısrar* sözcü*"
            " avukat* menajer* suçla* sorumlu* neden* temyiz* çıktı"
        ),
        "değil yok hiç asla dedi söyle* belirt* ekle* olabilir olacak* gerek* ama şirket bakanlık uzman* risk* sorun*",
    ),
    "ro": (
        (
            "el ea ei ele acesta aceasta aceștia acestea acest această asta său sa lui lor dar și sau însă totuși deci apoi"
            " de_asemenea în_schimb dimpotrivă în_plus între_timp la_rândul întrebat* cu_condiția doar numai altfel niciun* nu_toți"
            " alții ambii deocamdată astfel"
        ),
        (
            "neag* negat dezminț* respin* conteste* contest* fals* neadevăr* nefondat* inventat* invenți* minciun* calomni* zvon*"
            " nu_există nimic_de dovez* dovad* neconfirmat* confirm* verificat* independent* retra[sg]* corect* rectific* scuz*"
            " nevinovat* achitat* critic* opoz* îndoi* sceptic* avertiz* prudenț* neclar* incert* încă_nu comentari* presupus*"
        ),
        (
            "dacă cu_condiția condiți* depind* fără trebuie_mai_întâi mai_trebuie aprob* acord* în_schimb până except* exclus*"
            " exclud* scutit* nu_includ* nu_se_aplică doar numai abia cel_mult provizori* preliminar* deocamdată până_acum limit*"
            " eșantion șoareci estim* temporar* însă totuși deși în_pofida nu_toți potrivit conform susțin* afirm* surs[ae]*"
            " cit[eaâ]* provin* plătit* finanțat* comandat* anonim* cel_puțin răspun* replic* apăr* justific* explic* insist*"
            " purtător* avocat* agent vin[aăo]* acuz* responsab* atribu* apel recurs dovedit"
        ),
        (
            "nu niciodată nimeni nimic nici spus spune declar* adăug* ar_fi ar_putea trebuie încă compania firma ministerul"
            " experți* risc* problem*"
        ),
    ),
    "hu": (
        (
            "ő ők ez az_ő ezek azok ezt azt ennek annak de és vagy tehát aztán is azonban viszont mégis ezért emellett ráadásul"
            " közben ellenben ehelyett cserébe kérdésre válaszul feltéve csak csupán kivéve különben nem_minden mások mindkett*"
            " egyelőre eddig ilyen*"
        ),
        (
            "tagad* cáfol* visszautasít* elutasít* vitat* hamis* valótlan* alaptalan* kitalál* koholmány* rágalm* pletyk*"
            " nem_létez* bizonyíték* nem_erősít* megerősít* független* ellenőriz* visszavon* helyesbít* elnézés* bocsánat* ártatlan*"
            " felment* kritik* bírál* ellenzi* ellenző* kétel* kétség* szkeptik* figyelmeztet* óvat* nem_világos bizonytalan*"
            " még_nem komment* állítólag*"
        ),
        (
            "ha amennyiben feltéve feltétel* függ* múlik nélkül előbb jóváhagy* hozzájárul* cserébe amíg kivéve kivétel*"
            " nem_tartal* nem_vonatkoz* csak csupán alig legfeljebb előzetes* ideiglenes* egyelőre eddig korlátoz* minta egere*"
            " becs* azonban viszont mégis bár noha ellenére nem_minden szerint állít* forrás* hivatkoz* származ* fizet* finanszíroz*"
            " névtelen* legalábbis válasz* reagál* véd[ei]* magyaráz* hangsúlyoz* szóvivő* ügyvéd* ügynök* hibáz* felelős*"
            " fellebbez* bizonyult"
        ),
        (
            "nem nincs ne soha senki semmi sem mondta közölt* hozzátett* lehet kell még cég vállalat minisztérium szakértő*"
            " kockázat* problém*"
        ),
    ),
    "fi": (
        (
            "hän he se ne tämä nämä tuo hänen heidän sen mutta ja tai siis sitten myös kuitenkin silti lisäksi siksi sen_sijaan"
            " päinvastoin vastineeksi kysyttäessä edellyttäen vain ainoastaan paitsi muuten kaikki_eivät toiset molemmat"
            " toistaiseksi sellai*"
        ),
        (
            "kiist* kiel[tl]* torju* hylk* vastust* väär* perätö* perätt* keksit* valhe* valeh* huhu* ei_ole_olemassa näyttö*"
            " todiste* vahvist* riippumat* tarkist* peru[iu]* oik[ao]i* pahoittel* pyysi_anteeksi syytö* vapau* kriti* arvostel*"
            " epäil* epäile* skepti* varoit* varov* epäselv* epävarm* ei_vielä komment* väite* väit*"
        ),
        (
            "jos mikäli edellyt* ehto* ehdo* riippu* ilman ensin hyväksy* suostu* vastineeksi kunnes paitsi poikke*"
            " lukuun_ottamatta ei_sisäl* ei_koske ei_päde vain ainoastaan tuskin enintään alusta* tilapä* toistaiseksi"
            " tähän_mennessä rajoit* otos* hiir* arvi[ou]* kuitenkin silti vaikka huolimatta mukaan lähte[ei]* viit[at]* peräisin"
            " maksoi rahoit* tilas* nimettö* ainakin vasta[as]* puolust* selit* korost* tiedottaj* asianaj* agent* syyt* vastuu*"
            " valit* osoittautu* itse"
        ),
        (
            "ei eivät en älä ei_koskaan kukaan mitään sanoi sanoo kerto* lisäsi voisi pitäisi pitää vielä yhtiö yritys ministeriö"
            " asiantuntij* riski* ongelm*"
        ),
    ),
    "id": (
        (
            "dia ia mereka ini itu tetapi namun dan atau akan_tetapi juga lalu kemudian selain_itu sebaliknya karena_itu"
            " sementara_itu meski_begitu sebagai_gantinya ketika_ditanya asalkan hanya kecuali jika_tidak tidak_semua yang_lain"
            " keduanya sejauh_ini demikian"
        ),
        (
            "bantah* membantah dibantah menyangkal menolak ditolak menampik palsu tidak_benar tidak_berdasar rekayasa bohong fitnah"
            " rumor kabar_burung tidak_ada_bukti bukti belum_dikonfirmasi konfirmasi* mengonfirmasi independen diverifikasi"
            " menarik_kembali mencabut ralat* maaf* tidak_bersalah dibebaskan kritik* mengkritik penentang ragu* meragukan skeptis"
            " memperingatkan peringat* hati-hati belum tidak_jelas berkomentar komentar diduga konon"
        ),
        (
            "jika kalau apabila asalkan dengan_syarat syarat* bergantung tergantung tanpa harus_dulu persetujuan menyetujui"
            " disetujui sebagai_imbalan sampai hingga kecuali pengecualian tidak_termasuk tidak_berlaku hanya cuma sementara"
            " sejauh_ini sampel tikus perkira* namun meski* walau* menurut mengklaim klaim sumber mengutip berasal dibayar didanai"
            " anonim setidaknya jawab* menjawab menanggapi tanggapan membela menjelaskan menegaskan juru_bicara pengacara agen"
            " menyalahkan tanggung_jawab banding ternyata sendiri"
        ),
        (
            "tidak tak bukan tiada kata ujar mengatakan menambahkan bisa harus masih perusahaan kementerian pakar ahli risiko"
            " masalah"
        ),
    ),
    "vi": (
        (
            "ông bà anh_ấy cô_ấy họ nó điều_này điều_đó việc_này đó đây nhưng và hoặc song tuy_nhiên tuy_vậy ngoài_ra do_đó vì_vậy"
            " sau_đó đồng_thời ngược_lại trái_lại đổi_lại đáp_lại miễn_là chỉ trừ nếu_không không_phải_ai những_người_khác cả_hai"
            " đến_nay như_vậy"
        ),
        (
            "phủ_nhận bác_bỏ bác phản_bác sai_sự_thật không_đúng không_có_căn_cứ vô_căn_cứ bịa_đặt bịa tin_đồn vu_khống bằng_chứng"
            " chưa_xác_nhận xác_nhận xác_minh kiểm_chứng độc_lập rút_lại đính_chính xin_lỗi vô_tội trắng_án chỉ_trích phản_đối"
            " nghi_ngờ hoài_nghi cảnh_báo thận_trọng chưa_rõ chưa bình_luận cáo_buộc được_cho_là"
        ),
        (
            "nếu với_điều_kiện điều_kiện tùy phụ_thuộc nếu_không phê_duyệt chấp_thuận đồng_ý đổi_lại cho_đến trừ ngoại_trừ ngoại_lệ"
            " không_bao_gồm không_áp_dụng chỉ mới_chỉ tạm_thời sơ_bộ đến_nay cho_đến_nay hạn_chế mẫu chuột ước_tính tuy_nhiên mặc_dù"
            " dù theo tuyên_bố nguồn_tin dẫn_lời trích xuất_phát chi_trả tài_trợ ẩn_danh giấu_tên ít_nhất trả_lời đáp phản_hồi"
            " bảo_vệ giải_thích nhấn_mạnh khẳng_định người_phát_ngôn luật_sư người_đại_diện đổ_lỗi trách_nhiệm kháng_cáo hóa_ra"
        ),
        "không chẳng chưa ai nói cho_biết cho_hay thêm có_thể phải vẫn công_ty bộ chuyên_gia rủi_ro vấn_đề",
    ),
    "el": (
        (
            "αυτός αυτή αυτό αυτοί αυτές αυτά του της τους αλλά και ή όμως ωστόσο επίσης έπειτα μετά επιπλέον γι'_αυτό αντίθετα"
            " αντ'_αυτού σε_αντάλλαγμα από_την_πλευρά ερωτηθ* υπό_τον_όρο μόνο εκτός διαφορετικά δεν_συμφωνούν_όλοι άλλοι"
            " προς_το_παρόν τέτοι*"
        ),
        (
            "αρνείται αρν* διαψεύδ* διέψευσ* απορρίπτ* απέρριψ* αμφισβητ* αβάσιμ* ψευδ* ψέμ* αναληθ* ανυπόστατ* φήμ* επινό*"
            " δεν_υπάρχ* αποδείξ* επιβεβαι* ανεξάρτητ* ανακαλ* διορθώ* συγγνώμη αθώ* επικρ* κριτικ* αμφιβάλλ* αμφιβολ* προειδοπ*"
            " επιφυλ* ασαφ* αβέβαι* ακόμη σχολι* φερόμεν*"
        ),
        (
            "αν εάν εφόσον όρος όρο προϋπόθεσ* εξαρτ* χωρίς έγκρισ* εγκρί* αντάλλαγμα μέχρι εκτός εξαιρ* δεν_περιλαμβ* δεν_ισχύ*"
            " μόνο μόλις προσωριν* προκαταρκτικ* περιορ* δείγμα ποντίκ* εκτίμ* εκτιμ* όμως ωστόσο αν_και παρά σύμφωνα ισχυρ*"
            " υποστηρ* πηγ* επικαλ* προέρχ* πλήρωσ* χρηματοδοτ* ανών* τουλάχιστον απάντ* απαντ* υπερασπ* εξηγ* εξήγ* τόνισ*"
            " εκπρόσωπ* δικηγόρ* ευθύν* κατηγορ* αποδίδ* έφεσ* αποδείχ*"
        ),
        (
            "δεν μη μην όχι ποτέ κανείς τίποτα είπε λέει δήλωσ* ανέφερ* πρόσθεσ* θα_μπορούσ* πρέπει εταιρεία υπουργείο ειδικοί"
            " κίνδυν* πρόβλημ*"
        ),
    ),
    "ar": (
        (
            "هو هي هم هذا هذه ذلك تلك لكن ولكن لكنه لكنها ولكنه و[اأ]وضح* و[أا]ضاف* وقال* وقد كما غير_أن إلا_أن بيد_أن ومع_ذلك"
            " مع_ذلك ثم أيضا كذلك لذلك في_المقابل بالمقابل بدوره بدورها من_جانبه من_جانبها وردا ردا بشرط فقط سوى وإلا ليس_كل وذلك"
            " وهو وهي حتى_الآن"
        ),
        (
            "نفى نفت ونفى ونفت ينفي تنفي نفي رفض* ورفض* يرفض ترفض فند* دحض* كذب* كاذب* باطل* ملفق* شائع* لا_أساس لا_صحة غير_صحيح"
            " لا_وجود لا_دليل دليل أدلة لم_يتأكد لم_يتسن تأكيد* التحقق مستقل* تراجع* سحب* صحح* تصحيح اعتذ* بريء* براءة انتقد*"
            " انتقاد* معارض* اعترض* شكك* يشك* شك* حذر* يحذر* تحفظ* غير_واضح لم_يعلق امتنع* تعليق* مزعوم* زعم*"
        ),
        (
            "إذا إن_لم شريطة بشرط شرط* يتوقف تتوقف مرهون* دون بدون موافق* الموافقة مقابل حتى باستثناء استثن* يستثنى تستثنى لا_يشمل"
            " لا_تشمل لا_ينطبق لا_تنطبق فقط لا_يتجاوز بالكاد مؤقت* أولي* حتى_الآن عينة فئران تقدير* يقدر لكن غير_أن إلا_أن رغم"
            " على_الرغم وفق* بحسب حسب مصدر* مصادر نقل* نقلا استند* تستند دفع* مول* تمويل مجهول* على_الأقل رد* ويرد أجاب* دافع* برر*"
            " أوضح* وأوضح* شرح* أكد* أصر* متحدث* محامي* المحامي وكيل* اللوم مسؤولية اتهم* عزا* تعزو استأنف* تبين*"
        ),
        "لا لم لن ليس ليست ما غير قال* أضاف* ذكر* قد يمكن يجب بعد شركة وزارة خبراء خطر مشكل*",
    ),
    "ja": (
        (
            "彼 彼女 彼ら これ それ あれ この その あの こう そう ここ そこ しかし だが ただ ただし もっとも また そして さらに なお 一方 他方 ところが とはいえ それでも だから したがって そのため つまり 例えば 同氏"
            " 同社 同省 同市 同局 同 両者 いずれも 以後 その後 それに これに"
        ),
        (
            "否定 否認 反論 反発 反対 異議 異論 拒否 拒絶 退け 一蹴 一笑 事実無根 事実では 事実と異 誤り 誤報 虚偽 嘘 うそ でたらめ 捏造 作り話 噂 うわさ 根拠 証拠 存在しない 存在せず 見つからな 見つかっていな"
            " 認められな 認めていな ではない ではなく じゃない とは限ら 確認 検証 未確認 撤回 訂正 修正 謝罪 陳謝 無実 無罪 潔白 批判 疑問 疑い 疑う 懐疑 疑念 警告 警鐘 注意 慎重 懸念 不明 未定 分からない わからない"
            " まだ いまだ コメント 主張 とされる とみられ"
        ),
        (
            "条件 限り 場合 次第 前提 なければ なら、 ならば れば たら 必要 承認 認可 許可 同意 可決 引き換え 代わりに 見返り 白紙 除く 除き 除外 例外 対象外 含まれ 含まない 含めず 適用され だけ のみ しか に過ぎ"
            " にすぎ とどまる に満た にも満 暫定 速報 今のところ 現時点 これまで 一時的 限定 制限 標本 マウス 推計 推定 誤差 しかし ただし もっとも だが ところが とはいえ ものの にもかかわらず けれど によると によれば"
            " による。 によるもの と称 自称 情報筋 関係者 匿名 報じ 伝え 引用 出典 依頼 出資 資金 負担 費用 少なくとも 回答 答え 応じ 弁明 釈明 弁護 弁護士 擁護 説明 強調 反駁 広報 報道官 代理人 せい 責任 原因 理由"
            " 非難 批難 控訴 上告 抗議 述べ 話した 語った"
        ),
        "ない なかった ません ず、 せず という としている と言 と話 としつつ が、 可能性 恐れ おそれ 課題 問題 専門家 会社 企業",
    ),
    "zh": (
        (
            "他 她 它 他们 她们 它们 他們 她們 这 這 那 该 該 此 其 但 但是 然而 不过 不過 可是 而 而且 并且 並且 此外 另外 同时 同時 因此 所以 于是 於是 随后 隨後 之后 后来 後來 相反 反之 作为回应 作為回應"
            " 对此 對此 否则 否則 只有 除非 前提 两者 兩者 其中 目前"
        ),
        (
            "否认 否認 反驳 反駁 驳斥 駁斥 驳回 駁回 拒绝 拒絕 反对 反對 质疑 質疑 不实 不實 虚假 虛假 谎言 謊言 捏造 编造 編造 谣言 謠言 诽谤 誹謗 毫无根据 毫無根據 没有根据 沒有根據 无稽 無稽 不属实 不屬實 并非"
            " 並非 不存在 没有证据 沒有證據 证据 證據 未经证实 未經證實 证实 證實 核实 核實 独立 獨立 撤回 收回 更正 道歉 致歉 无罪 無罪 清白 批评 批評 怀疑 懷疑 疑问 疑問 警告 提醒 谨慎 謹慎 不清楚 不明 尚未 还未"
            " 還未 仍需 尚需 置评 置評 评论 評論 据称 據稱 涉嫌"
        ),
        (
            "如果 若 只要 只有 除非 前提 条件 條件 取决于 取決於 视乎 須 批准 同意 通过后 通過後 作为交换 作為交換 直到 除外 例外 不包括 不含 未计入 未計入 不适用 不適用 排除 仅 僅 只是 最多 不到 初步 暂时 暫時"
            " 临时 臨時 迄今 目前 至今 限制 样本 樣本 小鼠 估计 估計 误差 誤差 但 然而 不过 不過 尽管 儘管 虽然 雖然 却 卻 并不是 并不 並不 据 據 根据 根據 声称 聲稱 宣称 宣稱 消息人士 匿名 援引 引述 来自 來自"
            " 资助 資助 出资 出資 付费 委托 委託 至少 回应 回應 回答 答复 答覆 辩称 辯稱 辩护 辯護 解释 解釋 强调 強調 坚称 堅稱 发言人 發言人 律师 律師 经纪人 經紀人 归咎 歸咎 责任 責任 原因 指责 指責 上诉 上訴"
        ),
        "不 没 沒 未 无 無 非 说 說 表示 称 稱 可能 必须 必須 仍 问题 問題 风险 風險 专家 專家 公司",
    ),
    "ko": (
        "그는 그녀는 그들은 그것은 이는 이것은 이에 이를 그 이 하지만 그러나 그런데 다만 단 또 또한 그리고 따라서 그래서 한편 반면 대신 이어 이후 그럼에도 같은 해당 양측 당시",
        (
            "부인 부정 반박 반발 반대 거부 일축 거짓 허위 사실무근 사실이_아니 근거_없 조작 날조 소문 루머 증거 존재하지 확인되지 확인된 검증 독립 철회 정정 사과 무죄 무고 결백 비판 의문 의심 회의적 경고 주의 신중"
            " 우려 불분명 불확실 아직 논평 답변 주장 의혹 혐의"
        ),
        (
            "만약 경우 조건 전제 달려 하려면 해야 없으면 없이는 승인 동의 허가 통과 대가로 때까지 제외 예외 포함되지 포함하지 적용되지 만_ 뿐 불과 그쳐 잠정 임시 지금까지 현재까지 한정 제한 표본 생쥐 쥐를 추정 오차"
            " 그러나 하지만 다만 불구 따르면 의하면 라고_주장 소식통 관계자 익명 인용 출처 의뢰 지원 비용 적어도 대답 답했 해명 변호 변호사 옹호 설명 강조 반론 대변인 대리인 탓 책임 원인 비난 항소 상고 밝혔"
        ),
        "않 못 없 아니 말했 전했 했다고 수_있 가능성 문제 위험 전문가 회사",
    ),
}
#: Languages that are written like another of the table.
_LIKE = {"nb": "da", "nn": "da", "no": "da", "sk": "cs", "ca": "es", "gl": "pt", "be": "ru", "bg": "ru", "sr": "ru", "ms": "id"}
_UNSPACED = frozenset({"ja", "zh", "ko"})  #: words are found inside others: no spaces, or endings of all kinds
_QUOTES = r"[\"'“”«»„‚‘’「『（(–—-]*\s*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cues:
    """The words of one language, or of all."""

    opening: re.Pattern[str]
    denying: re.Pattern[str]
    bounding: re.Pattern[str]
    guarding: re.Pattern[str]


def cues_of(text: str, language: str = "") -> Cues:
    """The words to search a text with: those of its language (BCP 47), which is told from the text where it is not given."""
    code = (language or language_of(text)).partition("-")[0].lower()
    return _compiled(_LIKE.get(code, code) if _LIKE.get(code, code) in _TABLE else "")


@lru_cache(maxsize=64)
def _compiled(code: str) -> Cues:
    """The patterns of a language; of all where the code is empty."""
    codes = [code] if code else list(_TABLE)
    parts = ("|".join(_words(_TABLE[c][i], spaced=c not in _UNSPACED) for c in codes) for i in range(4))
    opening, denying, bounding, guarding = parts
    return Cues(
        opening=re.compile(f"{_QUOTES}(?:{opening})", re.IGNORECASE),
        denying=re.compile(denying, re.IGNORECASE),
        bounding=re.compile(bounding, re.IGNORECASE),
        guarding=re.compile(guarding, re.IGNORECASE),
    )


def _words(words: str, *, spaced: bool) -> str:
    """One pattern of a list of words."""
    found = words.replace("_", r"\s+" if spaced else r"\s?").replace("*", r"\w*" if spaced else "").split()
    return rf"(?<!\w)(?:{'|'.join(found)})(?!\w)" if spaced else "|".join(found)
