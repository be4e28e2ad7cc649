"""Words of the pages of newsletters and settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digest.languages import Language
from digest.model.states import ApprovalPolicy, ArchiveAccess, Silence
from digest.services.newsletters import USUAL_BOUNCE_RULES


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


def policies(spoken: Language) -> dict[ApprovalPolicy, str]:
    """Return which approval an issue needs."""
    _ = spoken.gettext
    return {
        ApprovalPolicy.NONE: _("nobody is asked"),
        ApprovalPolicy.OPTIONAL: _("optional: approvers are asked, and it goes out unless one of them holds it"),
        ApprovalPolicy.REQUIRED: _("required: it goes out once one of them has approved it"),
    }


def silences(spoken: Language) -> dict[Silence, str]:
    """Return what happens to an issue that needs an approval and gets no answer."""
    _ = spoken.gettext
    return {Silence.HOLD: _("the issue is held"), Silence.SEND: _("the issue goes out")}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleField:
    """A number of the rules for bounces, as a field of a form."""

    name: str  #: as rules name it
    label: str
    value: str
    usual: str  #: value of a newsletter without rules of its own
    hint: str
    choices: Mapping[str, str]  #: values in words; empty: any number

    @property
    def is_own(self) -> bool:
        """True if the newsletter has a value of its own."""
        return self.value != self.usual

    def words(self, value: str) -> str:
        """Return a value in words."""
        return self.choices.get(value, value)


def rules_of(text: str) -> Mapping[str, str]:
    """Split rules for what came back, as they are stored."""
    return dict(rule.split("=", 1) for rule in text.split(",") if rule)


USUAL = rules_of(USUAL_BOUNCE_RULES)


def bounce_rules(spoken: Language, values: Mapping[str, str]) -> Sequence[RuleField]:
    """Return the rules for what came back as fields, with these values where they differ from the usual ones."""
    _ = spoken.gettext
    choices = {
        "hard": {"suppress": _("the address is never mailed again"), "record": _("it is recorded, and nothing else")},
        "complaint": {
            "suppress": _("the reader leaves the list, and is never mailed again"),
            "leave": _("the reader leaves the list"),
        },
    }
    hints = {
        "score": _("Each mail that did not arrive counts 1, a full mailbox 0.65. From 1 to 100."),
        "half-life": _("Days, such as 30d."),
        "span": _("Days, such as 7d."),
        "unsigned": _("Reports that anybody could have written count only together, a day or more apart. From 2 to 100."),
        "share": _("A percentage, such as 10%."),
        "domain-share": _("A percentage, such as 20%."),
    }
    labels = rule_labels(spoken)
    return [
        RuleField(
            name=name,
            label=label,
            value=values.get(name, USUAL[name]),
            usual=USUAL[name],
            hint=hints.get(name, ""),
            choices=choices.get(name, {}),
        )
        for name, label in labels.items()
    ]


def rule_labels(spoken: Language) -> Mapping[str, str]:
    """Return the names of the rules for what came back."""
    _ = spoken.gettext
    return {
        "hard": _("Where an address does not exist"),
        "complaint": _("Where a reader complains"),
        "score": _("Mails that did not arrive, until the address is suppressed"),
        "half-life": _("Time after which one of them counts half"),
        "span": _("Time that must lie between the first and the last of them"),
        "unsigned": _("Reports without our signature, until the address is suppressed"),
        "alarm": _("Reports of one issue from which a person must look"),
        "share": _("and share of its mails above which they must"),
        "domain-share": _("and share of its mails to one domain"),
    }


def rule_problem(spoken: Language, rule: str) -> str:
    """Return which rule for what came back has a value that cannot be used."""
    name = rule_labels(spoken).get(rule, rule)
    return spoken.gettext("“%(rule)s”: this value cannot be used. The hint below the field says what can be.") % {"rule": name}
