"""Limits of what visitors may ask for: requests from one network, for one domain and in all, and mails to one address."""

from dataclasses import dataclass, replace

from digest import log
from digest.audience import signup as rules
from digest.audience.signup import network as network
from digest.errors import TooMany
from digest.model.rate import parse_limit
from digest.model.subscriber import Address
from digest.services.context import Place
from digest.store.rates import Counters

_MAILED = "address"  #: the limit that says how many mails an address gets


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Things that a request is counted by: the visitor's network and the address's domain; empty: unknown, or not counted."""

    network: str
    domain: str = ""

    @property
    def keys(self) -> dict[str, str]:
        """Key by name of the limit."""
        return {"network": self.network, "domain": self.domain, "all": "all"}


def counted(address: Address, *, ip: str) -> Counted:
    """Return what a request for an address is counted by; the domains of large providers are left out."""
    domain = address.key.rpartition("@")[2]
    return Counted(network=rules.network(ip), domain="" if domain in rules.CROWDED else domain)


def count_request(ctx: Place, counters: Counters, by: Counted, *, times: int = 1) -> None:
    """
    Count a request against `times` the limits, each of which is counted apart.

    Raises TooMany; the transaction then keeps no count.
    """
    for name, key in by.keys.items():
        chosen = ctx.settings.limits_of_signups.get(name)
        if chosen is None or not key:
            continue
        limit = parse_limit(chosen)
        limit = replace(limit, amount=limit.amount * times)
        if not counters.hit(limit, name, key):
            log.get().warning("signup.limited", limit=name)
            raise TooMany(chosen, wait=counters.wait(limit, name, key))


def may_mail(ctx: Place, counters: Counters, address_hmac: str) -> bool:
    """Count a mail that anybody could have asked for; False where its address has had enough of them, whatever they were about."""
    limit = ctx.settings.limits_of_signups.get(_MAILED)
    return limit is None or counters.hit(parse_limit(limit), _MAILED, address_hmac)
