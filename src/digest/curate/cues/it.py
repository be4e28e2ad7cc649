"""Italian."""

from digest.curate.cues.words import Words

WORDS = Words(
    opening="""
        lui lei loro egli essa essi esse ciò questo questa questi queste quello quella quelli quelle suo sua suoi sue
        il_suo la_sua i_suoi le_sue ma e o però quindi poi allora anche inoltre tuttavia invece eppure così dunque perciò
        infatti nonostante al_contrario in_cambio in_risposta da_parte_sua interpellat* a_patto a_condizione purché solo
        soltanto salvo tranne altrimenti tale tali un_simile una_simile nessun* non_tutt* altri altre quest'ultim*
        l'interessat* entrambi nel_frattempo intanto per_ora finora sempre_che tutto_dipende secondo_lui secondo_lei dopo
        infine
    """,
    denying="""
        neg[aò] negano nega* smenti* respin[gt]* rigett* confut* contest* fals[oaie] infondat* inesatt* menzogn* bugi*
        invenzion* inventat* calunni* voc[ie]_di dicer* contradd* contrario non_esiste nulla_del_genere niente_del_genere
        senza_prove nessuna_prova prove non_confermat* confermat* conferma* verific* indipendent* ritratt* ritir[aò]*
        corregg* corrett* rettific* scus* innocen* assol* scagion* critic* oppo[sn]* avversar* dubbi* dubit* scettic*
        avvert* ammon* cautela incert* non_è_chiaro non_ancora resta_da non_ha_voluto comment* portavoce
    """,
    bounding="""
        se sempre_che a_patto purché condizion* a_condizione subordinat* dipend* senza manca deve_ancora devono_ancora
        prima_deve approv* via_libera autorizz* in_cambio contropartita finché fino_a salvo tranne eccett* eccezion*
        esclus* esent* non_compres* non_inclus* non_rientr* non_riguarda* non_vale limit* solo soltanto solamente appena
        a_malapena al_massimo provvisor* preliminar* per_ora finora al_momento campione topi stim[aei]* temporane* tuttavia
        però benché sebbene nonostante malgrado invece non_tutt* secondo stando_a sostien* sostengon* afferm* asseri*
        font[ei] cit[aòa]* citando anonim* cifra_è provien* si_basa pagat* finanziat* commission* almeno rispo[sn]* replic*
        ribatt* difen[ds]* giustific* spieg* insist* ribad* avvocat* legal[ei] agente procuratore interpellat* colpa
        attribui* responsab* addebit* parla_di parlato_di accus* denunc* ricors* appello risult* presunt* vota votano
        voter* votazione decid* decision* nulla_a_che_fare il_numero la_cifra le_cifre scade scadono termina scadenza
        contattat* raggiunt*
    """,
    guarding="""
        non mai nessun* niente nulla né neppure ha_detto dice dicono dichiar* aggiun* sarebbe* avrebbe* potrebbe* dovrebbe*
        deve ancora rischio problem* piuttosto ma azienda società ministero esperti
    """,
)
