"""A paper and its picks, made by hand, for tests of rendering and merging."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from digest.compose.render import Paper, render
from digest.model.delivery import DeliveryFacts, Links, all_picks
from digest.model.issue import Coverage, Pick
from digest.model.rendition import HeaderFrame, Rendition
from digest.model.states import Form

TEMPLATES = Path(__file__).parent.parent.parent / "templates" / "email"
HEADER = HeaderFrame(
    sender_name="The Morning Ledger",
    sender_address="paper@ledger.example.org",
    reply_to="",
    list_id="The Morning Ledger <daily.ledger.example.org>",
    message_domain="ledger.example.org",
    feedback_id="412:daily:issue:digest",
    nonce="0123456789ab",
    base_url="https://ledger.example.org",
    boundary="=_digest_0123456789ab",
)
PAPER = Paper(
    title="The Morning Ledger",
    number=412,
    day=date(2026, 3, 3),
    language="en",
    template="digest",
    theme="ledger",
    postal_address="12 Harbour Street, Dublin",
    header=HEADER,
    sections=("World", "Science"),
    folders=(TEMPLATES,),
)


def picks(count: int, **changes: object) -> list[Pick]:
    """A top story, full stories in two sections, and briefs for the last third above six."""
    briefs = count // 3 if count > 6 else 0
    made = [
        Pick(
            story_id=i + 1,
            section="World" if i % 2 == 0 else "Science",
            form=Form.TOP if i == 0 else Form.BRIEF if i >= count - briefs else Form.FULL,
            headline=f"Headline number {i + 1} tells what happened",
            summary=f"This is the summary of story {i + 1}. It says in two sentences what the headline leaves open.",
            publisher="Harbour Wire",
            author="",
            url=f"https://news.example.com/{i + 1}?a=1&b=2" if i != 3 else "",
            image=f"https://pictures.example.com/{i}.jpg" if i in (0, 2) else "",
            language="en",
            minutes=2,
            also=(Coverage(publisher="Bench Notes", url="https://bench.example.net/x"),) if i == 0 else (),
        )
        for i in range(count)
    ]
    return [replace(pick, **changes) for pick in made]  # type: ignore[arg-type]


def rendition(chosen: Sequence[Pick], **changes: object) -> Rendition:
    return render(replace(PAPER, **changes), chosen)  # type: ignore[arg-type]


def facts(count: int, **changes: object) -> DeliveryFacts:
    made = DeliveryFacts(
        delivery_id=7,
        address="ann@example.org",
        name="Ann Other",
        picks=all_picks(count),
        dated_at=datetime(2026, 3, 3, 6, 0, tzinfo=UTC),
        links=Links(
            unsubscribe="https://ledger.example.org/u/abcdefghijklmnopqrstuvwxyzabcd",
            view="https://ledger.example.org/view/abcdefghijklmnopqrstuvwxyz0123",
            preferences="https://ledger.example.org/p/abcdefghijklmnopqrstuvwxyz4567",
        ),
    )
    return replace(made, **changes)  # type: ignore[arg-type]
