"""
How well mails that come back are read, beside flufl.bounce in the same run; and how fast.

    python -m benchmarks.bounces FOLDER [--show]

FOLDER has `.eml` files and `expected.json`: for each file its recipients with `recipient`, `alias` and `hard` (sisimai's set of mails,
for one). Counted for every second file from the first and from the second on, and for both together: recipients found, recipients
that no file names, and the hard and soft verdicts that are right. Then ordinary mails, which must be no bounces: those of the tests, and the messages
that the reports of FOLDER return. At last what the hostile mails of the tests cost. `--show` lists what is wrong.
"""

import argparse
import email
import json
import resource
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flufl.bounce import all_failures
from tests.bounces.hostile import MAILS
from tests.bounces.ordinary import mails

from digest.bounces.mime import parse
from digest.bounces.read import read
from digest.bounces.report import Kind, Verdict

#: Address in lower case → whether the verdict is hard.
Found = Mapping[str, bool]


@dataclass
class Score:
    """What a reader of bounces got right."""

    wanted: int = 0
    found: int = 0
    extra: int = 0
    right: int = 0
    soft: int = 0  #: recipients found that are soft
    soft_as_hard: int = 0
    wrong: list[str] = field(default_factory=list)

    def count(self, name: str, expected: Sequence[Mapping[str, Any]], found: Found) -> None:
        """Count one file."""
        left = dict(found)
        for address, entry in {entry["recipient"].lower(): entry for entry in expected}.items():
            self.wanted += 1
            key = next((key for key in (address, entry["alias"].lower()) if key in found), None)
            if key is None:
                self.wrong.append(f"{name}: {address} ({entry['reason']}) is missing")
                continue
            left.pop(key, None)
            self.found += 1
            self.soft += not entry["hard"]
            self.right += found[key] == entry["hard"]
            self.soft_as_hard += found[key] and not entry["hard"]
            if found[key] != entry["hard"]:
                self.wrong.append(f"{name}: {address} ({entry['reason']}) is {'hard' if found[key] else 'soft'}")
        self.extra += len(left)
        self.wrong += [f"{name}: {address} is named by nobody" for address in left]

    def __str__(self) -> str:
        return (
            f"found {self.found / self.wanted:.1%} of {self.wanted}, extra {self.extra / self.wanted:.1%}, "
            f"right {self.right / self.found:.1%}, soft called hard {self.soft_as_hard / max(1, self.soft):.1%}"
        )


def ours(raw: bytes) -> Found:
    """Return what digest finds."""
    return {recipient.address.lower(): recipient.verdict is Verdict.HARD for recipient in read(raw).recipients}


def flufl(raw: bytes) -> Found:
    """Return what flufl.bounce finds; permanent failures are hard."""
    temporary, permanent = all_failures(email.message_from_bytes(raw))
    return {_text(a): False for a in temporary} | {_text(a): True for a in permanent}


def _text(address: object) -> str:
    return (address.decode("utf-8", "replace") if isinstance(address, bytes) else str(address)).lower()


def measure(folder: Path, names: Iterable[str], find: Callable[[bytes], Found]) -> Score:
    """Score the files of these names."""
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    score = Score()
    for name in names:
        score.count(name, expected[name], find((folder / name).read_bytes()))
    return score


def returned(folder: Path) -> Iterable[tuple[str, bytes]]:
    """Yield the messages that the reports of a folder return."""
    for path in sorted(folder.glob("*.eml")):
        for part in parse(path.read_bytes()).parts:
            if part.kind == "message/rfc822":
                yield path.name, part.body


def false_bounces(found: Iterable[tuple[str, bytes]]) -> tuple[int, Sequence[str]]:
    """Return how many mails there are, and the names of those that are taken for bounces or complaints."""
    kinds = [(name, read(raw).kind) for name, raw in found]
    return len(kinds), [name for name, kind in kinds if kind in (Kind.BOUNCE, Kind.COMPLAINT)]


def rate(raws: Sequence[bytes], find: Callable[[bytes], object], seconds: float = 3.0) -> float:
    """Return how many mails a minute of processor time are read."""
    begun, count = time.process_time(), 0
    while (spent := time.process_time() - begun) < seconds:
        for raw in raws:
            find(raw)
        count += len(raws)
    return count / spent * 60


def cost(raw: bytes) -> float:
    """Return the seconds of processor time that one mail takes."""
    begun = time.process_time()
    read(raw)
    return time.process_time() - begun


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", action="store_true")
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    names = sorted(json.loads((folder / "expected.json").read_text(encoding="utf-8")))
    for title, chosen in (("first half", names[::2]), ("second half", names[1::2]), ("both", names)):
        for reader, find in (("digest", ours), ("flufl.bounce", flufl)):
            score = measure(folder, chosen, find)
            print(f"{title:12} {reader:12} {score}")
            if arguments.show and reader == "digest" and title == "both":
                print(*score.wrong, sep="\n")
    for title, found in (("ordinary mails of the tests", mails()), ("messages that the reports return", returned(folder))):
        count, wrong = false_bounces(found)
        print(f"{title}: {count}, taken for bounces: {len(wrong)} {' '.join(wrong)}")
    raws = [(folder / name).read_bytes() for name in names]
    print(f"mails a minute on one core: digest {rate(raws, ours):,.0f}, flufl.bounce {rate(raws, flufl):,.0f}")
    slowest = max(cost(raw) for raw in MAILS.values())
    print(
        f"{len(MAILS)} hostile mails: slowest {slowest:.2f} s, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    )


if __name__ == "__main__":
    main()
