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
    from digest.services.context import shipped_templates

    click.echo(__version__)
    note(f"templates: {shipped_templates()}")
