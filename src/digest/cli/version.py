"""`digest version`."""

import click

from digest import __version__
from digest.cli.output import note


@click.command()
def version() -> None:
    """Print the version, and say where the shipped templates are.

    \b
    Example:  digest version
    """
    from digest.compose.render import template_folders
    from digest.services.place import PACKAGE

    click.echo(__version__)
    note(f"templates: {template_folders('', PACKAGE)[0]}")
