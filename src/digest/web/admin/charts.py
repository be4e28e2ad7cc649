"""Small charts, as values that a template draws in SVG: no script, and no inline style."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from digest.model.states import DeliveryState, IssueState, SubscriptionState
from digest.services.supply import Health

#: The order of an accounting bar, always the same.
ORDER = (
    DeliveryState.SENT,
    DeliveryState.DEFERRED,
    DeliveryState.BOUNCED,
    DeliveryState.SKIPPED,
    DeliveryState.UNSURE,
    DeliveryState.CANCELLED,
    DeliveryState.SENDING,
    DeliveryState.QUEUED,
)
#: State → the tone that it has on every page.
TONES: Mapping[DeliveryState | IssueState, str] = {
    DeliveryState.SENT: "ok",
    DeliveryState.DEFERRED: "wait",
    DeliveryState.BOUNCED: "bad",
    DeliveryState.SKIPPED: "skip",
    DeliveryState.UNSURE: "odd",
    DeliveryState.CANCELLED: "idle",
    DeliveryState.SENDING: "busy",
    DeliveryState.QUEUED: "todo",
    IssueState.DRAFT: "line",
    IssueState.READY: "line",
    IssueState.SENDING: "busy",
    IssueState.SENT: "ok",
    IssueState.SKIPPED: "idle",
    IssueState.HELD: "wait",
    IssueState.CANCELLED: "idle",
}
#: Verdict on what came back → its tone, in the order of a stack from the bottom.
VERDICT_TONES: Mapping[str, str] = {
    "hard": "bad",
    "soft": "wait",
    "blocked": "odd",
    "complaint": "busy",
    "delayed": "idle",
    "none": "ok",
}
#: The same of a subscription.
TIE_TONES: Mapping[SubscriptionState, str] = {
    SubscriptionState.ACTIVE: "ok",
    SubscriptionState.PENDING: "wait",
    SubscriptionState.UNSUBSCRIBED: "idle",
}
#: The same of how a source does.
HEALTH_TONES: Mapping[Health, str] = {
    Health.FAILING: "bad",
    Health.SILENT: "wait",
    Health.HEALTHY: "ok",
    Health.PAUSED: "idle",
    Health.NEW: "line",
}
BAR_WIDTH, GAP, LEAST = 1000.0, 3.0, 5.0  #: units; no part is thinner than LEAST
CHART_WIDTH, CHART_HEIGHT = 320.0, 84.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A rectangle of a chart."""

    tone: str
    x: float
    y: float
    width: float
    height: float


def accounting_bar(counts: Mapping[DeliveryState, int]) -> Sequence[Part]:
    """Return the parts of a bar that shows how deliveries stand; as wide as the counts say, and never too thin to see."""
    shown = [(state, counts[state]) for state in ORDER if counts.get(state)]
    total = sum(count for _, count in shown)
    room = BAR_WIDTH - GAP * (len(shown) - 1) - LEAST * len(shown)
    parts, x = [], 0.0
    for state, count in shown:
        width = LEAST + room * count / total
        parts.append(Part(tone=TONES[state], x=round(x, 1), y=0, width=round(width, 1), height=14))
        x += width + GAP
    return parts


def share(whole: int, part: int, most: int) -> Sequence[Part]:
    """Return a bar of a whole, as long as it is to the greatest of its column, and the part of it that lies over its beginning."""
    scale = 120.0 / max(most, 1)
    bars = [Part(tone="todo", x=0, y=0, width=round(whole * scale, 1), height=10)]
    return [*bars, Part(tone="ok", x=0, y=0, width=round(min(part, whole) * scale, 1), height=10)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Bars of what was gained above a line, and of what was lost below it."""

    parts: Sequence[Part]
    line: float  #: where the line is
    most_gained: int
    most_lost: int


def movement(days: Sequence[tuple[date, int, int]]) -> Bars:
    """Return the bars of readers gained and lost a day."""
    most_gained = max((gained for _, gained, _ in days), default=0)
    most_lost = max((lost for _, _, lost in days), default=0)
    scale = CHART_HEIGHT / max(most_gained + most_lost, 1)
    line, step = most_gained * scale, CHART_WIDTH / max(len(days), 1)
    parts = []
    for n, (_, gained, lost) in enumerate(days):
        x, width = round(n * step, 1), round(step - 2.5, 1)
        if gained:
            parts.append(Part(tone="ok", x=x, y=round(line - gained * scale, 1), width=width, height=round(gained * scale, 1)))
        if lost:
            parts.append(Part(tone="bad", x=x, y=round(line + 1, 1), width=width, height=round(lost * scale, 1)))
    return Bars(parts=parts, line=round(line, 1), most_gained=most_gained, most_lost=most_lost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacks:
    """Stacks of counts, a day each."""

    parts: Sequence[Part]
    most: int  #: of a day


def stacks(days: Sequence[Mapping[str, int]], tones: Mapping[str, str]) -> Stacks:
    """Return a stack for each day, its parts in the order of `tones`."""
    most = max((sum(counts.values()) for counts in days), default=0)
    scale, step = CHART_HEIGHT / max(most, 1), CHART_WIDTH / max(len(days), 1)
    parts = []
    for n, counts in enumerate(days):
        y = CHART_HEIGHT
        for name, tone in tones.items():
            height = counts.get(name, 0) * scale
            y -= height
            if height:
                x, width = round(n * step, 1), round(step * 0.8, 1)
                parts.append(Part(tone=tone, x=x, y=round(y, 1), width=width, height=round(height, 1)))
    return Stacks(parts=parts, most=most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line over time, and the area under it."""

    points: str  #: as SVG takes them
    area: str
    most: int


def line(values: Sequence[int]) -> Line:
    """Return the line of values, the oldest first; its scale begins at nought, so that it does not dramatise."""
    most, step = max([*values, 1]), CHART_WIDTH / max(len(values) - 1, 1)
    at = [(round(n * step, 1), round(CHART_HEIGHT * (1 - value / most), 1)) for n, value in enumerate(values)]
    points = " ".join(f"{x},{y}" for x, y in at)
    return Line(points=points, area=f"0,{CHART_HEIGHT} {points} {CHART_WIDTH},{CHART_HEIGHT}", most=most)


def columns(values: Sequence[float], *, tone: str) -> Sequence[Part]:
    """Return columns that stand beside each other, the greatest as high as the chart."""
    most, step = max([*values, 0.0]) or 1.0, CHART_WIDTH / max(len(values), 1)
    width = round(min(step - 2.5, 40), 1)
    heights = [round(max(CHART_HEIGHT * value / most, 1.0 if value else 0.0), 1) for value in values]
    return [
        Part(tone=tone, x=round(n * step, 1), y=round(CHART_HEIGHT - height, 1), width=width, height=height)
        for n, height in enumerate(heights)
    ]
