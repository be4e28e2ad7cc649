"""
The words of `cues` for the Germanic and Romance languages and Finnish: of each language those that open, deny, bound and guard.
"""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str, str, str]] = {
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
}
