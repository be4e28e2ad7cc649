"""Views of accounts and of where they are logged in."""

from datetime import datetime

from digest.model.account import Role
from digest.services.views import View


class AccountView(View):
    """Somebody who may log in to the admin pages."""

    id: int
    address: str
    name: str
    role: Role
    sends: bool  #: may start, stop or repeat mail to readers
    has_password: bool
    passkeys: int
    identity: str  #: as whom they log in by an OpenID provider: the address, else the subject there; empty: not linked
    is_invited: bool  #: a link that sets how they log in still works
    made_at: datetime
    logged_in_at: datetime | None


class LoginView(View):
    """A browser that an account is logged in with."""

    id: int
    made_at: datetime
    seen_at: datetime
    ip: str
    browser: str
    is_this: bool  #: the one that asks


class PasskeyView(View):
    """A passkey of an account."""

    id: int
    name: str
    made_at: datetime
    used_at: datetime | None


class IdentityView(View):
    """The person at an OpenID provider as whom an account logs in."""

    issuer: str
    subject: str
    address: str
    made_at: datetime
    used_at: datetime
