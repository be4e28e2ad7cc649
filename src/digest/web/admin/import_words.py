"""Words of the pages of imports: fields of columns, what becomes of lines, and what an undo keeps."""

from digest.languages import Language


def fields(spoken: Language) -> dict[str, str]:
    """Return what a column can hold."""
    _ = spoken.gettext
    return {
        "address": _("Address"),
        "name": _("Name"),
        "first": _("First name"),
        "last": _("Last name"),
        "language": _("Language"),
        "zone": _("Time zone"),
        "state": _("State"),
        "ignore": _("not read"),
    }


def outcomes(spoken: Language) -> dict[str, tuple[str, str]]:
    """Return what becomes of a line, each with its tone."""
    _ = spoken.gettext
    return {
        "added": (_("get on the list"), "ok"),
        "changed": (_("known, and get another name, language or zone"), "busy"),
        "already": (_("on the list already"), "idle"),
        "unconfirmed": (_("never confirmed there: wait"), "wait"),
        "left_before": (_("left here: stay away"), "skip"),
        "left": (_("left there: arrive as left"), "skip"),
        "suppressed": (_("never mailed"), "odd"),
        "not_subscribed": (_("never subscribed there: not stored"), "idle"),
        "rejected": (_("rejected"), "bad"),
    }


def kept(spoken: Language) -> dict[str, str]:
    """Return why an undo leaves somebody as they are."""
    _ = spoken.gettext
    return {"mailed": _("have been mailed"), "changed": _("were changed since"), "left": _("arrived as left")}
