"""Words of the pages of lists: who may join, and why people leave."""

from digest.languages import Language
from digest.model.leaving import Reason
from digest.model.states import ListAccess


def access(spoken: Language) -> dict[ListAccess, str]:
    """Return who may join a list, in a word."""
    _ = spoken.gettext
    return {ListAccess.CLOSED: _("closed"), ListAccess.PUBLIC: _("public"), ListAccess.SINGLE: _("single opt-in")}


def access_means(spoken: Language) -> dict[ListAccess, str]:
    """Return who may join a list, in a sentence."""
    _ = spoken.gettext
    return {
        ListAccess.CLOSED: _("Only you put people on it."),
        ListAccess.PUBLIC: _("Anybody may sign up, and confirms by mail."),
        ListAccess.SINGLE: _("Anybody may sign up, without a confirmation. In many countries that is no consent."),
    }


def reasons(spoken: Language) -> dict[str, str]:
    """Return why people leave."""
    _ = spoken.gettext
    return {
        Reason.TOO_MUCH.value: _("too much mail"),
        Reason.NOT_FOR_ME.value: _("other stories than they want"),
        Reason.NEVER_ASKED.value: _("never asked for it"),
        Reason.OTHER.value: _("something else"),
    }
