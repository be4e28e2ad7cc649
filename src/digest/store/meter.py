"""
Counts of this process that are not in the database yet: times of transactions and jobs.

`services/metrics.flush` stores them now and then, so that whoever is asked for metrics knows those of every process. What a
process that is killed had not stored is lost; outcomes of deliveries are not counted here, but with the rows they are of.
"""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from digest.model.metric import Counts, Key, Metric


class Meter:
    """Counts of one process."""

    def __init__(self) -> None:
        self.holder = secrets.token_hex(8)
        self._counts: dict[Key, float] = {}
        self._lock = threading.Lock()

    def measured(self, metric: Metric, seconds: float, *labels: str) -> None:
        """Count a measurement of a summary."""
        self.add({(f"{metric.name}_count", labels): 1.0, (f"{metric.name}_sum", labels): seconds})

    @contextmanager
    def timing(self, metric: Metric, *labels: str) -> Iterator[None]:
        """Measure how long the block takes, however it ends."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.measured(metric, time.monotonic() - began, *labels)

    def add(self, counts: Counts) -> None:
        """Add to the counts."""
        with self._lock:
            for key, value in counts.items():
                self._counts[key] = self._counts.get(key, 0.0) + value

    def take(self) -> Counts:
        """Remove and return the counts."""
        with self._lock:
            counts, self._counts = self._counts, {}
        return counts


METER = Meter()
