"""Words of the issue desk, in the visitor's language."""

from collections.abc import Mapping

from digest.languages import Language
from digest.model.states import Form
from digest.services.views.issues import TestCopy


def desk_views(spoken: Language) -> dict[str, str]:
    """Return the names of the ways in which a mail is shown."""
    _ = spoken.gettext
    return {"phone": _("Phone"), "desktop": _("Desktop"), "text": _("Text"), "light": _("Light"), "dark": _("Dark")}


def desk_group(spoken: Language, form: str, section: str) -> str:
    """Return the heading of stories that share section and form."""
    _ = spoken.gettext
    if form == Form.TOP:
        return _("Top story")
    if form == Form.BRIEF:
        return _("In brief: %(section)s") % {"section": section} if section else _("In brief")
    return section or _("Without a section")


def forms(spoken: Language) -> dict[str, str]:
    """Return the names of the forms of a story."""
    _ = spoken.gettext
    return {Form.TOP: _("top story"), Form.FULL: _("with its summary"), Form.BRIEF: _("headline alone")}


def score_parts(spoken: Language, parts: Mapping[str, float]) -> list[tuple[str, float, float]]:
    """Return the parts of a score: name, value, and the width of its bar from 0 to 100."""
    _ = spoken.gettext
    names = {
        "coverage": _("coverage"),
        "freshness": _("freshness"),
        "source": _("source"),
        "substance": _("substance"),
        "rules": _("rules"),
        "diversity": _("diversity"),
    }
    return [(names.get(name, name), value, round(min(abs(value), 1.0) * 100, 1)) for name, value in parts.items()]


def draft_acts(spoken: Language) -> dict[str, str]:
    """Return what editors do to a draft, as it is recorded."""
    _ = spoken.gettext
    return {
        "taken out": _("taken out"),
        "kept in": _("kept in"),
        "left as it was": _("left as it was"),
        "rewritten": _("rewritten"),
        "moved": _("moved"),
        "introduction": _("another introduction"),
        "added": _("added"),
    }


def draft_facts(spoken: Language, said: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return what an edit says, name and value."""
    _ = spoken.gettext
    names = {
        "section": _("Section"),
        "form": _("How much of it"),
        "place": _("Place"),
        "headline": _("Headline"),
        "summary": _("Summary"),
        "note": _("Introduction"),
    }
    shown = forms(spoken)
    return [(names[name], shown.get(str(value), str(value))) for name, value in said.items() if name in names and value]


def own_change(spoken: Language, fields: Mapping[str, str]) -> str:
    """Return what a form was about to change."""
    _ = spoken.gettext
    known = {
        "out": _("Take the story out"),
        "in": _("Keep the story in"),
        "leave": _("Leave the story as it was"),
        "up": _("Move the story up"),
        "down": _("Move the story down"),
        "move": _("Move the story"),
        "rewrite": _("Rewrite the story"),
    }
    return known.get(fields.get("act", ""), _("Another introduction") if "note" in fields else _("Add a story"))


def test_copy(spoken: Language, copy: TestCopy) -> str:
    """Return what became of a test copy."""
    _ = spoken.gettext
    if copy.taken:
        return _("A test copy is on its way to %(address)s.") % {"address": copy.to}
    return _("The relay did not take the test copy: %(reply)s") % {"reply": copy.reply or "–"}
