"""Spanish."""

from digest.curate.cues.words import Words

WORDS = Words(
    opening="""
        él ella ellos ellas ello esto eso este esta estos estas ese esa esos esas aquel* su sus suyo pero y o pues así
        entonces luego además también sin_embargo no_obstante aunque sino mientras_tanto por_eso por_ello por_tanto
        por_lo_tanto en_cambio al_contrario por_el_contrario a_cambio en_respuesta por_su_parte preguntad[oa]*
        consultad[oa]* siempre_que siempre_y si_es solo sólo salvo excepto de_lo_contrario tal_* dich[oa]s? mism[oa]s?
        ambos ambas otros otras algunos algunas entre_ellos el_aludido la_aludida l[oa]s_aludid[oa]s est[ea]_últim[oa]
        no_tod[oa]s ningun[oa] nada_de para_l[oa]s? todo_depende de_momento por_ahora hasta_entonces después segundo
        tercero finalmente al_final allí ahí
    """,
    denying="""
        nieg[ao]* negó negaron negar negado desm[ie]* desmintió rechaz* refut* disput* impugn* fals[oa]s? falsedad mentira*
        infundad* sin_fundamento fundamento inexact* invent* invención calumni* rumor* contradi* contrario no_existe*
        nada_parecido no_hall* no_encontr* sin_prueba* prueba* no_confirm* confirm* contrastad* verific* independiente*
        retract* retir[aó]* correg* corrigi* rectific* disculp* inocen* absuel* absolv* exculp* crític* critic* opon* opuso
        opositor* dud[ao]* dudan escéptic* advert* adviert* alert* cautela incógnita incert* no_está_claro se_desconoce
        todavía_no aún_no está_por_ver no_quiso declin* coment* portavoz
    """,
    bounding="""
        si siempre_que siempre_y condición condicion* a_condición en_caso_de sujet[oa]* depende* pendiente* sin falta falte
        visto_bueno aprueb* aprobación autoriz* tiene_que tienen_que debe_antes antes_debe primero a_cambio contrapartida
        hasta salvo excepto excep* exclu* exent* fuera_de queda_fuera quedan_fuera no_inclu* incluid* no_afect*
        no_se_aplic* limit* restring* solo sólo solamente únicamente apenas como_mucho provisional* preliminar* de_momento
        por_ahora por_el_momento hasta_ahora hasta_el_momento muestra ratones estim[aó]* estimación* temporal* sin_embargo
        no_obstante aunque pese_a a_pesar en_cambio no_tod[oa]s según afirm[aó]* asegur[aó]* sosti* sostuv* alega* fuente*
        cita citan citando anónim* cifra_es cifras_son procede* proviene* se_basa* pag[óa] pagad* pagaron financ*
        encarg[óa]* al_menos por_lo_menos publicó respond* contest* replic* rebat* defen* defiend* justific* explic[óa]*
        insist* mantuv* mantien* portavoz* abogad[oa]* representante agente entorno preguntad* culpa* atribuy* achac*
        responsab* reproch* habló_de habla_de califica* tacha acus* denunci* recurr* apela* resultó él_mismo ella_misma
        supuest* presunt* vota votan votar* votación decid* decisión ninguna_relación relación la_cifra las_cifras
        esa_cifra este_número termina vence caduca plazo
        contactad* localizad*
    """,
    guarding="""
        no nunca jamás nadie nada ningun* ni tampoco dijo dice dijeron dicen declar* añad* señal* pero sino sería serían
        habría habrían podría podrían debe deben debería todavía aún riesgo* problema* más_bien empresa entidad compañía
        ministerio expertos biólogos
    """,
)
