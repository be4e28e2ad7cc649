"""
Proofs: today's stories in every template and theme, only to be looked at.

Writes the contact sheet, and pictures of it where Chromium is installed.
"""

import html
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from digest.audience.address import parse
from digest.compose import lint, theme
from digest.compose.merge import body, merge, subject
from digest.compose.render import SYSTEM, render, template_names
from digest.compose.sheet import Proof as Proof
from digest.compose.sheet import page as sheet_page
from digest.compose.sheet import rows, sheet
from digest.errors import ComposeError, NothingToDo
from digest.model.finding import error
from digest.model.issue import Pick
from digest.model.newsletter import Newsletter
from digest.services.context import Context
from digest.services.messages import facts_for, sample_facts, signed
from digest.services.preflight import expected
from digest.services.selection import Prepared, choose, last_printed, paper_of, prepare

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SECONDS = 60  #: for one picture
WIDTH = 2300  #: px of the sheet: two narrow and two wide frames beside each other
HIGHEST = 16_000  #: px that Chromium draws

#: What system mails tell in a proof.
TOLD: Mapping[str, Mapping[str, Any]] = {
    "confirm": {"code": "284913", "minutes": 15, "days": 7},
    "data": {"code": "284913", "minutes": 15},
    "welcome": {"address": "paper@example.org", "is_dated": True},
    "link": {},
    "move": {"address": "ann@example.org", "days": 7},
    "goodbye": {},
    "report": {
        "state": "sent",
        "reason": "",
        "counts": [
            {"name": name, "count": count} for name, count in (("sent", 1829), ("deferred", 3), ("bounced", 7), ("unsure", 1))
        ],
        "sources": ["Harbour Wire: https://wire.example.com/feed answers 404"],
        "hands": ["1 delivery is unsure: digest deliveries settle"],
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofInput:
    """A newsletter's stories at one time, from which proofs are drawn."""

    ctx: Context
    newsletter: Newsletter
    picks: Sequence[Pick]
    now: datetime
    template: str = ""  #: instead of the newsletter's
    theme: str = ""
    is_new: bool = True  #: the stories are those of today's issue, not of the last one

    @property
    def chosen(self) -> tuple[str, str]:
        """The template and the theme that a proof has unless others are named."""
        return self.template or self.newsletter.template, self.theme or self.newsletter.theme

    @property
    def stories(self) -> int:
        """Number of stories that a proof in the chosen template shows."""
        return 0 if self.chosen[0] in SYSTEM else len(self.picks)

    def templates(self) -> tuple[str, ...]:
        """Return the templates of issues, then those of system mails."""
        return (*template_names(self.ctx.templates()), *SYSTEM)

    def themes(self) -> tuple[str, ...]:
        """Return the themes there are."""
        return theme.names(self.ctx.templates())


def proof_input(
    ctx: Context, newsletter: Newsletter, *, now: datetime, drawn: bool, template: str = "", theme_name: str = ""
) -> ProofInput:
    """Choose what would be published now; to be `drawn` in a template or theme, the last issue's stories will do."""
    picks = choose(ctx, newsletter, newsletter.timetable.today(now), now=now).picks
    is_new = bool(picks) or not drawn
    return ProofInput(
        ctx=ctx,
        newsletter=newsletter,
        picks=picks if is_new else last_printed(ctx, newsletter),
        now=now,
        template=template,
        theme=theme_name,
        is_new=is_new,
    )


def as_read(given: ProofInput, address: str = "") -> Proof:
    """
    Make the mail that would go, as its reader gets it, or nobody in particular.

    Raises:
        BadAddress: it is no mail address.
        NothingToDo: there is too little to publish, or nobody has this address.
    """
    ctx, paper, now = given.ctx, given.newsletter, given.now
    prepared = prepare(ctx, paper, paper.timetable.today(now), now=now)
    return read_by(ctx, prepared, address=address, now=now)


def read_by(ctx: Context, prepared: Prepared, *, now: datetime, address: str = "", language: str = "") -> Proof:
    """
    Make a prepared issue's mail as the reader with this address gets it, or nobody in particular who reads this language.

    Raises:
        BadAddress: it is no mail address.
        NothingToDo: there is too little to publish, or nobody has this address.
    """
    paper = prepared.newsletter
    if not prepared.renditions:
        raise NothingToDo(f"there is no mail to show: {prepared.shortage}", code="too_few_stories", newsletter=paper.name)
    if address:
        rendition, facts = facts_for(ctx, paper, prepared.rendition, prepared.picks, now=now, address_key=parse(address).key)
    else:
        rendition = prepared.rendition(language)
        facts = sample_facts(ctx, rendition, now=now)
    mail = signed(ctx, rendition, merge(rendition, facts), at=now)
    return Proof(
        name=paper.name,
        subject=subject(rendition, facts),
        html=body(rendition, facts, "html"),
        plain=body(rendition, facts, "plain"),
        findings=lint.check(mail, expected(ctx)).findings,
    )


def looks(ctx: Context) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the templates of issues and the themes there are."""
    return template_names(ctx.templates()), theme.names(ctx.templates())


def page(given: ProofInput, template: str, look: str, *, heading: str, script: str) -> str:
    """Make a page that shows one proof in its frames, or says what is wrong with the template or theme."""
    try:
        shown = rows(proof(given, template, look))
    except ComposeError as problem:
        shown = f"<h2>{html.escape(str(problem))}</h2>"
    return sheet_page(given.newsletter.title, heading + shown, script=script)


def proof(given: ProofInput, template: str, look: str) -> Proof:
    """
    Render one proof.

    Raises:
        ComposeError: the template or theme is wrong.
    """
    zone = given.newsletter.timetable.zone
    paper = paper_of(
        given.ctx,
        given.newsletter,
        number=1,
        day=given.now.astimezone(zone).date(),
        nonce="0" * 12,
        template=template,
        theme_name=look,
    )
    system = template in SYSTEM
    rendition = render(replace(paper, values=TOLD.get(template, {})), () if system else given.picks)
    facts = sample_facts(given.ctx, rendition, now=given.now)
    facts = replace(facts, links=replace(facts.links, action=facts.links.view))
    rules = replace(expected(given.ctx), system=system, signed=False)  # a proof is never sent
    return Proof(
        name=f"{template}, {look}",
        subject=subject(rendition, facts),
        html=body(rendition, facts, "html"),
        plain=body(rendition, facts, "plain"),
        findings=lint.check(merge(rendition, facts), rules).findings,
    )


def every(given: ProofInput) -> Iterator[Proof]:
    """Yield a proof of each template in each theme."""
    for template in given.templates():
        for look in given.themes():
            try:
                yield proof(given, template, look)
            except ComposeError as problem:  # one broken file hides no other
                said = error("template", str(problem), "templates")
                yield Proof(name=f"{template}, {look}", subject="", html="", plain="", findings=[said])


def write_mail(proof: Proof, folder: Path) -> Path:
    """Write a proof as .html and .txt; return the page."""
    (folder / f"{proof.name}.txt").write_text(proof.plain, encoding="utf-8")
    page = folder / f"{proof.name}.html"
    page.write_text(proof.html, encoding="utf-8")
    return page


def write(proofs: Sequence[Proof], folder: Path, *, title: str) -> Path:
    """Write the contact sheet; return its path."""
    path = folder / "contact-sheet.html"
    path.write_text(sheet(proofs, title=title), encoding="utf-8")
    return path


def browser() -> str | None:
    """Return the path of Chromium; None where it is not installed."""
    return next((found for name in CHROMIUM if (found := shutil.which(name))), None)


def photograph(program: str, proofs: Sequence[Proof], folder: Path, *, on_progress: Callable[[int], None]) -> int:
    """Write a PNG of each proof's row of the sheet; return how many were written."""

    def take(one: Proof) -> bool:
        with tempfile.TemporaryDirectory() as place:
            source = Path(place) / "proof.html"
            source.write_text(sheet([one], title=one.name), encoding="utf-8")
            taken = _picture(program, source, folder / f"{one.name.replace(', ', '-')}.png", profile=Path(place) / "profile")
        on_progress(1)
        return taken

    with ThreadPoolExecutor(max_workers=3) as pool:
        return sum(pool.map(take, proofs))


def _picture(program: str, source: Path, target: Path, *, profile: Path) -> bool:
    """Two visits: the first says how high the page is, the second draws it."""
    common = [
        program,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--user-data-dir={profile}",
        "--virtual-time-budget=3000",
    ]
    try:
        seen = subprocess.run(
            [*common, f"--window-size={WIDTH},2000", "--dump-dom", source.as_uri()],
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        height = re.search(rb'data-height="(\d+)"', seen.stdout)
        size = min(int(height[1]) if height else 4000, HIGHEST)
        subprocess.run(
            [*common, f"--window-size={WIDTH},{size}", f"--screenshot={target}", source.as_uri()],
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return target.is_file()
