"""Short words for what a visitor does in tests."""

import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from digest.languages import load
from digest.model.signup import ConsentStep, How
from digest.model.states import ListAccess
from digest.model.subscriber import TopicChoice
from digest.services import lists, offers, sections, signup, signup_mails
from digest.services.context import Context
from digest.services.signup import Application, Origin
from tests.support.place import Place

ANN = "ann@example.org"


def opened(place: Place, access: ListAccess = ListAccess.PUBLIC) -> Place:
    """The place with a list that anybody may join."""
    lists.change(place.ctx, "readers", access=access)
    return place


def ask(
    place: Place,
    address: str = ANN,
    *,
    ip: str = "192.0.2.1",
    name: str = "",
    language: str = "en",
    topics: TopicChoice | None = None,
) -> str:
    """Ask for the list; return the token of the waiting page."""
    _, version = offers.wording(offers.get(place.ctx, "readers"), language, step=ConsentStep.ASKED)
    given = Application(address=address, name=name, version=version, topics=topics)
    return signup.ask(place.ctx, "readers", given, Origin(how=How.EMBEDDED, ip=ip, language=language))


def with_topics(place: Place, *topics: str) -> Place:
    """The place with a section of each topic."""
    for topic in topics:
        sections.add(place.ctx, topic, topic=topic)
    return place


def by(how: How) -> Origin:
    return Origin(how=how, ip="192.0.2.9", language="en")


@dataclass
class Post:
    """The mails in the outbox that came since the last look, by recipient."""

    place: Place
    seen: set[str] = field(default_factory=set)

    def send(self) -> list[EmailMessage]:
        """Have mailed what is due; return what came."""
        signup_mails.send_due(self.place.ctx)
        return self.new()

    def new(self) -> list[EmailMessage]:
        found = [path for path in self.place.mails() if path.name not in self.seen]
        self.seen |= {path.name for path in found}
        return sorted((read(path.read_bytes()) for path in found), key=lambda mail: str(mail["To"]))


def read(content: bytes) -> EmailMessage:
    made = message_from_bytes(content, policy=policy.default)
    assert isinstance(made, EmailMessage)
    return made


def plain(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def code_in(mail: EmailMessage) -> str:
    found = re.search(r"^(\d{6})\r?$", plain(mail), re.MULTILINE)
    return found[1] if found else ""


def link_in(mail: EmailMessage) -> str:
    """The token of the link that confirms."""
    found = re.search(r"/confirm/([\w-]+)", plain(mail))
    assert found is not None
    return found[1]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def title(ctx: Context, language: str) -> str:
    return load(language).gettext("Please confirm your subscription to %(title)s") % {"title": offers.get(ctx, "readers").title}
