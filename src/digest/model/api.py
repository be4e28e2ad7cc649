"""ApiToken: what a program shows instead of logging in; Answered: the answer to a request that may come twice."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from digest.model.account import Permission
from digest.model.columns import NO_REUSE

PREFIX = "digest_"  #: of every token, so that scanners of leaked secrets know one
DAYS, MOST_DAYS = 90, 366  #: for which a token is good: by default, and at most
ANSWER_LASTS = timedelta(hours=24)
LEASE = timedelta(minutes=1)  #: longer than a request may take; after a kill the same request begins anew
KEY_MAX = 255  #: characters of an idempotency key


class Scope(StrEnum):
    """Scope of a token: one of two areas, and what may be done there."""

    CONTENT_LOOK = "content:look"  #: to read sources, newsletters, issues, and events
    CONTENT_EDIT = "content:edit"  #: to change sources, newsletters, sections and notes
    CONTENT_SEND = "content:send"  #: to start, stop or repeat mail to readers
    PEOPLE_LOOK = "people:look"  #: to read lists, subscribers, suppressions, deliveries and bounces
    PEOPLE_EDIT = "people:edit"  #: to change lists, subscribers and suppressions, and to import people


#: The permission that the account of a token needs for each scope.
PERMISSION_OF: Mapping[Scope, Permission] = MappingProxyType(
    {
        Scope.CONTENT_LOOK: Permission.LOOK,
        Scope.CONTENT_EDIT: Permission.EDIT,
        Scope.CONTENT_SEND: Permission.SEND,
        Scope.PEOPLE_LOOK: Permission.LOOK,
        Scope.PEOPLE_EDIT: Permission.EDIT,
    }
)


class ApiToken(SQLModel, table=True):
    """A secret by which a program acts for an account, within some scopes and for some time."""

    __tablename__ = "api_token"
    __table_args__ = NO_REUSE

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    account_id: int = Field(foreign_key="account.id", ondelete="CASCADE", index=True)
    name: str  #: which program has it
    token_hash: str = Field(unique=True)
    scopes: list[str] = Field(sa_type=sa.JSON)  #: Scopes
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class Answered(SQLModel, table=True):
    """A request with an idempotency key, and its answer once it has one."""

    __tablename__ = "api_answer"
    __table_args__ = (UniqueConstraint("token_id", "key"), NO_REUSE)

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    token_id: int = Field(foreign_key="api_token.id", ondelete="CASCADE")
    key: str
    request_hash: str  #: of method, path and body
    begun_at: datetime = Field(index=True)
    status: int | None = None  #: None: it is being answered
    headers: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    body: str = ""
