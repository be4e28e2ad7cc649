"""Every mail that is looked at, by name: variants, themes, languages, extremes, system mails."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from digest.compose.merge import body, merge
from digest.compose.render import CORRECTION, SYSTEM, Paper, render
from digest.languages import shipped
from digest.model.delivery import DeliveryFacts
from digest.model.finding import Expected
from digest.model.issue import Pick
from digest.model.rendition import Rendition
from digest.model.states import Form
from tests.compose import stories
from tests.compose.making import HEADER, PAPER, facts, rendition

VARIANTS = ("digest", "weekly", "breaking", "minimal")
THEMES = ("ledger", "meridian", "gazette")
TOLD: Mapping[str, Any] = {
    "confirm": {"code": "284913", "minutes": 15, "days": 7},
    "data": {"code": "284913", "minutes": 15},
    "welcome": {"address": "paper@ledger.example.org", "is_dated": True},
    "link": {},
    "move": {"address": "ann@example.net", "days": 7},
    "goodbye": {},
    "report": {
        "state": "sent",
        "reason": "",
        "counts": [
            {"name": "sent", "count": 1829},
            {"name": "deferred", "count": 3},
            {"name": "bounced", "count": 7},
            {"name": "unsure", "count": 1},
        ],
        "sources": ["Harbour Wire: https://wire.example.com/feed answers 404; it was last read on 2 March"],
        "hands": ["1 delivery is unsure: digest deliveries settle --issue 412"],
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A mail with what it was made from."""

    rendition: Rendition
    facts: DeliveryFacts
    expected: Expected

    @property
    def raw(self) -> bytes:
        return merge(self.rendition, self.facts)

    def part(self, kind: str) -> str:
        return body(self.rendition, self.facts, kind)


def issue(picks: list[Pick], *, name: str = "Ann Other", **changes: Any) -> Case:
    made = rendition(picks, **{"sections": ("World", "Technology", "Business", "Science"), **changes})
    return Case(rendition=made, facts=facts(len(picks), name=name), expected=Expected(postal=PAPER.postal_address))


def system(kind: str, **changes: Any) -> Case:
    paper: Paper = replace(PAPER, template=kind, header=replace(HEADER, list_id=""), values=TOLD[kind], **changes)
    links = replace(facts(0).links, action="https://ledger.example.org/confirm/abcdefghijklmnopqrstuvwxyz0123")
    return Case(
        rendition=render(paper, []), facts=facts(0, links=links), expected=Expected(system=True, postal=PAPER.postal_address)
    )


def correction(**changes: Any) -> Case:
    first, second, out = (replace(one, form=Form.FULL, section="", image="", also=(), minutes=0) for one in stories.twenty()[:3])
    picks = [replace(first, form=Form.TOP), second, replace(out, summary="", url="")]
    told = [
        {"wrong": [[f"Not {first.headline}", first.summary]], "out": False},
        {"wrong": [[second.headline, "Twelve ships came."], [second.headline, "Eleven ships came."]], "out": False},
        {"wrong": [[out.headline, out.summary]], "out": True},
    ]
    values = {"number": 411, "stories": told}
    return issue(picks, template=CORRECTION, sections=(), note="We are sorry.", values=values, **changes)


@cache
def _makers() -> Mapping[str, Callable[[], Case]]:
    """What makes each case; all together take seconds, and a test wants one."""
    made: dict[str, Callable[[], Case]] = {}
    for variant in VARIANTS:
        picks = stories.twenty()[:1] if variant == "breaking" else stories.twenty()
        for theme in THEMES:
            made[f"{variant}-{theme}"] = partial(issue, picks, template=variant, theme=theme)
        made[f"{variant}-sparse"] = partial(issue, stories.twenty()[1:2], template=variant)
        made[f"{variant}-stress"] = partial(
            issue, stories.stress(), template=variant, name="Wolfeschlegelsteinhausenbergerdorff " * 3
        )
        made[f"{variant}-ar"] = partial(
            issue,
            stories.told(stories.ARABIC, "ar") + stories.twenty()[14:17],
            template=variant,
            language="ar",
            title="الدفتر الصباحي",
        )
        made[f"{variant}-ko"] = partial(
            issue, stories.told(stories.KOREAN, "ko"), template=variant, language="ko", title="아침 장부"
        )
    for language in shipped():
        made[f"digest-{language}"] = made.get(f"digest-{language}") or partial(issue, stories.twenty(), language=language)
        made[f"{CORRECTION}-{language}"] = partial(correction, language=language)
    for theme in THEMES[1:]:
        made[f"{CORRECTION}-{theme}"] = partial(correction, theme=theme)
    for kind in SYSTEM:
        for language in shipped():
            made[f"{kind}-{language}"] = partial(system, kind, language=language)
        for theme in THEMES[1:]:
            made[f"{kind}-{theme}"] = partial(system, kind, theme=theme)
    return made


def names() -> list[str]:
    """The names of all cases."""
    return sorted(_makers())


@cache
def case(name: str) -> Case:
    return _makers()[name]()
