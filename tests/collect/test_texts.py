"""
Dropped texts yield headline, standfirst, text, author and publisher, whatever page they come from.

Each file in texts/ is a text with a letter before each line: h headline, s standfirst, b body,
a byline, p source line, o biography, x anything else of the page. What must come out is read
off the letters; the text is made by taking them away.
"""

import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

from digest.collect import texts
from digest.collect.bodies import is_furniture
from digest.collect.label_phrases import KINDS, LABELS
from digest.collect.labels import byline, publisher
from digest.errors import ParseError

FOLDER = Path(__file__).parent / "texts"
FILES = sorted(FOLDER.glob("*.txt"))


@dataclass(frozen=True)
class Dropped:
    """A text and what is true of it."""

    text: str
    title: str
    standfirst: str
    body: str
    author: str
    publisher: str


def load(path: Path) -> Dropped:
    head, _, rest = path.read_text(encoding="utf-8").partition("---\n")
    fields = {name: value.strip() for name, _, value in (line.partition(":") for line in head.splitlines())}
    lines = [(line[0], line[2:]) for line in rest.splitlines()]
    of = {tag: [text for t, text in lines if t == tag] for tag in "hsbapox"}
    return Dropped(
        text=laid_out(lines, fields),
        title=of["h"][0],
        standfirst="".join(of["s"]),
        body="\n\n".join(of["b"]),
        author=fields["author"],
        publisher=fields["publisher"],
    )


def laid_out(lines: list[tuple[str, str]], fields: dict[str, str]) -> str:
    if fields.get("raw") == "markdown":
        meta = "\n".join(
            ["---", f"author: {fields['author']}", f"source: {fields['publisher']}", f"description: {lines[1][1]}", "---"]
        )
        return meta + f"\n\n# {lines[0][1]}\n\n" + "\n\n".join(text for tag, text in lines if tag == "b")
    if fields.get("join") == "wrapped":
        return "\n\n".join(textwrap.fill(text, 72) for _, text in lines)
    return ("\n" if fields.get("join") == "single" else "\n\n").join(text for _, text in lines)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_field_of_a_dropped_text_is_found(path: Path) -> None:
    truth = load(path)

    page = texts.parse(truth.text, where=path.name)

    found = Dropped(truth.text, page.title, page.standfirst, page.text, page.author, page.publisher)
    assert found == truth


def test_there_are_thirty_texts() -> None:
    assert len(FILES) == 30


def test_a_text_without_line_breaks_is_its_own_body() -> None:
    page = texts.parse("One sentence stands alone. Another follows it.", where="x")

    assert "One sentence stands alone." in page.text + page.title


def test_a_text_of_white_space_is_an_error_that_names_the_file() -> None:
    with pytest.raises(ParseError, match=r"empty\.txt"):
        texts.parse(" \n\t\n", where="empty.txt")


SOURCES = {
    "ar": ("المصدر الأصلي: الجزيرة", "الجزيرة"),
    "bn": ("মূল সূত্র: প্রথম আলো", "প্রথম আলো"),
    "cs": ("Původní zdroj: Hlas", "Hlas"),
    "da": ("Original kilde: Kysten", "Kysten"),
    "de": ("Originalquelle: kurier.example", "kurier.example"),
    "el": ("Αρχική πηγή: Η Ακτή", "Η Ακτή"),
    "en": ("Original Source: coast.example", "coast.example"),
    "es": ("Fuente original: El Faro", "El Faro"),
    "fa": ("منبع اصلی: ساحل", "ساحل"),
    "fi": ("Alkuperäinen lähde: Rannikko", "Rannikko"),
    "fr": ("Source originale : Le Phare", "Le Phare"),
    "he": ("מקור: החוף", "החוף"),
    "hi": ("मूल स्रोत: तट समाचार", "तट समाचार"),
    "hu": ("Eredeti forrás: Part", "Part"),
    "id": ("Sumber asli: pantai.example", "pantai.example"),
    "it": ("Fonte originale: Il Faro", "Il Faro"),
    "ja": ("元記事：朝の海", "朝の海"),
    "ko": ("원문 출처: 바다신문", "바다신문"),
    "nl": ("Oorspronkelijke bron: De Kust", "De Kust"),
    "pl": ("Źródło oryginalne: Głos Doliny", "Głos Doliny"),
    "pt": ("Fonte original: O Farol", "O Farol"),
    "ro": ("Sursa originală: Malul", "Malul"),
    "ru": ("Оригинальный источник: Берег", "Берег"),
    "sv": ("Ursprunglig källa: Kusten", "Kusten"),
    "sw": ("Chanzo: Pwani", "Pwani"),
    "th": ("ที่มา: ชายฝั่ง", "ชายฝั่ง"),
    "tr": ("Orijinal kaynak: Kıyı", "Kıyı"),
    "uk": ("Оригінальне джерело: Берег", "Берег"),
    "ur": ("ماخذ: ساحل", "ساحل"),
    "vi": ("Nguồn gốc: bienxanh.example", "bienxanh.example"),
    "zh": ("原始来源：海岸网", "海岸网"),
}


@pytest.mark.parametrize("language", LABELS)
def test_the_source_line_of_every_language_names_the_publisher(language: str) -> None:
    line, name = SOURCES[language]

    assert publisher(line) == name
    label, _, _ = line.replace("：", ":").partition(":")
    assert publisher(f"{label}:", name) == name


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Źródło: PAP", "PAP"),
        ("Quelle: https://www.kurier.example/a/1", "kurier.example"),
        ("Quelle vietnamnews.vn", "vietnamnews.vn"),
        ("First published in The Gent Post", "The Gent Post"),
        ("Zuerst erschienen in: Kurier", "Kurier"),
        ("Publié initialement dans Le Phare", "Le Phare"),
        ("Publicado originalmente en El Faro", "El Faro"),
        ("Источник — Берег", "Берег"),
        ("Fonte - O Farol", "O Farol"),
        ("via: Mastodon", "Mastodon"),
        ("Via Roma was closed", ""),
        ("Theo is ten years old", ""),
        ("Source said nothing of it", ""),
        ("Story of the year: a ferry", ""),
        ("Fuentes del Ebro celebra su fiesta", ""),
        ("Bronnen van de Maas drogen op", ""),
        ("Källan till floden har flyttat", ""),
    ],
)
def test_a_source_line_needs_its_colon_a_site_or_a_phrase(line: str, name: str) -> None:
    assert publisher(line) == name


@pytest.mark.parametrize(
    "line",
    ["Share this article", "Jetzt teilen", "Artikel teilen", "Auf Facebook teilen", "Partager sur Facebook", "Partager cet article", "Comparte esta noticia",
     "Compartir en WhatsApp", "Condividi su Facebook", "Compartilhe esta notícia", "Deel dit artikel", "Udostępnij na Facebooku", "Поделиться в Telegram", "Поділитися",
     "Dela artikeln", "Del på Facebook", "Jaa artikkeli", "Sdílet článek", "Paylaş", "この記事をシェア", "立即分享", "공유하기", "شارك المقال", "Chia sẻ bài viết", "Bagikan artikel ini", "शेयर करें", "แชร์"],
)  # fmt: skip
def test_lines_that_ask_to_share_are_no_prose(line: str) -> None:
    assert is_furniture(line)


@pytest.mark.parametrize(
    "line",
    ["Teilen ist schwer geworden, sagt der Rat.", "Partager la ville, c'est partager ses rues.", "Del dos al cinco de mayo se cierra el puerto.", "Compartir piso a los sesenta ya no es raro."],
)  # fmt: skip
def test_prose_that_begins_like_a_share_line_is_kept(line: str) -> None:
    assert not is_furniture(line)


@pytest.mark.parametrize(
    ("line", "names"),
    [("Autora: Marta Ibáñez", "Marta Ibáñez"), ("Text: Anna Müller", "Anna Müller"), ("Auteur : Jean Petit", "Jean Petit")],
)
def test_labels_name_authors(line: str, names: str) -> None:
    assert byline(line) == names


def test_every_language_has_the_labels_that_matter() -> None:
    assert KINDS == ("source", "original", "published", "author", "share")
    assert all(labels.source and labels.author and labels.share for labels in LABELS.values())


STANDFIRST = "El pueblo de Valdeluna dejará sin luz sus calles desde enero. Los vecinos lo votaron el martes."
LONG = [
    "A las once de la noche se apagan las farolas. No es una avería ni un ahorro: lo pidió un profesor, después de que enseñara en la plaza lo que se ve sin ellas.",
    "Desde entonces llegan cada fin de semana unas ochenta personas con mantas y termos. El bar cierra más tarde, la panadería abre más temprano y la fonda crece.",
    "Hubo quien temía caerse. El ayuntamiento repartió linternas de luz roja, que no deslumbran, y pintó de blanco los bordillos de todas las calles del centro.",
]  # fmt: skip


def test_a_short_paragraph_right_below_the_headline_is_the_standfirst_where_three_longer_ones_follow() -> None:
    page = texts.parse(
        "\n\n".join(["Un pueblo apaga sus farolas", STANDFIRST, *LONG, "Fuente original: El Faro", "Compartir"]), where="x"
    )

    assert (page.standfirst, page.text.split("\n\n"), page.publisher) == (STANDFIRST, LONG, "El Faro")


@pytest.mark.parametrize(
    "paragraphs",
    [[STANDFIRST, *LONG[:2]], [LONG[0], STANDFIRST, *LONG[1:]], [STANDFIRST + " Otra frase. Y otra más.", *LONG]],
    ids=["only two follow", "a long one comes first", "more than three sentences"],
)
def test_another_first_paragraph_belongs_to_the_text(paragraphs: list[str]) -> None:
    page = texts.parse("\n\n".join(["Un pueblo apaga sus farolas", *paragraphs]), where="x")

    assert (page.standfirst, page.text.split("\n\n")) == ("", paragraphs)
