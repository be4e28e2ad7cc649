"""Texts are split where sentences end, whatever abbreviations, numbers, quotes and lists stand in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.curate.sentences import split


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Mr. Smith met Dr. Jones in Mt. Vernon. They spoke.", 2),
        ("She came at 5 p.m. on Monday. He left.", 2),
        ("He lives in the U.S. The house is new.", 2),
        ("He works for the U.S. Government in Virginia.", 1),
        ("They sued Pitt, Briggs & Co. It closed in May.", 2),
        ("See p. 55 and fig. 3 of vol. 2. It is all there.", 2),
        ("No. 10 was quiet. No. That is not so.", 3),
        ('"Will it open?" she asked. Nobody knew.', 2),
        ("He said, “It is done.” Then he left.", 2),
        ("The harbour opens (as it did before.) again.", 1),
        ("It cost $100.00. It was cheap.", 2),
        ("Write to jane.doe@example.com. She reads it.", 2),
        ("It was . . . nothing. He knew it... or so he thought.", 2),
        ("Really?! Yes. Wow!!! No...", 4),
        ("She works at Yahoo! in town. It is near.", 2),
        ("He was ill. It was a miss. The mass was over.", 3),
        ("Phoenix, Ariz. Senator Kelly won. He lives in Tampa, Fla. The rest stayed.", 3),
        ("In großen Städten, z. B. Köln. Er wächst.", 2),
        ("EE. UU. anunció nuevas medidas. Fin.", 2),
        ("J.-P. Raffarin est venu. L'avv. Rossi anche.", 2),
        ("„Das ist falsch.“ Der Minister widersprach. »Ja.« Nein.", 4),
        ("M. Macron a dit : « C'est fini. » Il part. « Vous venez ? » dit-il.", 3),
        ("The show was on. Fans loved it. She told me. So ist es. Berlin feiert.", 5),
        ("1. Open the box. 2. Take it out. 3. Close it.", 3),
        ("• Bread • Milk • Eggs", 3),
        ("Am 3. Mai 2024 kam er. Das 19. Jahrhundert war lang. Er ging z.B. nach Bonn.", 3),
        ("M. Dupont a parlé. Mme. Durand aussi. C'est fini.", 3),
        ("El Sr. Pérez llegó. La Dra. Gómez salió. ¿Qué pasó? Nada.", 4),
        ("Il dott. Rossi è qui. Ecc. ecc. Fine.", 3),
        ("В 2024 г. он приехал. Это было т. е. давно.", 2),
        ("港が開いた。船が来た！本当か？はい。", 4),
        ("「本当か。」と言った。彼は去った。", 2),
        ("港口开放了。船来了！真的吗？", 3),
        ("यह सच है। वह गया।", 2),
        ("هل هذا صحيح؟ نعم.", 2),
        ("first this. then that, without capitals. the end.", 3),
    ],
)
def test_sentences_end_where_a_reader_sees_it(text: str, sentences: int) -> None:
    assert len(split(text)) == sentences, split(text)


def test_a_language_with_ordinal_stops_keeps_its_numbers() -> None:
    assert len(split("Der 2. Versuch gelang. Gut.", "de")) == 2
    assert len(split("He came 2. Versuch failed.", "en")) == 2


@given(st.text(alphabet="aB .!?…。\"'()1\n", max_size=60))
def test_nothing_is_lost_or_made_up(text: str) -> None:
    assert "".join("".join(split(text)).split()) == "".join(text.split())


def test_a_long_hostile_text_is_split_at_once() -> None:
    for piece in (". ", "a. ", "1. ", "\"'", "( ", "…"):
        assert "".join("".join(split(piece * 50_000)).split()) == piece.strip().replace(" ", "") * 50_000
