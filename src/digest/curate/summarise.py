"""
Summarise a story in two or three sentences: the standfirst if it is a good summary, else a run of sentences of one telling.

A run is contiguous, so that no denial, condition or attribution between its sentences is lost. It does not end
where one of the sentences after it answers it, nor begin with one that depends on a sentence before
(`cues/`). If no run of the length meets this, an earlier end is taken, or another beginning, or
another telling, or none: an empty summary says nothing false. A comparison with the leading
sentences, and the rate of claims that are cut off from their answer: docs/reference/quality.md.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digest.curate.cues import Cues, cues_of
from digest.curate.sentences import ends_whole, paragraphs, split
from digest.curate.terms import terms
from digest.model.article import count_words
from digest.model.states import Form
from digest.model.words import joined

#: Approximate length of a form's summary, in words.
ROOM = {Form.TOP: 60, Form.FULL: 42, Form.BRIEF: 0}
READ = 20_000  #: characters of a text that are read
DEEP = 30  #: sentences of a text that are read
TELLINGS = 6  #: of a story's tellings, the ones that are read
SHORTEST, LONGEST = 6, 60  #: words of a summary at least, and of a sentence that can stand in one
LONGEST_CHARACTERS = 600
OVER = 1.6  #: factor by which a run may exceed its room to end well
BEGINNINGS = 4  #: sentences that a run may begin with, counted from the first that can

# Distance after a run at which a sentence may still answer it.
REACH = 3  #: sentences
REACH_PARAGRAPH = 7  #: sentences, for one that opens the next paragraph: it may answer all of the one before
BRIEF = 18  #: words; a longer sentence with a condition, limit or source most often speaks of a matter of its own
TERSE = 12  #: words; one as short that denies anything at all, or says who says it, most often answers
GRAVE = 10  #: the doubt from which a run is taken only if there is no other
CURT = 8  #: words; a sentence as short as this is most often said of the one before

# Weights of a run's score: similarity to all documents, share of its terms that other tellings have too, share of the
# headlines' terms in it, its beginning, its length, the certainty of its end.
CENTRE, SHARED, TITLE = 1.0, 0.5, 1.5
LATE = 0.2  #: penalty for each sentence before it
SHORT, LONG = 0.5, 0.25  #: penalties for no length, and for twice the length
DOUBT = 0.1  #: penalty for each sign of doubt about its end

_TEASER = re.compile(
    r"\b(?:read (?:more|on|the full)|continue reading|click|subscribe|sign up|the post .{0,200} appeared first|weiterlesen|mehr lesen"
    r"|lire la suite|leer más|lees verder|leggi tutto|читать далее)\b",
    re.IGNORECASE,
)
#: `LONDON (Reuters) - `, `TALLAHASSEE, Fla. (AP) — ` at the head of a text.
_DATELINE = re.compile(
    r"^(?:[A-ZÀ-Þ][A-ZÀ-Þ'’. -]{2,30}(?:, [A-Z][\w. ]{1,20})?\s*(?:[/,] ?\w[\w ]{0,20})?\s*(?:\([^)]{2,30}\)\s*)?[—–-]{1,2}\s+|\([A-Z][\w .]{1,20}\)\s*[—–-]{1,2}\s+)"
)
#: A byline in the form of a sentence.
_CREDIT = re.compile(
    r"\(?(?:By [A-Z][\w.'’-]+ [A-Z]|(?:Additional )?(?:[Rr]eporting|[Ee]diting|[Ww]riting) by [A-Z]|Photo(?:graph)?s? by )"
)
#: Speech in a sentence of its own is most often an answer, by the one who was named before.
_SPEECH = re.compile(r"[\"“”„«»‚‘「『]")
_SAID = re.compile(r"\b(?:he|she|they)\s+(?:said|says|added|told|wrote|tweeted|continued|explained)\b[^.]{0,40}[.”\"]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One telling of the story to summarise."""

    title: str
    text: str
    standfirst: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A summary, and the number of the document that it is from; `standfirst`: it is that document's, not its text's."""

    text: str = ""
    document: int = 0
    standfirst: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    text: str
    words: int
    paragraph: int
    stands: bool  #: it may be part of a run; headings, teasers and stumps may not
    leans: bool  #: depends on the sentence before it
    denies: bool  #: denies a sentence before it, perhaps some sentences before
    answers: bool  #: the same, or limits it
    guarded: bool  #: it may answer the one before
    terms: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    document: int
    text: str
    words: int
    begins: int  #: number of sentences before it
    doubt: int


def summarise(documents: Sequence[Document], form: Form) -> Summary:
    """Return the text printed below the headline of a story, its lead first; empty if there is no complete summary."""
    room = ROOM[form]
    if not room or not documents:
        return Summary()
    lead = documents[0]
    if is_good(lead.standfirst, headline=lead.title) and (text := _of_standfirst(lead, room * 3 // 2)):
        return Summary(text=text, standfirst=True)
    found = extract(documents[:TELLINGS], room)
    if found.text:
        return found
    for number, document in enumerate(documents):
        if text := _of_standfirst(document, room):
            return Summary(text=text, document=number, standfirst=True)
    return Summary()


def is_good(standfirst: str, *, headline: str) -> bool:
    """True if a standfirst summarises the article: a whole sentence or more, no teaser, no repetition of the headline."""
    folded = " ".join(standfirst.split())
    if count_words(folded) < SHORTEST or not ends_whole(folded) or _TEASER.search(folded):
        return False
    first = split(folded)[0]
    return not _repeats(folded, headline) and not _repeats(first, headline) and not cues_of(folded).opening.match(first)


def _repeats(text: str, headline: str) -> bool:
    """True if a text only repeats a headline."""
    return text.rstrip(".!? ").casefold() == headline.rstrip(".!? ").casefold()


def extract(documents: Sequence[Document], room: int) -> Summary:
    """Return the run of about `room` words with the best score for all documents, among those whose end is safest."""
    runs = [run for number, document in enumerate(documents) for run in _runs(number, document, room)]
    safest = min((run.doubt // GRAVE for run in runs), default=0)
    statistics = _TermStatistics.by(documents)
    best = max((run for run in runs if run.doubt // GRAVE == safest), key=lambda run: statistics.score(run, room), default=None)
    return Summary(text=best.text, document=best.document) if best else Summary()


@dataclass(frozen=True, slots=True, kw_only=True)
class _TermStatistics:
    """Term statistics of all documents, by which a run is scored."""

    centre: Counter[str]  #: normalised frequency of each term
    shared: frozenset[str]  #: terms that occur in several documents
    titles: frozenset[str]

    @classmethod
    def by(cls, documents: Sequence[Document]) -> "_TermStatistics":
        bags = [_bag(document.text[:READ]) for document in documents]
        centre: Counter[str] = Counter()
        for bag in bags:
            length = math.sqrt(sum(count * count for count in bag.values()))
            for term, count in bag.items():
                centre[term] += count / length  # type: ignore[assignment]
        having = Counter(term for bag in bags for term in bag)
        titles = frozenset(term for document in documents for term in _bag(document.title))
        return cls(centre=centre, shared=frozenset(t for t, count in having.items() if count > 1), titles=titles)

    def score(self, run: _Run, room: int) -> float:
        """Score a run; comparable among runs of the same documents."""
        bag = _bag(run.text)
        title = len(self.titles & bag.keys()) / max(1, len(self.titles))
        shared = len(self.shared & bag.keys()) / max(1, len(bag))
        fit = SHORT * max(0.0, 1 - run.words / room) + LONG * max(0.0, run.words / room - 1)
        return CENTRE * _cosine(bag, self.centre) + SHARED * shared + TITLE * title - LATE * run.begins - fit - DOUBT * run.doubt


def _of_standfirst(document: Document, room: int) -> str:
    """
    Return as much of the standfirst as there is room for; empty if it is no more than the beginning of
    the text, which then is the better source for the end of a run.
    """
    own = [s for s in split(document.standfirst[:READ], document.language) if ends_whole(s) and not _TEASER.search(s)]
    if own and _repeats(own[0], document.title):  # a post without a title: its first sentence was made its headline
        del own[0]
    if not own or own[-1] in " ".join(document.text.split()):
        return ""
    alone = Document(title=document.title, text=joined(own), language=document.language)
    runs = [run for run in _runs(0, alone, room) if not run.begins]
    return max(runs, key=lambda run: (-run.doubt, run.words)).text if runs else ""


def _runs(number: int, document: Document, room: int) -> Iterator[_Run]:
    """Yield the runs of a document that begin and end well and are not much longer than `room` words."""
    sentences = _sentences(document)
    beginnings = [i for i, s in enumerate(sentences) if s.stands and s.words >= SHORTEST and not (i and (s.leans or s.answers))]
    for begins in beginnings[:BEGINNINGS]:
        text, words = "", 0
        for end, sentence in enumerate(sentences[begins:DEEP], start=begins):
            words += sentence.words
            if not sentence.stands or (text and words > room * OVER):
                break
            text = joined((text, sentence.text))
            doubt = _doubt(sentences, end)
            if words >= SHORTEST and doubt is not None and not _opens_a_quote(text):
                yield _Run(document=number, text=text, words=words, begins=begins, doubt=doubt)


def _doubt(sentences: Sequence[_Sentence], end: int) -> int | None:
    """
    Count the signs that the text after the sentence `end` answers the text up to it; None if it surely does.

    GRAVE and more if an answer is likely some sentences later, the more the sooner.
    """
    if sentences[end].text.rstrip("\"'”’»").endswith(("?", "？", "؟", ":", "：")):
        return None
    following = [s for s in sentences[end + 1 :] if s.stands or s.answers][:REACH_PARAGRAPH]
    if not following:
        return 0
    below = next((s for s in following if s.paragraph > sentences[end].paragraph), following[0])
    if following[0].answers or following[0].leans or any(s.denies for s in (*following[:REACH], below)):
        return None
    sooner = REACH - next((i for i, s in enumerate(following[:REACH]) if s.answers), REACH)
    near = following[:2]
    same = sum(s.words <= BRIEF and len(s.terms & sentences[end].terms) > 1 for s in near)
    signs = same + sum(s.guarded for s in near) + (following[0].words <= CURT) + any(s.leans and s.guarded for s in near)
    return GRAVE * max(sooner, int(below.answers)) + signs


def _sentences(document: Document) -> Sequence[_Sentence]:
    """Return the first sentences of a document, with those that may answer the last of them, and the relation of each to earlier ones."""
    found: list[_Sentence] = []
    cues = cues_of(document.text[:READ], document.language)
    spoken = _DATELINE.sub("", document.text[:READ].lstrip())
    for number, paragraph in enumerate(paragraphs(spoken)):
        found += [_sentence(text, number, document, cues) for text in split(paragraph, document.language)]
        if len(found) >= DEEP + REACH_PARAGRAPH:
            break
    return found[: DEEP + REACH_PARAGRAPH]


def _sentence(text: str, paragraph: int, document: Document, cues: Cues) -> _Sentence:
    words = count_words(text)
    plain = text.replace("’", "'")
    speaks = not (_TEASER.search(text) or _CREDIT.match(text) or _repeats(text, document.title))
    denies = speaks and bool(cues.denying.search(plain))
    bounds = speaks and bool(cues.bounding.search(plain) or _SPEECH.match(plain))
    guards = speaks and bool(cues.guarding.search(plain))
    return _Sentence(
        text=text,
        words=words,
        paragraph=paragraph,
        stands=speaks and ends_whole(text) and words <= LONGEST and len(text) <= LONGEST_CHARACTERS,
        leans=bool(cues.opening.match(plain) or _SAID.search(plain)),
        denies=denies,
        answers=denies or (bounds and words <= BRIEF) or (guards and words <= TERSE),
        guarded=bounds or guards,
        terms=frozenset(_bag(text)),
    )


def _opens_a_quote(text: str) -> bool:
    """True if a text ends, or begins, inside a quotation."""
    low, opening, closing = (text.count(mark) for mark in "„“”")
    if low:  # „German“ or „Polish”
        uneven = low != opening + closing
    elif opening:
        uneven = opening != closing
    else:  # ”Swedish”
        uneven = closing % 2 == 1
    return uneven or text.count('"') % 2 == 1 or text.count("«") != text.count("»") or text.count("「") != text.count("」")


def _bag(text: str) -> Counter[str]:
    return Counter(term.casefold() for term in terms(text))


def _cosine(a: Counter[str], b: Counter[str]) -> float:
    shared = sum(count * b[term] for term, count in a.items() if term in b)
    return shared / math.sqrt(sum(v * v for v in a.values()) * sum(v * v for v in b.values())) if shared else 0.0
