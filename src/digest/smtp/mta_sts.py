"""MTA-STS (RFC 8461): the policy by which a domain has mail to it handed over with TLS alone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from digest.errors import FetchError
from digest.model.finding import Finding, good, hint, warning

AGE_MAX = 31_557_600  #: seconds, of `max_age` (3.2)
MODES = ("enforce", "testing", "none")
Asked = Callable[[str, str], Sequence[str]]  #: name and kind of a record → its values
Fetch = Callable[[str], bytes]  #: the document at a URL, which leads nowhere else; raises FetchError


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Content of a policy."""

    mode: str
    max_age: int  #: seconds
    mx: Sequence[str]  #: host names, or `*.` and a domain

    def names(self, host: str) -> bool:
        """Return whether mail may go to this host (4.1); a star stands for one label."""
        host = host.rstrip(".").lower()
        return any(host == one or (one.startswith("*.") and host.partition(".")[2] == one[2:]) for one in self.mx)


class BadPolicy(ValueError):
    """It says nothing that a server could follow."""


def parse(body: bytes) -> Policy:
    """Read a policy (3.2). Raises BadPolicy."""
    try:
        lines = body.decode("ascii").splitlines()
    except UnicodeDecodeError as problem:
        raise BadPolicy("it is not in ASCII") from problem
    pairs = [(name.strip().lower(), value.strip()) for name, colon, value in (line.partition(":") for line in lines) if colon]
    values = dict(reversed(pairs))  # of what stands there twice the first counts
    if values.get("version") != "STSv1":
        raise BadPolicy("it has no line `version: STSv1`")
    mode, age = values.get("mode", ""), values.get("max_age", "")
    if mode not in MODES:
        raise BadPolicy(f"its mode is none of {', '.join(MODES)}")
    if not (age.isascii() and age.isdecimal() and len(age) <= 8 and int(age) <= AGE_MAX):
        raise BadPolicy(f"its `max_age` is no number of seconds up to {AGE_MAX}")
    hosts = tuple(value.rstrip(".").lower() for name, value in pairs if name == "mx")
    if mode != "none" and not hosts:
        raise BadPolicy("it names no mail server (`mx:`)")
    return Policy(mode=mode, max_age=int(age), mx=hosts)


def check(asked: Asked, domain: str, fetch: Fetch) -> Iterator[Finding]:
    """Check that a domain announces a policy, serves it, and names its mail servers in it."""
    texts = [text for text in asked(f"_mta-sts.{domain}", "TXT") if text.replace(" ", "").lower().startswith("v=stsv1")]
    url = f"https://mta-sts.{domain}/.well-known/mta-sts.txt"
    if not texts:
        said = f"{domain} has no MTA-STS policy: others may hand bounces and replies over without TLS"
        remedy = f'publish `_mta-sts.{domain}. TXT "v=STSv1; id=1"` and a policy at {url}'
        yield hint("mta-sts", said, "RFC 8461", where=domain, remedy=remedy)
    elif not (asked(f"mta-sts.{domain}", "A") or asked(f"mta-sts.{domain}", "AAAA")):
        said = f"_mta-sts.{domain} announces a policy, and mta-sts.{domain}, which must serve it, has no address"
        yield warning("mta-sts", said, "RFC 8461 3.3", where=domain)
    else:
        yield _served(asked, domain, url, fetch)


def _served(asked: Asked, domain: str, url: str, fetch: Fetch) -> Finding:
    servers = [record.split()[-1].rstrip(".") for record in asked(domain, "MX")]
    example = "".join(f"mx: {one}\n" for one in servers)
    remedy = f"serve `version: STSv1\nmode: testing\n{example}max_age: 86400` as text/plain there"
    try:
        policy = parse(fetch(url))
    except FetchError as problem:
        return warning(
            "mta-sts", f"the announced MTA-STS policy cannot be fetched: {problem}", "RFC 8461 3.3", where=url, remedy=remedy
        )
    except BadPolicy as problem:
        return warning("mta-sts", f"the MTA-STS policy cannot be used: {problem}", "RFC 8461 3.2", where=url, remedy=remedy)
    missing = [one for one in servers if policy.mode != "none" and not policy.names(one)]
    if missing:
        what = "refuse to hand bounces over to it" if policy.mode == "enforce" else "report it, and would refuse to use it"
        said = f"the MTA-STS policy does not name {', '.join(missing)}, a mail server of {domain}: others {what}"
        lines = "\n".join(f"mx: {one}" for one in missing)
        return warning(
            "mta-sts", said, "RFC 8461 4.1", where=url, remedy=f"add `{lines}` to it, and change the `id` of _mta-sts.{domain}"
        )
    if policy.mode == "none":
        return hint("mta-sts", f"the MTA-STS policy of {domain} asks for nothing (`mode: none`)", "RFC 8461 5", where=url)
    return good("mta-sts", f"{domain} serves its MTA-STS policy (mode {policy.mode}), which names its mail servers", where=url)
