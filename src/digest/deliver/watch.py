"""
What the replies of a run say together: whether they blame us, and whether a domain refuses
too many to be believed.

One reader's host that refuses us is that reader's matter. When nobody is taken, it is ours:
the issue is held. Only first tries are counted, so that the few who were refused before cannot
hold an issue that everybody else got.
"""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest.deliver.retry import GIVE_UP_REASON, given_up, next_try
from digest.model.delivery import Claimed, Result
from digest.model.replies import Cause, Verdict
from digest.model.states import DeliveryState

WINDOW = 20  #: replies to first tries that are looked at
DOMAINS, COUNT = 3, 10  #: when all blame us: so many recipient domains, or so many replies, are enough
SHARE = 0.8  #: of a full window
ALIKE = 5  #: refusals of the content, one after another with nobody taking it: it is the issue's
#: So many of a domain's last replies; this share of them hard, and at least so many, and nobody is suppressed.
GUARD_WINDOW, GUARD_SHARE, GUARD_LEAST = 100, 0.2, 3
GUARD_ENOUGH = 20  #: replies of a domain that are enough to tell


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery, its result and the verdict behind it, if a reply was judged."""

    delivery: Claimed
    result: Result
    verdict: Verdict | None

    @property
    def domain(self) -> str:
        """The reader's."""
        return self.delivery.domain


class Watch:
    """Of one run; used by one thread."""

    def __init__(self, *, retried_at: datetime | None = None) -> None:
        """`retried_at`: see `given_up`."""
        self._retried_at = retried_at
        self._replies: deque[tuple[bool, str]] = deque(maxlen=WINDOW)
        self._hard: defaultdict[str, deque[bool]] = defaultdict(lambda: deque(maxlen=GUARD_WINDOW))
        self._withheld: list[Told] = []
        self._said = ""
        self._unwanted = 0
        self._unwanted_said = ""

    @property
    def withheld(self) -> int:
        """Hard refusals that are not yet believed: too little was heard from their domains."""
        return len(self._withheld)

    def believed(self, told: Sequence[Told], *, now: datetime, at_end: bool) -> Sequence[Result]:
        """
        The results, but for hard refusals of a domain that refuses too many at once: those wait, and suppress nobody.

        A hard refusal is withheld until enough was heard from its domain to tell, or until the end of the run.
        """
        for one in told:
            self._note(one)
        results = [one.result for one in told if not one.result.suppresses]
        hard = [*self._withheld, *(one for one in told if one.result.suppresses)]
        self._withheld = [] if at_end else [one for one in hard if len(self._hard[one.domain]) < GUARD_ENOUGH]
        waiting = {id(one) for one in self._withheld}
        decided = [one for one in hard if id(one) not in waiting]
        return results + [self._waits(one, now) if self._doubtful(one.domain) else one.result for one in decided]

    def reason_to_hold(self, *, at_end: bool = False) -> str:
        """Why nobody should be mailed before a person has looked; empty where there is no reason."""
        if self._unwanted >= ALIKE:
            return f"the mail itself is refused ({self._unwanted_said}); mend that, then resume the issue"
        blaming = [domain for blames, domain in self._replies if blames]
        all_blame = bool(blaming) and len(blaming) == len(self._replies)
        enough = at_end or len(set(blaming)) >= DOMAINS or len(blaming) >= COUNT
        full = len(self._replies) == WINDOW and len(blaming) >= SHARE * WINDOW
        if (all_blame and enough) or full:
            return f"the relay refuses us ({self._said}); mend that, then resume the issue"
        return ""

    def _note(self, one: Told) -> None:
        verdict, result = one.verdict, one.result
        if verdict is not None and result.reply is not None and one.delivery.tries == 0:
            self._replies.append((verdict.blames_us, one.domain))
            if verdict.blames_us:
                self._said = f"{verdict.cause}: {result.reply}"
            if verdict.cause is Cause.POLICY:
                self._unwanted, self._unwanted_said = self._unwanted + 1, str(result.reply)
        if result.state is DeliveryState.SENT:
            self._unwanted = 0
        if result.state in (DeliveryState.SENT, DeliveryState.BOUNCED):
            self._hard[one.domain].append(result.suppresses)

    def _doubtful(self, domain: str) -> bool:
        refusals = self._hard[domain]
        return sum(refusals) >= max(GUARD_LEAST, GUARD_SHARE * len(refusals))

    def _waits(self, one: Told, now: datetime) -> Result:
        if given_up(first_at=one.delivery.dated_at, retried_at=self._retried_at, now=now):
            return replace(one.result, suppresses=False, reason=f"{GIVE_UP_REASON}{one.result.reply}")
        at = next_try(tries=one.delivery.tries, cause=Cause.OTHER, delivery_id=one.delivery.delivery_id, now=now)
        reason = "its domain refuses too many at once to be believed"
        return replace(one.result, state=DeliveryState.DEFERRED, suppresses=False, reason=reason, next_at=at)
