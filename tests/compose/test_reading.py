"""What a reader sees: where a story leads, what the opening names, which picture stands where, what may be passed on."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from digest.compose.lines import derived, short
from digest.compose.merge import body, merge, own_slots, subject, web_view
from digest.compose.pictures import shapes
from digest.compose.plan import arrange
from digest.compose.text import columns
from digest.languages import shipped
from digest.model.article import ImageInfo
from digest.model.issue import Pick
from digest.model.rendition import Rendition
from tests.compose import stories
from tests.compose.making import facts, picks, rendition

PICTURE = "https://pictures.example.com/1.jpg"


def lines(made: Rendition, count: int, **changes: object) -> dict[str, str]:
    mail = facts(count, **changes)
    return dict(derived(made, arrange(made, mail.picks, own_slots(mail))))


def sections(count: int, **changes: object) -> list[Pick]:
    """A top story and the lead of each of so many sections."""
    made = picks(count + 1, **changes)
    return [replace(pick, section=f"Part {i}") for i, pick in enumerate(made)]


def pictured(made: list[Pick]) -> list[Pick]:
    """Each with a picture of its own."""
    return [replace(pick, image=f"https://pictures.example.com/{i}.jpg") for i, pick in enumerate(made)]


# --- where a story leads ---------------------------------------------------------------------


@pytest.mark.parametrize("language", shipped())
def test_a_story_that_leads_somewhere_says_so_and_points_the_way_of_the_language(language: str) -> None:
    html = body(rendition(picks(3), language=language), facts(3), "html")

    tree = lxml_html.fromstring(html)
    found = [a for a in tree.xpath("//a[@href='https://news.example.com/2?a=1&b=2']") if "Headline" not in a.text_content()]
    [link] = found
    assert "Harbour Wire" in link.text_content()
    assert link.text_content().endswith("←" if language == "ar" else "→")
    assert "underline" in link.get("style")
    assert (language == "en") == (link.text_content() == "Read at Harbour Wire\u00a0→")


@pytest.mark.parametrize("template", ["digest", "weekly", "breaking", "minimal"])
def test_a_story_without_an_address_has_no_link_and_never_looks_like_one(template: str) -> None:
    html = body(rendition(picks(9, url="", complete=True, also=()), template=template), facts(9), "html")

    tree = lxml_html.fromstring(html)
    links = facts(9).links
    assert [a.get("href") for a in tree.iter("a")] == [links.view, links.preferences, links.unsubscribe]
    assert "printed here in full" in html


def test_a_text_that_is_not_whole_does_not_say_that_it_is() -> None:
    html = body(rendition(picks(9, url="")), facts(9), "html")

    assert "in full" not in html


def test_a_page_of_ours_is_not_said_to_be_the_publishers() -> None:
    html = body(rendition(picks(2, url="https://ledger.example.org/stories/7")), facts(2), "html")

    assert "Read at" not in html
    assert html.count("Read the whole text") == 2


def test_a_complete_story_is_complete_as_a_brief_too() -> None:
    made = rendition(picks(9, url="", complete=True, summary="The library lends its reading room by the hour."))

    for kind in ("html", "plain"):
        assert " ".join(body(made, facts(9), kind).split()).count("The library lends its reading room by the hour.") == 9


@given(bits=st.integers(1, 2**12 - 1).map(lambda bits: (bits << 4).to_bytes(2, "big")))
def test_references_are_numbered_without_gaps_and_each_is_given(bits: bytes) -> None:
    text = body(TWELVE, facts(12, picks=bits), "plain")

    told = [int(number) for number in re.findall(r"\[(\d+)\](?! http)", text)]
    listed = [int(number) for number in re.findall(r"^\[(\d+)\] https", text, re.MULTILINE)]
    assert told == listed == list(range(1, len(told) + 1))
    assert max(columns(line) for line in text.split("\n") if "http" not in line) <= 72


TWELVE = rendition(picks(12))


# --- opening, subject, preheader -------------------------------------------------------------


@pytest.mark.parametrize(
    ("headline", "named"),
    [
        ("Moss survives nine months on a weather balloon", "Moss survives nine months on a weather balloon"),
        (
            "Why cold brew tastes so much sweeter: it is the acids that you do not extract from it",
            "Why cold brew tastes so much sweeter",
        ),
        (
            "Insurers price roofs street by street – and one owner in five appeals with a photograph",
            "Insurers price roofs street by street",
        ),
        (
            "Will the night trains return? Madrid and Paris argue about who pays for the sleeping cars",
            "Will the night trains return?",
        ),
        ("Supermarkets test new shelf labels that change the price once a day, and not more often than that", ""),
        ("Live: the long night of the harbour pilots as they vote on whether to keep the rowing test", ""),
        ("The mayor of Halden says: “We are giving away bridges and nobody had thought of it before”", ""),
        ("“It was a race, and the last byte lost: nobody could explain it until a student compared two machines", ""),
        ("The pilots of the U.S. Coast Guard and their cutters have asked for a second boat in every harbour", ""),
        ("https://news.example.com/" + "a-very-long-path-" * 4, ""),
        ("🎉🔥🚀", ""),
        ("등대지기의 아들이 다시 불을 밝히다", "등대지기의 아들이 다시 불을 밝히다"),
        (
            "灯台守の息子が三十年ぶりに灯をともす：島の人々は舟を出して最初の光を夜更けまで待ち続けた",
            "灯台守の息子が三十年ぶりに灯をともす",
        ),
        ("", ""),
    ],
)
def test_a_headline_is_named_whole_or_by_its_first_phrase_or_not_at_all(headline: str, named: str) -> None:
    assert short(headline) == named


@given(st.text(max_size=300))
def test_what_names_a_headline_is_its_beginning_and_fits(headline: str) -> None:
    assert headline.startswith(short(headline))
    assert columns(short(headline)) <= 64


def test_the_opening_names_three_leads_of_other_sections_and_counts_the_rest_in_words() -> None:
    said = lines(rendition(stories.twenty(), sections=("World", "Technology", "Business", "Science")), 20)["INTRO"]

    assert said == (
        "Coastal cities sign a pact to share flood-barrier spares. A number for the chip plan: 43 billion euros by 2030. "
        "Moss survives nine months outside a space station. And sixteen more."
    )


def test_a_lead_whose_headline_reads_badly_is_passed_by() -> None:
    made = sections(4)
    made[1] = replace(made[1], headline="word " * 40)

    said = lines(rendition(made, sections=[f"Part {i}" for i in range(5)]), 5)["INTRO"]

    assert [n for n in range(1, 6) if f"number {n} " in said] == [3, 4, 5]
    assert said.endswith("And one more.")


def test_where_nothing_can_be_named_there_is_no_opening() -> None:
    for made in (picks(1), sections(3, headline="word " * 40), sections(3, language="ar")):
        html = body(rendition(made), facts(len(made)), "html")

        assert "Inside:" not in html
        assert "Inside:" not in body(rendition(made), facts(len(made)), "plain")


@pytest.mark.parametrize("language", shipped())
@pytest.mark.parametrize("count", [1, 2, 3, 4, 20])
def test_subject_preheader_and_opening_do_not_repeat_one_another(language: str, count: int) -> None:
    made = rendition(stories.twenty()[:count], language=language)
    said = lines(made, count)

    told = [pick.headline for pick in made.picks]
    in_preheader = {t for t in told if t in said["PREHEADER"]}
    in_opening = {t for t in told if t in said["INTRO"]}
    assert not in_preheader & in_opening
    assert said["HEADLINE"] not in said["INTRO"]
    assert said["HEADLINE"] not in said["PREHEADER"]
    assert 60 <= len(said["PREHEADER"]) <= 110


def test_every_number_that_remains_is_said_in_every_language() -> None:
    for language in shipped():
        texts = rendition(picks(25), language=language).texts.remaining

        assert texts[0] == ""
        assert len(set(texts)) == 26
        assert "%" not in "".join(texts)


def test_an_editors_signed_note_stands_for_the_opening_in_both_parts() -> None:
    made = rendition(stories.twenty(), note="Good morning.\n\nI crossed <the> strait.", note_by="Ines Aalto, editor")

    html, text = (body(made, facts(20), kind) for kind in ("html", "plain"))
    assert "Inside:" not in html + text
    assert html.index("Good morning.") < html.index("I crossed &lt;the&gt; strait.") < html.index("Ines Aalto, editor")
    assert "Good morning.\n\nI crossed <the> strait.\n\nInes Aalto, editor" in text


def test_the_minutes_are_those_of_the_mail() -> None:
    short_mail, long_mail = rendition(picks(3, minutes=50)), rendition(picks(20, summary="word " * 115, minutes=1))

    assert lines(short_mail, 3)["MINUTES"] == " · 1 min"
    assert lines(long_mail, 20)["MINUTES"] == " · 8 min"  # briefs have no summary


def test_the_last_line_says_what_was_chosen_and_when_the_next_comes() -> None:
    made = rendition(picks(5), considered=214, next_day=date(2026, 3, 4))

    assert lines(made, 5)["END"] == "That is the whole paper: 5 stories chosen from 214. The next one comes on Wednesday."
    assert lines(rendition(picks(5)), 5)["END"] == "That is the whole paper."


def test_a_mail_whose_stories_did_not_all_fit_does_not_say_that_this_was_all() -> None:
    many = rendition(picks(300, headline="A very long headline " * 14), next_day=date(2026, 3, 4))

    assert lines(many, 300)["END"] == "The next one comes on Wednesday."


# --- pictures --------------------------------------------------------------------------------


def shapes_of(made: list[Pick]) -> list[str]:
    whole = rendition(made, sections=[f"Part {i}" for i in range(len(made))])
    return [block.shape for block in arrange(whole, facts(len(made)).picks, own_slots(facts(len(made)))).blocks]


def test_leads_have_a_wide_picture_a_square_one_and_none_in_turn() -> None:
    assert shapes_of(pictured(sections(5))) == ["wide", "square", "", "wide", "square"]
    assert shapes_of(sections(3, image="")) == ["", "", ""]
    assert shapes_of([p if i % 2 else replace(p, image="") for i, p in enumerate(pictured(sections(5)))]) == [
        "wide",
        "",
        "square",
        "",
        "wide",
    ]


@pytest.mark.parametrize(
    ("info", "wanted"),
    [
        (ImageInfo(), ["wide", "square"]),
        (ImageInfo(width=1200, height=800), ["wide", "square"]),
        (ImageInfo(width=1600, height=600), ["wide"]),
        (ImageInfo(width=800, height=800), ["square"]),
        (ImageInfo(width=800, height=1200), ["square"]),
        (ImageInfo(width=140, height=84), []),
        (ImageInfo(width=320), ["square"]),
        (ImageInfo(width=400, height=3000), []),
    ],
)
def test_a_picture_is_printed_in_a_shape_that_it_can_have_whole(info: ImageInfo, wanted: list[str]) -> None:
    [pick] = picks(1, image=PICTURE, image_info=info)

    assert list(shapes(pick)) == wanted


def test_pictures_have_their_sources_words_and_are_never_distorted() -> None:
    info = ImageInfo(alt='A "white" ferry', caption="On a trial crossing.", credit="Strait Courier", width=1200, height=800)
    html = body(rendition(pictured(picks(3, image_info=info))), facts(3), "html")

    images = lxml_html.fromstring(html).xpath("//img")
    assert len(images) == 3
    assert {image.get("alt") for image in images} == {'A "white" ferry'}
    assert all("height:auto" in image.get("style") and image.get("height") is None for image in images)
    assert "On a trial crossing. Strait Courier" in html


@pytest.mark.parametrize(("info", "free"), [(ImageInfo(), True), (ImageInfo(width=1200, height=600), False)])
def test_a_picture_of_unknown_size_is_neither_enlarged_nor_higher_than_a_screen(info: ImageInfo, free: bool) -> None:
    [made] = picks(1, image=PICTURE, image_info=info)

    html = body(rendition([made]), facts(1), "html")
    [image] = lxml_html.fromstring(html).iter("img")
    assert ("free" in (image.get("class") or "").split()) == free
    assert "width:100%" in image.get("style")  # where no style is kept, and in Word, it is as wide as its place
    assert ".free{width:auto !important;max-width:100% !important;max-height:420px !important;" in html


@pytest.mark.parametrize("template", ["breaking", "weekly"])
def test_where_there_is_a_button_no_second_link_says_the_same(template: str) -> None:
    tree = lxml_html.fromstring(body(rendition(picks(1, also=()), template=template), facts(1), "html"))

    told = [a.text_content() for a in tree.xpath("//a[starts-with(@href, 'https://news.example.com/1')]")]
    assert told == ["Headline number 1 tells what happened", "Read at Harbour Wire\u00a0→"]


@pytest.mark.parametrize("language", shipped())
def test_the_minutes_of_a_story_stay_on_one_line(language: str) -> None:
    html = body(rendition(picks(1, minutes=12), language=language), facts(1), "html")

    after = lxml_html.fromstring(html).xpath("//a[contains(@style, 'inline-block') and contains(., 'Harbour')]")[0].tail
    assert "12" in after
    assert " " not in after.strip(" ")


def test_a_picture_that_several_stories_share_is_printed_with_none() -> None:
    made = picks(3)
    made = [replace(pick, image=PICTURE if i else "https://pictures.example.com/own.jpg") for i, pick in enumerate(made)]

    assert re.findall(r'<img src="([^"]*)', body(rendition(made), facts(3), "html")) == ["https://pictures.example.com/own.jpg"]


def test_a_square_picture_of_the_top_story_stands_beside_it() -> None:
    html = body(rendition(picks(1, image=PICTURE, image_info=ImageInfo(width=700, height=700))), facts(1), "html")

    assert 'align="right"' in html


# --- what may be passed on -------------------------------------------------------------------


@pytest.mark.parametrize("template", ["digest", "weekly", "breaking", "minimal"])
def test_the_web_view_holds_nothing_that_acts_for_its_reader_nor_their_name(template: str) -> None:
    made = rendition(stories.twenty(), template=template)
    mail = facts(20, name="Ann Other")

    page = web_view(made, mail.picks, view="https://ledger.example.org/view/x")

    for link in (mail.links.unsubscribe, mail.links.view):
        assert link in body(made, mail, "html")
        assert link not in page
    assert "Unsubscribe" not in page
    assert "View online" not in page
    assert "12 Harbour Street" in page
    assert all(pick.headline in page for pick in made.picks)


def test_a_footer_of_ones_own_gives_no_power_away_either(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from tests.compose.making import TEMPLATES

    (tmp_path / "partials").mkdir()
    (tmp_path / "partials" / "footer.html.j2").write_text('<a href="{{ slot.unsubscribe }}">Leave</a>', encoding="utf-8")
    made = rendition(picks(3), folders=(tmp_path, TEMPLATES))

    assert facts(3).links.unsubscribe in body(made, facts(3), "html")
    assert "/u/" not in web_view(made, facts(3).picks, view="https://ledger.example.org/view/x")


def test_the_mail_itself_is_the_same_with_a_slot_for_every_line() -> None:
    made = rendition(stories.twenty())

    assert subject(made, facts(20)) == stories.ENGLISH[0][1]
    assert b"NUMBERqz" not in merge(made, facts(20))
