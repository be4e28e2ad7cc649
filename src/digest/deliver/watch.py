"""
What the replies of a run say together: whether they blame us, and whether a domain refuses
too many to be believed.

One reader's host that refuses us is that reader's matter. When nobody is taken, it is ours:
the issue is held. Only first tries are counted, so that the few who were refused before cannot
hold an issue that everybody else got.
"""

import threading
from collections import defaultdict, deque
from collections.abc import Iterable

from digest.model.ports import Answer
from digest.model.replies import judge

WINDOW = 20  #: replies to first tries that are looked at
DOMAINS, COUNT = 3, 10  #: when all blame us: so many recipient domains, or so many replies, are enough
SHARE = 0.8  #: of a full window
GUARD_WINDOW, GUARD_SHARE, GUARD_LEAST = 100, 0.2, 3  #: hard refusals of one domain above which nobody is suppressed


class Watch:
    """Shared by the lines of one run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._replies: deque[tuple[bool, str]] = deque(maxlen=WINDOW)
        self._hard: defaultdict[str, deque[bool]] = defaultdict(lambda: deque(maxlen=GUARD_WINDOW))
        self._said = ""

    def note(self, answer: Answer, *, domain: str, first_try: bool) -> None:
        """Remember a reply."""
        if answer.reply is None or not first_try:
            return
        verdict = judge(answer.stage, answer.reply)
        with self._lock:
            self._replies.append((verdict.blames_us, domain))
            if verdict.blames_us:
                self._said = f"{verdict.cause}: {answer.reply}"

    def reason_to_hold(self, *, at_end: bool = False) -> str:
        """Why nobody should be mailed before a person has looked; empty where there is no reason."""
        with self._lock:
            blaming = [domain for blames, domain in self._replies if blames]
            all_blame = bool(blaming) and len(blaming) == len(self._replies)
            enough = at_end or len(set(blaming)) >= DOMAINS or len(blaming) >= COUNT
            full = len(self._replies) == WINDOW and len(blaming) >= SHARE * WINDOW
            return (
                f"the relay refuses us ({self._said}); mend it, then `digest issues resume`"
                if (all_blame and enough) or full
                else ""
            )

    def disbelieved(self, verdicts: Iterable[tuple[str, bool]]) -> frozenset[str]:
        """Remember (domain, was it a hard refusal); the domains that refuse so many that it cannot be the readers."""
        with self._lock:
            seen = set()
            for domain, hard in verdicts:
                self._hard[domain].append(hard)
                seen.add(domain)
            return frozenset(d for d in seen if sum(self._hard[d]) >= max(GUARD_LEAST, GUARD_SHARE * len(self._hard[d])))
