"""`digest dkim`: keys that sign the mail."""

from pathlib import Path

import click

from digest.cli.output import note


@click.group()
def dkim() -> None:
    """Keys that sign the mail, so that receivers can tell it from forgeries."""


@dkim.command()
@click.argument("selector")
@click.option("--ed25519", is_flag=True, help="An Ed25519 key instead of RSA; use it beside an RSA key, not alone.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Where the key goes (default: var/dkim/SELECTOR.pem)."
)
def new(selector: str, ed25519: bool, out: Path | None) -> None:
    """Make a key and print the DNS record that publishes it.

    The record goes to stdout; publish it, then add the key to DIGEST_DKIM_KEYS. To change keys,
    make one under a new selector; leave the old record in the DNS for a week.

    \b
    Example:  digest dkim new paper2026
              digest dkim new paper2026e --ed25519
    """
    from digest import settings
    from digest.services import keys

    made = keys.make(settings.read(), selector, ed25519=ed25519, out=out)
    click.echo(made.record)
    note(f"The key is in {made.file}; keep it secret, and keep it as long as mails it signed should be made again.")
    note("Publish the record above, check it with")
    note(f"    digest check --dns --selector {selector}")
    note(f"and then set   DIGEST_DKIM_KEYS={made.keys}")
