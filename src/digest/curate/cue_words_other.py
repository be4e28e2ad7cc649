"""
The words of `cues` for all other languages: of each language those that open, deny, bound and guard.
"""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str, str, str]] = {
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
