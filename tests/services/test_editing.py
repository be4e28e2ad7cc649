"""The draft of the coming issue: what editors want of it is kept, printed, and lost to nobody."""

from dataclasses import replace

import pytest

from digest.errors import BadInput, Conflict, NotFound, NothingToDo
from digest.model.event import Actor, EventKind, Person
from digest.model.issue import Note
from digest.model.states import Form, IssueState, RuleKind
from digest.services import (
    articles,
    contributions,
    draft_proofs,
    drafts,
    editing,
    events,
    freezing,
    issues,
    newsletters,
    sections,
    sources,
    status,
    subscribers,
)
from digest.services.context import Context
from digest.services.editing import Seen, Target
from digest.services.selection import prepare
from digest.services.tallies import Tallies
from digest.services.views.issues import DraftView
from tests.support.place import Place
from tests.support.servers import Site

pytestmark = pytest.mark.any_database

HEADLINES = ("A harbour opens", "B bridge closes", "C choir sings", "D dam holds")
PAGE = b"""<html lang="en"><head><title>Ferry runs again</title><meta property="og:site_name" content="Coast"></head><body><article><h1>Ferry runs again</h1>
<p>The night ferry to the islands runs again after eleven years, and nobody announced it on purpose. The first boat left on Monday with four passengers.</p>
<p>The line was closed when the bridge opened. Since then the last bus has left at nine, and whoever missed it slept in the waiting room of the harbour office.</p>
</article></body></html>"""


@pytest.fixture
def filled(place: Place) -> Place:
    """A place with four stories and a reader, an hour before its issue."""
    place.clock.turn(hours=-1)
    place.drop(*HEADLINES)
    place.collect()
    place.readers("ann@example.org")
    return place


def mara(place: Place) -> Context:
    return replace(place.ctx, actor=Actor.ACCOUNT, person=Person(name="Mara", account_id=1))


def jonas(place: Place) -> Context:
    return replace(place.ctx, actor=Actor.ACCOUNT, person=Person(name="Jonas", account_id=2))


def shown(place: Place) -> DraftView:
    return drafts.draft(place.ctx, place.daily, Tallies())


def number(place: Place, letter: str) -> int:
    found = shown(place)
    return next(s.story for s in (*found.stories, *found.out) if s.original_headline.startswith(letter))


def order(place: Place) -> str:
    return "".join(s.original_headline[0] for s in shown(place).stories)


def printed(place: Place) -> list[str]:
    place.clock.turn(hours=1)
    place.send()
    return [story["headline"] for story in issues.show(place.ctx, newsletter="daily", key="1").stories]


# --- what is done ----------------------------------------------------------------------------


def test_what_editors_want_is_what_is_sent_and_is_recorded_with_who_it_was(filled: Place) -> None:
    ctx, paper = mara(filled), filled.daily
    editing.take_out(ctx, paper, number(filled, "A"), Seen())
    editing.move(ctx, paper, number(filled, "D"), Seen(), Target(form=Form.TOP))
    editing.rewrite(ctx, paper, number(filled, "B"), Seen(), headline="The bridge is shut", summary="")
    editing.introduce(ctx, paper, Seen(), Note(text="Good morning.", by="Mara"))

    assert printed(filled) == ["D dam holds", "The bridge is shut", "C choir sings"]
    assert b"Good morning." in filled.mails()[0].read_bytes()
    done = events.listed(filled.ctx, kind=EventKind.ISSUE_EDITED)
    assert [(e.person, e.facts["act"], e.facts["revision"]) for e in reversed(done)] == [
        ("Mara", "taken out", 1),
        ("Mara", "moved", 2),
        ("Mara", "rewritten", 3),
        ("Mara", "introduction", 4),
    ]
    assert done[1].facts["after"] == {"in": True, "headline": "The bridge is shut"}


def test_edits_survive_a_refresh_from_the_sources(filled: Place) -> None:
    ctx, paper = mara(filled), filled.daily
    editing.move(ctx, paper, number(filled, "C"), Seen(), Target(form=Form.TOP))
    editing.rewrite(ctx, paper, number(filled, "B"), Seen(), headline="Ours", summary="Our words.")
    filled.drop("E egg hatches", "F fog lifts")
    filled.collect()

    found = {s.original_headline: s for s in shown(filled).stories}

    assert order(filled)[0] == "C"
    assert (found["B bridge closes"].headline, found["B bridge closes"].summary) == ("Ours", "Our words.")
    assert "this sentence says so" in found["B bridge closes"].original_summary
    assert len(found) == 6


@pytest.mark.parametrize(
    ("letter", "target", "wanted"),
    [
        ("D", Target(step=-1), "ABDC"),
        ("B", Target(step=1), "ACBD"),
        ("D", Target(place=1), "ADBC"),
        ("B", Target(place=99), "ACDB"),
        ("B", Target(step=-1), "ABCD"),
        ("D", Target(form=Form.TOP), "DABC"),
    ],
)
def test_a_story_moves_where_it_is_told(filled: Place, letter: str, target: Target, wanted: str) -> None:
    assert order(filled) == "ABCD"

    editing.move(mara(filled), filled.daily, number(filled, letter), Seen(), target)

    assert order(filled) == wanted


def test_moves_one_after_another_leave_what_was_moved_before_where_it_stands(filled: Place) -> None:
    ctx, paper = mara(filled), filled.daily
    editing.move(ctx, paper, number(filled, "D"), Seen(), Target(place=1))
    editing.move(ctx, paper, number(filled, "C"), Seen(), Target(place=1))

    assert order(filled) == "ACDB"


def test_a_story_moves_to_another_section_and_only_to_one_that_is_there(filled: Place) -> None:
    sections.add(filled.ctx, "Water", words="harbour, dam", size=3)
    sections.add(filled.ctx, "Rest", size=5)
    editing.move(mara(filled), filled.daily, number(filled, "C"), Seen(), Target(section="Water", place=1))

    assert {s.original_headline[0]: s.section for s in shown(filled).stories} == {
        "A": "Water",
        "C": "Water",
        "D": "Water",
        "B": "Rest",
    }
    with pytest.raises(BadInput) as refused:
        editing.move(mara(filled), filled.daily, number(filled, "C"), Seen(), Target(section="Nowhere"))
    assert refused.value.code == "no_section"


def test_taking_back_leaves_a_story_as_it_was(filled: Place) -> None:
    ctx, paper = mara(filled), filled.daily
    before = shown(filled).stories
    story = number(filled, "D")
    editing.move(ctx, paper, story, Seen(), Target(form=Form.TOP))
    editing.take_out(ctx, paper, story, Seen())
    editing.leave(ctx, paper, story, Seen())

    assert [(s.story, s.form, s.headline) for s in shown(filled).stories] == [(s.story, s.form, s.headline) for s in before]


def test_a_story_that_is_not_there_cannot_be_changed(filled: Place) -> None:
    for change in (editing.put_in, editing.take_out, editing.leave):
        with pytest.raises(NotFound):
            change(mara(filled), filled.daily, 999, Seen())
    with pytest.raises(NotFound):
        editing.move(mara(filled), filled.daily, 999, Seen(), Target(place=1))
    with pytest.raises(BadInput) as refused:
        editing.rewrite(mara(filled), filled.daily, number(filled, "A"), Seen(), headline="x" * 201, summary="")
    assert refused.value.code == "headline_long"
    assert shown(filled).revision == 0


# --- two at once -----------------------------------------------------------------------------


def test_of_two_editors_the_second_is_told_what_the_first_changed_and_nothing_is_lost(filled: Place) -> None:
    seen = Seen(slot=shown(filled).slot, revision=shown(filled).revision)
    story = number(filled, "B")
    editing.rewrite(jonas(filled), filled.daily, story, seen, headline="By Jonas", summary="")

    with pytest.raises(Conflict) as refused:
        editing.rewrite(mara(filled), filled.daily, story, seen, headline="By Mara", summary="")

    assert refused.value.code == "draft_changed"
    [theirs] = refused.value.facts["changes"]  # type: ignore[misc]
    assert (theirs.by, theirs.act, theirs.headline, theirs.after["headline"]) == (
        "Jonas",
        "rewritten",
        "B bridge closes",
        "By Jonas",
    )
    assert next(s.headline for s in shown(filled).stories if s.story == story) == "By Jonas"
    again = replace(seen, revision=refused.value.facts["revision"])  # type: ignore[arg-type]
    editing.rewrite(mara(filled), filled.daily, story, again, headline="By Mara", summary="")
    assert next(s.headline for s in shown(filled).stories if s.story == story) == "By Mara"


def test_a_change_while_the_issue_is_prepared_is_in_it(filled: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The draft is changed after its stories were chosen and before they are frozen."""
    story, rest = number(filled, "A"), [True]
    freeze = freezing.freeze

    def changed_before(*given: object, **more: object) -> object:
        if rest.pop() if rest else False:
            editing.take_out(mara(filled), filled.daily, story, Seen())
        return freeze(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(freezing, "freeze", changed_before)

    assert "A harbour opens" not in printed(filled)


def test_a_frozen_issue_refuses_edits_until_it_is_held_and_keeps_them_when_it_goes_on(filled: Place) -> None:
    slot = drafts.coming_slot(filled.ctx, filled.daily)
    prepared = prepare(filled.ctx, filled.daily, slot, now=filled.clock())
    issue = freezing.freeze(filled.ctx, issues.take_slot(filled.ctx, filled.daily, slot), prepared)
    with pytest.raises(Conflict) as refused:
        editing.take_out(mara(filled), filled.daily, number(filled, "A"), Seen())
    issues.hold(filled.ctx, issue.id, reason="the lead is wrong")
    editing.take_out(mara(filled), filled.daily, number(filled, "A"), Seen())
    issues.resume(filled.ctx, issue.id)

    assert refused.value.code == "draft_frozen"
    assert printed(filled) == ["B bridge closes", "C choir sings", "D dam holds"]


def test_a_draft_of_yesterday_is_closed(filled: Place) -> None:
    seen = Seen(slot=shown(filled).slot, revision=0)
    printed(filled)

    with pytest.raises(Conflict) as refused:
        editing.take_out(mara(filled), filled.daily, 1, seen)

    assert (refused.value.code, refused.value.facts["coming"]) == ("draft_closed", "2026-03-04")


# --- stories that are added ------------------------------------------------------------------


def test_a_story_by_hand_is_printed_in_this_issue_alone(filled: Place) -> None:
    ctx, paper = mara(filled), filled.daily
    contributions.by_hand(ctx, paper, Seen(), headline="We move", summary="From Monday we are at 12 Harbour Street.")

    assert "We move" in printed(filled)
    assert b"12 Harbour Street" in filled.mails()[0].read_bytes()
    filled.clock.turn(days=1)
    assert "We move" not in [s.headline for s in shown(filled).stories]
    assert [source.name for source in sources.every(filled.ctx)] == ["feed1"]


def test_a_story_from_a_link_is_fetched_once_and_one_that_was_collected_is_put_in(filled: Place, site: Site) -> None:
    ctx, paper = mara(filled), filled.daily
    site.pages["/ferry"] = (200, {"Content-Type": "text/html"}, PAGE)
    first = contributions.from_link(ctx, paper, Seen(), site.url("/ferry"), allow_private=True)
    again = contributions.from_link(ctx, paper, Seen(), site.url("/ferry?utm_source=x"), allow_private=True)
    known = contributions.from_link(ctx, paper, Seen(), "https://news.example.com/A-harbour-opens")

    assert first == again
    assert known == number(filled, "A")
    assert "Ferry runs again" in printed(filled)


@pytest.mark.parametrize("url", ["ftp://x.example/a", "nothing", "http://127.0.0.1:9/", "http://169.254.169.254/latest"])
def test_a_link_that_cannot_be_read_is_refused_with_the_reason(filled: Place, url: str) -> None:
    with pytest.raises(BadInput) as refused:
        contributions.from_link(mara(filled), filled.daily, Seen(), url)

    assert refused.value.code in ("bad_link", "link_unread")
    assert shown(filled).revision == 0


def test_a_story_by_hand_needs_a_headline_and_a_real_address(filled: Place) -> None:
    for given, code in (({"headline": " "}, "no_headline"), ({"headline": "x", "url": "javascript:alert(1)"}, "bad_link")):
        with pytest.raises(BadInput) as refused:
            contributions.by_hand(mara(filled), filled.daily, Seen(), **{"summary": "", **given})  # type: ignore[arg-type]
        assert refused.value.code == code


# --- what a draft ahead of time changes elsewhere --------------------------------------------


def test_a_draft_that_was_begun_ahead_is_no_last_issue_and_hinders_no_removal(filled: Place) -> None:
    editing.introduce(mara(filled), filled.daily, Seen(), Note(text="Good morning.", by="Mara"))

    [paper] = status.status(filled.ctx).newsletters
    assert (paper.state, paper.slot) == (None, None)
    newsletters.remove(filled.ctx, "daily")


def test_the_coming_slot_is_the_one_that_is_due_or_next_and_not_one_that_is_over(filled: Place) -> None:
    assert drafts.coming_slot(filled.ctx, filled.daily).name == "2026-03-03"
    filled.clock.turn(days=1, hours=2)
    assert drafts.coming_slot(filled.ctx, filled.daily).name == "2026-03-04"  # due, and not too late
    filled.drop("E egg hatches")
    filled.collect()
    filled.send()
    assert drafts.coming_slot(filled.ctx, filled.daily).name == "2026-03-05"
    assert shown(filled).state is IssueState.DRAFT


# --- what its pages share --------------------------------------------------------------------


def test_the_pages_of_a_desk_share_what_was_made_until_anything_changes(filled: Place) -> None:
    ctx, tallies = mara(filled), Tallies()
    first = drafts.prepared(ctx, filled.daily, tallies)
    assert drafts.prepared(ctx, filled.daily, tallies) is first
    assert draft_proofs.check(ctx, filled.daily, tallies) is draft_proofs.check(ctx, filled.daily, tallies)

    def is_made_anew() -> bool:
        nonlocal first
        before, first = first, drafts.prepared(ctx, filled.daily, tallies)
        return first is not before

    editing.take_out(jonas(filled), filled.daily, number(filled, "A"), Seen())
    assert is_made_anew()
    sections.add_rule(ctx, RuleKind.MUTE, words="bridge")
    assert is_made_anew()
    articles.pin(ctx, first.picks[0].article_id, pinned=True)
    assert is_made_anew()
    filled.drop("Entirely new")
    filled.collect()
    assert is_made_anew()
    filled.clock.turn(minutes=1)
    assert is_made_anew()
    assert not is_made_anew()


@pytest.mark.parametrize(("asked", "shown"), [("", "en"), ("de", "de"), ("de-AT", "de"), ("ja", "en"), ("xx", "en")])
def test_the_desk_shows_the_mail_in_the_language_that_is_asked_for_and_renders_no_other(
    filled: Place, asked: str, shown: str
) -> None:
    filled.readers("bea@example.org")
    subscribers.change(filled.ctx, "bea@example.org", language="de")
    one = drafts.prepared(filled.ctx, filled.daily, Tallies(), language=asked)
    every = drafts.prepared(filled.ctx, filled.daily, Tallies())

    assert [rendition.language for rendition in one.renditions] == [shown]
    assert [rendition.language for rendition in every.renditions] == ["en", "de"]
    assert f'lang="{shown}"' in draft_proofs.proof(filled.ctx, filled.daily, Tallies(), language=asked).html


def test_the_desk_shows_the_mail_of_a_reader_in_their_language(filled: Place) -> None:
    filled.readers("bea@example.org")
    subscribers.change(filled.ctx, "bea@example.org", language="de")
    german = draft_proofs.proof(filled.ctx, filled.daily, Tallies(), address="Bea@Example.org", language="en")

    assert 'lang="de"' in german.html
    assert 'lang="en"' not in draft_proofs.proof(filled.ctx, filled.daily, Tallies(), address="Bea@Example.org").html[:400]
    with pytest.raises(NothingToDo, match="would get no mail"):
        draft_proofs.proof(filled.ctx, filled.daily, Tallies(), address="nobody@example.org")
