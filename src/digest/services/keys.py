"""DKIM keys: what signs the mail, so that receivers can tell it from forgeries."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from digest.services.context import sender_domain
from digest.settings import Settings

STRING = 255  #: octets of one string of a TXT record (RFC 1035 3.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key that was made, and how it is put to use."""

    file: Path
    record: str  #: the line of a zone file that publishes it
    keys: str  #: what the setting DKIM_KEYS is from now on


def make(settings: Settings, selector: str, *, ed25519: bool = False, out: Path | None = None) -> NewKey:
    """
    Make a key under a selector; by default it lies in the data folder.

    Raises:
        BadInput: the selector cannot be used.
    """
    from digest.smtp.dkim import new_key

    file = out or settings.data_path / "dkim" / f"{selector}.pem"
    key = new_key(selector, file, ed25519_key=ed25519)
    shown = os.path.relpath(file, settings.home)
    return NewKey(
        file=file,
        record=f"{selector}._domainkey.{sender_domain(settings)}. IN TXT {_strings(key.record)}",
        keys=",".join(filter(None, [settings.dkim_keys, f"{selector}={shown}"])),
    )


def _strings(record: str) -> str:
    """Split a record into quoted strings of at most 255 octets, as zone files have them."""
    return " ".join(json.dumps(record[i : i + STRING]) for i in range(0, len(record), STRING))
