"""Limits of what visitors may ask for: requests from one network, for one domain and in all, and mails to one address."""

from datetime import UTC, datetime, timedelta

import limits
from limits.strategies import FixedWindowRateLimiter

from digest import log
from digest.audience import signup as rules
from digest.errors import TooMany
from digest.model.subscriber import Address
from digest.services.context import Place
from digest.store.rates import Counters

_MAILED = "address"  #: the limit that says how many mails an address gets


def count_request(ctx: Place, counters: Counters, address: Address, *, ip: str) -> None:
    """Count a request for an address against the limits. Raises TooMany; the transaction then keeps no count."""
    domain, network = address.key.rpartition("@")[2], rules.network(ip)
    counted = {"network": network, "domain": "" if domain in rules.CROWDED else domain, "all": "all"}
    limiter = FixedWindowRateLimiter(counters)
    for name, key in counted.items():
        limit = ctx.settings.limits_of_signups.get(name)
        if limit is None or not key:
            continue
        item = limits.parse(limit)
        if not limiter.hit(item, name, key):
            ends = datetime.fromtimestamp(limiter.get_window_stats(item, name, key).reset_time, UTC)
            log.get().warning("signup.limited", limit=name)
            raise TooMany(limit, wait=max(ends - ctx.clock(), timedelta(seconds=1)))


def may_mail(ctx: Place, counters: Counters, address_hmac: str) -> bool:
    """Count a mail that anybody could have asked for; False where its address has had enough of them, whatever they were about."""
    limit = ctx.settings.limits_of_signups.get(_MAILED)
    return limit is None or FixedWindowRateLimiter(counters).hit(limits.parse(limit), _MAILED, address_hmac)
