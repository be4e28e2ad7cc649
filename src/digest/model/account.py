"""Account: somebody who may log in to the admin pages; what each role may do, and the rules of passwords."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from digest.model.columns import NO_REUSE, enum_type

PASSWORD_MIN = 12  #: characters; the code of the app is a second factor
PASSWORD_MAX = 1_000
NAME_MAX = 100  #: characters of a person's name, or of a passkey's
LINK_LASTS = timedelta(days=3)  #: of `accounts add` and `accounts reset`
FIRST_LINK_LASTS = timedelta(hours=1)  #: of a first start
LOGIN_LASTS = timedelta(days=7)
LOGIN_IDLE = timedelta(hours=12)  #: a log-in that is not used for so long is over
CODE_STEP_LASTS = timedelta(minutes=10)  #: between the password and the code
FRESH = timedelta(minutes=15)  #: how old a log-in may be that changes how one logs in
RECOVERY_CODES = 10


class Role(StrEnum):
    """Role of an account."""

    OWNER = "owner"  #: may do everything, and lets others in
    EDITOR = "editor"  #: changes what is published; sends where an owner allows it
    VIEWER = "viewer"  #: looks, and changes nothing but how they log in


class Permission(StrEnum):
    """Permission that a page needs before it does anything."""

    LOOK = "look"  #: to see what is there
    EDIT = "edit"  #: to change what will be published, and where it comes from
    SEND = "send"  #: to start, stop or repeat mail to readers
    ACCOUNTS = "accounts"  #: to let people in and out


#: The one table of permissions.
PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.OWNER: frozenset(Permission),
        Role.EDITOR: frozenset({Permission.LOOK, Permission.EDIT}),
        Role.VIEWER: frozenset({Permission.LOOK}),
    }
)


class Account(SQLModel, table=True):
    """Somebody who may log in to the admin pages."""

    __tablename__ = "account"
    __table_args__ = NO_REUSE

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    address: str
    address_key: str = Field(unique=True)
    name: str
    role: Role = Field(sa_type=enum_type(Role))
    sends: bool = False  #: an editor who may send, too
    password_hash: str = ""  #: argon2id; empty: there is none
    code_secret: str = ""  #: of the app that makes codes (RFC 6238), encrypted; empty: there is none
    code_step: int = 0  #: the last time step whose code was used; none is taken twice
    #: An OpenID provider may be linked by the address that it has verified. Not any more once a link was removed or the
    #: account reset, or whoever was locked out would be let in again at once.
    links_by_address: bool = True
    made_at: datetime
    logged_in_at: datetime | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        """Permissions of the account."""
        allowed = PERMISSIONS[self.role]
        return allowed | {Permission.SEND} if self.role is Role.EDITOR and self.sends else allowed


class Passkey(SQLModel, table=True):
    """A WebAuthn credential of an account."""

    __tablename__ = "passkey"
    __table_args__ = NO_REUSE

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    account_id: int = Field(foreign_key="account.id", ondelete="CASCADE", index=True)
    credential: str = Field(unique=True)  #: its id, in base64url
    public_key: bytes
    uses: int  #: the counter of the authenticator; 0 where it has none
    name: str
    made_at: datetime
    used_at: datetime | None = None


class Identity(SQLModel, table=True):
    """A person at an OpenID provider, as whom an account logs in."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"), NO_REUSE)

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    account_id: int = Field(foreign_key="account.id", ondelete="CASCADE", unique=True)
    issuer: str
    subject: str  #: the provider's own name for the person, which never becomes another's
    address: str  #: that the provider had of them when it was linked, to recognise it by; may be empty
    made_at: datetime
    used_at: datetime


class RecoveryCode(SQLModel, table=True):
    """A code that works once in place of the app's; it is gone when it was used."""

    __tablename__ = "recovery_code"
    __table_args__ = NO_REUSE

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    account_id: int = Field(foreign_key="account.id", ondelete="CASCADE", index=True)
    code_hash: str


class Login(SQLModel, table=True):
    """A browser that an account is logged in with, or half of the way: `is_open` says whether the code was given too."""

    __tablename__ = "login"
    __table_args__ = NO_REUSE

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    account_id: int = Field(foreign_key="account.id", ondelete="CASCADE", index=True)
    token_hash: str = Field(unique=True)  #: of what the cookie holds
    is_open: bool
    made_at: datetime
    #: When the person showed who they are, where a provider knew them before; None: at `made_at`.
    proved_at: datetime | None = None
    seen_at: datetime
    expires_at: datetime = Field(index=True)
    ip: str  #: as DIGEST_IP_POLICY keeps it
    browser: str  #: a short name of it; empty: not known


class WelcomeLink(SQLModel, table=True):
    """A link that works once: it makes the first owner, or sets how an account logs in."""

    __tablename__ = "welcome_link"
    __table_args__ = NO_REUSE

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    account_id: int | None = Field(default=None, foreign_key="account.id", ondelete="CASCADE", index=True)  #: None: the first
    token_hash: str = Field(unique=True)
    expires_at: datetime


def password_problem(password: str, *, address: str) -> str:
    """Return the code of what is wrong with a new password: `password_short`, `password_long` or `password_known`; empty if it will do."""
    if len(password) < PASSWORD_MIN:
        return "password_short"
    if len(password) > PASSWORD_MAX:
        return "password_long"
    if len(set(password)) < 5 or address.casefold() in password.casefold():
        return "password_known"
    return ""


def browser_of(user_agent: str) -> str:
    """Return a short name of a browser by what it calls itself, such as `Firefox, Windows`; as much as is known of it."""
    browsers = {
        "Edg": "Edge",
        "OPR": "Opera",
        "Firefox": "Firefox",
        "FxiOS": "Firefox",
        "CriOS": "Chrome",
        "Chrome": "Chrome",
        "Safari": "Safari",
    }
    systems = {
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Android": "Android",
        "Windows": "Windows",
        "Mac OS": "macOS",
        "Linux": "Linux",
    }
    return ", ".join(
        found
        for names in (browsers, systems)
        if (found := next((name for sign, name in names.items() if sign in user_agent), ""))
    )


def is_live(login: Login, now: datetime) -> bool:
    """Return whether a log-in may still be used: neither expired nor idle for too long."""
    return now < login.expires_at and now < login.seen_at + LOGIN_IDLE


def is_fresh(login: Login, now: datetime) -> bool:
    """Return whether the person showed recently enough who they are to change how the account logs in."""
    return now < (login.proved_at or login.made_at) + FRESH
