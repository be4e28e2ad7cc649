"""Mail domains that are probably mistyped: one letter away from a great provider's."""

from functools import lru_cache

PROVIDERS = (
    "gmail.com googlemail.com yahoo.com yahoo.fr yahoo.de yahoo.co.uk yahoo.co.jp hotmail.com hotmail.fr hotmail.co.uk outlook.com "
    "outlook.de icloud.com protonmail.com comcast.net verizon.net t-online.de freenet.de orange.fr wanadoo.fr laposte.net libero.it "
    "virgilio.it yandex.ru naver.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp"
).split()
#: Existing domains that resemble a provider's.
OTHERS = frozenset(
    "mail.com email.com ymail.com fmail.com gmail.de cloud.com yahoo.co yahoo.dk yahoo.ee yahoo.it yahoo.es yahoo.in yahoo.ie "
    "yahoo.be yahoo.se yahoo.pl hotmail.de hotmail.be hotmail.se hotmail.gr outlook.dk outlook.be outlook.es outlook.fr yandex.eu "
    "yandex.ua yandex.by yandex.kz yandex.com".split()
)


@lru_cache(maxsize=65_536)
def likely_domain(domain: str) -> str:
    """Return the provider's domain that was probably meant; empty if the domain looks right."""
    if domain in OTHERS or domain in PROVIDERS:
        return ""
    return next((provider for provider in PROVIDERS if _is_one_edit_apart(domain, provider)), "")


def _is_one_edit_apart(typed: str, meant: str) -> bool:
    """True if the Damerau-Levenshtein distance is 1: one letter wrong, missing or too many, or two neighbours swapped."""
    if abs(len(typed) - len(meant)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), min(len(typed), len(meant)))
    a, b = typed[start:], meant[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
