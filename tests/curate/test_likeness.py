"""The inverted index leaves out only pairs that a look at every pair would leave out, too."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.curate import likeness
from digest.curate.likeness import BARE, FEW, FEW_BARE, FLOOR, SHARED, SHARED_BARE, compare
from digest.curate.vectors import Vectors
from digest.model.article import Kin

WORDS = (
    "Lisbon",
    "earthquake",
    "earthquakes",
    "casualties",
    "bank",
    "raises",
    "rates",
    "interest",
    "7.4",
    "the",
    "cup",
    "Rovers",
)
TEXTS = st.lists(
    st.builds(
        lambda number, headline, text, language: Kin(
            article_id=number,
            canonical_url=None,
            fingerprint=str(number),
            publisher="",
            headline=" ".join(headline),
            text=" ".join(text),
            language=language,
            at=None,
        ),
        st.just(0),
        st.lists(st.sampled_from(WORDS), max_size=6),
        st.one_of(st.just([]), st.lists(st.sampled_from(WORDS), max_size=25)),
        st.sampled_from(["", "en", "en-GB", "pt"]),
    ),
    min_size=2,
    max_size=12,
)


def looked_at_all(texts: list[Kin], new: int) -> dict[tuple[int, int], float]:
    """The similarity of each pair, by the definition."""
    vectors = Vectors(texts)
    found = {}
    for one in range(new):
        for other in range(one + 1, len(texts)):
            bare = not texts[one].text.strip() and not texts[other].text.strip()
            stems = [vectors.stems(text) for text in (one, other)]
            common = stems[0].keys() & stems[1].keys()
            cosine = vectors.cosines(one, [other])[0]
            shared = sum(stems[0][stem] * stems[1][stem] for stem in common) + (cosine if bare else 0)
            few = min(len(common), len(FEW) - 1)
            ever = cosine * (BARE * FEW_BARE[few] if bare else FEW[few])
            languages = {text.language[:2] for text in (texts[one], texts[other]) if text.language}
            if len(languages) < 2 and shared >= (SHARED_BARE if bare else SHARED) and ever >= FLOOR:
                found[one, other] = ever
    return found


@given(TEXTS, st.integers(1, 12))
def test_the_index_finds_what_a_look_at_every_pair_finds(texts: list[Kin], new: int) -> None:
    new = min(new, len(texts))

    found = {(pair.first, pair.second): pair.ever for pair in compare(texts, new=new)}

    assert found == pytest.approx(looked_at_all(texts, new))


@given(TEXTS)
def test_a_text_that_has_words_is_as_similar_to_itself_as_can_be(texts: list[Kin]) -> None:
    vectors = Vectors(texts)

    for number, text in enumerate(texts):
        assert vectors.cosines(number, [number])[0] == pytest.approx(1.0 if vectors.vector(number).columns else 0.0, abs=1e-5)
        weights = vectors.stems(number).values()
        assert math.sqrt(sum(weight * weight for weight in weights)) == pytest.approx(1.0 if weights else 0.0), text


def test_a_text_keeps_the_nearest_of_very_many_that_are_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "NEAREST", 5)
    texts = [
        Kin(
            article_id=n,
            canonical_url=None,
            fingerprint=str(n),
            publisher="",
            headline="Rovers win the cup",
            text="Rovers won.",
            at=None,
        )
        for n in range(30)
    ]

    pairs = list(compare(texts, new=1))

    assert [pair.second for pair in pairs] == [25, 26, 27, 28, 29]
