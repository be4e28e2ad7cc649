"""Polish."""

from digest.curate.cues.words import Words

WORDS = Words(
    opening="""
        on ona ono oni one jego jej ich jemu to ten ta te ci tamten taki taka takie ale a i lub więc zatem potem też także
        również jednak jednakże natomiast zaś mimo_to ponadto poza_tym dlatego tymczasem przeciwnie w_zamian w_odpowiedzi
        zapytan* pytan[yai] pod_warunkiem o_ile tylko jedynie oprócz inaczej żaden żadn* nie_wszys* nic_z inni inne obaj
        obie na_razie dotąd dotychczas tak_przynajmniej tak_twier* wszystko_zależy podobn* wtedy wówczas tam
    """,
    denying="""
        zaprzecz* dement* zdement* odrzuc* odpier* podważ* kwestion* nieprawd* fałsz* bezpodstawn* bezzasadn* nieścisł*
        zmyśl* wymysł* kłam* oszczer* plotk* pogłosk* przecz* sprzeciw* nie_istnieje niczego_takiego nic_takiego nie_wykaz*
        nie_znale* brak_dowod* dowod* niepotwierdz* potwierdz* zweryfik* niezależn* odwoł* wycof* sprostow* popraw*
        przepros* przeprasza* niewinn* uniewinni* oczyszcz* kryty* przeciwni* wątpliw* wątpi* scepty* ostrzeg* ostroż*
        zastrzeg* niejasn* niepewn* jeszcze_nie nie_wiadomo okaże_się komentar* komentow* rzekom* domniem* rzeczni*
    """,
    bounding="""
        jeśli jeżeli o_ile chyba_że pod_warunkiem warun* zależy zależ* uzależni* bez musi_jeszcze muszą_jeszcze najpierw
        zgod[ayęy]* zatwierdz* w_zamian dopóki dopiero aż oprócz wyjąt* wyłącz* zwolni* nie_wlicz* nie_uwzględn* nie_obejm*
        nie_dotycz* tylko jedynie wyłącznie ledwie zaledwie najwyżej wstępn* tymczasow* na_razie dotąd dotychczas jak_dotąd
        ogranicz* próba próbie myszach szacun* szacuj* jednak jednakże natomiast choć chociaż mimo pomimo nie_wszys* według
        zdaniem twierd* utrzym* źródł* cytuj* powołuj* pochodz* podał* podal* zapłaci* opłaci* sfinansow* zleci* anonim*
        przynajmniej odpowied* odpowiad* ripost* broni* tłumacz* wyjaśni* zapewnia* podkreśl* adwokat* prawni* agent
        menedżer zapytan* winn[aeiy] win[aęiy] obwini* odpowiedzial* zarzut* zarzuc* oskarż* mówił_o mówi_o nazywa apel*
        okazał* sam sama głosuj* zagłosuj* głosow* czy zdecyd* decyz* nic_wspólnego liczbę liczby te_dane kończy_się wygasa
        termin
        skontaktow*
    """,
    guarding="""
        nie nigdy nikt nic żaden ani powiedzia* mówi* poda[łl]* doda[łl]* miałby miałaby mógłby mogłaby musi muszą jeszcze
        lecz zamiast firma spółka ministerstwo eksperci biegli ryzyk* problem*
    """,
)
