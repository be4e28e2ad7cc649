"""Words of the admin pages for what happened: one for each kind of event, and for who did it."""

from digest.languages import Language
from digest.model.event import Actor, EventKind


def kinds(spoken: Language) -> dict[EventKind, str]:
    """Return what happened, by the kind of the event."""
    _ = spoken.gettext
    return {
        EventKind.SUBSCRIBED: _("put on a list"),
        EventKind.UNSUBSCRIBED: _("left a list, or taken off"),
        EventKind.RESUBSCRIBED: _("returned to a list"),
        EventKind.TOPICS_CHOSEN: _("chose topics"),
        EventKind.EXPLAINED: _("said why they left"),
        EventKind.SUBSCRIBER_CHANGED: _("name, language or zone changed"),
        EventKind.SUBSCRIBER_PAUSED: _("paused"),
        EventKind.SUBSCRIBER_WOKEN: _("pause ended"),
        EventKind.SUBSCRIBER_REMOVED: _("person removed"),
        EventKind.SUBSCRIBER_ERASED: _("person erased"),
        EventKind.SUBSCRIBER_EXPORTED: _("given the file of their data"),
        EventKind.IMPORT_STARTED: _("import begun"),
        EventKind.IMPORT_FINISHED: _("import done"),
        EventKind.IMPORT_UNDONE: _("import undone"),
        EventKind.SUPPRESSED: _("address suppressed"),
        EventKind.SUPPRESSIONS_IMPORTED: _("suppressions imported"),
        EventKind.UNSUPPRESSED: _("suppression lifted"),
        EventKind.LIST_ADDED: _("list made"),
        EventKind.LIST_CHANGED: _("list changed"),
        EventKind.LIST_REMOVED: _("list removed"),
        EventKind.SOURCE_ADDED: _("source added"),
        EventKind.SOURCE_CHANGED: _("source changed"),
        EventKind.SOURCE_REMOVED: _("source removed"),
        EventKind.SOURCE_FAILING: _("source fails"),
        EventKind.SOURCE_RECOVERED: _("source read again"),
        EventKind.ARTICLE_CHANGED: _("article hidden or pinned"),
        EventKind.NEWSLETTER_ADDED: _("newsletter made"),
        EventKind.NEWSLETTER_CHANGED: _("newsletter changed"),
        EventKind.NEWSLETTER_REMOVED: _("newsletter removed"),
        EventKind.ISSUE_DRAFTED: _("issue begun"),
        EventKind.ISSUE_CHANGED: _("issue changed"),
        EventKind.ISSUE_FROZEN: _("issue frozen"),
        EventKind.ISSUE_QUEUED: _("issue queued"),
        EventKind.ISSUE_HELD: _("issue held"),
        EventKind.ISSUE_RESUMED: _("issue let go on"),
        EventKind.ISSUE_SKIPPED: _("issue skipped"),
        EventKind.ISSUE_SENT: _("issue sent"),
        EventKind.ISSUE_CANCELLED: _("issue cancelled"),
        EventKind.ISSUE_WITHDRAWN: _("issue taken out of the archive"),
        EventKind.ISSUE_SETTLED: _("unsure deliveries settled"),
        EventKind.ISSUE_RETRIED: _("bounced deliveries queued again"),
        EventKind.ISSUE_BOUNCING: _("mails of an issue come back"),
        EventKind.ISSUE_REFUSED: _("sender or content refused"),
        EventKind.BOUNCED: _("delivery bounced"),
        EventKind.BOUNCE_UNDONE: _("effect of a bounce undone"),
        EventKind.RETENTION_APPLIED: _("old personal data removed"),
        EventKind.ACCOUNT_ADDED: _("account made"),
        EventKind.ACCOUNT_CHANGED: _("account changed"),
        EventKind.ACCOUNT_RESET: _("account reset"),
        EventKind.ACCOUNT_REMOVED: _("account removed"),
        EventKind.LOGGED_IN: _("logged in"),
        EventKind.LOGGED_OUT: _("logged out"),
        EventKind.LOGIN_LOCKED: _("log-in locked"),
        EventKind.ISSUE_EDITED: _("draft edited"),
        EventKind.ISSUE_AMENDED: _("issue changed after mails had begun to go"),
        EventKind.ISSUE_CORRECTED: _("correction made"),
        EventKind.ISSUE_ASKED: _("approval asked for"),
        EventKind.ISSUE_APPROVED: _("issue approved"),
        EventKind.ISSUE_REOPENED: _("issue reopened"),
        EventKind.ISSUE_RELEASED: _("held bounces believed, addresses suppressed"),
        EventKind.ISSUE_DISCARDED: _("held bounces discarded"),
        EventKind.ISSUE_PAUSED: _("sending to a domain or relay paused"),
        EventKind.PAUSE_ENDED: _("pause of sending ended"),
        EventKind.RESTORED: _("restored from a backup"),
        EventKind.MOVED: _("moved from another database"),
        EventKind.API_TOKEN_ADDED: _("token made"),
        EventKind.API_TOKEN_REVOKED: _("token revoked"),
        EventKind.WEBHOOK_ADDED: _("webhook added"),
        EventKind.WEBHOOK_CHANGED: _("webhook changed"),
        EventKind.WEBHOOK_REMOVED: _("webhook removed"),
        EventKind.WEBHOOK_FAILED: _("webhook fails"),
    }


def actors(spoken: Language) -> dict[str, str]:
    """Return who or what makes events happen."""
    _ = spoken.gettext
    return {
        Actor.COMMAND_LINE: _("a command"),
        Actor.ACCOUNT: _("an account"),
        Actor.SCHEDULER: _("the scheduler"),
        Actor.READER: _("the reader"),
        Actor.RELAY: _("a relay"),
        Actor.MAILBOX: _("a mail that came back"),
        Actor.API: _("a program"),
        Actor.APPROVER: _("an approver"),
        Actor.PROVIDER: _("a mail provider"),
    }


def nouns(spoken: Language) -> dict[str, str]:
    """Return the names of what events happen to."""
    _ = spoken.gettext
    return {
        "subscription": _("Subscriptions"),
        "subscriber": _("Subscribers"),
        "import": _("Imports"),
        "suppression": _("Suppressions"),
        "list": _("Lists"),
        "source": _("Sources"),
        "article": _("Articles"),
        "newsletter": _("Newsletters"),
        "issue": _("Issues"),
        "delivery": _("Deliveries"),
        "bounce": _("Bounces"),
        "retention": _("Retention"),
        "account": _("Accounts"),
        "webhook": _("Webhooks"),
        "api_token": _("Tokens"),
        "pause": _("Pauses of sending"),
        "database": _("Database"),
    }
