"""English."""

from digest.curate.cues.words import Words

WORDS = Words(
    opening="""
        he she they it his her hers their theirs its him them himself herself that this these those such there but and or
        nor so yet then also however instead still meanwhile moreover therefore thus hence both another neither either even
        only others some_of the_latter the_former the_same nevertheless nonetheless conversely likewise similarly besides
        furthermore additionally accordingly consequently afterwards afterward later at_the_same_time on_the_other_hand
        in_contrast by_contrast in_response in_reply in_return in_turn in_exchange as_a_result for_example for_instance
        in_fact in_addition until_then otherwise unless provided providing for_now so_far for_his_part for_her_part
        for_its_part for_their_part asked not_all not_everyone not_every no_such none_of nothing much_of most_of part_of
        half_of one_of all_of either_way second secondly third thirdly finally because which who if_so if_not if_he if_she
        if_they if_it what_is_more that_is what_he what_she what_they here too
    """,
    denying="""
        den[yi]* reject* refut* disput* contest contests contested contradict* dismiss* deni* baseless unfounded groundless
        untrue not_true false falsely incorrect* inaccura* no_evidence no_proof no_sign without_evidence unproven
        unconfirmed unverified not_confirmed not_been_confirmed could_not_be cannot_be_verified independently retract*
        withdr[ae]w* withdrew takes_back took_back correction corrected apolog* not_guilty innocen* acquit* cleared_of
        overturn* invent* fabricat* nonsense negative rumou?r* hoax myth object objects objected opponents? critics
        sceptic* skeptic* doubt* disagree* warn* caution* caveat* no_comment declined_to refused_to_comment did_not_respond
        not_responded unclear not_clear yet_to not_yet remains_to_be_seen spokes*
    """,
    bounding="""
        if unless provided_that provid(?:ed|ing) condition* as_long_as so_long_as subject_to depend* hinges?
        stands_or_falls stand_or_fall string string_attached strings_attached first_have_to must_first pending until
        approv* in_return in_exchange assuming in_principle except* exempt* exclud* apart_from not_includ* left_out
        not_count* not_cover* not_appl* only limited limit limits restrict* at_most at_best preliminary provisional so_far
        not_all not_every* sample margin_of_error in_mice estimat* uncertain* too_early temporar* for_now
        for_the_time_being exceptions? however nevertheless nonetheless although though despite in_spite otherwise
        on_the_other_hand merely barely hardly scarcely turned_out according_to claim claims claimed claimant citing cites
        cited sources? reported_by based_on come_from comes_from came_from rest_on rests_on anonym* unnamed paid_for funded
        financed sponsor* commissioned own_figures so_says? so_say himself herself themselves repl(?:y|ies|ied) respon[ds]*
        answer* counter* rebut* defend* justif* explain* explan* insist* maintain* hit_back afterwards lawyers? solicitors?
        attorneys? agents? blam* the_reason asked_about comment commented account_is allegedly reportedly apparently
        seemingly not_so afterwards_by holds? held_against against_this laugh* criticis* criticiz* complain* appeal* lie
        lies question(?:ed|s)? alleged* allegation* supposed* purported* vote vot(?:es|ing) whether decid* decision_on
        it_remains will_be_known will_show nothing_to_do the_number that_number this_number the_figures? these_figures
        run_out runs_out ends_on expires? deadline
        reached_by reached_on reached_at reached_for contacted call(?:s|ed)_(?:it|them|him|her|this|that)
    """,
    guarding="""
        not no never none nothing nobody neither nor n't said says say told tells added without cannot just but still while
        instead whether may might could would must should risk* problem* catch drawback* however rather company firm
        ministry experts?
    """,
)
