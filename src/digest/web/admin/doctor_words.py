"""Words of the page that examines the installation."""

from collections.abc import Mapping

from digest.languages import Language


def statuses(spoken: Language) -> Mapping[str, str]:
    """Return the names of the results of a check."""
    _ = spoken.gettext
    return {"ok": _("in order"), "hint": _("could be better"), "warning": _("warning"), "error": _("fault")}


def areas(spoken: Language) -> Mapping[str, str]:
    """Return the names of what is examined."""
    _ = spoken.gettext
    return {
        "settings": _("Settings"),
        "files": _("Files and permissions"),
        "database": _("Database"),
        "backup": _("Backup"),
        "clock": _("Clock"),
        "newsletters": _("Newsletters"),
        "mail": _("Mail"),
        "relay": _("Relay"),
        "test copy": _("Test copy"),
        "domain": _("Domain of the sender"),
        "pages": _("Public pages"),
        "providers": _("Rules of large providers"),
    }
