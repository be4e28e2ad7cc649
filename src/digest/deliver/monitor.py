"""
Monitoring of a run's replies together: do they reject the sender, and does a domain refuse implausibly many readers?

A host that refuses us for one reader is that reader's matter. When nobody is accepted, it is ours: the issue is held. Only
first tries are counted, so that the few who were refused before cannot hold an issue that everybody else got.
"""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from digest.deliver.results import Judged
from digest.deliver.retry import next_try
from digest.model.delivery import Result
from digest.model.issue import GIVE_UP_REASON
from digest.model.replies import Cause
from digest.model.states import DeliveryState

WINDOW = 20  #: replies to first tries that are looked at
DOMAINS, COUNT = 3, 10  #: when all blame us: so many recipient domains, or so many replies, are enough
SHARE = 0.8  #: of a full window
CONTENT_REFUSALS = 5  #: of the content, one after another with nobody accepting it: it is the issue's fault
#: So many of a domain's last replies; this share of them hard, and at least so many, and nobody is suppressed.
GUARD_WINDOW, GUARD_SHARE, GUARD_LEAST = 100, 0.2, 3
GUARD_ENOUGH = 20  #: replies of a domain that are enough to tell


class ReplyMonitor:
    """Counters of the replies of one run; used by one thread."""

    def __init__(self, *, give_up_at: datetime) -> None:
        """`give_up_at`: see `Issue.give_up_at`."""
        self._give_up_at = give_up_at
        self._first_replies: deque[tuple[bool, str]] = deque(maxlen=WINDOW)  #: blames us, recipient domain
        self._hard: defaultdict[str, deque[bool]] = defaultdict(lambda: deque(maxlen=GUARD_WINDOW))
        self._withheld: list[Judged] = []
        self._blame = ""  #: the last reply that blamed us
        self._content_refusals = 0  #: one after another
        self._content_refusal = ""  #: the last of them

    @property
    def withheld(self) -> int:
        """Hard refusals that are not confirmed yet: their domains have sent too few replies."""
        return len(self._withheld)

    def confirmed(self, judged: Sequence[Judged], *, now: datetime, at_end: bool) -> Sequence[Result]:
        """
        Return the results to record. Hard refusals of a domain that refuses too many at once become deferrals and suppress nobody.

        A hard refusal is withheld until its domain has sent enough replies to tell, or until the end of the run.
        """
        for one in judged:
            self._note(one)
        results = [one.result for one in judged if not one.result.suppresses]
        hard = [*self._withheld, *(one for one in judged if one.result.suppresses)]
        self._withheld = [] if at_end else [one for one in hard if len(self._hard[one.domain]) < GUARD_ENOUGH]
        waiting = {id(one) for one in self._withheld}
        decided = [one for one in hard if id(one) not in waiting]
        return results + [self._deferred(one, now) if self._refuses_too_many(one.domain) else one.result for one in decided]

    def reason_to_hold(self, *, at_end: bool = False) -> str:
        """Return the reason to hold the issue until a person has looked; empty where there is none."""
        if self._content_refusals >= CONTENT_REFUSALS:
            return f"the mail itself is refused ({self._content_refusal}); mend that, then resume the issue"
        blaming = [domain for blames, domain in self._first_replies if blames]
        all_blame = bool(blaming) and len(blaming) == len(self._first_replies)
        enough = at_end or len(set(blaming)) >= DOMAINS or len(blaming) >= COUNT
        full = len(self._first_replies) == WINDOW and len(blaming) >= SHARE * WINDOW
        if (all_blame and enough) or full:
            return f"the relay refuses us ({self._blame}); mend that, then resume the issue"
        return ""

    def _note(self, one: Judged) -> None:
        verdict, result = one.verdict, one.result
        if verdict is not None and result.reply is not None and one.delivery.tries == 0:
            self._first_replies.append((verdict.blames_us, one.domain))
            if verdict.blames_us:
                self._blame = f"{verdict.cause}: {result.reply}"
            if verdict.cause is Cause.POLICY:
                self._content_refusals, self._content_refusal = self._content_refusals + 1, str(result.reply)
        if result.state is DeliveryState.SENT:
            self._content_refusals = 0
        if result.state in (DeliveryState.SENT, DeliveryState.BOUNCED):
            self._hard[one.domain].append(result.suppresses)

    def _refuses_too_many(self, domain: str) -> bool:
        refusals = self._hard[domain]
        return sum(refusals) >= max(GUARD_LEAST, GUARD_SHARE * len(refusals))

    def _deferred(self, one: Judged, now: datetime) -> Result:
        if now >= self._give_up_at:
            return replace(one.result, suppresses=False, reason=f"{GIVE_UP_REASON}{one.result.reply}")
        at = next_try(tries=one.delivery.tries, cause=Cause.OTHER, delivery_id=one.delivery.delivery_id, now=now)
        reason = "its domain refuses too many at once to be believed"
        return replace(one.result, state=DeliveryState.DEFERRED, suppresses=False, reason=reason, next_at=at)
