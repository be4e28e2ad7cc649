"""
Which of an issue's stories a reader's mail has, in which form, and under which heads.

Pure functions of rendition, bitmap and slot values. A section head appears exactly when it
has a story.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digest.model.delivery import chosen
from digest.model.rendition import PickLine, Rendition

AIM_BYTES = 60_000  #: of HTML; above it, full stories become briefs from the end
STOP_BYTES = 95_000  #: never above: Gmail clips from 99,507 bytes, and the unsubscribe link with it
FORMS = ("top", "full", "brief")
PREHEADER_MIN, PREHEADER_MAX = 60, 108


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A story in a reader's mail: its index among the issue's picks, and its form."""

    index: int
    form: int  #: index into FORMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A reader's mail: the top story, full stories in order, briefs, and how many did not fit."""

    top: Placed | None
    full: Sequence[Placed]
    briefs: Sequence[Placed]
    dropped: int

    @property
    def stories(self) -> Sequence[Placed]:
        """All, in print order."""
        return [*([self.top] if self.top else []), *self.full, *self.briefs]


def arrange(rendition: Rendition, picks: bytes, *, slot_bytes: int) -> Layout:
    """The layout of one mail; `slot_bytes` is what its slots add to the HTML."""
    indices = list(chosen(picks, len(rendition.picks)))
    forms = {i: FORMS.index(rendition.picks[i].form) for i in indices}
    for place, i in enumerate(indices):
        forms[i] = 0 if place == 0 else max(1, forms[i])
    kept = _within(rendition, indices, forms, slot_bytes)
    placed = [Placed(index=i, form=forms[i]) for i in kept]
    full = sorted((p for p in placed if p.form == 1), key=lambda p: (rendition.picks[p.index].section, p.index))
    return Layout(
        top=next((p for p in placed if p.form == 0), None),
        full=full,
        briefs=[p for p in placed if p.form == 2],
        dropped=len(indices) - len(kept),
    )


def _within(rendition: Rendition, indices: list[int], forms: dict[int, int], slot_bytes: int) -> list[int]:
    """Demote from the end until the aim is met, then drop from the end until the stop is; changes `forms`."""
    sizes = rendition.html.sizes
    total = rendition.html.frame_size + slot_bytes + sum(sizes[i][forms[i]] for i in indices)
    for i in reversed(indices):
        if total <= AIM_BYTES:
            break
        if forms[i] == 1:
            total += sizes[i][2] - sizes[i][1]
            forms[i] = 2
    kept = list(indices)
    while total > STOP_BYTES and len(kept) > 1:
        total -= sizes[kept[-1]][forms[kept[-1]]]
        kept.pop()
    return kept


def derived_slots(rendition: Rendition, picks: Sequence[PickLine], *, dropped: int) -> Mapping[str, str]:
    """The slots that follow from the selection, as plain text."""
    texts = rendition.texts
    minutes = sum(pick.minutes for pick in picks)
    return {
        "COUNT": texts.story_count[min(len(picks), len(texts.story_count) - 1)],
        "MINUTES": texts.minutes[min(minutes, len(texts.minutes) - 1)],
        "MORE": texts.more[min(dropped, len(texts.more) - 1)],
        "SUBJECT": texts.subject.replace("{headline}", picks[0].headline) if picks else "",
        "PREHEADER": preheader(picks, filler=texts.filler),
    }


def preheader(picks: Sequence[PickLine], *, filler: str = "") -> str:
    """What stands beside the subject in the inbox: the next headlines; the summary where there is one story; `filler` where that is short."""
    if not picks:
        return ""
    parts = [pick.headline for pick in picks[1:]] or [picks[0].lead]
    text = ""
    for part in parts:
        joined = f"{text} · {part}" if text else part
        if len(joined) > PREHEADER_MAX and len(text) >= PREHEADER_MIN:
            break
        text = joined
    for more in (picks[0].lead if len(picks) > 1 else "", filler, filler):
        if len(text) < PREHEADER_MIN and more:
            text = f"{text} · {more}" if text else more
    return shorten(text, PREHEADER_MAX)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words, with an ellipsis where it was cut."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    at = cut.rfind(" ")
    return (cut[:at] if at > limit // 2 else cut).rstrip(" ,;:·–—-") + "…"
