"""
Draw the pictures of the shipped samples: flat posters in a few colours, made by us and free to use.

    uv run --group looks python docs/pictures/draw.py

Writes JPEG files into src/digest/samples/pictures, by Chromium, so that no drawing library is needed.
"""

import random
from collections.abc import Callable, Mapping
from pathlib import Path

from playwright.sync_api import sync_playwright

from digest.services.proofs import browser

TARGET = Path(__file__).parent.parent.parent / "src" / "digest" / "samples" / "pictures"
INK, CREAM, RED, SAND = "#171d2b", "#f3e7cd", "#a3262a", "#e4b45f"


def rect(x: float, y: float, width: float, height: float, fill: str, more: str = "") -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}" {more}/>'


def path(d: str, fill: str = "none", more: str = "") -> str:
    return f'<path d="{d}" fill="{fill}" {more}/>'


def circle(x: float, y: float, r: float, fill: str, more: str = "") -> str:
    return f'<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}" {more}/>'


def bands(colours: list[str], width: int, height: int) -> str:
    step = height / len(colours)
    return "".join(rect(0, i * step, width, step + 1, colour) for i, colour in enumerate(colours))


def batteries() -> str:
    """Rows of storage containers below pylons, at dusk."""
    art = bands(["#f2cf96", "#efbb7c", "#e8a267", "#da8556", "#c66a4b"], 1200, 360)
    art += (
        circle(840, 318, 96, CREAM)
        + path("M0 350 Q180 280 360 322 T700 300 T1200 318 V420 H0Z", "#8d4b48")
        + rect(0, 352, 1200, 248, "#39333f")
    )
    for x, size in ((170, 1.0), (470, 0.72), (1010, 0.84)):
        top = 356 - 260 * size
        legs = f"M{x - 42 * size} 358 L{x - 7} {top} L{x + 7} {top} L{x + 42 * size} 358"
        arms = f"M{x - 78 * size} {top + 44} H{x + 78 * size} M{x - 56 * size} {top + 84} H{x + 56 * size}"
        braces = f"M{x - 32 * size} {356 - 60 * size} L{x + 22 * size} {356 - 130 * size} M{x + 32 * size} {356 - 60 * size} L{x - 22 * size} {356 - 130 * size}"
        art += path(f"{legs} {arms} {braces}", more=f'stroke="#28242e" stroke-width="{5 * size:.1f}"')
    art += path(
        "M92 140 Q300 262 414 213 M248 140 Q380 240 526 213 M526 213 Q780 300 945 182 M1075 182 Q1140 212 1210 206",
        more='stroke="#28242e" stroke-width="2"',
    )
    for row in range(3):
        scale, y = 1 + row * 0.35, 382 + row * 62
        for column in range(10):
            left = -80 - row * 60 + column * 142 * scale
            stripe = RED if (row + column) % 4 == 1 else "#cbb893"
            art += rect(left, y, 126 * scale, 42 * scale, CREAM if row else "#ddccb0") + rect(
                left, y, 126 * scale, 8 * scale, stripe
            )
            art += "".join(
                rect(left + (12 + j * 28) * scale, y + 15 * scale, 19 * scale, 19 * scale, "#b7a384") for j in range(4)
            )
    return art


def lighthouse() -> str:
    """A lighthouse above banks of fog."""
    art = bands(["#22384a", "#34536a", "#547688", "#7e9ba3", "#b3c0b6", "#dcd6bd"], 1200, 440)
    art += rect(0, 430, 1200, 170, "#41606b") + circle(250, 180, 58, CREAM, 'opacity=".85"')
    art += path("M640 470 Q760 400 850 404 Q980 408 1100 470Z", "#1d2a33") + path("M826 408 L840 150 H892 L906 408Z", CREAM)
    art += path("M834 258 H898 L901 312 H831Z", RED) + path("M829 356 H903 L906 408 H826Z", RED)
    art += rect(832, 130, 68, 22, INK) + rect(846, 92, 40, 40, "#f6dc9c") + path("M840 94 L866 62 L892 94Z", RED)
    art += path("M846 112 L0 30 V190Z", "#f6dc9c", 'opacity=".2"') + path("M886 112 L1200 74 V154Z", "#f6dc9c", 'opacity=".2"')
    shade = random.Random(7)
    for i in range(15):
        y = 300 + i * 20
        art += f'<ellipse cx="{shade.randint(0, 1200)}" cy="{y}" rx="{shade.randint(240, 520)}" ry="{shade.randint(14, 30)}" fill="#eef0e6" opacity="{0.2 + i * 0.03:.2f}"/>'
    return art


def balloon() -> str:
    """A weather balloon that carries a box of moss."""
    art = bands(["#0f1a2d", "#15263f", "#1d3a57", "#2c5675", "#4a7892", "#86a8b0", "#ccd5c6"], 800, 800)
    sky = random.Random(11)
    art += "".join(circle(sky.randint(0, 800), sky.randint(0, 320), 2, CREAM) for _ in range(44))
    art += '<ellipse cx="400" cy="960" rx="820" ry="270" fill="#3c6a52"/><ellipse cx="400" cy="1000" rx="820" ry="270" fill="#2c5342"/>'
    art += '<ellipse cx="400" cy="262" rx="176" ry="196" fill="#f3e7cd"/>' + path(
        "M400 66 A176 196 0 0 1 400 458 A84 196 0 0 0 400 66Z", "#dfcda8"
    )
    art += path("M330 444 H470 L416 520 H384Z", "#d8c49b") + path(
        "M390 520 L362 620 M410 520 L438 620", more=f'stroke="{CREAM}" stroke-width="4"'
    )
    art += rect(336, 620, 128, 84, RED, 'rx="6"') + rect(336, 620, 128, 20, "#7c1c20", 'rx="6"')
    return art + "".join(
        circle(x, y, r, fill)
        for x, y, r, fill in ((366, 616, 22, "#6d994c"), (402, 610, 28, "#88b65e"), (438, 616, 20, "#5b8641"))
    )


def piano() -> str:
    """A grand piano on the hook of a crane, in front of a window that was a door."""
    art = rect(0, 0, 800, 800, "#dcc9a6") + "".join(rect(0, y, 800, 3, "#cbb58e") for y in range(40, 800, 52))
    art += (
        rect(90, 180, 250, 470, "#2b3d4d")
        + rect(104, 194, 222, 442, "#f1d48f")
        + rect(211, 194, 8, 442, "#2b3d4d")
        + rect(104, 400, 222, 8, "#2b3d4d")
        + rect(70, 650, 290, 24, "#8d7751")
    )
    art += (
        path("M540 0 V196", more=f'stroke="{INK}" stroke-width="7"')
        + circle(540, 206, 15, RED)
        + path("M540 220 L424 372 M540 220 L672 372", more=f'stroke="{INK}" stroke-width="5"')
    )
    art += path("M384 372 H704 Q740 372 736 430 Q728 500 640 500 H384Z", INK) + path(
        "M402 372 L462 286 Q640 252 716 372Z", "#2c3446"
    )
    art += rect(384, 470, 356, 30, CREAM) + "".join(rect(392 + i * 24, 470, 11, 18, INK) for i in range(14))
    return (
        art
        + "".join(path(f"M{x} 500 L{x + 8} 596 H{x + 18} L{x + 26} 500Z", INK) for x in (410, 560, 690))
        + rect(0, 720, 800, 80, "#8d7751")
    )


def labels() -> str:
    """A shelf of goods, each with its price."""
    art = rect(0, 0, 1200, 600, "#34505a")
    colours = [CREAM, RED, SAND, "#7fa097", "#d07f4f"]
    goods = random.Random(21)
    for row in range(2):
        base = 270 + row * 270
        x = 24.0
        while x < 1150:
            width, height, fill = goods.choice([56, 72, 92]), goods.randint(96, 190), goods.choice(colours)
            if goods.random() < 0.4:
                art += path(
                    f"M{x} {base} V{base - height * 0.7} Q{x} {base - height * 0.82} {x + width * 0.34} {base - height * 0.86} V{base - height} H{x + width * 0.66} V{base - height * 0.86} Q{x + width} {base - height * 0.82} {x + width} {base - height * 0.7} V{base}Z",
                    fill,
                )
            else:
                art += rect(x, base - height, width, height, fill, 'rx="5"')
            art += rect(x + 6, base - height * 0.52, width - 12, height * 0.26, "#ffffff", 'opacity=".55" rx="3"')
            x += width + 12
        art += rect(0, base, 1200, 44, "#e8dcc2") + rect(0, base + 44, 1200, 8, "#1d3037")
        art += "".join(
            rect(36 + i * 148, base + 8, 84, 28, INK, 'rx="4"') + rect(46 + i * 148, base + 17, 30 + (i * 17) % 34, 10, SAND)
            for i in range(8)
        )
    return art


DRAWINGS: Mapping[str, tuple[Callable[[], str], int, int]] = {
    "batteries": (batteries, 1200, 600),
    "lighthouse": (lighthouse, 1200, 600),
    "labels": (labels, 1200, 600),
    "balloon": (balloon, 800, 800),
    "piano": (piano, 800, 800),
}


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        for name, (draw, width, height) in DRAWINGS.items():
            page = chromium.new_page(viewport={"width": width, "height": height})
            page.set_content(
                f'<body style="margin:0"><svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">{draw()}</svg>'
            )
            page.screenshot(path=TARGET / f"{name}.jpg", type="jpeg", quality=78)
            page.close()
        chromium.close()


if __name__ == "__main__":
    main()
