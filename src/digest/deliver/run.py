"""The state of a run of the ledger: whether it continues, and the counts of its results."""

import threading
from dataclasses import dataclass

from digest import log
from digest.errors import TransportDown, TransportRefused
from digest.model.states import DeliveryState

STOOD_STILL = "this process stood still for half a minute or longer; run the same command again to go on"


@dataclass(slots=True, kw_only=True)
class Tally:
    """The counts of one run."""

    sent: int = 0
    deferred: int = 0
    bounced: int = 0
    skipped: int = 0
    unsure: int = 0
    given_back: int = 0
    problem: TransportDown | None = None  #: why the first relay took no more; none: they all did
    refused: bool = False  #: a person must mend something before a relay will

    @property
    def down(self) -> str:
        """The same in words; empty: they all did."""
        return str(self.problem or "")

    @property
    def settled(self) -> int:
        """Deliveries that got an outcome."""
        return self.sent + self.deferred + self.bounced + self.skipped + self.unsure

    def count(self, state: DeliveryState, number: int) -> None:
        """Add so many deliveries in this state."""
        name = "given_back" if state is DeliveryState.QUEUED else state.value
        setattr(self, name, getattr(self, name) + number)


class RunState:
    """State shared by all threads of a run. Once it is stopping, no message is begun any more."""

    def __init__(self, asked: threading.Event | None = None, *, issue_id: int = 0) -> None:
        """`asked`: a person wants the run to end. `issue_id`: for the log."""
        self.tally = Tally()
        self.issue_id = issue_id
        self._asked = asked or threading.Event()
        self._over = threading.Event()
        self._failure: BaseException | None = None

    @property
    def stopping(self) -> bool:
        """True once no worker should begin another message."""
        return self._over.is_set() or self._asked.is_set()

    def stop(self) -> None:
        """Begin nothing more: the issue was held or cancelled."""
        self._over.set()

    def stop_for(self, problem: TransportDown) -> None:
        """Begin nothing more, since every relay is unavailable; the first reason is kept."""
        self.tally.problem = self.tally.problem or problem
        self.tally.refused = self.tally.refused or isinstance(problem, TransportRefused)
        self._over.set()

    def stand_down(self) -> None:
        """Begin nothing more, since this process was suspended for so long that others may have its claims."""
        log.get().warning("heartbeat.late", issue=self.issue_id)
        self.stop_for(TransportDown(STOOD_STILL))

    def fail(self, problem: BaseException) -> None:
        """Begin nothing more, since something that is not the relay's is broken; `result` raises the first such problem."""
        self._failure = self._failure or problem
        self._over.set()

    def result(self) -> Tally:
        """Return the tally. Raises the problem that the run failed with."""
        if self._failure is not None:
            raise self._failure
        return self.tally
