"""Clean URLs: validate links, remove tracking parameters, and identify URLs of the same page."""

import hashlib
import re
from urllib.parse import urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url, safe_url_string, url_query_cleaner

#: Parameters that track the origin of a click and never select the page.
TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|_hs(enc|mi)|mkt_tok|oly_(anon|enc)_id|vero_id|wickedid"
    r"|at_(medium|campaign)|cmpid|ns_(mchannel|source|campaign|linkname)|ref_src|sr_share|xtor|WT\.mc_id"
)
KEPT = 1000  #: characters of a canonical address; a longer one is kept as its hash
MAX_LENGTH = 2000  # above it, mail programs and servers disagree


def web_link(link: str, base: str = "") -> str:
    """Return the absolute http(s) URL of a link without tracking parameters; empty if it is none."""
    text = re.sub(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]", "", link)
    if not text:
        return ""  # urljoin would make it the base itself
    try:
        absolute = urljoin(base, text) if base else text
        parts = urlsplit(absolute)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not host or len(absolute) > MAX_LENGTH or parts.username:
        return ""
    try:
        return without_tracking(_ascii(absolute))
    except UnicodeError:
        return ""


def is_readable(url: str) -> bool:
    """Return whether a URL has a host, and a port if any, that can be read."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return bool(parts.hostname) and not re.search(r"\s", parts.netloc)


def _ascii(url: str) -> str:
    """Encode a URL for mail programs: host in A-labels, the rest percent-encoded."""
    if url.isascii():
        return url
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode("ascii") + (f":{parts.port}" if parts.port else "")
    return safe_url_string(urlunsplit(parts._replace(netloc=host)), encoding="utf-8")


def without_tracking(url: str) -> str:
    """Remove tracking parameters from a URL."""
    query = urlsplit(url).query
    names = [part.partition("=")[0] for part in query.split("&") if part]
    drop = [name for name in names if TRACKING.fullmatch(name)]
    return url_query_cleaner(url, drop, remove=True, unique=False, keep_fragments=True) if drop else url


def canonical(url: str) -> str:
    """Return a key that is equal for URLs of one page: without scheme, `www.` and fragment, parameters sorted."""
    if not url:
        return ""
    plain = canonicalize_url(without_tracking(url))
    parts = urlsplit(plain)
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port and parts.port not in (80, 443) else ""
    path = parts.path.rstrip("/") or "/"
    found = f"//{host}{port}{path}" + (f"?{parts.query}" if parts.query else "")
    return found if len(found) <= KEPT else f"//{host}#{hashlib.sha256(found.encode()).hexdigest()}"


def host(url: str) -> str:
    """Return the host name without `www.`; empty if there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
