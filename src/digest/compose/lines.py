"""
Derive the texts that depend on a mail's layout: count, minutes, opening, subject, preheader.

Plain text, escaped where it is inserted. Subject and preheader are templates with slots, filled here
within the lengths that inboxes show. The three do not repeat one another: the subject is the top
story, the opening names leads of sections, the preheader names others.
"""

import re
from collections.abc import Mapping, Sequence

from digest.compose import mime
from digest.compose.layout import Layout
from digest.compose.marks import Marks
from digest.compose.text import columns
from digest.model.rendition import PickLine, Rendition

SUBJECT_MAX = 70
PREHEADER_MIN, PREHEADER_MAX = 60, 108
NAMED_COLUMNS = 64  #: of a headline in the opening
PHRASE_COLUMNS = 18  #: a shorter part of a headline says too little
WORDS_A_MINUTE = 230
#: The end of a headline's first phrase: a colon, a semicolon, a dash between spaces, the end of a sentence.
_PHRASE_END = re.compile(r"[:;](?=\s)|\s[–—|-](?=\s)|(?<=[?!])(?=\s)|(?<=\w{4})\.(?=\s+[^\W\da-z_])|[：；。！？]|(?<=؟)(?=\s)|؛")
_PAIRS = ("()", "[]", "“”", "„“", "«»", "「」", "『』", "‘’")


def derived(rendition: Rendition, layout: Layout) -> Mapping[str, str]:
    """Return the derived slots of a mail of this layout."""
    texts, marks = rendition.texts, Marks(nonce=rendition.header.nonce)
    stories = layout.stories
    top = rendition.picks[stories[0]] if stories else None
    minutes = -(-(layout.words + texts.other_words) // WORDS_A_MINUTE) if stories else 0
    slots = {
        "NUMBER": "",  # beside a story there is none
        "COUNT": _by_number(texts.story_count, len(stories)),
        "MINUTES": _by_number(texts.minutes, minutes),
        "MORE": _by_number(texts.more, layout.dropped),
        "INTRO": _opening(rendition, layout),
        "END": texts.end_cut if layout.dropped else _by_number(texts.end, len(stories)),
        "HEADLINE": top.headline if top else texts.title,
        "OTHERS": "",
    }
    slots["SUBJECT"] = _subject(texts.subject, slots, marks)
    slots["OTHERS"], slots["PREHEADER"] = _preheader(rendition, layout, slots, marks)
    return slots


def _by_number(texts: Sequence[str], number: int) -> str:
    return texts[min(number, len(texts) - 1)]


def _opening(rendition: Rendition, layout: Layout) -> str:
    """Return the named headlines as sentences, and the number of stories that remain beside them and the top story."""
    texts = rendition.texts
    named = [_sentence(rendition.picks[i].short, texts.sentence) for i in layout.named]
    remaining = len(layout.stories) - len(named) - 1
    return ("".join(named) + _by_number(texts.remaining, remaining)).strip() if named else ""


def _sentence(headline: str, pattern: str) -> str:
    """Return the headline as a sentence; one that ends with a mark of its own keeps it."""
    if headline.endswith(tuple("?!…。？！؟.")):
        return f"{headline} "
    return pattern.replace("%(headline)s", headline)


def short(headline: str) -> str:
    """
    Shorten a headline for the opening: whole if it is short, else its first phrase; empty if that would read badly.
    """
    if columns(headline) <= NAMED_COLUMNS:
        return headline if _is_complete(headline) else ""
    for end in _PHRASE_END.finditer(headline):
        phrase, rest = headline[: end.start()].rstrip(), headline[end.end() :].lstrip()
        if headline[end.start() : end.end()] in ("。", "！", "？"):
            phrase = headline[: end.end()]
        if columns(phrase) > NAMED_COLUMNS:
            break
        quoted = rest[:1] in "\"'“‘„«「『" and not phrase.endswith(
            ("?", "!", "？", "！")
        )  # the quotation is the headline's statement
        if (
            columns(phrase) >= PHRASE_COLUMNS
            and (len(phrase.split()) > 2 or not phrase.isascii())
            and not quoted
            and _is_complete(phrase)
        ):
            return phrase
    return ""


def _is_complete(text: str) -> bool:
    """True if a phrase is complete: no open quotation or bracket, no URL, at least four letters."""
    closed = all(
        text.count(pair[0]) == text.count(pair[1]) for pair in _PAIRS if pair[0] in text or (pair[1] in text and pair != "‘’")
    )
    return closed and text.count('"') % 2 == 0 and "://" not in text and sum(c.isalpha() for c in text) >= 4


def _filled(text: str, slots: Mapping[str, str], marks: Marks) -> str:
    for name, value in slots.items():
        text = text.replace(marks.slot(name), value)
    return mime.clean(text)


def _subject(template: str, slots: Mapping[str, str], marks: Marks) -> str:
    """Fill the subject; its headline is shortened, so that the template's text around it stays."""
    around = len(_filled(template, {**slots, "HEADLINE": ""}, marks))
    headline = shorten(slots["HEADLINE"], max(SUBJECT_MAX - around - 1, SUBJECT_MAX // 2))
    return shorten(_filled(template, {**slots, "HEADLINE": headline}, marks), SUBJECT_MAX)


def _preheader(rendition: Rendition, layout: Layout, slots: Mapping[str, str], marks: Marks) -> tuple[str, str]:
    """
    Return the headlines in neither subject nor opening, as far as they fit (the top story's summary if there are
    none), and the preheader with them; one that is short is extended by that summary and the filler.
    """
    template = rendition.texts.preheader
    around = len(_filled(template, slots, marks))
    stories = [rendition.picks[i] for i in layout.stories]
    unnamed = [rendition.picks[i] for i in layout.stories[1:] if i not in layout.named]
    others = headlines(unnamed or stories[:1], PREHEADER_MAX - around, of_summary=not unnamed)
    text = _filled(template, {**slots, "OTHERS": others}, marks)
    for more in (stories[0].lead if unnamed else "", rendition.texts.filler, rendition.texts.filler):
        if len(text) < PREHEADER_MIN and more:
            text = f"{text} · {more}" if text else more
    return others, shorten(text, PREHEADER_MAX)


def headlines(picks: Sequence[PickLine], room: int, *, of_summary: bool) -> str:
    """Join headlines, or with `of_summary` one-line summaries, until `room` characters are about full; the last may exceed it."""
    text = ""
    for part in [pick.lead if of_summary else pick.headline for pick in picks]:
        joined = f"{text} · {part}" if text else part
        if len(joined) > room and len(text) >= room * 5 // 9:
            break
        text = joined
        if len(text) > room:
            break
    return text


def shorten(text: str, limit: int) -> str:
    """Shorten a text to at most `limit` characters, cut between words, with an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    at = cut.rfind(" ")
    return (cut[:at] if at > limit // 2 else cut).rstrip(" ,;:·–—-") + "…"
