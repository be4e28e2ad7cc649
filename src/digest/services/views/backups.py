"""Backups, as they are printed."""

from datetime import datetime

from digest.services.views import View


class BackupView(View):
    """A backup that was made."""

    file: str
    size: int  #: bytes
    rows: int
    has_secrets: bool
    at: datetime


class RestoredView(View):
    """A backup that was restored."""

    at: datetime  #: when it was made
    version: str  #: of digest that made it
    rows: int
    unsure: int  #: deliveries that may have gone since
