"""Words of the pages of sources and rules."""

from digest.languages import Language
from digest.model.states import RuleKind
from digest.services.supply import Health


def healths(spoken: Language) -> dict[Health, str]:
    """Return the names of how a source does."""
    _ = spoken.gettext
    return {
        Health.FAILING: _("failing"),
        Health.SILENT: _("silent"),
        Health.HEALTHY: _("healthy"),
        Health.PAUSED: _("paused"),
        Health.NEW: _("new"),
    }


def rule_kinds(spoken: Language) -> dict[RuleKind, str]:
    """Return what rules ask for."""
    _ = spoken.gettext
    return {RuleKind.BOOST: _("boost"), RuleKind.REQUIRE: _("require"), RuleKind.MUTE: _("mute")}
