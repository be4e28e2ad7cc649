"""Finnish."""

from digest.curate.cues.words import Words

WORDS = Words(
    opening="""
        hän he se ne tämä nämä tuo hänen heidän sen mutta ja tai siis sitten myös kuitenkin silti lisäksi siksi sen_sijaan
        päinvastoin vastineeksi kysyttäessä edellyttäen vain ainoastaan paitsi muuten kaikki_eivät toiset molemmat
        toistaiseksi sellai*
    """,
    denying="""
        kiist* kiel[tl]* torju* hylk* vastust* väär* perätö* perätt* keksit* valhe* valeh* huhu* ei_ole_olemassa näyttö*
        todiste* vahvist* riippumat* tarkist* peru[iu]* oik[ao]i* pahoittel* pyysi_anteeksi syytö* vapau* kriti* arvostel*
        epäil* epäile* skepti* varoit* varov* epäselv* epävarm* ei_vielä komment* väite* väit* tiedottaj*
    """,
    bounding="""
        jos mikäli edellyt* ehto* ehdo* riippu* ilman ensin hyväksy* suostu* vastineeksi kunnes paitsi poikke*
        lukuun_ottamatta ei_sisäl* ei_koske ei_päde vain ainoastaan tuskin enintään alusta* tilapä* toistaiseksi
        tähän_mennessä rajoit* otos* hiir* arvi[ou]* kuitenkin silti vaikka huolimatta mukaan lähte[ei]* viit[at]* peräisin
        maksoi rahoit* tilas* nimettö* ainakin vasta[as]* puolust* selit* korost* asianaj* agent* syyt* vastuu* valit*
        osoittautu* itse äänest* päätt* päätö* mitään_tekemistä luku luvut päättyy määräai*
    """,
    guarding="""
        ei eivät en älä ei_koskaan kukaan mitään sanoi sanoo kerto* lisäsi voisi pitäisi pitää vielä yhtiö yritys
        ministeriö asiantuntij* riski* ongelm*
    """,
)
