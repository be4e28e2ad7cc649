"""Outcomes of deliveries, counted for metrics in the transaction that records them."""

from collections import Counter
from collections.abc import Callable, Sequence

from digest.model.delivery import Result
from digest.model.metric import DELIVERIES, Counts, Key
from digest.model.states import DeliveryState


def outcomes(results: Sequence[Result], *, skipped: int = 0, domain: Callable[[int], str]) -> Counts:
    """
    Count results by relay, domain and outcome, without those that only go back to the queue.

    `domain`: the label of a delivery's domain, by its number. `skipped`: deliveries more that were skipped when they were claimed.
    """
    counts: Counter[Key] = Counter()
    for one in results:
        if one.state is not DeliveryState.QUEUED:
            counts[DELIVERIES.name, (one.relay, domain(one.delivery_id), one.state.value)] += 1
    if skipped:
        counts[DELIVERIES.name, ("", "", DeliveryState.SKIPPED.value)] += skipped
    return counts
