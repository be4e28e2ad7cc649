"""Views of a configuration file: what it would change, or did."""

from datetime import datetime

from digest.services.config_plan import Action
from digest.services.config_settings import Noun
from digest.services.views import View

Shown = str | int | float | bool | tuple[str, ...]


class ConfigSetting(View):
    """A setting that is given another value; of a new thing, one that is not as by default."""

    name: str
    before: Shown | None  #: None: the thing is new
    after: Shown


class ConfigChange(View):
    """A thing that is added, changed or removed."""

    action: Action
    noun: Noun
    newsletter: str  #: of a section or rule; else empty
    name: str
    moved: bool  #: a section gets another place
    settings: tuple[ConfigSetting, ...]
    line: int | None  #: of the file; None: it does not name what is removed


class ConfigThing(View):
    """A thing that is there and that the file does not name."""

    noun: Noun
    newsletter: str
    name: str


class ConfigProblem(View):
    """A problem of the file, or of a change that it asks for."""

    line: int | None
    where: str  #: the path of a key, or the thing
    problem: str
    problem_code: str


class ConfigInvitation(View):
    """An account that was added, with the link by which its person sets how they log in."""

    address: str
    link: str
    until: datetime


class ConfigView(View):
    """A configuration file against the database."""

    changes: tuple[ConfigChange, ...]
    unnamed: tuple[ConfigThing, ...]  #: left as they are
    problems: tuple[ConfigProblem, ...]  #: where there is one, nothing is changed
    invitations: tuple[ConfigInvitation, ...]
    applied: bool
