"""Words of the pages of API tokens, in the visitor's language."""

from collections.abc import Mapping

from digest.languages import Language
from digest.model.api import Scope


def scopes(spoken: Language) -> Mapping[Scope, str]:
    """Return what a token of each scope may do."""
    _ = spoken.gettext
    return {
        Scope.CONTENT_LOOK: _("Read sources, newsletters, issues and events"),
        Scope.CONTENT_EDIT: _("Change sources, newsletters, sections and notes"),
        Scope.CONTENT_SEND: _("Start, stop or repeat mail to readers"),
        Scope.PEOPLE_LOOK: _("Read lists, subscribers, suppressions, deliveries and bounces"),
        Scope.PEOPLE_EDIT: _("Change lists, subscribers and suppressions, and import people"),
    }
