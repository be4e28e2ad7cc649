"""Words of the pages of people: states, what a change does, and why it was not made for somebody."""

from digest.languages import Language
from digest.model.states import SubscriptionState
from digest.services.bulk import Act


def states(spoken: Language) -> dict[SubscriptionState, str]:
    """Return the names of the states of a subscription."""
    _ = spoken.gettext
    return {
        SubscriptionState.ACTIVE: _("active"),
        SubscriptionState.PENDING: _("pending"),
        SubscriptionState.UNSUBSCRIBED: _("unsubscribed"),
    }


def person_act(spoken: Language, act: str, mlist: str) -> str:
    """Return the heading of a change of one person."""
    _ = spoken.gettext
    return {
        "change": _("Change name, language and zone"),
        "pause": _("Pause"),
        "wake": _("End the pause"),
        "join": _("Put on a list"),
        "leave": _("Take off the list %(list)s"),
        "move": _("Move from the list %(list)s to another"),
        "suppress": _("Never mail this address again"),
        "unsuppress": _("Let this address be mailed again"),
        "erase": _("Erase this person"),
    }[act] % {"list": mlist}


def person_act_means(spoken: Language, act: str) -> str:
    """Return what a change of one person does, and how it can be undone."""
    _ = spoken.gettext
    return {
        "change": _("An empty language is that of the newsletter; an empty zone is that of the place."),
        "pause": _("Nothing of any list is mailed before that day; then it comes again by itself."),
        "wake": _("Mail comes again from the next issue on."),
        "join": _("The next issue is the first that they get. What you say is kept as evidence of consent."),
        "leave": _("They get nothing more of this list. Only they themselves can return: you cannot put them back."),
        "move": _("They leave the one list for good and get on the other. What you say is kept as evidence of consent."),
        "suppress": _(
            "Whatever list they are on, nothing is mailed to this address, and no import changes that. You can undo it."
        ),
        "unsuppress": _("The lists that they are on are mailed to them again. Do it only where they asked for it."),
        "erase": _(
            "Everything that names them goes, in the ledger too. A keyed hash of the address stays, so that nobody mails or imports it again. It cannot be undone."
        ),
    }[act]


def bulk_act(spoken: Language, act: Act) -> str:
    """Return the name of a change that can be made for many."""
    _ = spoken.gettext
    return {
        Act.JOIN: _("Put on a list"),
        Act.LEAVE: _("Take off a list"),
        Act.PAUSE: _("Pause"),
        Act.SUPPRESS: _("Never mail again"),
    }[act]


def bulk_title(spoken: Language, act: Act, count: int) -> str:
    """Return what a button does, and for how many people."""
    return {
        Act.JOIN: spoken.count("Put %(num)d person on a list", "Put %(num)d people on a list", count),
        Act.LEAVE: spoken.count("Take %(num)d person off a list", "Take %(num)d people off a list", count),
        Act.PAUSE: spoken.count("Pause %(num)d person", "Pause %(num)d people", count),
        Act.SUPPRESS: spoken.count("Never mail %(num)d person again", "Never mail %(num)d people again", count),
    }[act]


def bulk_means(spoken: Language, act: Act) -> str:
    """Return what a change of many does."""
    _ = spoken.gettext
    return {
        Act.JOIN: _("Who left the list or is suppressed stays out, and is counted."),
        Act.LEAVE: _("They get nothing more of this list. Only they themselves can return: you cannot put them back."),
        Act.PAUSE: _("Nothing of any list is mailed before that day; then it comes again by itself."),
        Act.SUPPRESS: _("Whatever list they are on, nothing is mailed to them. You can undo it for each of them."),
    }[act]


def bulk_done(spoken: Language, act: Act, count: int) -> str:
    """Return for how many people a change was made."""
    return {
        Act.JOIN: spoken.count("%(num)d person is on the list now", "%(num)d people are on the list now", count),
        Act.LEAVE: spoken.count("%(num)d person was taken off the list", "%(num)d people were taken off the list", count),
        Act.PAUSE: spoken.count("%(num)d person is paused", "%(num)d people are paused", count),
        Act.SUPPRESS: spoken.count("%(num)d person is never mailed again", "%(num)d people are never mailed again", count),
    }[act]


def left_out(spoken: Language, code: str) -> str:
    """Return why a change was not made for somebody."""
    _ = spoken.gettext
    return {
        "on_list": _("were on the list already"),
        "left_list": _("left the list, and only they can return"),
        "suppressed": _("are never mailed"),
        "suppressed_already": _("were suppressed already"),
        "had_left": _("had left the list already"),
        "no_subscription": _("never were on the list"),
        "bad_pause": _("have another day by now where they live"),
        "gone": _("are not there any more"),
    }.get(code, code)
