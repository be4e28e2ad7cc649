"""Words of the admin pages for what came back: verdicts, reasons, effects and proofs, in the visitor's language."""

from collections.abc import Mapping

from digest.languages import Language
from digest.model.bounce import MAILBOX, Effect, Proof


def verdicts(spoken: Language) -> Mapping[str, str]:
    """Return the names of the verdicts."""
    _ = spoken.gettext
    return {
        "hard": _("no such address"),
        "soft": _("did not arrive"),
        "blocked": _("we were refused"),
        "complaint": _("complaint"),
        "delayed": _("still waits"),
        "none": _("nothing wrong"),
    }


def verdict_means(spoken: Language, verdict: str) -> str:
    """Return what a verdict means."""
    _ = spoken.gettext
    known = {
        "hard": _("The address does not exist: mailing it again harms how your mail is received."),
        "soft": _("This mail did not reach the reader; another one may."),
        "blocked": _("The sender or the mail was refused, whoever the reader is. No reader is blamed for it."),
        "complaint": _("The reader called the mail spam, or unsubscribed by their mail program."),
        "delayed": _("The other server is still trying."),
        "none": _("The mail was delivered or passed on."),
    }
    return known.get(verdict, "")


def reasons(spoken: Language) -> Mapping[str, str]:
    """Return the names of the reasons that a report gives."""
    _ = spoken.gettext
    return {
        "no such user": _("no such user"),
        "no such host": _("no such host"),
        "no mail accepted": _("the domain takes no mail"),
        "moved": _("moved"),
        "mailbox full": _("mailbox full"),
        "disabled": _("mailbox switched off"),
        "own rules": _("rules of the recipient"),
        "too big": _("mail too big"),
        "expired": _("tried for too long"),
        "network": _("host not reached"),
        "system": _("host does not work"),
        "rate": _("too many at a time"),
        "blocked": _("sender has a bad name"),
        "authentication": _("SPF, DKIM, DMARC or reverse DNS failed"),
        "policy": _("content refused"),
        "malformed": _("mail breaks a standard"),
        "spam": _("called spam"),
        "unsubscribe": _("unsubscribed"),
        "delivered": _("delivered"),
        "other": _("no reason given"),
    }


def effects(spoken: Language) -> Mapping[str, str]:
    """Return the names of the effects of a report."""
    _ = spoken.gettext
    return {
        Effect.NOTHING: _("recorded only"),
        Effect.SUPPRESSED: _("suppressed"),
        Effect.UNSUBSCRIBED: _("unsubscribed and suppressed"),
        Effect.LEFT: _("taken off the list"),
        Effect.HELD: _("held back"),
        Effect.REPEATED: _("was known"),
        Effect.UNDONE: _("taken back"),
    }


def effect_means(spoken: Language, effect: Effect) -> str:
    """Return what a report did to its reader."""
    _ = spoken.gettext
    known = {
        Effect.NOTHING: _("The reader goes on getting mail. The report counts where such reports are added up."),
        Effect.SUPPRESSED: _("The address is never mailed again."),
        Effect.UNSUBSCRIBED: _("The reader was taken off the list, and the address is never mailed again."),
        Effect.LEFT: _("The reader was taken off the list, and gets the mail of other lists as before."),
        Effect.HELD: _("Too many came back at once: nobody is suppressed before a person has decided."),
        Effect.REPEATED: _("The same was said of this delivery before."),
        Effect.UNDONE: _("A person, or an alarm, took the effect back."),
    }
    return known.get(effect, "")


#: Mail providers whose webhooks post reports, as they write their names.
PROVIDERS = {
    "brevo": "Brevo",
    "mailgun": "Mailgun",
    "postmark": "Postmark",
    "sendgrid": "SendGrid",
    "ses": "Amazon SES",
    "standard": "Standard Webhooks",
}


def way(spoken: Language, via: str) -> str:
    """Return how a report came."""
    _ = spoken.gettext
    if via == MAILBOX:
        return _("as a mail to the bounce address")
    return _("by the webhook of %(provider)s") % {"provider": PROVIDERS.get(via, via)}


def proofs(spoken: Language) -> Mapping[Proof, str]:
    """Return how a report is proved to be about a mail of ours."""
    _ = spoken.gettext
    return {
        Proof.SIGNED: _("It came to the signed address of the delivery, or holds a signed link of it."),
        Proof.NAMED: _("It has the Message-ID of the delivery, which others can copy."),
        Proof.NONE: _("None: anybody can have written it."),
    }
