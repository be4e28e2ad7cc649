"""
The texts that follow from what a reader's mail has: count, minutes, intro, subject, preheader.

Plain text, escaped where it is put. Subject and preheader are templates with slots, filled here
within the lengths that inboxes show.
"""

from collections.abc import Mapping, Sequence

from digest.compose import mime
from digest.compose.marks import Marks
from digest.model.rendition import PickLine, Rendition

SUBJECT_MAX = 70
PREHEADER_MIN, PREHEADER_MAX = 60, 108


def derived(rendition: Rendition, stories: Sequence[int], *, dropped: int) -> Mapping[str, str]:
    """The derived slots of a mail with these picks, in print order."""
    texts, marks = rendition.texts, Marks(nonce=rendition.header.nonce)
    picks = [rendition.picks[i] for i in stories]
    minutes = sum(pick.minutes for pick in picks)
    slots = {
        "COUNT": _by_number(texts.story_count, len(picks)),
        "MINUTES": _by_number(texts.minutes, minutes),
        "MORE": _by_number(texts.more, dropped),
        "INTRO": _intro(texts.intro, picks, marks),
        "HEADLINE": picks[0].headline if picks else texts.title,
        "OTHERS": "",
    }
    slots["SUBJECT"] = _subject(texts.subject, slots, marks)
    slots["OTHERS"], slots["PREHEADER"] = _preheader(rendition, picks, slots, marks)
    return slots


def _by_number(texts: Sequence[str], number: int) -> str:
    return texts[min(number, len(texts) - 1)]


def _intro(texts: Sequence[str], picks: Sequence[PickLine], marks: Marks) -> str:
    """From whom it is: a template sentence of the publishers, never prose."""
    publishers = list(dict.fromkeys(pick.publisher for pick in picks if pick.publisher))
    text = _by_number(texts, len(publishers))
    for name, publisher in zip(("FIRST", "SECOND"), publishers, strict=False):
        text = text.replace(marks.slot(name), publisher)
    return text


def _filled(text: str, slots: Mapping[str, str], marks: Marks) -> str:
    for name, value in slots.items():
        text = text.replace(marks.slot(name), value)
    return mime.clean(text)


def _subject(template: str, slots: Mapping[str, str], marks: Marks) -> str:
    """The headline is shortened, so that what the template says around it stays."""
    around = len(_filled(template, {**slots, "HEADLINE": ""}, marks))
    headline = shorten(slots["HEADLINE"], max(SUBJECT_MAX - around - 1, SUBJECT_MAX // 2))
    return shorten(_filled(template, {**slots, "HEADLINE": headline}, marks), SUBJECT_MAX)


def _preheader(rendition: Rendition, picks: Sequence[PickLine], slots: Mapping[str, str], marks: Marks) -> tuple[str, str]:
    """
    What stands beside the subject in the inbox, and the other headlines in it: the next headlines as
    far as they fit, the summary where there is one story, and the filler where all that is short.
    """
    template = rendition.texts.preheader
    around = len(_filled(template, slots, marks))
    others = headlines(picks, PREHEADER_MAX - around)
    text = _filled(template, {**slots, "OTHERS": others}, marks)
    for more in (picks[0].lead if len(picks) > 1 else "", rendition.texts.filler, rendition.texts.filler):
        if len(text) < PREHEADER_MIN and more:
            text = f"{text} · {more}" if text else more
    return others, shorten(text, PREHEADER_MAX)


def headlines(picks: Sequence[PickLine], room: int) -> str:
    """The headlines behind the first, as many as `room` characters hold; the first one's summary where it is alone."""
    parts = [pick.headline for pick in picks[1:]] or [pick.lead for pick in picks[:1]]
    text = ""
    for part in parts:
        joined = f"{text} · {part}" if text else part
        if len(joined) > room and len(text) >= room * 5 // 9:
            break
        text = joined
        if len(text) > room:
            break
    return text


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words, with an ellipsis where it was cut."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    at = cut.rfind(" ")
    return (cut[:at] if at > limit // 2 else cut).rstrip(" ,;:·–—-") + "…"
