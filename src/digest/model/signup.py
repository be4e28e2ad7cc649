"""SignUp, Consent and RateCount: requests of visitors, evidence of what they were shown, and counters of rate limits."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from digest.model.columns import NO_REUSE, enum_type
from digest.model.subscriber import TopicChoice

CODE_DIGITS = 6
CODE_MINUTES = 15
CODE_LASTS = timedelta(minutes=CODE_MINUTES)
CODE_TRIES = 5
LINK_DAYS = 7
LINK_LASTS = timedelta(days=LINK_DAYS)
REMIND_AFTER = timedelta(days=1)
RESEND_AFTER = timedelta(minutes=1)  #: a new code before this would cross the first one on its way


class Letter(StrEnum):
    """Kind of mail that a sign-up waits for."""

    CONFIRM = "confirm"  #: asks for the confirmation, with a code and a link
    REMINDER = "reminder"  #: asks once more, with a link alone
    WELCOME = "welcome"  #: greets who has confirmed


class How(StrEnum):
    """Way in which consent was given."""

    FORM = "form"  #: our own page
    EMBEDDED = "embedded form"  #: the form on another site
    CODE = "code"  #: the code of the mail, typed on the waiting page
    LINK = "link"  #: the button of the page that the mail's link leads to
    PREFERENCES = "preferences"  #: a tick on the preference page, which a link of a mail led to
    API = "api"  #: a form of another program, which sent it on
    SINGLE = "single opt-in"  #: nothing was confirmed: the list does not ask for it


class ConsentStep(StrEnum):
    """Step at which a person gave consent."""

    ASKED = "asked"
    CONFIRMED = "confirmed"


class SignUp(SQLModel, table=True):
    """A request to join a list, until it is confirmed or expires. It changes nothing of what is known about a person."""

    __tablename__ = "signup"
    __table_args__ = (Index("ix_signup_letter", "letter", "letter_at"), NO_REUSE)

    id: int = Field(default=None, primary_key=True)  #: given when it is stored; in the link's token
    mlist_id: int = Field(foreign_key="mlist.id", ondelete="CASCADE")
    address: str
    address_key: str
    address_hmac: str = Field(index=True)
    name: str = ""
    language: str = ""
    wanted: str = ""  #: topics, a line each; empty: all
    muted: str = ""  #: topics that never come, a line each
    asked_at: datetime
    expires_at: datetime  #: until when its link works
    letter: Letter | None = Field(default=None, sa_type=enum_type(Letter))
    letter_at: datetime | None = None  #: when that mail is due
    attempts: int = 0  #: how often that mail could not be handed over
    refused: bool = False  #: the last mail was refused for good
    mails: int = 0  #: how many asked for the confirmation
    mailed_at: datetime | None = None  #: the last of them
    code_hash: str = ""  #: of the newest code, under the secret key
    code_until: datetime | None = None
    wrong_codes: int = 0  #: typed since the newest code
    confirmed_at: datetime | None = None
    subscription_id: int | None = None  #: that the confirmation made

    @property
    def topics(self) -> TopicChoice:
        """Topics that the visitor has chosen."""
        return TopicChoice.of(self.wanted, self.muted)


class Consent(SQLModel, table=True):
    """Evidence of consent, append-only: what was shown, when, from where and how. The database refuses to change a row."""

    __tablename__ = "consent"
    __table_args__ = NO_REUSE

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    signup_id: int = Field(index=True)  #: no foreign key: the evidence outlives the request
    address_hmac: str = Field(index=True)
    mlist: str  #: the list's name
    step: ConsentStep = Field(sa_type=enum_type(ConsentStep))
    how: How = Field(sa_type=enum_type(How))
    text: str  #: what was shown
    choices: str = ""  #: topics that could be chosen and what was chosen, in the words that were shown, a line each
    version: str  #: a short hash of the text
    language: str  #: that it was shown in
    ip: str  #: as DIGEST_IP_POLICY keeps it; empty: not kept
    at: datetime


class RateCount(SQLModel, table=True):
    """Count of hits in the current window of a rate limit."""

    __tablename__ = "rate_count"

    key: str = Field(primary_key=True)
    count: int
    until: datetime = Field(index=True)
