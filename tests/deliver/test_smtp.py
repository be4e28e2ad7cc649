"""A relay that misbehaves costs no reader a mail, and mails nobody twice silently."""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from digest.errors import BadInput, NothingToDo, TransportDown, TransportRefused
from digest.model.states import DeliveryState, IssueState
from digest.services import deliveries as delivery_services
from digest.services import freezing, sending
from digest.services import issues as issue_services
from digest.services.selection import prepare
from digest.smtp.blocking import hand_over
from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp
from digest.store import deliveries, issues, subscribers
from tests.support.place import Place
from tests.support.running import run
from tests.support.servers import Mailbox, free_port, smtp_server

pytestmark = pytest.mark.any_database

D = DeliveryState
Relayed = Callable[..., Place]


def states(place: Place) -> dict[DeliveryState, int]:
    with place.ctx.db.read() as tx:
        return dict(deliveries.counts(tx, issues.latest(tx)[0].id))


def test_everyone_gets_one_mail_as_it_can_be_made_again(relayed: Place, mailbox: Mailbox) -> None:
    sent = relayed.send()

    assert sent.counts == {D.SENT: 3}
    assert mailbox.taken == {"ann@example.org": 1, "bob@example.org": 1, "cy@example.org": 1}
    with relayed.ctx.db.read() as tx:
        rows = deliveries.listed(tx)
    from digest.services import messages

    assert {messages.remake(relayed.ctx, row) for row in rows} == set(mailbox.contents)


def test_refusals_cost_each_its_own_recipient(relayed: Place, mailbox: Mailbox) -> None:
    mailbox.answers = {
        "RCPT ann@example.org": "550 5.1.1 no such user",
        "RCPT bob@example.org": "451 4.7.1 greylisted, try again later",
    }

    sent = relayed.send()

    assert sent.counts == {D.SENT: 1, D.DEFERRED: 1, D.BOUNCED: 1}
    with relayed.ctx.db.read() as tx:
        assert [s.address for s in subscribers.suppressions(tx)] == ["ann@example.org"]


def test_deferred_mail_goes_when_its_time_has_come(relayed: Place, mailbox: Mailbox) -> None:
    mailbox.answers = {"RCPT bob@example.org": "450 4.2.0 greylisted"}
    relayed.send()
    mailbox.answers = {}

    with pytest.raises(NothingToDo, match=r"went out but for 1 deferred; the next try is at 2026-03-03 07:\d\d CET"):
        relayed.send()
    relayed.clock.turn(minutes=15)
    sent = relayed.send()

    assert sent.resumed
    assert sent.issue.state is IssueState.SENT
    assert mailbox.taken == {"ann@example.org": 1, "bob@example.org": 1, "cy@example.org": 1}


def test_deferred_mail_is_given_up_after_two_days_with_the_last_reply(relayed: Place, mailbox: Mailbox) -> None:
    mailbox.answers = {"RCPT bob@example.org": "450 4.2.0 not now"}
    relayed.send()

    for _ in range(20):
        relayed.clock.turn(hours=4)
        with relayed.ctx.db.read() as tx:
            waiting = issues.latest(tx)[0]
        if waiting.state is IssueState.SENT:
            break
        sending.finish(relayed.ctx, relayed.daily, waiting, resumed=True)

    assert states(relayed) == {D.SENT: 2, D.BOUNCED: 1}
    with relayed.ctx.db.read() as tx:
        [bounced] = deliveries.listed(tx, state=D.BOUNCED)
        assert "given up after 48 hours; last: 450 4.2.0 not now" in bounced.reason
        assert subscribers.suppressions(tx) == []


@pytest.mark.parametrize(
    ("drop", "left"),
    [("BANNER", D.QUEUED), ("MAIL", D.QUEUED), ("DATA", D.QUEUED), ("CONTENT", D.UNSURE), ("END", D.UNSURE)],
)
def test_a_lost_connection_leaves_rows_queued_before_the_end_and_unsure_after_it(
    relayed: Place, mailbox: Mailbox, drop: str, left: DeliveryState
) -> None:
    mailbox.drop = drop

    sent = relayed.send()

    assert set(sent.counts) == {left}
    assert left is D.UNSURE or sent.tally.down
    mailbox.drop = ""
    if left is D.QUEUED:
        assert relayed.send().counts == {D.SENT: 3}
        assert set(mailbox.taken.values()) == {1}


def test_unsure_mail_waits_for_a_person_who_settles_it(relayed: Place, mailbox: Mailbox) -> None:

    mailbox.drop = "END"
    relayed.send()
    mailbox.drop = ""
    with relayed.ctx.db.read() as tx:
        ids = [d.id for d in deliveries.listed(tx, state=D.UNSURE)]

    assert delivery_services.settle(relayed.ctx, ids[:2], as_sent=True) == 2
    assert delivery_services.settle(relayed.ctx, ids[2:], as_sent=False) == 1
    sent = relayed.send()

    assert sent.counts == {D.SENT: 3}
    assert sorted(mailbox.taken.values()) == [1, 1, 2]


def test_with_resend_unsure_mail_is_sent_again(relayed: Place, mailbox: Mailbox) -> None:
    relayed.ctx = replace(relayed.ctx, settings=relayed.ctx.settings.model_copy(update={"unsure": "resend"}))
    mailbox.drop = "END"
    relayed.send()
    mailbox.drop = ""

    assert relayed.send().counts == {D.SENT: 3}


@pytest.mark.parametrize("code", ["550 5.7.26 unauthenticated: SPF did not pass", "554 5.7.1 blocked using zen.spamhaus.org"])
def test_what_blames_us_holds_the_issue_and_no_reader(relayed: Place, mailbox: Mailbox, code: str) -> None:
    mailbox.answers = {"END": code}

    sent = relayed.send()

    assert sent.issue.state is IssueState.HELD
    assert sent.counts == {D.QUEUED: 3}
    assert code in sent.issue.reason
    with relayed.ctx.db.read() as tx:
        assert subscribers.suppressions(tx) == []


def test_a_held_issue_goes_on_when_it_is_resumed(relayed: Place, mailbox: Mailbox) -> None:

    mailbox.answers = {"END": "550 5.7.26 SPF did not pass"}
    held = relayed.send()
    mailbox.answers = {}

    with pytest.raises(NothingToDo, match="is held"):
        relayed.send()
    issue_services.resume(relayed.ctx, held.issue.id)

    assert relayed.send().counts == {D.SENT: 3}


def test_a_421_closes_the_connection_and_the_others_go_on(relayed: Place, mailbox: Mailbox) -> None:
    mailbox.answers = {"RCPT bob@example.org": "421 4.7.0 too many sessions"}

    assert relayed.send().counts == {D.SENT: 2, D.DEFERRED: 1}


def test_an_address_beyond_ascii_needs_smtputf8_and_is_not_suppressed_without(relayed: Place, mailbox: Mailbox) -> None:
    relayed.readers("jörg@example.net")
    mailbox.extensions = ("8BITMIME",)

    assert relayed.send().counts == {D.SENT: 3, D.BOUNCED: 1}
    with relayed.ctx.db.read() as tx:
        assert subscribers.suppressions(tx) == []


def test_an_address_beyond_ascii_is_mailed_where_the_relay_can(relayed: Place, mailbox: Mailbox) -> None:
    relayed.readers("jörg@example.net")

    assert relayed.send().counts == {D.SENT: 4}
    assert mailbox.taken["jörg@example.net"] == 1


def test_who_leaves_before_their_message_gets_nothing(relayed: Place, mailbox: Mailbox) -> None:
    slot = relayed.daily.timetable.today(relayed.clock())
    issue = issue_services.take_slot(relayed.ctx, relayed.daily, slot)
    issue = freezing.freeze(relayed.ctx, issue, prepare(relayed.ctx, relayed.daily, slot, now=relayed.clock()))
    issue = sending.queue(relayed.ctx, issue, relayed.daily)
    with relayed.ctx.db.begin() as tx:
        person = subscribers.get(tx, "bob@example.org")
        subscribers.leave(tx, subscribers.subscriptions_of(tx, person.id)[0][0], at=relayed.clock())

    sending.deliver(relayed.ctx, issue)

    assert mailbox.taken == {"ann@example.org": 1, "cy@example.org": 1}
    assert states(relayed) == {D.SENT: 2, D.SKIPPED: 1}


def test_a_relay_that_is_not_there_says_so_and_holds_nothing_for_ever(relayed: Place) -> None:
    up = relayed.ctx.transports
    relayed.ctx = replace(relayed.ctx, transports=(Smtp(Relay(scheme="smtp", host="127.0.0.1", port=9), helo="test"),))
    down = relayed.send()
    relayed.ctx = replace(relayed.ctx, transports=up)

    assert "cannot be reached" in down.tally.down
    assert down.issue.state is IssueState.SENDING
    assert relayed.send().counts == {D.SENT: 3}


@pytest.mark.parametrize(
    ("banner", "kind"),
    [
        ("554 5.7.1 IP address is block listed", TransportRefused),
        ("421 4.3.2 busy", TransportDown),
        ("HTTP/1.1 400 no", TransportDown),
    ],
)
def test_banners_that_refuse_hold_or_wait(mailbox: Mailbox, banner: str, kind: type[TransportDown]) -> None:
    mailbox.banner = banner

    with pytest.raises(kind):
        run(Smtp(Relay(scheme="smtp", host="127.0.0.1", port=mailbox.port), helo="x").dial())


def test_a_relay_without_starttls_is_never_mailed_in_clear(mailbox: Mailbox) -> None:
    with pytest.raises(TransportRefused, match="offers no STARTTLS, and mail must not go in clear"):
        run(Smtp(Relay(scheme="smtp+starttls", host="127.0.0.1", port=mailbox.port), helo="x").dial())
    assert not mailbox.taken


def test_a_name_that_is_not_found_needs_a_person() -> None:
    with pytest.raises(TransportDown, match="its name is not found"):
        run(Smtp(Relay(scheme="smtp", host="no-such-host.invalid", port=25), helo="x").dial())


class Taken:
    """An aiosmtpd handler that remembers."""

    def __init__(self) -> None:
        self.recipients: list[str] = []

    async def handle_DATA(  # noqa: N802
        self, _server: object, _session: object, envelope: object
    ) -> str:
        self.recipients += envelope.rcpt_tos  # type: ignore[attr-defined]
        return "250 ok"


def authenticate(_server: object, _session: object, _envelope: object, _mechanism: str, data: object) -> AuthResult:
    return AuthResult(success=data.login == b"user" and data.password == b"right", handled=False)  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[tuple[int, Taken]]:
    """A server with STARTTLS and log-in, its certificate for localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    taken = Taken()
    controller = Controller(
        taken,
        hostname="127.0.0.1",
        port=0,
        tls_context=context,
        require_starttls=True,
        authenticator=authenticate,
        auth_required=True,
    )
    controller.port = free_port()
    controller.start()
    yield controller.port, taken
    controller.stop()


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def test_mail_goes_over_starttls_with_a_log_in(secure: tuple[int, Taken], authority: trustme.CA) -> None:
    from tests.support.envelopes import envelope

    port, taken = secure
    relay = Relay.parse(f"smtp+starttls://user:right@localhost:{port}")

    [answer] = hand_over(Smtp(relay, helo="test", tls=trusting(authority)), [envelope(1)])

    assert answer.reply is not None
    assert answer.reply.code == 250
    assert taken.recipients == ["r1@example.org"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("smtp+starttls://user:wrong@localhost", "refuses the log-in: 535"),
        ("smtp+starttls://user:right@127.0.0.1", "certificate is not valid"),
    ],
)
def test_a_wrong_log_in_or_certificate_needs_a_person(
    secure: tuple[int, Taken], authority: trustme.CA, url: str, said: str
) -> None:
    with pytest.raises(TransportRefused, match=said):
        run(Smtp(Relay.parse(f"{url}:{secure[0]}"), helo="x", tls=trusting(authority)).dial())


@pytest.mark.parametrize("url", ["smtp://", "ftp://x", "smtp://host:port", "smtp://host:99999"])
def test_a_relay_that_cannot_be_meant_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        Relay.parse(url)


def test_waits_double_from_ten_minutes_to_four_hours() -> None:
    from digest.deliver.retry import next_try
    from digest.model.replies import Cause
    from tests.support.place import TUESDAY

    waits = [next_try(tries=n, cause=Cause.OTHER, delivery_id=1, now=TUESDAY) - TUESDAY for n in range(9)]

    assert timedelta(minutes=9) <= waits[0] <= timedelta(minutes=11)
    assert all(a < b for a, b in pairwise(waits[:5]))
    assert timedelta(hours=3) < waits[-1] < timedelta(hours=5)


def test_the_outbox_folder_is_untouched_by_a_relay(relayed: Place, tmp_path: Path) -> None:
    relayed.send()

    assert not (tmp_path / "var" / "outbox").exists()


def test_mail_goes_over_implicit_tls(authority: trustme.CA) -> None:
    from tests.support.envelopes import envelope

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with smtp_server(Mailbox(tls=context)) as box:
        relay = Relay.parse(f"smtps://127.0.0.1:{box.port}")
        list(hand_over(Smtp(relay, helo="test", tls=trusting(authority)), [envelope(1)]))
        with pytest.raises(TransportRefused, match="certificate is not valid"):
            run(Smtp(relay, helo="test").dial())

    assert box.taken == {"r1@example.org": 1}
