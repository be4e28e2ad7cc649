"""DataRequest: a person asks to see what is held about them, with a code by mail."""

from datetime import datetime, timedelta

from sqlmodel import Field, SQLModel

from digest.model.columns import NO_REUSE

CODES_A_DAY = 5  #: that one person can have mailed
REQUEST_LASTS = timedelta(days=1)


class DataRequest(SQLModel, table=True):
    """The newest request of a person to see their data; its code opens the file once."""

    __tablename__ = "data_request"
    __table_args__ = NO_REUSE

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    subscriber_id: int = Field(foreign_key="subscriber.id", ondelete="CASCADE", unique=True)
    asked_at: datetime
    mail_at: datetime | None = Field(default=None, index=True)  #: when the mail with the code is due
    attempts: int = 0  #: how often it could not be handed over
    mailed_at: datetime | None = None
    code_hash: str = ""  #: of the newest code, under the secret key; empty: there is none, or it was used
    code_until: datetime | None = None
    wrong_codes: int = 0  #: typed since the newest code
