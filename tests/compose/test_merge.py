"""Merging makes a reader's whole mail, within every limit, the same each time."""

import email
import email.policy
import re
import sys
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from digest.compose import frozen
from digest.compose.lint import check
from digest.compose.merge import body, merge, own_slots, web_view
from digest.compose.plan import AIM_BYTES, STOP_BYTES, arrange
from digest.model.rendition import Rendition
from tests.compose import stories
from tests.compose.cases import VARIANTS
from tests.compose.making import PAPER, TEMPLATES, facts, picks, rendition
from tests.support.place import TUESDAY

TWELVE = rendition(picks(12))
BITMAPS = st.integers(1, 2**12 - 1).map(lambda bits: (bits << 4).to_bytes(2, "big"))


@given(bits=BITMAPS)
@settings(max_examples=60)
def test_a_mail_holds_the_chosen_stories_and_no_others(bits: bytes) -> None:
    mail = facts(12, picks=bits)
    wanted = {i + 1 for i in range(12) if bits[i // 8] >> (7 - i % 8) & 1}

    for kind in ("html", "plain"):
        document = body(TWELVE, mail, kind)
        assert {i for i in range(1, 13) if f"Headline number {i} tells" in document} == wanted


@given(bits=BITMAPS)
@settings(max_examples=60)
def test_a_section_head_is_there_exactly_when_it_has_a_story(bits: bytes) -> None:
    mail = facts(12, picks=bits)
    layout = arrange(TWELVE, bits, own_slots(mail))
    sections = {("World", "Science")[block.section] for block in layout.blocks}

    tree = lxml_html.fromstring(body(TWELVE, mail, "html"))

    heads = {h.text_content().strip() for h in tree.xpath("//h2[contains(@class,'ac')]")}
    assert heads == sections
    assert bool(tree.xpath("//h2[.='In brief']")) == bool(layout.briefs)
    in_brief = [h.text_content().strip() for h in tree.xpath("//h2[.='In brief']/following::h3")]
    assert in_brief == [("World", "Science")[section] for section, _ in layout.brief_groups]


def dom(document: str) -> list[tuple[str, dict[str, str], str, str]]:
    """Every element in order; white space between blocks is nobody's."""
    return [
        (str(e.tag), dict(e.attrib), " ".join((e.text or "").split()), " ".join((e.tail or "").split()))
        for e in lxml_html.document_fromstring(document).iter()
        if isinstance(e.tag, str)
    ]


@pytest.mark.parametrize("template", VARIANTS)
@given(data=st.data(), name=st.text(max_size=80))
@settings(max_examples=15)
def test_merging_equals_rendering_for_that_reader(template: str, data: st.DataObject, name: str) -> None:
    """The merged mail is, element by element, the one that is rendered with these picks alone."""
    every = stories.twenty()
    wanted = data.draw(st.sets(st.integers(0, len(every) - 1), min_size=1).map(sorted))
    whole = whole_of(template)
    bits = bytearray(3)
    for i in wanted:
        bits[i // 8] |= 0x80 >> i % 8
    alone = rendition([every[i] for i in wanted], template=template)

    merged = body(whole, facts(20, picks=bytes(bits), name=name), "html")

    assert dom(merged) == dom(body(alone, facts(len(wanted), name=name), "html"))


@cache
def whole_of(template: str) -> Rendition:
    return rendition(stories.twenty(), template=template)


@pytest.mark.parametrize("template", VARIANTS)
@given(bits=st.integers(0, 2**20 - 1).map(lambda bits: (bits << 4).to_bytes(3, "big")), name=st.text(max_size=80))
@settings(max_examples=40)
def test_the_message_says_what_its_parts_say_when_looked_at(template: str, bits: bytes, name: str) -> None:
    """Two ways to the same text: the joined bytes, decoded by a stranger, and the parts as text; no line passes its limit."""
    mail = facts(20, picks=bits, name=name)
    raw = merge(whole_of(template), mail)

    message = email.message_from_bytes(raw, policy=email.policy.default)
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part is not None
        assert part.get_content().replace("\r\n", "\n") == body(whole_of(template), mail, kind)
    assert max(map(len, raw.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 76
    assert [f for f in check(raw).findings if f.severity == "error"] == []


@given(name=st.text(max_size=120), hours=st.integers(0, 9000))
@settings(max_examples=100)
def test_a_mail_keeps_the_standards_for_any_name(name: str, hours: int) -> None:
    raw = merge(TWELVE, facts(12, name=name, dated_at=TUESDAY + timedelta(hours=hours)))

    assert check(raw).findings == []


def test_the_same_delivery_gives_the_same_bytes_from_the_stored_rendition() -> None:
    stored = frozen.load(frozen.dump(TWELVE))

    assert merge(stored, facts(12)) == merge(TWELVE, facts(12))


def test_the_first_chosen_story_is_the_top_story_and_the_subject() -> None:
    raw = merge(TWELVE, facts(12, picks=bytes([0b00100000, 0b00100000])))

    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message["Subject"] == "Headline number 3 tells what happened"


def big(count: int) -> Rendition:
    return rendition(picks(count, summary="A sentence that fills the page with words that nobody counts. " * 20))


def test_over_the_aim_the_tail_becomes_briefs() -> None:
    many = big(60)
    layout = arrange(many, facts(60).picks, own_slots(facts(60)))
    html = body(many, facts(60), "html")

    assert len(html.encode()) <= AIM_BYTES
    assert len(html.encode()) > AIM_BYTES - 2000  # no more was made brief than had to be
    assert len(layout.briefs) > 20
    assert layout.dropped == 0
    assert all(list(group) == sorted(group) for _, group in layout.brief_groups)


def test_never_over_the_stop_and_the_mail_says_how_many_did_not_fit() -> None:
    many = rendition(picks(300, headline="A very long headline " * 14))
    html = body(many, facts(300), "html")

    assert len(html.encode()) <= STOP_BYTES
    assert re.search(r">\d+ more stories on the web</a>", html)
    assert "stories on the web" in body(many, facts(300), "plain")
    assert "stories on the web" not in web_view(many, facts(300).picks, view=facts(300).links.view)
    assert facts(300).links.unsubscribe in html
    assert check(merge(many, facts(300))).ok  # a part's lines end with two octets


def test_over_the_aim_a_weekly_keeps_its_sections_and_lists_more() -> None:
    sections = [f"Part {i}" for i in range(12)]
    long = [replace(pick, section=sections[i % 12]) for i, pick in enumerate(picks(150, summary="It says so in full. " * 20))]
    many = rendition(long, template="weekly", sections=sections)
    whole = arrange(many, facts(150).picks, own_slots(facts(150)), bounded=False)

    layout = arrange(many, facts(150).picks, own_slots(facts(150)))

    assert len(body(many, facts(150), "html").encode()) <= STOP_BYTES  # lists alone cannot be made briefer
    assert [block.section for block in layout.blocks] == [block.section for block in whole.blocks]
    assert layout.briefs == whole.briefs
    assert sum(len(block.full) for block in layout.blocks) < sum(len(block.full) for block in whole.blocks)


def test_a_mail_is_the_same_whoever_was_merged_before(tmp_path: Path) -> None:
    (tmp_path / "partials").mkdir()
    masthead = (TEMPLATES / "partials" / "masthead.html.j2").read_text(encoding="utf-8")
    (tmp_path / "partials" / "masthead.html.j2").write_text(masthead + "<p>{{ slot.name }}</p>" * 40, encoding="utf-8")
    made = [rendition(picks(190), folders=(tmp_path, TEMPLATES)) for _ in range(2)]
    plain, accented = facts(190, name="a" * 60), facts(190, name="ä" * 30)

    assert [merge(made[0], plain), merge(made[0], accented)] == [merge(made[1], accented), merge(made[1], plain)][::-1]


def test_both_parts_of_a_base64_mail_end_lines_with_crlf() -> None:
    raw = merge(
        rendition(picks(4, headline="등대지기의 아들이 다시 불을 밝히다", summary="남쪽 바다의 작은 섬. " * 9), language="ko"),
        facts(4),
    )

    for part in email.message_from_bytes(raw, policy=email.policy.default).iter_parts():
        assert part["Content-Transfer-Encoding"] == "base64"
        assert not re.search(rb"(?<!\r)\n", part.get_payload(decode=True))


def test_korean_goes_as_base64_and_reads_as_it_was() -> None:
    korean = rendition(
        picks(
            8, headline="등대지기의 아들이 다시 불을 밝히다", summary="남쪽 바다의 작은 섬에 있는 등대가 다시 불을 밝힌다. " * 3
        ),
        language="ko",
    )

    raw = merge(korean, facts(8))

    assert b"Content-Transfer-Encoding: base64" in raw
    assert "등대지기의 아들이" in body(korean, facts(8), "html")
    assert check(raw).ok


def test_an_article_cannot_pass_for_a_mark_a_slot_or_markup() -> None:
    nasty = '<!--zq0123 end--> {{ 7 * 7 }} <script>alert(1)</script> zqUNSUBSCRIBEqz "><img src=x>'
    raw = rendition(picks(8, headline=nasty, summary=nasty + " and more."))

    html = body(raw, facts(8), "html")

    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "49" not in html
    assert "zqUNSUBSCRIBEqz" in html


def test_an_address_beyond_ascii_stands_as_utf_8() -> None:
    raw = merge(TWELVE, facts(12, address="jörg@example.net"))

    assert "To: Ann Other <jörg@example.net>".encode() in raw


def test_the_independent_checker_finds_no_broken_must(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(shared / "tools" / "msgcheck"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    import msgcheck

    options = msgcheck.Options(unsigned=True, postal=PAPER.postal_address, now=TUESDAY)
    for count in (1, 2, 8, 20, 60):
        found = msgcheck.check(merge(rendition(picks(count)), facts(count)), options)

        assert [f for f in found if f["severity"] == "MUST"] == []
