"""`digest demo`: the whole path on shipped samples, into a fresh outbox."""

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest import settings
from digest.cli.output import note, progress, table
from digest.errors import BadInput
from digest.model.words import counted

if TYPE_CHECKING:
    from digest.services.demo import Demo
    from digest.services.sending import Sent


@click.command()
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path), metavar="D", help="Where to put it; a fresh folder unless given."
)
@click.option("--serve", is_flag=True, help="Open a small page with the mails, until Ctrl-C.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The page's port; a free one unless given.")
def demo(folder: Path | None, serve: bool, port: int) -> None:
    """Collect shipped samples, print an issue and mail it to example readers, into a folder of .eml files.

    Needs no settings, no server, no network.

    \b
    Example:  digest demo --serve
    """
    from digest.services import demo as whole

    if folder is not None and folder.exists() and any(folder.iterdir() if folder.is_dir() else [folder]):
        raise BadInput(f"{folder} is not an empty folder; name one that is, or none for a fresh one")
    place = folder or Path(tempfile.mkdtemp(prefix="digest-demo-"))
    with progress("Collecting") as advance:
        paper = whole.prepare(place, on_progress=advance)
    note(
        f"Collected {counted(paper.articles, 'article')} from {counted(paper.sources, 'source')}: a folder of dropped texts, feeds, a page."
    )
    with progress("Sending") as advance:
        sent = whole.send(paper, on_progress=advance)
    _say(paper, sent)
    if serve:
        from digest.web.outbox import serve as show

        show(
            paper.outbox,
            port=port,
            pictures={whole.PICTURES: whole.samples() / "pictures"},
            on_ready=lambda url: note(f"The mails are at {url}   (Ctrl-C ends it)"),
        )


def _say(paper: "Demo", sent: "Sent") -> None:
    table(["to", "subject", "bytes", "file"], [(m.to, m.subject, m.size, m.file.name) for m in paper.mails()])
    note(
        f"Issue {sent.issue.number} of {sent.newsletter.name}: {counted(sent.stories, 'story', 'stories')},"
        f" {counted(sent.tally.sent, 'mail')}, in {paper.outbox}"
    )
    # `./run` starts a program that is not on the PATH.
    by_run = settings.started_by_run()
    note(f"Look at it:   {'./run' if by_run else 'digest'} demo --serve   or open an .eml file in a mail program")
    note(f"Your own:     {Path(sys.argv[0]).absolute() if by_run else 'digest'} init   in an empty folder")
