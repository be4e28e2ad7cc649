"""Find in a mail that came back what only we can have written: signed addresses, signed links; and what others could copy: our Message-IDs."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digest.bounces.report import Report
from digest.model.tokens import Purpose, from_verp, verify

_ADDRESS = re.compile(r"[\w.-]{1,24}\+[a-z2-7]{30,60}@[\w.-]{1,200}", re.IGNORECASE)
_LINK = re.compile(r"/u/([\w-]{20,80})(?![\w-])")
_MESSAGE_ID = re.compile(r"<(\d{1,18})\.\w+@([\w.-]+)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """The deliveries and subscriptions of ours that a mail names."""

    deliveries: Sequence[int]  #: by a signed address
    subscriptions: Sequence[int]  #: by the signed link to unsubscribe
    leaving: Sequence[int]  #: subscriptions whose signed address to unsubscribe it was sent to
    named: Sequence[int]  #: deliveries, by a Message-ID; not signed


def find(report: Report, *, keys: Sequence[str], domain: str) -> Own:
    """Find what is ours; `domain` is that of our Message-IDs."""
    texts = [*report.sent_to, *report.marks]
    addresses = [address for text in texts for address in _ADDRESS.findall(text)]
    sent_to = [address for text in report.sent_to for address in _ADDRESS.findall(text)]
    ids = [match for text in report.message_ids if (match := _MESSAGE_ID.fullmatch(text))]
    return Own(
        deliveries=_unique(from_verp(address, keys) for address in addresses),
        subscriptions=_unique(verify(token, Purpose.UNSUBSCRIBE, keys) for text in texts for token in _LINK.findall(text)),
        leaving=_unique(from_verp(address, keys, Purpose.UNSUBSCRIBE) for address in sent_to),
        named=_unique(int(match[1]) for match in ids if match[2].lower() == domain.lower()),
    )


def _unique(numbers: Iterable[int | None]) -> Sequence[int]:
    return list(dict.fromkeys(number for number in numbers if number is not None))
