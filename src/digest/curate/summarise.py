"""
Two honest sentences: the standfirst where it is a good summary, else the leading sentences.
Never mid-sentence; nothing is made up.
"""

import re

from digest.curate.sentences import ends_whole, split
from digest.model.article import count_words
from digest.model.states import Form

#: About how many words a form has room for.
ROOM = {Form.TOP: 60, Form.FULL: 42, Form.BRIEF: 0}
READ = 20_000  #: characters from which a summary is made
LONGEST_CHARACTERS = 900
LONGEST = 90  #: words; a longer sentence is no summary
_TEASER = re.compile(
    r"\b(?:read (?:more|on)|continue reading|click|subscribe|sign up|the post .{0,200} appeared first|weiterlesen|mehr lesen|lire la suite|leer más)\b",
    re.IGNORECASE,
)


def summarise(*, headline: str, standfirst: str, text: str, form: Form) -> str:
    """What is printed below the headline; empty where nothing whole can be said."""
    room = ROOM[form]
    if not room:
        return ""
    if is_good(standfirst, headline=headline):
        return _leading(standfirst, room * 3 // 2)
    return _leading(text, room) or _leading(_whole(standfirst), room)


def is_good(standfirst: str, *, headline: str) -> bool:
    """Whether a standfirst sums the article up: a whole sentence or more, no teaser, not the headline again."""
    folded = " ".join(standfirst.split())
    if count_words(folded) < 6 or not ends_whole(folded) or _TEASER.search(folded):
        return False
    return folded.rstrip(".!? ").casefold() != headline.rstrip(".!? ").casefold()


def _leading(text: str, room: int) -> str:
    chosen: list[str] = []
    used = 0
    for sentence in split(text[:READ]):
        words = count_words(sentence)
        if (
            words > LONGEST
            or len(sentence) > LONGEST_CHARACTERS
            or (chosen and used + words > room)
            or (not chosen and words < 3)
        ):
            break
        if not ends_whole(sentence) and chosen:
            break
        chosen.append(sentence)
        used += words
    return " ".join(chosen)


def _whole(text: str) -> str:
    """A text that may be cut off, up to its last whole sentence."""
    sentences = split(text[:READ])
    cut = [s for s in sentences if ends_whole(s) and not _TEASER.search(s)]
    return " ".join(cut)
