"""Portuguese."""

from digest.curate.cues.words import Words

WORDS = Words(
    opening="""
        ele ela eles elas isso isto este esta estes estas esse essa esses essas aquele* aquela* seu sua seus suas mas e ou
        porém então depois também além_disso no_entanto contudo todavia entretanto assim portanto por_isso pelo_contrário
        em_contrapartida em_troca em_resposta por_sua_vez questionad* procurad* desde_que só somente apenas exceto salvo
        caso_contrário tal tais nenhum* nem_todos outros outras ambos enquanto_isso por_enquanto até_agora tudo_depende
        finalmente
    """,
    denying="""
        nega* negou negaram desment* rejeit* refut* contest* repudi* fals[oa]s? infundad* inexat* mentira* invent* invenção
        calúni* boato* rumor* contradi* contrário não_existe nada_disso sem_provas? provas? não_confirm* confirm* verific*
        independente* retrat* retir[aoe]* corrig* retific* desculp* inocen* absolv* crític* critic* opo[sn]* adversári*
        dúvida* duvid* cétic* advert* alert* cautela incert* não_está_claro ainda_não resta_saber não_quis coment*
        porta-voz*
    """,
    bounding="""
        se caso desde_que contanto condiç* condicion* sujeit* depend* sem falta ainda_precisa* ainda_tem primeiro_tem
        aprov* aval autoriz* em_troca contrapartida até exceto salvo exceç* exclu* isent* fora_d* não_inclu* não_abrang*
        não_se_aplica* limit* restri* só somente apenas mal no_máximo provisóri* preliminar* por_enquanto até_agora por_ora
        amostra ratos camundongos estim[aá]* temporári* no_entanto contudo porém todavia entretanto embora apesar_de
        nem_tod* segundo de_acordo_com conforme afirm* alega* sustent* fontes? cit[aou]* citando anônim* anónim* número_é
        prov[ée]m baseia* pag[ao]* pagou financi* encomend* pelo_menos respond* rebat* repli* defend* justific* explic*
        insist* mant[eé]* advogad* agente empresário questionad* culpa* atribu* responsab* fala_em falou_em acus* denunci*
        recorr* apela* revelou-se suposto* suposta* alegad* vota votam votar* votação decid* decisão nada_a_ver o_número
        os_números a_cifra termina expira vence prazo
        contatad* contactad*
    """,
    guarding="""
        não nunca ninguém nada nenhum* nem disse diz disseram dizem declar* acrescent* seria* teria* poderia* deve devem
        deveria ainda risco problema* mas empresa ministério especialistas
    """,
)
