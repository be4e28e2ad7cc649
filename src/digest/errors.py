"""
Every error that digest raises on purpose, as one tree:

* DigestError
  - SettingsError        a setting is missing or wrong
  - NotFound             a name or number that nothing has; also a LookupError
    + Gone                 it was there, and was taken away for good
  - Forbidden            who asks may not have it; also a PermissionError
  - Conflict             it is there already, or not in the state that the move needs
  - BadInput             something a person gave cannot be used; also a ValueError
    + BadAddress         not an address that mail can go to
  - TooMany             somebody asks more often than a limit allows
  - NothingToDo          all is well and there was nothing to do (exit code 3)
  - StoreError           the database cannot be used as it is
  - CollectError         a source could not be read
    + FetchError         its file, folder or page could not be fetched
    + ParseError         what was fetched is not what it should be
  - ComposeError         a template or theme is wrong; no mail was made
    + UnfitToSend          the mails were made and break a standard or a promise; none was sent
  - ProviderDown         the OpenID provider cannot be asked, or its answer cannot be used
  - TransportError       mail could not be handed over
    + TransportDown      nobody was mailed; the claim waits
      · TransportRefused     and a person must mend something first

A message names the thing and the problem. `code` names the problem for a program, and `facts` holds what
a remedy needs; the command line words the remedy as a command (`cli/remedies.py`), a page as a link, an
API as a problem document (RFC 9457). Nobody sees a traceback.
"""

from collections.abc import Sequence
from datetime import timedelta


class DigestError(Exception):
    """The root: its text is one clear sentence or more, fit for a person; `code` and `facts` say the same to a program."""

    code = "error"  #: of a class; an error may have one of its own

    def __init__(self, message: str = "", *, code: str = "", **facts: object) -> None:
        super().__init__(message)
        self.code = code or type(self).code
        self.facts = facts


class SettingsError(DigestError, ValueError):
    """One or more settings are missing or wrong; `problems` has a sentence each."""

    code = "settings"

    def __init__(self, problems: Sequence[str], *, code: str = "") -> None:
        super().__init__("\n".join(problems), code=code)
        self.problems = tuple(problems)


class NotFound(DigestError, LookupError):
    """A name or number that nothing of this kind has; `known` says what there is. The code is `no_` and the noun."""

    def __init__(self, noun: str, key: object, *, known: str = "", code: str = "", **facts: object) -> None:
        message = f"there is no {noun} {key}" + (f"; there is {known}" if known else "")
        super().__init__(message, code=code or f"no_{noun}", noun=noun, key=key, **facts)
        self.noun = noun
        self.key = key


class Gone(NotFound):
    """It was there and was taken away for good."""


class Forbidden(DigestError, PermissionError):
    """The requester has no access; the remedy depends on `code`."""

    code = "forbidden"


class Conflict(DigestError):
    """It is there already, or its state does not allow the move."""

    code = "conflict"


class BadInput(DigestError, ValueError):
    """Something a person gave cannot be used."""

    code = "bad_input"


class BadAddress(BadInput):
    """Not an address that mail can go to; `reason` says why."""

    code = "bad_address"

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"{text!r} is not a mail address: {reason}", text=text, reason=reason)
        self.text = text
        self.reason = reason


class TooMany(DigestError):
    """A rate limit is exceeded; the request may be repeated after `wait`."""

    code = "too_many"

    def __init__(self, limit: str, *, wait: timedelta) -> None:
        super().__init__(f"more than {limit}", limit=limit, wait_s=int(wait.total_seconds()))
        self.wait = wait


class NothingToDo(DigestError):
    """All is well, and there was nothing to do."""

    code = "nothing_to_do"


class StoreError(DigestError):
    """The database cannot be used as it is."""

    code = "database"


class CollectError(DigestError):
    """A source could not be read; kept on the source, the others go on."""

    code = "source"

    def __init__(self, where: str, reason: str, *, code: str = "") -> None:
        super().__init__(f"{where}: {reason}", code=code, where=where, reason=reason)
        self.where = where
        self.reason = reason


class FetchError(CollectError, OSError):
    """The file, folder or page could not be fetched; `gone`: it is so for good; `wait`: how long its server asks not to be asked again; not `asked`: its host had said so just before."""

    code = "fetch"

    def __init__(
        self,
        where: str,
        reason: str,
        *,
        gone: bool = False,
        wait: timedelta | None = None,
        asked: bool = True,
        code: str = "",
    ) -> None:
        super().__init__(where, reason, code=code)
        self.gone = gone
        self.asked = asked
        self.wait = wait


class ParseError(CollectError, ValueError):
    """Fetched content that is not of the expected kind."""

    code = "parse"


class ComposeError(DigestError):
    """A template or theme is wrong; it names file, line and the thing that is wrong."""

    code = "compose"


class UnfitToSend(ComposeError):
    """The mails break a standard or a promise to readers; the issue is held."""

    code = "unfit_to_send"


class ProviderDown(DigestError, OSError):
    """The OpenID provider cannot be asked now, or its answer cannot be used; other ways to log in stay."""

    code = "provider_down"


class TransportError(DigestError, OSError):
    """Mail could not be handed over."""

    code = "transport"


class TransportDown(TransportError):
    """Nobody was mailed; what was claimed goes back to the queue. `connecting`: it would not have a connection, while others may work."""

    code = "transport_down"
    connecting = False


class TransportRefused(TransportDown):
    """The transport cannot work before a person mends something: its name, certificate or log-in. The issue is held."""

    code = "transport_refused"
