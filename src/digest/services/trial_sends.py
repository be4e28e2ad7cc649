"""Rehearsals: what a send would do, as a test copy or as files; neither takes a slot nor touches the ledger."""

from collections.abc import Callable, Sequence
from pathlib import Path

from digest.audience.address import parse
from digest.errors import NothingToDo
from digest.model.newsletter import Newsletter
from digest.services import issues, messages
from digest.services.context import Context
from digest.services.selection import Prepared, candidates_of, prepare
from digest.services.views.issues import CandidateView, DryRun, TestCopy
from digest.smtp.blocking import hand_over
from digest.smtp.outbox import Outbox


def test_copy(ctx: Context, newsletter: Newsletter, address: str) -> TestCopy:
    """
    Send one copy of today's mail to an address, by the transport that readers' mail takes; its links change nothing.

    Raises:
        BadAddress: it is no mail address.
        NothingToDo: there is too little to say.
        TransportDown: the relay cannot be reached.
    """
    parse(address)  # before anything is rendered
    now = ctx.clock()
    return copy_of(ctx, prepare(ctx, newsletter, newsletter.timetable.today(now), now=now), address)


def copy_of(ctx: Context, prepared: Prepared, address: str) -> TestCopy:
    """Send one copy of a prepared issue, as `test_copy` does."""
    checked, now = parse(address), ctx.clock()
    if not prepared.renditions:
        raise NothingToDo(f"there is no mail to send: {prepared.shortage}")
    envelope = messages.single(ctx, prepared.rendition(), address=checked.text, now=now, kind="test")
    [answer] = hand_over(ctx.transports[0], [envelope])
    reply = answer.reply
    taken = reply is not None and reply.code // 100 == 2
    return TestCopy(newsletter=prepared.newsletter.name, to=checked.text, reply=str(reply) if reply else None, taken=taken)


def dry_run(
    ctx: Context,
    newsletter: Newsletter,
    *,
    on_decided: Callable[[Sequence[CandidateView]], None],
    on_progress: Callable[[int], None],
) -> DryRun:
    """
    Write the mails that a send would make as .eml files, into a folder of the slot; `on_decided` is told the choice before.

    Raises:
        NothingToDo: today's issue was sent or is held, or there is too little to say.
    """
    now = ctx.clock()
    slot = newsletter.timetable.today(now)
    issues.refuse_served(ctx, newsletter, slot)
    prepared = prepare(ctx, newsletter, slot, now=now)
    candidates = candidates_of(prepared)
    on_decided(candidates)
    if not prepared.renditions:
        raise NothingToDo(f"nothing would be sent: {prepared.shortage}")
    folder = ctx.settings.data_path / "dry-run" / prepared.slot.name
    return DryRun(
        newsletter=newsletter.name,
        slot=prepared.slot.name,
        stories=len(prepared.picks),
        mails=_write(ctx, newsletter, prepared, folder, on_progress=on_progress),
        folder=folder,
        candidates=tuple(candidates),
    )


def _write(ctx: Context, newsletter: Newsletter, prepared: Prepared, folder: Path, *, on_progress: Callable[[int], None]) -> int:
    """Write the mails and return how many there are."""
    for old in folder.glob("*.eml"):
        old.unlink()  # of an earlier dry run for this slot
    count = 0
    for _ in hand_over(Outbox(folder), messages.would_send(ctx, newsletter, prepared.rendition, prepared.picks, now=ctx.clock())):
        count += 1
        on_progress(1)
    return count
