"""Danish and Norwegian."""

from digest.curate.cues.words import Words

WORDS = Words(
    opening="""
        han hun de det den disse denne dette hans hendes deres sin men og eller så da også dog alligevel derimod desuden
        derfor siden samtidig i_stedet tværtimod til_gengjeld til_gengæld adspurt forudsatt forudsat bare kun unntatt
        undtagen ellers sådan* slik* ingen ikke_alle andre begge hittil foreløbig likevel imidlertid
    """,
    denying="""
        benægte* nægte* nekte* benekte* afvis* avvis* dementer* bestrid* modsig* falsk* usand* forkert* uriktig* grundløs*
        opdigt* oppdikt* løgn* rygte* rykte* ingen_bevis* bevis* ubekræft* ubekreft* bekræft* bekreft* uafhængig*
        uavhengig* træk*_tilbage trekker_tilbake ret(?:te|tede) undskyld* beklag* uskyldig* frifund* frifunn* kritik*
        kritis* modstander* motstander* tvivl* tvil* skepti* advar* forsigtig* forsiktig* uklar* usikker* endnu_ikke
        ennå_ikke ikke_kommentere komment* påstå* påstand* talsmand talsperson
    """,
    bounding="""
        hvis dersom medmindre med_mindre forudsat* forutsatt betingelse* vilkår* afhæng* avheng* kommer_an uden uten
        skal_først må_først godkend* godkjen* til_gengæld til_gjengjeld indtil undtag* unntak* unntatt ikke_medregn*
        gælder_ikke gjelder_ikke kun bare højst knap foreløbig* hittil begræns* begrens* stikprøve mus skøn* anslå*
        midlertidig* dog derimod imidlertid trods selv_om ikke_alle ifølge hævd* hevd* kilde* citer* siter* stammer betalt
        finansier* bestilt anonym* i_det_mindste svar* forsvar* forklar* insister* talsmand* talsperson* advokat* agent
        skyld* ansvar* anke* appell* viste_sig selv stemmer afgør* avgjør* beslut* intet_at_gøre tallet tallene udløber
        utløper ophører
    """,
    guarding="""
        ikke aldrig aldri ingen intet sagde siger sa sier skulle ville kan_ikke må skal endnu men selskabet selskapet
        eksperter risiko problem*
    """,
)
