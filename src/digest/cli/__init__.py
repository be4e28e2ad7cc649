"""
The command line: commands parse and print, and decide nothing.

Data goes to stdout, talk to stderr. Exit codes: 0 done, 1 failed, 2 misused, 3 nothing to do.
Commands are loaded when they are called, so that `digest --help` is quick.
"""

import gc
import importlib
import sys

import click

from digest import __version__
from digest.errors import BadAddress, BadInput, DigestError, NotFound, NothingToDo

#: command → its module, in the order of a person's first day
COMMANDS = {
    "demo": "demo",
    "init": "init",
    "status": "status",
    "sources": "sources",
    "collect": "sources",
    "articles": "articles",
    "lists": "lists",
    "subscribers": "subscribers",
    "suppress": "suppress",
    "newsletters": "newsletters",
    "sections": "sections",
    "rules": "sections",
    "preview": "preview",
    "check": "check",
    "send": "send",
    "issues": "issues",
    "deliveries": "deliveries",
    "bounces": "bounces",
    "events": "events",
    "retention": "retention",
    "inspect": "inspect",
    "dkim": "dkim",
    "doctor": "doctor",
    "apply": "configuration",
    "export-config": "configuration",
    "backup": "backups",
    "restore": "backups",
    "move": "backups",
    "schedule": "serve",
    "serve": "serve",
    "worker": "serve",
    "accounts": "accounts",
    "tokens": "tokens",
    "webhooks": "webhooks",
    "version": "version",
}
SUMMARIES = {
    "demo": "Print and mail a paper from shipped samples: nothing to set up.",
    "init": "Make .env, database, newsletter and list; safe to repeat.",
    "status": "Where things stand, on one screen.",
    "sources": "Where articles come from.",
    "collect": "Read the sources now.",
    "articles": "What was collected.",
    "lists": "Mailing lists.",
    "subscribers": "People: import, export, add, show, remove.",
    "suppress": "Addresses that are never mailed.",
    "newsletters": "Periodicals and their timetables.",
    "sections": "The parts of a newsletter.",
    "rules": "What editors ask of the choice.",
    "preview": "Write the mail that would go, to look at.",
    "check": "What is wrong with the mail that would go.",
    "send": "Collect, print and send today's issue.",
    "issues": "What was printed, and why.",
    "deliveries": "One issue to one reader: the ledger.",
    "bounces": "What came back, and what it did to readers.",
    "events": "What happened, recorded with each change.",
    "retention": "Remove personal data whose time is over.",
    "inspect": "What digest understands of a file, as JSON.",
    "dkim": "Keys that sign the mail.",
    "doctor": "What is wrong with this installation, and what to do.",
    "apply": "Make the configuration what a file says.",
    "export-config": "Write the configuration as one file.",
    "backup": "Write the whole database into one file.",
    "restore": "Fill an empty place from a backup.",
    "move": "Take everything into another database.",
    "schedule": "The next due times.",
    "serve": "Pages, scheduler and senders in one process.",
    "worker": "Do jobs for a `digest serve` elsewhere (PostgreSQL).",
    "accounts": "Who may log in to the admin pages.",
    "tokens": "Tokens by which programs use the API.",
    "webhooks": "Addresses that events are sent to.",
    "version": "The version.",
}


class Lazy(click.Group):
    """A group that imports a command's module when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command from its module."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"digest.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from SUMMARIES, so that no module is loaded."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUMMARIES[name]) for name in COMMANDS])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("-v", "--verbose", is_flag=True, help="Log every event to stderr.")
@click.version_option(__version__, prog_name="digest")
def digest(verbose: bool) -> None:
    """Print a person's morning paper and mail it.

    \b
    First time:   digest demo
    Your own:     digest init, then digest sources add, digest subscribers import, digest send
    """
    from digest import log
    from digest.runtime import open_files

    log.setup(verbose=verbose, reported=() if verbose else ("source.failed",))  # `collect` and `send` say it in a sentence
    open_files.raise_limit()


def main() -> None:
    """Run, and turn every error into one clear sentence and an exit code."""
    # Loading modules allocates much and frees little: collecting garbage meanwhile takes a tenth of a short command.
    gc.set_threshold(50_000, 20, 20)
    try:
        code = digest.main(standalone_mode=False, prog_name="digest")
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        click.echo("stopped", err=True)
        sys.exit(130)
    except KeyboardInterrupt:
        click.echo("stopped; run the same command again to go on", err=True)
        sys.exit(130)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except NothingToDo as nothing:
        said = _worded(nothing)
        click.echo(said, err=True)
        _emit_nothing(said)
        sys.exit(3)
    except DigestError as problem:
        for line in _worded(problem).splitlines():
            click.echo(f"digest: {line}", err=True)
        sys.exit(2 if isinstance(problem, NotFound | BadInput | BadAddress) else 1)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output is gone; nothing is left to say
        sys.exit(1)
    except OSError as problem:
        click.echo(f"digest: {problem.filename or 'the system'}: {problem.strerror or problem}", err=True)
        sys.exit(1)
    except Exception as problem:  # the top: what nobody foresaw is said in a sentence too
        if "--verbose" in sys.argv or "-v" in sys.argv:
            raise
        cause = getattr(problem, "orig", None) or problem
        words = " ".join(["digest", "-v", *sys.argv[1:]])
        click.echo(f"digest: an error that nobody foresaw: {cause}; please report it with what `{words}` prints", err=True)
        sys.exit(1)


def _worded(problem: DigestError) -> str:
    from digest.cli.remedies import worded

    return worded(problem)


def _emit_nothing(reason: str) -> None:
    """With --json a program reads stdout, also when there was nothing to do."""
    from digest.cli.output import emit

    if "--json" in sys.argv:
        emit({"nothing_to_do": reason})
