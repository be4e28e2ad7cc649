"""`digest dkim`: keys that sign the mail."""

import json
import os
from pathlib import Path

import click

from digest.cli.output import note

EXTRA = "signing needs the extra `dkim`: pip install 'digest[dkim]'"
STRING = 255  #: octets of one string of a TXT record (RFC 1035 3.3)


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
    from digest.place import sender_domain

    known = settings.read()
    try:
        from digest.smtp.dkim import new_key
    except ImportError as problem:
        raise click.ClickException(EXTRA) from problem
    file = out or known.data_path / "dkim" / f"{selector}.pem"
    key = new_key(selector, file, ed25519_key=ed25519)
    click.echo(f"{selector}._domainkey.{sender_domain(known)}. IN TXT {_strings(key.record)}")
    shown = os.path.relpath(file, known.home)
    names = ",".join(filter(None, [known.dkim_keys, f"{selector}={shown}"]))
    note(f"The key is in {file}; keep it secret, and keep it as long as mails it signed should be made again.")
    note("Publish the record above, check it with")
    note(f"    digest check --dns --selector {selector}")
    note(f"and then set   DIGEST_DKIM_KEYS={names}")


def _strings(record: str) -> str:
    """In quoted strings of at most 255 octets, as zone files have them."""
    return " ".join(json.dumps(record[i : i + STRING]) for i in range(0, len(record), STRING))
