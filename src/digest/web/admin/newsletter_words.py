"""Words of the pages of newsletters and settings."""

from digest.languages import Language
from digest.model.states import ArchiveAccess


def archives(spoken: Language) -> dict[ArchiveAccess, str]:
    """Return who may read an archive."""
    _ = spoken.gettext
    return {
        ArchiveAccess.OFF: _("nobody: there is no archive"),
        ArchiveAccess.SUBSCRIBERS: _("subscribers, by a link of their mails"),
        ArchiveAccess.PUBLIC: _("everybody"),
    }


def origins(spoken: Language) -> dict[str, str]:
    """Return where the value of a setting comes from."""
    _ = spoken.gettext
    return {
        "environment": _("a variable of the environment"),
        "file": _("a file that a variable names"),
        ".env": _("the file .env"),
        "default": _("not set: the usual value"),
    }
