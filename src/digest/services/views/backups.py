"""Backups and relocations, as they are printed."""

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


class MovedView(View):
    """A database whose rows were moved into another one."""

    source: str
    target: str
    rows: int  #: copied and compared
    waiting: int  #: deliveries that go out from there
    unsure: int  #: deliveries of which nobody knows whether they went; a person settles them
    resumed: bool  #: an earlier try was interrupted
    settings_written: bool  #: `.env` names the new database; else it is for the operator to set


class MoveCancelledView(View):
    """A database that is used again after its rows were to be moved, or were moved, into another one."""

    target: str
    was_moved: bool  #: the other database was in use, and must not be any more
    unsure: int  #: deliveries that may have gone from there
