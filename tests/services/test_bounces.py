"""What came back changes the ledger and the reader once, if it is proved to be ours, and can be taken back."""

import email
import email.policy
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from digest.compose.lint import check
from digest.errors import NotFound, NothingToDo
from digest.model.bounce import Effect, Proof
from digest.model.states import DeliveryState, SubscriptionState
from digest.model.tokens import Purpose, address_hmac, sign, verp
from digest.services import bounces, events, notifications, personal, subscribers, suppressions
from digest.services import deliveries as delivery_services
from tests.support.bounced import KEY, dsn, newest, process, publish, rows
from tests.support.dumps import naming
from tests.support.events import Stopped, nothing_committed
from tests.support.place import Place


@pytest.fixture
def sent(place: Place) -> Place:
    """A place that has sent an issue to Ann and Bob, with a bounce address."""
    told = place.ctx.settings.model_copy(update={"bounce_address": "bounces@paper.example", "admins": "admin@ledger.example.org"})
    place.ctx = replace(place.ctx, settings=told)
    publish(place, "ann@example.org", "bob@example.org")
    return place


def complaint(link: str) -> bytes:
    return (
        'From: fbl@isp.example\nTo: abuse@ledger.example.org\nSubject: complaint\nContent-Type: multipart/report; boundary="b"\n\n--b\n\nx\n'
        "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n\n"
        f"--b\nContent-Type: message/rfc822\n\nTo: redacted\nList-Unsubscribe: <{link}>\n\n...\n--b--\n"
    ).encode()


def suppressed(place: Place) -> list[str | None]:
    return sorted(str(entry.address) for entry in suppressions.every(place.ctx))


def kinds(place: Place, first: int = 0) -> list[str]:
    return [event.kind.value for event in events.since(place.ctx, first, limit=1_000)]


def test_a_signed_hard_report_bounces_the_delivery_and_suppresses_its_reader(sent: Place) -> None:
    ann = rows(sent)["ann@example.org"]

    done = process(sent, dsn(ann))

    assert (done.mails, done.bounces, done.suppressed) == (1, 1, 1)
    assert rows(sent)["ann@example.org"].state is DeliveryState.BOUNCED
    assert rows(sent)["ann@example.org"].reason == "came back: no such user"
    assert rows(sent)["bob@example.org"].state is DeliveryState.SENT
    assert suppressed(sent) == ["ann@example.org"]
    assert (newest(sent).proof, newest(sent).effect, newest(sent).newsletter) == (Proof.SIGNED, Effect.SUPPRESSED, "daily")
    assert kinds(sent)[-2:] == ["delivery.bounced", "suppression.added"]


def test_the_next_issue_passes_a_suppressed_reader_by(sent: Place) -> None:
    process(sent, dsn(rows(sent)["ann@example.org"]))
    sent.clock.turn(days=1)

    publish(sent)

    states = {address: (row.state, row.reason) for address, row in rows(sent).items() if row.issue_id == 2}
    assert states == {"ann@example.org": (DeliveryState.SKIPPED, "suppressed"), "bob@example.org": (DeliveryState.SENT, "")}


def test_a_mail_is_counted_once_however_often_it_is_read(sent: Place) -> None:
    mail = dsn(rows(sent)["ann@example.org"])

    first, second = process(sent, mail), process(sent, mail)

    assert (first.known, second.known, second.bounces) == (0, 1, 0)
    assert len(bounces.listed(sent.ctx)) == 1


def test_after_an_undo_neither_the_mail_nor_another_of_the_delivery_suppresses_again(sent: Place) -> None:
    ann = rows(sent)["ann@example.org"]
    mail = dsn(ann)
    process(sent, mail)
    bounces.undo(sent.ctx, newest(sent).id)

    process(sent, mail, dsn(ann))

    assert suppressed(sent) == []
    assert newest(sent).effect is Effect.REPEATED


def test_a_forged_report_suppresses_nobody(sent: Place) -> None:
    bob = rows(sent)["bob@example.org"]
    token = verp("bounces@paper.example", bob.id, "x" * 32)
    right = verp("bounces@paper.example", bob.id, KEY)
    altered = right[:20] + ("a" if right[20] != "a" else "b") + right[21:]

    done = process(sent, dsn(bob, to="bounces@paper.example"), dsn(bob, to=token), dsn(bob, to=altered))

    assert (done.bounces, done.suppressed) == (3, 0)
    assert suppressed(sent) == []
    assert rows(sent)["bob@example.org"].state is DeliveryState.SENT


def test_who_has_a_signed_address_can_blame_its_own_reader_alone(sent: Place) -> None:
    ann, bob = rows(sent)["ann@example.org"], rows(sent)["bob@example.org"]

    process(sent, dsn(bob, to=verp("bounces@paper.example", ann.id, KEY)))

    assert suppressed(sent) == ["ann@example.org"]


def test_two_reports_by_message_id_suppress_when_days_lie_between(sent: Place) -> None:
    def by_name() -> bytes:
        bob = rows(sent)["bob@example.org"]
        return dsn(bob, to="paper@ledger.example.org", message_id=f"<{bob.id}.abc@ledger.example.org>")

    process(sent, by_name())
    assert (newest(sent).proof, suppressed(sent)) == (Proof.NAMED, [])
    sent.clock.turn(days=1)
    publish(sent)
    sent.clock.turn(hours=1)

    process(sent, by_name())

    assert suppressed(sent) == ["bob@example.org"]


def test_a_blocked_sender_harms_no_reader_and_the_admins_are_told_of_it_and_of_the_pause_once(sent: Place) -> None:
    text = "550 5.7.1 blocked using zen.spamhaus.org"
    blocked = [dsn(row, status="5.7.1", text=text) for row in rows(sent).values()]

    process(sent, *blocked)
    notifications.tell_due(sent.ctx)

    assert suppressed(sent) == []
    assert (kinds(sent).count("issue.refused"), kinds(sent).count("issue.paused")) == (1, 1)
    refused, paused = sorted(path.read_text().replace("=\n", "") for path in sent.mails() if "<report." in path.read_text())
    assert "came back (blocked)" in refused + paused
    assert "mail to example.org is paused" in refused + paused


def test_a_complaint_with_our_signed_link_unsubscribes_and_suppresses(sent: Place) -> None:
    ann = rows(sent)["ann@example.org"]

    done = process(sent, complaint(f"https://ledger.example.org/u/{sign(ann.subscription_id, Purpose.UNSUBSCRIBE, KEY)}"))

    assert (done.complaints, done.unsubscribed) == (1, 1)
    assert suppressed(sent) == ["ann@example.org"]
    assert subscribers.show(sent.ctx, "ann@example.org").subscriptions[0].state is SubscriptionState.UNSUBSCRIBED


def test_a_complaint_with_a_forged_link_does_nothing(sent: Place) -> None:
    ann = rows(sent)["ann@example.org"]

    done = process(sent, complaint(f"https://ledger.example.org/u/{sign(ann.subscription_id, Purpose.UNSUBSCRIBE, 'x' * 32)}"))

    assert (done.complaints, done.unsubscribed) == (1, 0)
    assert suppressed(sent) == []


def test_to_undo_a_complaint_gives_back_subscription_and_mail(sent: Place) -> None:
    ann = rows(sent)["ann@example.org"]
    process(sent, complaint(f"https://ledger.example.org/u/{sign(ann.subscription_id, Purpose.UNSUBSCRIBE, KEY)}"))

    done = bounces.undo(sent.ctx, newest(sent).id)

    assert (done.address, done.mailed_again, done.subscribed_again) == ("ann@example.org", True, True)
    assert suppressed(sent) == []
    subscription = subscribers.show(sent.ctx, "ann@example.org").subscriptions[0]
    assert subscription.state is SubscriptionState.ACTIVE
    assert "took back what report" in subscription.evidence
    assert kinds(sent)[-3:] == ["suppression.removed", "subscription.resumed", "bounce.undone"]


def test_what_an_admin_suppressed_stays_so_when_a_report_is_undone(sent: Place) -> None:
    ann = rows(sent)["ann@example.org"]
    suppressions.add(sent.ctx, "ann@example.org", reason="asked by phone")
    sent.clock.turn(minutes=1)
    process(sent, complaint(f"https://ledger.example.org/u/{sign(ann.subscription_id, Purpose.UNSUBSCRIBE, KEY)}"))

    done = bounces.undo(sent.ctx, newest(sent).id)

    assert (done.mailed_again, done.subscribed_again) == (False, True)
    assert suppressed(sent) == ["ann@example.org"]


def test_what_had_no_effect_cannot_be_undone(sent: Place) -> None:
    process(sent, dsn(rows(sent)["ann@example.org"], status="5.2.2", text="552 5.2.2 mailbox full"))

    with pytest.raises(NothingToDo, match="no effect"):
        bounces.undo(sent.ctx, newest(sent).id)
    with pytest.raises(NotFound):
        bounces.undo(sent.ctx, 999)


def test_too_many_hard_reports_at_once_blame_no_reader_and_tell_the_admins(place: Place) -> None:
    told = place.ctx.settings.model_copy(update={"bounce_address": "bounces@paper.example", "admins": "admin@ledger.example.org"})
    place.ctx = replace(place.ctx, settings=told)
    publish(place, *(f"r{n}@example.org" for n in range(30)), *(f"r{n}@example.net" for n in range(10)))
    broken = [row for address, row in rows(place).items() if address.endswith("@example.org")]

    done = process(place, *(dsn(row) for row in broken[:25]))

    assert (done.suppressed, done.held_back) == (19, 6)
    assert suppressed(place) == []
    assert {line.effect for line in bounces.listed(place.ctx)} == {Effect.HELD}
    assert kinds(place).count("issue.bouncing") == 1


def test_the_mail_behind_a_report_is_kept_for_ninety_days(sent: Place) -> None:
    mail = dsn(rows(sent)["ann@example.org"])
    process(sent, mail)
    number = newest(sent).id

    assert bounces.original(sent.ctx, number) == mail
    sent.clock.turn(days=91)
    bounces.forget_originals(sent.ctx)
    with pytest.raises(NothingToDo, match="not kept any more"):
        bounces.original(sent.ctx, number)
    assert bounces.show(sent.ctx, number).effect is Effect.SUPPRESSED


def test_of_an_erased_person_no_address_and_no_mail_is_left(sent: Place) -> None:
    process(sent, dsn(rows(sent)["ann@example.org"]))

    subscribers.remove(sent.ctx, "ann@example.org")

    assert (newest(sent).address, newest(sent).sentence) == ("", "")
    with pytest.raises(NothingToDo):
        bounces.original(sent.ctx, newest(sent).id)


def test_what_is_no_bounce_is_counted_and_changes_nothing(sent: Place) -> None:
    answer = b"From: ann@example.org\nTo: bounces@paper.example\nAuto-Submitted: auto-replied\n\naway\n"
    letter = b"From: ann@example.org\nTo: bounces@paper.example\nSubject: thanks\n\nlovely\n"

    done = process(sent, answer, letter)

    assert (done.auto_replies, done.others, done.bounces) == (1, 1, 0)
    assert bounces.listed(sent.ctx) == []


def test_a_maildir_is_emptied_of_what_was_understood(sent: Place, tmp_path: Path) -> None:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "M" / name).mkdir(parents=True)
    (tmp_path / "M" / "new" / "1").write_bytes(dsn(rows(sent)["ann@example.org"]))
    (tmp_path / "M" / "new" / "2").write_bytes(b"Subject: thanks\n\nlovely\n")

    bounces.process(sent.ctx, [str(tmp_path / "M")])

    left: Sequence[Path] = [path for path in (tmp_path / "M").rglob("*") if path.is_file()]
    assert [path.parent.parent.name for path in left] == [".unclear"]


def test_a_process_that_ends_before_the_commit_has_counted_nothing(sent: Place) -> None:
    mail = dsn(rows(sent)["ann@example.org"])
    before = kinds(sent)

    with nothing_committed(sent.ctx.db), pytest.raises(Stopped):
        process(sent, mail)

    assert (bounces.listed(sent.ctx), suppressed(sent), kinds(sent)) == ([], [], before)
    assert process(sent, mail).suppressed == 1


def test_characters_that_no_database_takes_do_not_stop_the_mailbox(sent: Place) -> None:
    ann, bob = rows(sent)["ann@example.org"], rows(sent)["bob@example.org"]
    odd = dsn(ann, text="550 5.1.1 user\x00unknown \x1b[31m").replace(b"Action: failed", b"Action: fai\x00led")
    utf7 = (
        dsn(bob)
        .replace(b"Content-Type: message/delivery-status\n", b"Content-Type: message/delivery-status; charset=utf-7\n")
        .replace(b"user unknown", b"user +2AA- unknown")
    )

    done = process(sent, odd, utf7)

    assert (done.bounces, done.suppressed) == (2, 2)
    assert [line.sentence for line in bounces.listed(sent.ctx)] == ["550 5.1.1 user unknown", "550 5.1.1 user unknown [31m"]


def test_reports_are_part_of_what_is_held_about_a_person_and_an_erasure_leaves_none(sent: Place) -> None:
    process(sent, dsn(rows(sent)["ann@example.org"]))

    [report] = personal.export(sent.ctx, "ann@example.org").bounces
    personal.erase(sent.ctx, "ann@example.org")

    assert (report.verdict, report.sentence, report.effect) == ("hard", "550 5.1.1 user unknown", Effect.SUPPRESSED)
    assert [table for table, _ in naming(sent.ctx, "ann@", "user unknown")] == []
    assert [table for table, _ in naming(sent.ctx, address_hmac("ann@example.org", "p" * 32))] == ["suppression"]


# --- to unsubscribe by mail ------------------------------------------------------------------


def listening(place: Place) -> Place:
    """A place whose mailbox is read."""
    told = place.ctx.settings.model_copy(update={"bounce_address": "bounces@paper.example", "bounce_mailbox": "maildir:M"})
    place.ctx = replace(place.ctx, settings=told)
    return place


def ways(place: Place) -> list[str]:
    """What List-Unsubscribe of the one mail says."""
    [mail] = place.mails()
    return str(email.message_from_bytes(mail.read_bytes(), policy=email.policy.default)["List-Unsubscribe"]).split(", ")


def letter(to: str, *fields: str) -> bytes:
    return "\n".join(["From: Ann <ann@example.org>", f"To: {to}", "Subject: unsubscribe", *fields, "", "", ""]).encode()


def leave_address(place: Place) -> str:
    publish(listening(place), "ann@example.org")
    [_, way] = ways(place)
    assert way.startswith("<mailto:bounces+")
    return way.removeprefix("<mailto:").partition("?")[0]


def test_without_a_mailbox_the_mail_names_the_page_alone(place: Place) -> None:
    publish(place, "ann@example.org")

    [page] = ways(place)
    assert page.startswith("<https://ledger.example.org/u/")


@pytest.mark.parametrize(
    "fields", [(), ("Auto-Submitted: auto-replied", "X-Apple-Unsubscribe: true")], ids=["by hand", "a button"]
)
def test_a_mail_to_the_signed_address_unsubscribes_and_suppresses_nobody(place: Place, fields: tuple[str, ...]) -> None:
    address = leave_address(place)

    done = process(place, letter(address, *fields), letter(address.upper()))

    assert (done.requests, done.complaints, done.others) == (2, 0, 0)
    assert subscribers.show(place.ctx, "ann@example.org").subscriptions[0].state is SubscriptionState.UNSUBSCRIBED
    assert suppressed(place) == []
    assert kinds(place).count("subscription.ended") == 1


def test_a_bounce_to_the_signed_address_unsubscribes_nobody(place: Place) -> None:
    address = leave_address(place)

    process(place, dsn(rows(place)["ann@example.org"], to=address))

    assert subscribers.show(place.ctx, "ann@example.org").subscriptions[0].state is SubscriptionState.ACTIVE


def test_an_altered_or_a_bounce_address_unsubscribes_nobody(place: Place) -> None:
    address = leave_address(place)
    ann = rows(place)["ann@example.org"]
    altered = address[:20] + ("a" if address[20] != "a" else "b") + address[21:]
    forged = verp("bounces@paper.example", ann.subscription_id, "x" * 32, Purpose.UNSUBSCRIBE)

    done = process(
        place, *(letter(to) for to in (altered, forged, verp("bounces@paper.example", ann.id, KEY), "bounces@paper.example"))
    )

    assert (done.requests, done.others) == (0, 4)
    assert subscribers.show(place.ctx, "ann@example.org").subscriptions[0].state is SubscriptionState.ACTIVE


def test_a_mail_with_both_ways_breaks_no_rule_and_can_be_made_again(place: Place) -> None:
    leave_address(place)
    [mail] = place.mails()
    raw = mail.read_bytes()
    place.ctx = replace(place.ctx, settings=place.ctx.settings.model_copy(update={"bounce_mailbox": "", "bounce_address": ""}))

    assert [finding for finding in check(raw).findings if finding.severity == "error"] == []
    assert delivery_services.mail(place.ctx, rows(place)["ann@example.org"].id) == raw
