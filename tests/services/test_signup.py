"""How somebody comes to a list by themselves: asking, confirming by code or link, and what neither tells nor changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import select

from digest.errors import BadAddress, BadInput, NotFound
from digest.languages import shipped
from digest.model.delivery import Delivery
from digest.model.event import Actor, EventKind
from digest.model.signup import Consent, How, RateCount, SignUp
from digest.model.states import DeliveryState, IssueState, ListAccess, SubscriptionState
from digest.model.subscriber import Subscriber, Subscription, Suppression, TopicChoice
from digest.model.tokens import address_hmac
from digest.services import events, lists, newsletters, offers, sending, signup, signup_mails, subscriptions
from digest.services import subscribers as people
from digest.services.signup import Application, Origin, Verdict
from digest.store import subscribers
from tests.support.place import Place
from tests.support.signups import ANN, Post, ask, by, code_in, link_in, opened, plain, title, with_topics, wrong

A, U = SubscriptionState.ACTIVE, SubscriptionState.UNSUBSCRIBED


@pytest.fixture
def public(place: Place) -> Place:
    return opened(place)


@pytest.fixture
def post(public: Place) -> Post:
    return Post(public)


def state(place: Place, address: str = ANN) -> SubscriptionState | None:
    try:
        return people.show(place.ctx, address).subscriptions[0].state
    except NotFound:
        return None


def count(place: Place, table: type) -> int:
    with place.ctx.db.read() as tx:
        return len(tx.exec(select(table)).all())


def suppress(place: Place, address: str) -> None:
    with place.ctx.db.begin() as tx:
        hmac = address_hmac(address, place.ctx.settings.pepper)
        subscribers.suppress(tx, Suppression(address_hmac=hmac, reason="complaint", made_at=place.clock()))


def published(place: Place, headline: str = "The harbour opens again") -> None:
    """An issue that went out to another reader."""
    place.readers("zoe@example.org")
    place.drop(headline)
    place.collect()
    place.send()


def deliver(place: Place) -> None:
    """What the scheduler does with issues that have something to send."""
    from digest.services import issues

    for issue in issues.unfinished(place.ctx, place.daily):
        sending.finish(place.ctx, place.daily, issue, resumed=True)


# --- confirming ------------------------------------------------------------------------------


def test_the_code_of_the_mail_confirms_and_the_welcome_follows(public: Place, post: Post) -> None:
    token = ask(public, name="Ann")
    [mail] = post.send()
    assert state(public) is None

    done = signup.confirm_by_code(public.ctx, token, code_in(mail), by(How.CODE))
    [welcome] = post.send()

    assert done.verdict is Verdict.RIGHT
    assert state(public) is A
    assert welcome["Subject"] == "Welcome to The Morning Ledger"
    assert welcome["To"] == ANN
    assert people.show(public.ctx, ANN).name == "Ann"


def test_the_link_of_the_mail_confirms_once(public: Place, post: Post) -> None:
    ask(public)
    [mail] = post.send()

    first = signup.confirm_by_link(public.ctx, link_in(mail), by(How.LINK))
    again = signup.confirm_by_link(public.ctx, link_in(mail), by(How.LINK))

    assert (first.verdict, again.verdict) == (Verdict.RIGHT, Verdict.USED)
    [event] = events.listed(public.ctx, kind=EventKind.SUBSCRIBED)
    assert (event.actor, event.facts["list"]) == (Actor.READER, "readers")
    assert [c.step for c in people.show(public.ctx, ANN).consents] == ["asked", "confirmed"]


def test_a_used_link_brings_nobody_back_who_has_left(public: Place, post: Post) -> None:
    ask(public)
    [mail] = post.send()
    signup.confirm_by_link(public.ctx, link_in(mail), by(How.LINK))
    subscriptions.unsubscribe(public.ctx, people.show(public.ctx, ANN).subscriptions[0].id, by="reader")

    signup.confirm_by_link(public.ctx, link_in(mail), by(How.LINK))
    ask(public)

    assert signup.confirm_by_link(public.ctx, link_in(mail), by(How.LINK)).verdict is Verdict.USED
    assert state(public) is U


def test_a_link_works_for_seven_days(public: Place, post: Post) -> None:
    ask(public)
    [mail] = post.send()
    public.clock.turn(days=7)

    with pytest.raises(NotFound):
        signup.confirm_by_link(public.ctx, link_in(mail), by(How.LINK))
    assert state(public) is None


def test_a_code_works_for_fifteen_minutes(public: Place, post: Post) -> None:
    token = ask(public)
    [mail] = post.send()
    public.clock.turn(minutes=15)

    assert signup.confirm_by_code(public.ctx, token, code_in(mail), by(How.CODE)).verdict is Verdict.EXPIRED
    assert state(public) is None


def test_after_five_wrong_codes_the_right_one_is_refused_and_a_new_one_is_not(public: Place, post: Post) -> None:
    token = ask(public)
    [mail] = post.send()
    guesses = [signup.confirm_by_code(public.ctx, token, wrong(code_in(mail)), by(How.CODE)).verdict for _ in range(5)]

    right = signup.confirm_by_code(public.ctx, token, code_in(mail), by(How.CODE)).verdict
    public.clock.turn(minutes=2)
    signup.resend(public.ctx, token)
    [second] = post.send()

    assert guesses == [Verdict.WRONG] * 5
    assert right is Verdict.LOCKED
    assert signup.confirm_by_code(public.ctx, token, code_in(second), by(How.CODE)).verdict is Verdict.RIGHT


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "12 34", "१२३४५६७", "½½½½½½", "0" * 5000])
def test_what_is_no_code_confirms_nothing(public: Place, post: Post, typed: str) -> None:
    token = ask(public)
    post.send()

    assert signup.confirm_by_code(public.ctx, token, typed, by(How.CODE)).verdict is Verdict.WRONG


def test_codes_are_typed_as_people_type_them(public: Place, post: Post) -> None:
    token = ask(public)
    [mail] = post.send()
    code = code_in(mail)
    spaced = f" {code[:3]} {code[3:]}\n".translate({ord(str(n)): chr(0x660 + n) for n in range(10)})

    assert signup.confirm_by_code(public.ctx, token, spaced, by(How.CODE)).verdict is Verdict.RIGHT


def test_only_the_hash_of_a_code_is_stored(public: Place, post: Post) -> None:
    ask(public)
    [mail] = post.send()

    with public.ctx.db.read() as tx:
        row = tx.exec(select(SignUp)).one()
    assert code_in(mail) not in str(row.model_dump())
    assert len(row.code_hash) == 64


# --- the mail --------------------------------------------------------------------------------


def test_the_mail_holds_no_word_that_the_visitor_typed(public: Place, post: Post) -> None:
    ask(public, "Zanzibar.Quux@example.org", name="Xyzzy Plugh")

    [mail] = post.send()

    text = mail.as_string().partition("\n\n")[2].casefold()
    assert not any(word in text for word in ("zanzibar", "quux", "xyzzy", "plugh"))


@pytest.mark.parametrize("language", shipped())
def test_the_mail_is_in_the_language_of_the_page(public: Place, post: Post, language: str) -> None:
    ask(public, language=language)

    [mail] = post.send()

    assert mail["Subject"] == title(public.ctx, language)
    assert len(code_in(mail)) == 6


def test_one_reminder_comes_after_a_day_with_a_link_alone(public: Place, post: Post) -> None:
    ask(public)
    post.send()
    reminders = []
    for _ in range(12):
        public.clock.turn(days=1)
        signup_mails.tidy(public.ctx)
        reminders += post.send()

    [reminder] = reminders
    assert code_in(reminder) == ""
    assert "/confirm/" in plain(reminder)


def test_unconfirmed_requests_and_their_evidence_are_forgotten(public: Place, post: Post) -> None:
    ask(public)
    ask(public, "bob@example.org")
    bob = next(mail for mail in post.send() if mail["To"] == "bob@example.org")
    signup.confirm_by_link(public.ctx, link_in(bob), by(How.LINK))
    post.send()
    for _ in range(10):
        public.clock.turn(days=1)
        signup_mails.tidy(public.ctx)
        post.send()

    assert count(public, SignUp) == 0
    assert len(people.show(public.ctx, "bob@example.org").consents) == 2
    assert count(public, Consent) == 2
    assert count(public, RateCount) == 0


def test_a_list_that_was_closed_meanwhile_mails_nobody(public: Place, post: Post) -> None:
    ask(public)
    lists.change(public.ctx, "readers", access=ListAccess.CLOSED)

    assert post.send() == []


def test_a_list_that_was_closed_since_the_mail_takes_nobody(public: Place, post: Post) -> None:
    ask(public)
    [mail] = post.send()
    lists.change(public.ctx, "readers", access=ListAccess.CLOSED)

    with pytest.raises(NotFound):
        signup.confirm_by_link(public.ctx, link_in(mail), by(How.LINK))
    assert state(public) is None


# --- the newest issue ------------------------------------------------------------------------


def test_who_confirms_gets_the_newest_issue_at_once_and_never_again(public: Place, post: Post) -> None:
    published(public)
    post.new()
    ask(public)
    [mail] = post.send()
    public.clock.turn(days=3)

    done = signup.confirm_by_link(public.ctx, link_in(mail), by(How.LINK))
    deliver(public)
    deliver(public)

    sent = [mail for mail in post.new() if mail["To"] == ANN]
    assert done.is_welcomed
    assert len(sent) == 1
    assert "The harbour opens again" in plain(sent[0])
    assert sent[0]["List-Unsubscribe"]
    assert issue_state(public) is IssueState.SENT
    assert len(events.listed(public.ctx, kind=EventKind.ISSUE_SENT)) == 1  # it was sent once, whoever joins later
    assert [d.state for d in people.show(public.ctx, ANN).deliveries] == [DeliveryState.SENT]


def issue_state(place: Place) -> IssueState:
    from digest.services import issues

    return issues.listed(place.ctx, limit=1)[0].state


def test_who_had_the_issue_and_returns_gets_it_no_second_time(public: Place, post: Post) -> None:
    published(public)
    post.new()
    subscriptions.unsubscribe(public.ctx, people.show(public.ctx, "zoe@example.org").subscriptions[0].id, by="reader")
    ask(public, "zoe@example.org")
    [mail] = post.send()

    done = signup.confirm_by_link(public.ctx, link_in(mail), by(How.LINK))
    deliver(public)

    assert not done.is_welcomed
    assert state(public, "zoe@example.org") is A
    assert count(public, Delivery) == 1


def test_when_the_issue_was_sent_stays_as_it_was(public: Place, post: Post) -> None:
    from digest.services import issues

    published(public)
    post.new()
    before = issues.listed(public.ctx, limit=1)[0].sent_at
    ask(public)
    [mail] = post.send()
    public.clock.turn(hours=5)
    signup.confirm_by_link(public.ctx, link_in(mail), by(How.LINK))
    deliver(public)

    assert issues.listed(public.ctx, limit=1)[0].sent_at == before


def test_a_newsletter_may_keep_its_newest_issue(public: Place, post: Post) -> None:
    published(public)
    newsletters.change(public.ctx, "daily", newsletters.Changes(welcome_issue=False))
    post.new()
    ask(public)
    [mail] = post.send()

    assert not signup.confirm_by_link(public.ctx, link_in(mail), by(How.LINK)).is_welcomed
    assert count(public, Delivery) == 1


# --- who is known ----------------------------------------------------------------------------


def test_asking_changes_nothing_of_a_person(public: Place, post: Post) -> None:
    public.readers(ANN)
    people.change(public.ctx, ANN, name="Ann", language="de", leave="readers")
    before = people.show(public.ctx, ANN)
    token = ask(public, name="Somebody Else", language="fr")
    post.send()
    signup.confirm_by_code(public.ctx, token, "000000", by(How.CODE))

    after = people.show(public.ctx, ANN)
    assert after.model_copy(update={"consents": (), "signups": ()}) == before.model_copy(update={"consents": ()})


def test_who_left_returns_by_confirming_and_keeps_the_evidence(public: Place, post: Post) -> None:
    public.readers(ANN)
    people.change(public.ctx, ANN, name="Ann", leave="readers")
    ask(public, name="Other")
    [mail] = post.send()

    signup.confirm_by_link(public.ctx, link_in(mail), by(How.LINK))

    person = people.show(public.ctx, ANN)
    [tie] = person.subscriptions
    assert (tie.state, tie.left_at, person.name) == (A, None, "Ann")
    assert tie.evidence.startswith("a test; left 2026-03-03 06:00 UTC; signed up ")


def test_who_is_on_the_list_already_is_mailed_alike_and_welcomed_by_nothing(public: Place, post: Post) -> None:
    public.readers(ANN)
    before = people.show(public.ctx, ANN).subscriptions
    token = ask(public)
    [mail] = post.send()

    done = signup.confirm_by_code(public.ctx, token, code_in(mail), by(How.CODE))

    assert done.verdict is Verdict.RIGHT
    assert people.show(public.ctx, ANN).subscriptions == before
    assert post.send() == []


def test_a_suppressed_address_is_never_mailed_and_its_page_is_like_any_other(public: Place, post: Post) -> None:
    suppress(public, ANN)
    tokens = [ask(public), ask(public, "new@example.org")]
    mails = post.send()
    for token in tokens:
        signup.confirm_by_code(public.ctx, token, "x", by(How.CODE))

    pages = [replace(signup.waiting(public.ctx, token), address="") for token in tokens]
    assert [mail["To"] for mail in mails] == ["new@example.org"]
    assert pages[0] == pages[1]


def test_who_was_suppressed_since_the_mail_cannot_confirm(public: Place, post: Post) -> None:
    ask(public)
    [mail] = post.send()
    suppress(public, ANN)

    with pytest.raises(NotFound):
        signup.confirm_by_link(public.ctx, link_in(mail), by(How.LINK))
    assert state(public) is None


def test_a_waiting_page_does_not_tell_that_somebody_confirmed(public: Place, post: Post) -> None:
    token = ask(public)
    [mail] = post.send()
    before = signup.waiting(public.ctx, token)
    signup.confirm_by_link(public.ctx, link_in(mail), by(How.LINK))
    post.send()

    assert replace(signup.waiting(public.ctx, token), is_confirmed=False) == before
    assert signup.confirm_by_code(public.ctx, token, wrong(code_in(mail)), by(How.CODE)).verdict is Verdict.WRONG


@contextmanager
def statements(place: Place) -> Iterator[list[str]]:
    """The SQL that is run meanwhile."""
    ran: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        ran.append(statement)

    engines = [place.ctx.db._writer, place.ctx.db._reader]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield ran
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def test_asking_does_the_same_work_for_every_address(public: Place) -> None:
    public.readers("active@example.org", "left@example.org")
    people.change(public.ctx, "left@example.org", leave="readers")
    suppress(public, "never@example.org")
    ask(public, "first@example.org")  # makes the counters
    work = []
    for address in ("unknown@example.org", "active@example.org", "left@example.org", "never@example.org"):
        with statements(public) as ran:
            ask(public, address)
        work.append([*ran])

    assert all(ran == work[0] for ran in work)
    assert not any(
        f"FROM {table}" in statement for statement in work[0] for table in ("subscriber", "subscription", "suppression")
    )


# --- lists -----------------------------------------------------------------------------------


def test_a_closed_list_is_like_none(place: Place) -> None:
    for name in ("readers", "nowhere"):
        with pytest.raises(NotFound):
            offers.get(place.ctx, name)
    assert offers.every(place.ctx) == []


def test_single_opt_in_joins_without_a_confirmation(place: Place) -> None:
    post = Post(opened(place, ListAccess.SINGLE))
    ask(place)
    assert state(place) is None

    [mail] = post.send()

    assert mail["Subject"] == "Welcome to The Morning Ledger"
    assert state(place) is A
    assert "single opt-in" in people.show(place.ctx, ANN).subscriptions[0].evidence


def test_single_opt_in_still_asks_who_had_left(place: Place) -> None:
    post = Post(opened(place, ListAccess.SINGLE))
    place.readers(ANN)
    people.change(place.ctx, ANN, leave="readers")
    ask(place)

    [mail] = post.send()
    assert state(place) is U

    signup.confirm_by_link(place.ctx, link_in(mail), by(How.LINK))
    assert state(place) is A


def test_sign_ups_count_as_pending_until_they_are_confirmed(public: Place, post: Post) -> None:
    ask(public)
    [mail] = post.send()
    assert lists.show(public.ctx, "readers").pending == 1

    signup.confirm_by_link(public.ctx, link_in(mail), by(How.LINK))

    assert lists.show(public.ctx, "readers").pending == 0


# --- abuse -----------------------------------------------------------------------------------


def test_five_hundred_requests_for_three_victims_bring_each_two_mails(public: Place, post: Post) -> None:
    victims = [f"victim{n}@example.org" for n in range(3)]
    got = dict.fromkeys(victims, 0)
    refused = 0
    for n in range(500):
        try:
            ask(public, victims[n % 3], ip=f"198.51.{n // 250}.{n % 250}")
        except BadInput:
            refused += 1
        public.clock.turn(seconds=160)  # 22 hours in all
        if n % 10 == 0:
            signup_mails.tidy(public.ctx)
            for mail in post.send():
                got[mail["To"]] += 1

    assert set(got.values()) == {2}
    assert refused < 500


@pytest.mark.parametrize(
    ("limits", "asking"),
    [
        (
            "network=6/hour",
            [("a@a.org", "192.0.2.1"), ("b@b.org", "192.0.2.1"), ("c@c.org", "192.0.2.1"), ("d@d.org", "192.0.2.1")],
        ),
        ("network=2/day", [("a@a.org", "2001:db8:1:2::1"), ("b@b.org", "2001:db8:1:2:ffff::9")]),
        ("domain=4/hour", [("a@a.org", "192.0.2.1"), ("b@a.org", "192.0.2.2"), ("c@A.ORG", "192.0.2.3")]),
        ("all=4/minute", [("a@a.org", "192.0.2.1"), ("b@b.org", "192.0.2.2"), ("c@c.org", "192.0.2.3")]),
    ],
)
def test_from_half_of_a_limit_by_network_by_domain_and_in_all_a_request_must_pay(
    public: Place, limits: str, asking: list[tuple[str, str]]
) -> None:
    place = with_settings(public, signup_limits=limits)
    *fine, last = asking
    for address, ip in fine:
        ask(place, address, ip=ip)

    with pytest.raises(BadInput) as refused:
        ask(place, last[0], ip=last[1])

    assert refused.value.code == "proof_needed"
    place.clock.turn(days=1)
    ask(place, last[0], ip=last[1])
    assert count(place, SignUp) == len(asking)


def with_settings(place: Place, **settings: object) -> Place:
    ctx = replace(place.ctx, settings=place.ctx.settings.model_copy(update=settings))
    return replace(place, ctx=ctx)


def test_large_providers_have_no_limit_by_domain(public: Place) -> None:
    place = with_settings(public, signup_limits="domain=1/day")
    for n in range(5):
        ask(place, f"reader{n}@gmail.com")

    assert count(place, SignUp) == 5


def test_traps_answer_alike_and_record_nothing(public: Place) -> None:
    stamp = offers.stamp(public.ctx)
    for given in (Application(address=ANN, trap="x"), Application(address=ANN, stamp=stamp)):
        token = signup.ask(public.ctx, "readers", given, Origin(how=How.FORM))
        page = signup.waiting(public.ctx, token)
        assert page.is_mailed
        assert signup.confirm_by_code(public.ctx, token, "123456", by(How.CODE)).verdict is Verdict.WRONG
        signup.resend(public.ctx, token)
    assert count(public, SignUp) == count(public, Consent) == 0


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (Application(address="ann@mailinator.com"), "disposable_address"),
        (Application(address="ann@sub.mailinator.com"), "disposable_address"),
        (Application(address=ANN, name="Buy at www.example.org"), "bad_name"),
        (Application(address=ANN, name="win.example.org"), "bad_name"),
        (Application(address=ANN, name="<b>Ann</b>"), "bad_name"),
        (Application(address=ANN, name="Ann\r\nBcc: x"), "bad_name"),
        (Application(address=ANN, name="Ann \u202ednA"), "bad_name"),
        (Application(address=ANN, name="A" * 81), "bad_name"),
        (Application(address=ANN, version="000000000000"), "stale_form"),
        (Application(address=ANN, stamp="forged"), "stale_form"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_recorded(public: Place, given: Application, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        signup.ask(public.ctx, "readers", given, Origin(how=How.FORM))

    assert refused.value.code == code
    assert count(public, SignUp) == count(public, RateCount) == 0


@pytest.mark.parametrize(
    "address", ["", "ann", "a b@example.org", '"a b"@example.org', "a@b", "x" * 300 + "@example.org", "a@[192.0.2.1]"]
)
def test_what_is_no_address_is_refused(public: Place, address: str) -> None:
    with pytest.raises(BadAddress):
        ask(public, address)


@pytest.mark.parametrize("name", ["Ann O'Brien", "J. R. Müller", "Dr. Ana-María", "李小龍", "محمد", "Ann, Countess", "Ann & Bob"])
def test_names_of_people_are_taken(public: Place, post: Post, name: str) -> None:
    ask(public, "müller@bücher.example", name=name)
    [mail] = post.send()
    signup.confirm_by_link(public.ctx, link_in(mail), by(How.LINK))

    with public.ctx.db.read() as tx:
        assert tx.exec(select(Subscriber)).one().name == name


# --- topics ----------------------------------------------------------------------------------


SCIENCE = TopicChoice(wanted=("science",), muted=("Sport",))


def test_chosen_topics_hold_once_the_sign_up_is_confirmed_and_for_the_newest_issue_too(public: Place, post: Post) -> None:
    published(public)  # a story of no topic
    with_topics(public, "Science", "Sport")
    token = ask(public, topics=TopicChoice(wanted=("Science",)))
    [mail] = [one for one in post.send() if code_in(one)]
    before = state(public)
    done = signup.confirm_by_code(public.ctx, token, code_in(mail), by(How.CODE))

    [tie] = people.show(public.ctx, ANN).subscriptions
    assert before is None
    assert (tie.wanted, tie.muted) == (("Science",), ())
    assert not done.is_welcomed  # the newest issue has nothing for them


def test_topics_are_kept_in_the_spelling_of_the_newsletter_and_others_are_not(public: Place, post: Post) -> None:
    with_topics(public, "Science", "Sport")
    ask(public, topics=TopicChoice(wanted=("science", "<b>astrology</b>"), muted=("SPORT",)))

    with public.ctx.db.read() as tx:
        row = tx.exec(select(SignUp)).one()
    assert row.topics == TopicChoice(wanted=("Science",), muted=("Sport",))


def test_the_last_form_counts_whole_and_a_known_reader_keeps_their_topics(public: Place, post: Post) -> None:
    with_topics(public, "Science", "Sport")
    ask(public, topics=SCIENCE)
    token = ask(public)
    [mail] = post.send()
    signup.confirm_by_code(public.ctx, token, code_in(mail), by(How.CODE))
    first = people.show(public.ctx, ANN).subscriptions[0]
    people.change(public.ctx, ANN, muted=["Science"])
    public.clock.turn(days=2)
    again = ask(public, topics=SCIENCE)
    [mail] = [one for one in post.send() if code_in(one)]
    signup.confirm_by_code(public.ctx, again, code_in(mail), by(How.CODE))

    kept = people.show(public.ctx, ANN).subscriptions[0]
    assert (first.wanted, first.muted) == ((), ())
    assert (kept.wanted, kept.muted) == ((), ("Science",))


def test_who_returns_has_the_topics_of_the_new_sign_up_or_those_of_before(public: Place, post: Post) -> None:
    with_topics(public, "Science", "Sport")
    public.readers(ANN)
    people.change(public.ctx, ANN, muted=["Science"])
    found = []
    for topics in (TopicChoice(), SCIENCE):
        subscriptions.unsubscribe(public.ctx, people.show(public.ctx, ANN).subscriptions[0].id, by="reader")
        public.clock.turn(days=2)
        token = ask(public, topics=topics)
        [mail] = [one for one in post.send() if code_in(one)]
        signup.confirm_by_code(public.ctx, token, code_in(mail), by(How.CODE))
        tie = people.show(public.ctx, ANN).subscriptions[0]
        found.append((tie.wanted, tie.muted))

    assert found == [((), ("Science",)), (("Science",), ("Sport",))]


@pytest.mark.parametrize("how", [How.CODE, How.LINK])
def test_evidence_has_the_topics_in_the_words_that_were_shown(public: Place, post: Post, how: How) -> None:
    with_topics(public, "Harbour", "Science", "Sport")
    token = ask(public, topics=SCIENCE, language="de")
    [mail] = post.send()
    if how is How.CODE:
        signup.confirm_by_code(public.ctx, token, code_in(mail), by(how))
    else:
        signup.confirm_by_link(public.ctx, link_in(mail), by(how))

    asked, confirmed = people.show(public.ctx, ANN).consents
    assert asked.choices == "Harbour: Wie üblich\nScience: Erwünscht\nSport: Nichts"
    assert confirmed.choices == ("Science: Wanted\nSport: None" if how is How.LINK else "")  # the page of the code shows none


def test_a_form_that_shows_no_topics_has_none_in_its_evidence(public: Place) -> None:
    with_topics(public, "Science")
    ask(public)

    with public.ctx.db.read() as tx:
        assert tx.exec(select(Consent)).one().choices == ""


# --- evidence --------------------------------------------------------------------------------


def test_evidence_says_what_was_shown_when_from_where_and_how_at_both_steps(public: Place, post: Post) -> None:
    token = ask(public, ip="203.0.113.77", language="de")
    [mail] = post.send()
    public.clock.turn(minutes=3)
    signup.confirm_by_code(public.ctx, token, code_in(mail), by(How.CODE))

    asked, confirmed = people.show(public.ctx, ANN).consents
    assert (asked.step, asked.how, asked.ip, asked.language) == ("asked", "embedded form", "203.0.113.0/24", "de")
    assert asked.text == "Schicken Sie mir The Morning Ledger per E-Mail, bis ich abbestelle. Ein Klick in jeder Mail beendet es."
    assert (confirmed.step, confirmed.how, confirmed.ip, confirmed.language) == ("confirmed", "code", "192.0.2.0/24", "en")
    assert confirmed.at - asked.at == timedelta(minutes=3)
    assert asked.version != confirmed.version


@pytest.mark.parametrize(
    ("policy", "ip", "kept"),
    [
        ("full", "203.0.113.77", "203.0.113.77"),
        ("full", "2001:db8::1", "2001:db8::1"),
        ("truncated", "2001:db8:1:2::1", "2001:db8:1::/48"),
        ("truncated", "::ffff:203.0.113.77", "203.0.113.0/24"),
        ("none", "203.0.113.77", ""),
        ("full", "not an address", ""),
    ],
)
def test_an_ip_is_kept_by_policy(public: Place, policy: str, ip: str, kept: str) -> None:
    place = with_settings(public, ip_policy=policy)
    ask(place, ip=ip)

    with place.ctx.db.read() as tx:
        assert tx.exec(select(Consent)).one().ip == kept


def test_the_database_refuses_to_change_evidence(public: Place) -> None:
    ask(public)

    for column in ("text", "choices"):
        with pytest.raises(Exception, match="append-only"), public.ctx.db.begin() as tx:
            tx.execute(sa.text(f"UPDATE consent SET {column} = 'something else'"))


def test_a_person_who_is_forgotten_leaves_no_evidence_and_no_request(public: Place, post: Post) -> None:
    token = ask(public)
    [mail] = post.send()
    signup.confirm_by_code(public.ctx, token, code_in(mail), by(How.CODE))

    people.remove(public.ctx, ANN)

    assert [count(public, table) for table in (SignUp, Consent, Subscription)] == [0, 0, 0]
