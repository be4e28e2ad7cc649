"""
Two honest sentences: the standfirst where it is a good summary, else sentences of the tellings.

Never mid-sentence, never a "He said" without the one who said it; nothing is made up. Which
sentences, and how that compares with the leading ones: docs/reference/quality.md.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from digest.curate.sentences import ends_whole, split
from digest.curate.terms import terms
from digest.model.article import count_words
from digest.model.states import Form

#: About how many words a form has room for.
ROOM = {Form.TOP: 60, Form.FULL: 42, Form.BRIEF: 0}
READ = 20_000  #: characters of a text that are looked at
DEEP = 30  #: sentences of a text that are looked at
TELLINGS = 6  #: of a story's tellings, the ones that are read
SHORTEST, LONGEST = 6, 50  #: words of a sentence that can stand in a summary
LONGEST_CHARACTERS = 500
OVER = 1.2  #: how far the last sentence may reach beyond the room
ENOUGH = 0.8  #: of the room; then nothing is added

# What a sentence is worth: where it stands, how near it is to all that is told, how much of the headlines it says.
POSITION, HALVES = 1.0, 0.5
CENTRE, TITLE = 1.0, 0.5
REPEATING = 1.0  #: how much a likeness to what was chosen costs
SAME = 0.35  #: a sentence this like a chosen one says nothing new

_TEASER = re.compile(
    r"\b(?:read (?:more|on|the full)|continue reading|click|subscribe|sign up|the post .{0,200} appeared first|weiterlesen|mehr lesen"
    r"|lire la suite|leer más|lees verder|leggi tutto|читать далее)\b",
    re.IGNORECASE,
)
#: Sentences that need the one before them to be understood begin so.
_LEANS = re.compile(
    r"[\"“«„'‘(]?(?:(?:He|She|They|It|His|Her|Their|Its|That|This|These|Those|Such|But|And|Or|So|Yet|Then|Also|However|Instead|Still|Meanwhile"
    r"|Moreover|Therefore|Both|Another|Er|Es|Sie|Seine?[rnms]?|Ihre?[rnms]?|Dies|Diese[rs]?|Doch|Aber|Und|Damit|Dabei|Danach|Dann|Auch|Ils?|Elles?|Cela|Ce(?:la|ci)?|Mais"
    r"|Él|Ella|Ellos|Esto|Pero|También|Lui|Lei|Questo|Ma|Anche|Ele|Ela|Isso|Mas|Hij|Zij|Dit|Dat|Maar|Ook|Он|Она|Они|Его|Её|Ее|Их|Это|Но|Однако)\b"
    r"|那|这|這|他|她|它|但|彼|しかし|また|その|それ|そして|그러나|그는|그녀는|وقال|وأضاف|وقد|كما|لكن)"
)
#: `LONDON (Reuters) - `, `TALLAHASSEE, Fla. (AP) — ` at the head of a text.
_DATELINE = re.compile(
    r"^(?:[A-ZÀ-Þ][A-ZÀ-Þ'’. -]{2,30}(?:, [A-Z][\w. ]{1,20})?\s*(?:[/,] ?\w[\w ]{0,20})?\s*(?:\([^)]{2,30}\)\s*)?[—–-]{1,2}\s+|\([A-Z][\w .]{1,20}\)\s*[—–-]{1,2}\s+)"
)
#: Who wrote it, as a sentence.
_CREDIT = re.compile(
    r"\(?(?:By [A-Z][\w.'’-]+ [A-Z]|(?:Additional )?(?:[Rr]eporting|[Ee]diting|[Ww]riting) by [A-Z]|Photo(?:graph)?s? by )"
)
_SAID = re.compile(r"\b(?:he|she|they)\s+(?:said|says|added|told|wrote|tweeted|continued|explained)\b[^.]{0,40}[.”\"]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One telling of what is to be summarised."""

    title: str
    text: str
    standfirst: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A summary, and the numbers of the documents that its sentences are from; `standfirst`: it is the first document's."""

    text: str = ""
    documents: Sequence[int] = ()
    standfirst: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    document: int
    place: int
    text: str
    words: int
    bag: Counter[str]
    leans: bool  #: on the sentence before it


def summarise(documents: Sequence[Document], form: Form) -> Summary:
    """What is printed below the headline of a story, its lead first; empty where nothing whole can be said."""
    room = ROOM[form]
    if not room or not documents:
        return Summary()
    lead = documents[0]
    if is_good(lead.standfirst, headline=lead.title):
        return Summary(text=_leading(lead.standfirst, room * 3 // 2, lead.language), documents=(0,), standfirst=True)
    found = extract(documents[:TELLINGS], room)
    if found.text:
        return found
    for number, document in enumerate(documents):
        if text := _leading(_whole(document.standfirst), room, document.language):
            return Summary(text=text, documents=(number,), standfirst=True)
    return Summary()


def is_good(standfirst: str, *, headline: str) -> bool:
    """Whether a standfirst sums the article up: a whole sentence or more, no teaser, not the headline again."""
    folded = " ".join(standfirst.split())
    if count_words(folded) < SHORTEST or not ends_whole(folded) or _TEASER.search(folded):
        return False
    first = split(folded)[0]
    return not _repeats(folded, headline) and not _repeats(first, headline) and not _LEANS.match(first)


def _repeats(text: str, headline: str) -> bool:
    """Whether a text says a headline again and no more."""
    return text.rstrip(".!? ").casefold() == headline.rstrip(".!? ").casefold()


def extract(documents: Sequence[Document], room: int) -> Summary:
    """About `room` words in whole sentences of the documents: the most telling ones first, none that repeats another."""
    sentences = [s for number, document in enumerate(documents) for s in _sentences(number, document)]
    chosen: list[_Sentence] = []
    used, left = 0, _worth(sentences, documents)
    while used < room * ENOUGH and (may := [i for i in left if _stands(sentences[i], chosen)]):
        best = max(may, key=lambda i: left[i] - REPEATING * max((_cosine(sentences[i].bag, c.bag) for c in chosen), default=0.0))
        sentence = sentences[best]
        del left[best]
        if chosen and (used + sentence.words > room * OVER or any(_cosine(sentence.bag, c.bag) > SAME for c in chosen)):
            continue
        chosen.append(sentence)
        used += sentence.words
    order = list(dict.fromkeys(s.document for s in chosen))
    chosen.sort(key=lambda s: (order.index(s.document), s.place))
    return Summary(text=" ".join(s.text for s in chosen), documents=tuple(order))


def _stands(sentence: _Sentence, chosen: Sequence[_Sentence]) -> bool:
    """Whether it can be understood: it leans on none, or on one that is chosen."""
    before = (sentence.document, sentence.place - 1)
    return not sentence.leans or any((c.document, c.place) == before for c in chosen)


def _sentences(number: int, document: Document) -> Sequence[_Sentence]:
    """The sentences of a document that may stand in a summary."""
    found = []
    spoken = _DATELINE.sub("", document.text[:READ].lstrip())
    for place, text in enumerate(split(spoken, document.language)[:DEEP]):
        words = count_words(text)
        if not SHORTEST <= words <= LONGEST or len(text) > LONGEST_CHARACTERS or not ends_whole(text) or _TEASER.search(text):
            continue
        if _repeats(text, document.title) or _CREDIT.match(text):
            continue
        leans = bool(_LEANS.match(text) or (place > 0 and _SAID.search(text)))
        bag = Counter(term.casefold() for term in terms(text))
        found.append(_Sentence(document=number, place=place, text=text, words=words, bag=bag, leans=leans))
    return found


def _worth(sentences: Sequence[_Sentence], documents: Sequence[Document]) -> dict[int, float]:
    centre: Counter[str] = Counter()
    for sentence in sentences:
        centre.update(sentence.bag)
    titles = {term.casefold() for document in documents for term in terms(document.title)}
    return {
        i: POSITION * HALVES**s.place
        + CENTRE * _cosine(s.bag, centre)
        + (TITLE * len(titles & s.bag.keys()) / len(titles) if titles else 0.0)
        for i, s in enumerate(sentences)
    }


def _cosine(a: Counter[str], b: Counter[str]) -> float:
    shared = sum(count * b[term] for term, count in a.items() if term in b)
    return shared / math.sqrt(sum(v * v for v in a.values()) * sum(v * v for v in b.values())) if shared else 0.0


def _leading(text: str, room: int, language: str) -> str:
    """The first sentences of a standfirst, as many as there is room for."""
    chosen: list[str] = []
    used = 0
    for sentence in split(text[:READ], language):
        words = count_words(sentence)
        if len(sentence) > LONGEST_CHARACTERS * 2 or (chosen and (used + words > room or not ends_whole(sentence))):
            break
        chosen.append(sentence)
        used += words
    return " ".join(chosen)


def _whole(text: str) -> str:
    """A text that may be cut off, up to its last whole sentence."""
    return " ".join(s for s in split(text[:READ]) if ends_whole(s) and not _TEASER.search(s))
