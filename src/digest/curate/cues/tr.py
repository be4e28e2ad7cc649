"""Turkish."""

from digest.curate.cues.words import Words

WORDS = Words(
    opening="""
        o onlar bu şu bunlar bunun onun onların ancak ama fakat ve veya ya_da ayrıca yine_de oysa buna_karşın buna_rağmen
        bununla_birlikte dolayısıyla sonra ardından öte_yandan karşılığında yanıt_olarak şartıyla yalnızca sadece aksi
        başka diğer* şimdilik böyle*
    """,
    denying="""
        yalanla* reddet* reddedi* inkar* çürüt* itiraz* asılsız yanlış gerçek_dışı uydurma iftira* söylenti* kanıt*
        doğrula* doğrulan* bağımsız geri_çek* düzelt* özür* masum* suçsuz* beraat* eleştir* karşı_çık* şüphe* kuşku* uyar*
        temkin* belirsiz* henüz yorum* iddia* sözde sözcü*
    """,
    bounding="""
        eğer halinde takdirde koşul* şart* bağlı olmadan önce onay* izin* karşılığ* kadar hariç dışında istisna* kapsam*
        dahil_değil geçerli_değil yalnızca sadece ancak en_fazla ön_ geçici şimdilik sınırlı örneklem fare* tahmin* oysa
        rağmen göre öne_sür* kaynak* aktar* ödedi finanse* anonim en_azından yanıt* cevap* savun* açıkla* ısrar* avukat*
        menajer* suçla* sorumlu* neden* temyiz* çıktı oyla* karar* ilgisi bu_rakam bu_sayı rakam* sona_er* süre*
    """,
    guarding="""
        değil yok hiç asla dedi söyle* belirt* ekle* olabilir olacak* gerek* ama şirket bakanlık uzman* risk* sorun*
    """,
)
