"""`digest send`."""

import sys
from typing import TYPE_CHECKING

import click

from digest.cli.explained import print_explained
from digest.cli.output import as_json, context, emit, note, progress
from digest.cli.remedies import worded
from digest.errors import NothingToDo
from digest.model.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.model.newsletter import Newsletter
    from digest.services.context import Context
    from digest.services.sending import Sent
    from digest.services.views.issues import CandidateView, SentView


@click.command()
@click.argument("newsletter", default="")
@click.option(
    "--test",
    "test_address",
    default="",
    metavar="ADDRESS",
    help="One copy to this address; takes no slot, its links change nothing.",
)
@click.option("--dry-run", is_flag=True, help="Write the mails that would go as .eml files; take no slot, send nothing.")
@click.option("--no-collect", is_flag=True, help="Publish what was collected before.")
@click.option("--explain", is_flag=True, help="Say why each story is in or out.")
@click.option("--yes", is_flag=True, help="Do not ask, however many recipients.")
@as_json
def send(newsletter: str, test_address: str, dry_run: bool, no_collect: bool, explain: bool, yes: bool, as_json: bool) -> None:
    """Collect, print and send today's issue. An unfinished issue is finished first.

    Run again on the same day it sends nothing and says so (exit code 3).

    \b
    Example:  digest send daily
              digest send daily --test you@example.org
              digest send daily --dry-run --explain
    """
    from digest.cli.sources import collect_with_progress
    from digest.services import collecting, newsletters

    ctx = context()
    paper = newsletters.get(ctx, newsletter)
    chosen = collecting.active_sources(ctx)
    if not no_collect and chosen:
        collect_with_progress(ctx, chosen)
    if not chosen:
        note(f"warning: there are no sources; add one with `digest sources add URL-FILE-OR-FOLDER --newsletter {paper.name}`")
    if test_address:
        _test(ctx, paper, test_address, as_json=as_json)
    elif dry_run:
        _dry_run(ctx, paper, explain=explain, as_json=as_json)
    else:
        _confirm(ctx, paper, yes)
        _send(ctx, paper, explain=explain, as_json=as_json)


def _send(ctx: "Context", paper: "Newsletter", *, explain: bool, as_json: bool) -> None:
    """Send, and say how it went."""
    from digest.runtime.signals import draining
    from digest.services import sending

    try:
        with progress("Sending") as advance, draining(note) as stop:
            sent = sending.send(ctx, paper, on_sent=advance, stop=stop)
    except NothingToDo as nothing:
        if explain:
            _explain_nothing(ctx, paper, nothing, as_json=as_json)
        raise
    report(ctx, sent, stopped=stop.is_set(), explain=explain, as_json=as_json)


def report(ctx: "Context", sent: "Sent", *, stopped: bool, explain: bool, as_json: bool) -> None:
    """Say how a send went, and exit with what that means."""
    from digest.model.states import DeliveryState
    from digest.services import sending

    _say(sending.view(ctx, sent, explain=explain), as_json=as_json)
    if sent.tally.problem:
        note(f"digest: {worded(sent.tally.problem)}")
    if stopped:
        note("Stopped; the same command goes on with what is left.")
        raise click.exceptions.Exit(130)
    if sent.tally.down or sent.counts.get(DeliveryState.UNSURE):
        raise click.exceptions.Exit(1)


def _explain_nothing(ctx: "Context", paper: "Newsletter", nothing: NothingToDo, *, as_json: bool) -> None:
    """Say why each story is in or out of the issue that is not sent."""
    from digest.services import selection

    rows = selection.considered(ctx, paper)
    if not as_json:
        print_explained(rows)
        return
    note(worded(nothing))
    emit({"nothing_to_do": worded(nothing), "candidates": rows})
    raise click.exceptions.Exit(3) from nothing


def _confirm(ctx: "Context", paper: "Newsletter", yes: bool) -> None:
    """Ask, only on a terminal, and only above the setting."""
    from digest.services import newsletters

    if yes or sys.stdin is None or not sys.stdin.isatty():
        return
    readers = newsletters.count_readers(ctx, paper)
    if readers > ctx.settings.confirm_above:
        click.confirm(f"Send {paper.name} to {counted(readers, 'reader')}?", abort=True, err=True)


def _test(ctx: "Context", paper: "Newsletter", address: str, *, as_json: bool) -> None:
    """Send one copy outside the ledger, by the transport of readers' mail."""
    from digest.services import trial_sends
    from digest.services.context import destination

    copy = trial_sends.test_copy(ctx, paper, address)
    if as_json:
        emit(copy)
    if not copy.taken:
        note(f"digest: the test copy was not taken: {copy.reply or 'no answer'}")
        raise click.exceptions.Exit(1)
    note(f"Sent a test copy of {paper.name} to {copy.to} ({destination(ctx.settings)}): {copy.reply}")


def _dry_run(ctx: "Context", paper: "Newsletter", *, explain: bool, as_json: bool) -> None:
    from digest.services import trial_sends

    def decided(rows: "Sequence[CandidateView]") -> None:
        if explain and not as_json:
            print_explained(rows)

    with progress("Writing") as advance:
        done = trial_sends.dry_run(ctx, paper, on_decided=decided, on_progress=advance)
    if as_json:
        emit(done)
    note(
        f"Would send {paper.name} of {done.slot}: {counted(done.stories, 'story', 'stories')}"
        f" to {counted(done.mails, 'reader')}. The mails are in {done.folder}."
    )


def _say(sent: "SentView", *, as_json: bool) -> None:
    from digest.model.states import DeliveryState

    if as_json:
        emit(sent.model_dump(mode="json", exclude={"candidates"} if sent.candidates is None else None))
    elif sent.candidates is not None:
        print_explained(sent.candidates)
    if sent.resumed:
        note(f"Resumed issue {sent.issue} of {sent.newsletter} ({sent.slot}), which was not finished.")
    readers = sum(n for state, n in sent.deliveries.items() if state is not DeliveryState.SKIPPED)
    note(
        f"Issue {sent.issue} of {sent.newsletter}: {counted(sent.stories, 'story', 'stories')},"
        f" {counted(readers, 'reader')}. Mail goes to {sent.mail_goes_to}."
    )
    if sent.deliveries:
        states = ", ".join(f"{n:,} {state}" for state, n in sent.deliveries.items())
        note(f"{states}.   Next: digest issues show {sent.issue} --newsletter {sent.newsletter}")
