"""A summary that has a claim has its denial, condition, limit, source or answer too (claims/README.md)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, cycle, islice
from pathlib import Path

import pytest

from digest.curate.summarise import Document, extract

LENGTHS = (25, 45, 70)  #: words: below, about and above what a mail has room for


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An article in its parts."""

    language: str
    headline: str
    opening: str
    claim: str
    answer: str
    detail: str
    before: Sequence[str]
    behind: Sequence[str]

    def texts(self) -> Iterator[str]:
        """The article with the answer in each place."""
        first, rest = [self.opening, *self.before, self.claim], self.behind
        yield self._joined([*first, self.answer, self.detail, *rest])
        yield self._joined([*first, self.detail, self.answer, *rest])
        yield self._joined([*first, self.detail]) + "\n\n" + self._joined([self.answer, *rest])
        yield self._joined(first) + "\n\n" + self._joined([self.answer, self.detail, *rest])

    def _joined(self, sentences: Sequence[str]) -> str:
        return ("" if self.language in ("ja", "zh") else " ").join(sentences)


def claims(path: Path) -> Iterator[Claim]:
    """The articles of a file."""
    common, *articles = path.read_text(encoding="utf-8").strip().split("\n\n")
    around = [line.removeprefix("~ ") for line in common.splitlines()]
    for number, article in enumerate(articles):
        headline, opening, claim, answer, detail = article.splitlines()
        turned = list(islice(cycle(around), number, number + len(around)))
        yield Claim(
            language=path.stem,
            headline=headline.partition("] ")[2],
            opening=opening,
            claim=claim.removeprefix("! "),
            answer=answer.removeprefix("= "),
            detail=detail,
            before=turned[: number % 3],
            behind=turned[3:],
        )


FILES = sorted((Path(__file__).parent / "claims").glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
@pytest.mark.parametrize("known", [True, False], ids=["language given", "language not given"])
def test_no_claim_is_cut_off_from_its_answer(path: Path, known: bool) -> None:
    cut, kept, empty = [], 0, 0
    for claim in claims(path):
        for text in claim.texts():
            for words in LENGTHS:
                document = Document(title=claim.headline, text=text, language=claim.language if known else "")
                summary = extract([document], words).text
                empty += not summary
                kept += claim.claim in summary
                if claim.claim in summary and claim.answer not in summary:
                    cut.append((words, summary))

    assert cut == []
    assert empty <= 2
    assert kept >= 6 * len(list(claims(path)))  # of twelve summaries an article: it does not leave the claims out to be safe


def test_there_are_more_than_two_hundred_articles_in_fourteen_languages() -> None:
    assert len(list(chain.from_iterable(claims(path) for path in FILES))) == 252
    assert [path.stem for path in FILES] == ["ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "zh"]
