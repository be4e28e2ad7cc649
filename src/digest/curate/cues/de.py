"""German."""

from digest.curate.cues.words import Words

WORDS = Words(
    opening="""
        er sie es ihr ihre? ihre[rnms] sein seine[rnms]? ihm ihn ihnen dies diese[rsnm]? jene[rsnm]? das_sei das_ist
        das_war das_sagt das_stimm* das_gilt das_hat das_hatte das_geht das_bestreit* das_wies das_weist da dabei dafür
        dagegen damit danach dann daran darauf daraus darin darüber darum davon davor dazu dadurch demnach deshalb deswegen
        daher doch aber und oder denn sondern auch allerdings jedoch trotzdem dennoch gleichwohl indes indessen zudem
        außerdem ferner ebenso hingegen stattdessen vielmehr zwar so solche[rsnm]? ein_solche[rsnm]? eine_solche nur
        wer_das beide[rsn]? andere letzter* erster* ersterer im_gegenzug auf_anfrage auf_nachfrage im_gegenteil nicht_alle
        ohne_dies wiederum inzwischen unterdessen später hierzu hierbei dort vorausgesetzt sofern falls ausgenommen einzig
        zweitens drittens schließlich nichts_davon keine[rs]? dessen deren bedingung
    """,
    denying="""
        bestreite* bestritt* weist weisen wies wiesen zurückgewiesen zurück dementier* dementi leugne* widerspr* widerleg*
        falsch unwahr unzutreffend haltlos unbegründet erfunden erfindung märchen unsinn verleumd* gerücht* lüge*
        stimmt_nicht trifft_nicht keine_belege keinen_beleg nicht_belegt unbestätigt nicht_bestätigt bestätig* überprüf*
        unabhängig widerruf* zurückgenommen zurückgezogen berichtig* korrigier* entschuldig* unschuld* freigesproch*
        freispruch ergaben_nichts nichts_dergleichen kein_solche[rs]? dergleichen kritik* gegner zweifel* bezweifel*
        skepti* widerstand warn* mahn* vorsicht* unklar offen_ist ungewiss noch_nicht wollte_sich_nicht äußer*
        stellungnahme sprecher*
    """,
    bounding="""
        wenn falls sofern soweit vorausgesetzt voraussetzung* bedingung* bedingt unter_der nur_wenn ohne abhäng* hängt
        steht_und_fällt vorbehalt* zustimm* genehmig* bewillig* muss_noch müssen_noch im_gegenzug gegenleistung bis_dahin
        sonst andernfalls es_sei_denn ausnahm* ausgenommen ausgeschlossen enthalten mitgezählt eingerechnet berücksichtigt
        gilt_nicht gelten_nicht nur lediglich bloß kaum höchstens bislang bisher vorläufig zunächst vorerst einschränk*
        begrenz* befristet stichprobe fehlerquote geschätzt schätzung* mäuse* allerdings jedoch dennoch trotzdem gleichwohl
        obwohl obgleich dagegen hingegen nicht_alle nicht_jede* teilweise laut zufolge nach_angaben angaben behaupt*
        stamm(?:t|en) beruf(?:t|en) beruht beruhen zitier* quelle* bezahlt finanzier* auftrag beauftragt anonym*
        nach_eigene* jedenfalls antworte* erwider* entgegn* konter* verteidig* rechtfertig* erklär* begründ* beteuer*
        versicher* beharr* betont* anwalt anwälte anwältin* berater* schuld schiebt schieben verantwortlich anfrage
        nachfrage äußerte erläuter* hält_dagegen halten_dagegen hielt vorwurf vorwürfe* selbst einspruch berufung klag*
        beschwer* angeblich mutmaßlich vermeintlich stimmt stimmen abstimm* ob entscheid* zeigt_sich nichts_zu_tun
        wird_sich_zeigen die_zahl die_zahlen diese_zahl endet enden gilt_bis läuft_aus laufen_aus frist
        erreicht erreichbar kontaktiert nannten?_(?:es|sie|ihn|das) nennt_(?:es|sie|ihn|das)
    """,
    guarding="""
        nicht kein* nie niemand* nichts nein weder sagte? sagten teilte_mit hieß heißt sei habe hätte* könnte* würde*
        müsste* soll sollen muss müssen aber doch sondern erst noch zudem statt während haus unternehmen behörde
        ministerium experten fachleute risiko problem*
    """,
)
