"""The URL of a relay: its host, security, credentials and limits."""

import difflib
import math
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from digest.errors import BadInput
from digest.model.ports import NONE, Limits

_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_LIKE = "`smtp+starttls://user:password@mail.example.org:587`"
#: The login ends at the last `@`, since neither a host nor a limit can have one: so a password may have any character.
_URL = re.compile(
    r"(?P<scheme>smtps?|smtp\+starttls)://(?:(?P<login>.*)@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s@:/?#\[\]]+)(?::(?P<port>[0-9]{1,5}))?/?(?:\?(?P<query>[^@#]*))?",
    re.DOTALL,
)
_ENCODED, _BARE = re.compile(r"%[0-9A-Fa-f]{2}"), re.compile(r"%(?![0-9A-Fa-f]{2})")
IN_CLEAR = ("password", "cleartext")  #: what a URL says so that its password may go without TLS

_RAMP = re.compile(r"(?P<first>[0-9]{1,9})\*(?P<factor>[0-9]{1,2}(?:\.[0-9]{1,3})?)\.\.(?P<last>[0-9]{1,9})")
LEAST_GROWTH = 1.05  #: by which a day of a warm-up has more than the one before, else it would last for years


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """An SMTP server that mail is handed to."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    in_clear: bool = False  #: user and password may go without TLS
    limits: Limits = NONE

    @classmethod
    def parse(cls, url: str) -> "Relay":
        """
        Parse `smtp+starttls://user:password@host:587?rate=50&weight=2`.

        Raises:
            BadInput: it is none; the message holds no part of it, since any part may be one of the password.
        """
        match = _URL.fullmatch(url)
        if match is None:
            raise BadInput(f"is not like {_LIKE}; write a space in a password as %20, and a % as %25")
        scheme, port = match["scheme"], int(match["port"] or _PORTS[match["scheme"]])
        if not 0 < port < 65536:
            raise BadInput("names a port that there is not; it is a number up to 65535")
        user, _, password = (match["login"] or "").partition(":")
        given = dict(parse_qsl(match["query"] or "", keep_blank_values=True))
        in_clear = given.pop(IN_CLEAR[0], None)
        if in_clear not in (None, IN_CLEAR[1]):
            raise BadInput(f"says `{IN_CLEAR[0]}=` and not `{'='.join(IN_CLEAR)}`, which lets the password go without TLS")
        return cls(
            scheme=scheme,
            host=match["host"].strip("[]").lower(),
            port=port,
            user=_decoded(user),
            password=_decoded(password),
            in_clear=in_clear is not None,
            limits=_limits(given),
        )

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def _decoded(text: str) -> str:
    """Decode user or password, percent-encoded or verbatim; raises BadInput where it could be either."""
    encoded, bare = _ENCODED.search(text), _BARE.search(text)
    if encoded and bare:
        raise BadInput("has a user or password with a % that can be read in two ways; write every % that belongs to it as %25")
    try:
        plain = unquote(text, errors="strict") if encoded else text
    except UnicodeDecodeError as problem:
        raise BadInput("has a user or password with a % that is no percent-encoding; write it as %25") from problem
    if "\0" in plain:
        raise BadInput("has a user or password with a NUL, which no log-in can carry")
    return plain


def _limits(given: dict[str, str]) -> Limits:
    """Parse `rate=50&connections=4&messages=100&daily=50000&weight=2`; each may be left out."""
    known = Limits.__dataclass_fields__
    warmup = _warmup(given.pop("warmup", ""))
    for name, text in given.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            meant = f"; did you mean `{near[0]}`" if near else ""
            raise BadInput(f"has a limit that there is not{meant}? There are {', '.join(known)}")
        if not re.fullmatch(r"[0-9]{1,9}", text) or (name == "weight" and int(text) == 0):
            raise BadInput(f"has a limit `{name}` that is not a whole number")
    return Limits(warmup=warmup, **{name: int(text) for name, text in given.items()})


def _warmup(text: str) -> tuple[int, ...]:
    """Parse `50,100,500`, messages on each day, or `50*1.5..20000`: from 50 on, each day half as many more, up to 20,000."""
    if found := _RAMP.fullmatch(text):
        first, factor, last = int(found["first"]), float(found["factor"]), int(found["last"])
        if 0 < first <= last and factor >= LEAST_GROWTH:
            days = range(int(math.log(last / first, factor) + 1e-9) + 1)
            return tuple(int(first * factor**day) for day in days)
    elif not text or re.fullmatch(r"[1-9][0-9]{0,8}(,[1-9][0-9]{0,8})*", text):
        return tuple(int(number) for number in text.split(",") if number)
    raise BadInput(
        "has a limit `warmup` that is not like `50,100,500`, messages on each day, or `50*2..20000`, twice as many each day"
    )
