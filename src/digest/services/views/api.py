"""Views of tokens."""

from datetime import datetime

from digest.model.api import Scope
from digest.services.views import View


class ApiTokenView(View):
    """A token by which a program acts for an account."""

    id: int
    account: str  #: its address
    name: str
    scopes: tuple[Scope, ...]
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
