"""
Whatever people are called and headlines say, in sixteen scripts and with every trick, each header keeps its standards.

`uv run pytest tests/compose/test_headers.py --fuzz 100000` takes as many as one has patience for.
"""

import random
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from digest.compose.lint import check
from digest.compose.merge import merge
from digest.compose.mime import clean, clean_name
from digest.model.delivery import DeliveryFacts, Links
from digest.model.rendition import Rendition
from tests.compose.making import PAPER, facts, picks, rendition
from tests.support.place import TUESDAY

#: First and last letter of a stretch of each script's block.
SCRIPTS = {
    "latin": "az", "latin-1": "ÀÿſƏ", "greek": "αω", "cyrillic": "ая", "hebrew": "את", "arabic": "بي", "devanagari": "अह", "bengali": "কহ",
    "tamil": "கஹ", "thai": "กฮ", "georgian": "აჰ", "armenian": "աֆ", "hangul": "가힣", "kana": "ぁヺ", "han": "一龥", "emoji": "😀🙏",
}  # fmt: skip
TRICKS = (
    "\r\nBcc: x@example.org", "\n", "\r", "\0", "\x07", "\x85", "\u2028", "\u202e", "\u2066", "\u200b", "\ufeff", "=?utf-8?q?x?=", "=?utf-8?b?",
    "?=", "\"", "\\", "<", ">", "(", ")", ",", ";", ":", "@", "＠", "boss@example.org", "e\u0301\u0301", "👩‍👩‍👧‍👦", "\ud800", "\uffff", " ", "  ", "\t",
    "x" * 90, "Re: ", "%s", "{0}", "=", "=3D", ".", "&amp;", "<script>",
)  # fmt: skip


def text(chance: random.Random, longest: int) -> str:
    first, *_, last = SCRIPTS[chance.choice(list(SCRIPTS))]
    words = [
        chance.choice(TRICKS)
        if chance.random() < 0.25
        else "".join(chr(chance.randint(ord(first), ord(last))) for _ in range(chance.randint(1, 14)))
        for _ in range(chance.randint(0, 12))
    ]
    return chance.choice(("", " ")).join(words)[: chance.randint(0, longest)]


@cache
def one_story() -> Rendition:
    return rendition(picks(2))


def mails(count: int, seed: int) -> Iterator[tuple[str, DeliveryFacts, Rendition]]:
    chance = random.Random(seed)
    for number in range(count):
        headline = text(chance, 300) or "News"
        host = f"{'sub.' * chance.randint(0, 12)}ledger.example.org"
        token = "".join(
            chance.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", k=chance.randint(22, 300))
        )
        header = replace(one_story().header, sender_name=clean_name(text(chance, 80)) or "Paper")
        lines = [replace(pick, headline=clean(headline) or "News") for pick in one_story().picks]
        made = replace(one_story(), header=header, picks=lines)
        pages = {
            name: f"https://{host}/{path}/{token}"
            for name, path in (("unsubscribe", "u"), ("view", "view"), ("preferences", "p"))
        }
        links = Links(**pages)
        local = re.sub(r"[^a-z0-9]", "", text(chance, 20).lower()) or "reader"
        name = text(chance, 120)
        yield (
            name,
            facts(
                2,
                delivery_id=number,
                name=name,
                address=f"{local}{number}@example.net",
                links=links,
                dated_at=TUESDAY + timedelta(seconds=number),
            ),
            made,
        )


def test_every_header_keeps_its_standards(request: pytest.FixtureRequest) -> None:
    for name, reader, made in mails(request.config.getoption("--fuzz"), seed=1):
        raw = merge(made, reader)
        found = [f for f in check(raw).findings if f.severity == "error"]
        assert found == [], (name, raw[:600])
        assert b"\r\nBcc:" not in raw.partition(b"\r\n\r\n")[0]


def test_the_independent_checker_finds_no_broken_must_in_any(
    shared: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.syspath_prepend(str(shared / "tools" / "msgcheck"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    import msgcheck

    options = msgcheck.Options(unsigned=True, postal=PAPER.postal_address, now=TUESDAY)
    for name, reader, made in mails(request.config.getoption("--fuzz"), seed=2):
        broken = [f for f in msgcheck.check(merge(made, reader), options) if f["severity"] == "MUST"]
        assert broken == [], name
