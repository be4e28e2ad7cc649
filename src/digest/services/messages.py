"""
A delivery becomes its mail: for sending, for looking at before, and for making again after.

`merge` is the one way to make a mail; here it gets what it needs of the reader.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from digest.compose import frozen
from digest.compose.merge import merge, message_id, web_view
from digest.curate.choice import bitmap
from digest.errors import ComposeError, NotFound, NothingToDo
from digest.model.article import Article
from digest.model.delivery import Claimed, Delivery, DeliveryFacts, Links, all_picks, chosen
from digest.model.issue import Pick
from digest.model.newsletter import Newsletter
from digest.model.ports import Envelope
from digest.model.rendition import Rendition
from digest.model.states import DeliveryState, SubscriptionState
from digest.model.subscriber import in_mail
from digest.model.tokens import Purpose, key_id, sign, verp
from digest.services.context import Context
from digest.store import articles, deliveries, issues, newsletters, subscribers, versions

_WAITING = (DeliveryState.QUEUED, DeliveryState.DEFERRED, DeliveryState.CANCELLED)  #: what may go in the newest version


class Maker:
    """Maker of the messages of claimed deliveries; it caches the few renditions of an issue."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._renditions: dict[int, Rendition] = {}
        self._keys = {key_id(key): key for key in ctx.settings.secret_keys}

    def __call__(self, claimed: Claimed) -> Envelope:
        """Make the envelope of one delivery."""
        return self.envelope(claimed, self.rendition(claimed.rendition_id))

    def envelope(self, claimed: Claimed, rendition: Rendition) -> Envelope:
        """Make the envelope of a delivery in a rendition."""
        content = merge(rendition, self.facts(claimed, rendition))
        return Envelope(
            delivery_id=claimed.delivery_id,
            sender=self._sender(claimed, rendition),
            recipient=in_mail(claimed.address),
            message_id=message_id(rendition, claimed.delivery_id),
            content=signed(self._ctx, rendition, content, at=claimed.dated_at),
            clean=True,
        )

    def _sender(self, claimed: Claimed, rendition: Rendition) -> str:
        """Return the envelope sender, to which bounces come back."""
        back = self._ctx.settings.bounce_address
        return verp(back, claimed.delivery_id, self._key(claimed)) if back else rendition.header.sender_address

    def rendition(self, rendition_id: int) -> Rendition:
        """Return a stored rendition; each is read once."""
        if rendition_id not in self._renditions:
            with self._ctx.db.read() as tx:
                self._renditions[rendition_id] = frozen.load(issues.rendition(tx, rendition_id).content)
        return self._renditions[rendition_id]

    def facts(self, claimed: Claimed, rendition: Rendition) -> DeliveryFacts:
        """Return the facts of a delivery that go into its mail."""
        return DeliveryFacts(
            delivery_id=claimed.delivery_id,
            address=claimed.address,
            name=claimed.name,
            picks=claimed.picks,
            dated_at=claimed.dated_at,
            links=self._links(claimed, rendition),
        )

    def _key(self, claimed: Claimed) -> str:
        """Return the key of the delivery. If it was removed, use the newest instead, so that the link works."""
        return self._keys.get(claimed.key_id) or self._ctx.settings.secret_keys[0]

    def _links(self, claimed: Claimed, rendition: Rendition) -> Links:
        key = self._key(claimed)
        token = sign(claimed.subscription_id, Purpose.UNSUBSCRIBE, key)
        view = sign(claimed.delivery_id, Purpose.VIEW, key)
        page = sign(claimed.subscription_id, Purpose.PREFERENCES, key)
        base = rendition.header.base_url
        leave = rendition.header.leave_address
        return Links(
            unsubscribe=f"{base}/u/{token}",
            view=f"{base}/view/{view}",
            preferences=f"{base}/p/{page}",
            leave_address=verp(leave, claimed.subscription_id, key, Purpose.UNSUBSCRIBE) if leave else "",
        )


#: A reader's rendition by their language.
ForLanguage = Callable[[str], Rendition]


def would_send(
    ctx: Context, newsletter: Newsletter, rendition_for: ForLanguage, picks: Sequence[Pick], *, now: datetime
) -> Iterator[Envelope]:
    """Yield the mails that a send would make now, one for each active reader; they are numbered, not stored."""
    maker = Maker(ctx)
    for number, (reader, language) in enumerate(_readers(ctx, newsletter, picks, now=now, only=""), start=1):
        yield maker.envelope(replace(reader, delivery_id=number), rendition_for(language))


def sample_facts(ctx: Context, rendition: Rendition, *, now: datetime) -> DeliveryFacts:
    """Return the facts of a placeholder reader, for a preview without subscribers; its number is 0, so the links change nothing."""
    key = ctx.settings.secret_keys[0]
    links = Links(
        unsubscribe=f"{ctx.base_url}/u/{sign(0, Purpose.UNSUBSCRIBE, key)}",
        view=f"{ctx.base_url}/view/{sign(0, Purpose.VIEW, key)}",
        preferences=f"{ctx.base_url}/p/{sign(0, Purpose.PREFERENCES, key)}",
    )
    picks = all_picks(len(rendition.picks))
    return DeliveryFacts(
        delivery_id=0, address=f"reader.{rendition.header.nonce}@example.org", name="", picks=picks, dated_at=now, links=links
    )


def facts_for(
    ctx: Context, newsletter: Newsletter, rendition_for: ForLanguage, picks: Sequence[Pick], *, now: datetime, address_key: str
) -> tuple[Rendition, DeliveryFacts]:
    """
    Return the rendition and the facts of the mail that the reader with this address key would get.

    Raises:
        NothingToDo: no active reader of the newsletter has it, or this one pauses or wants none of the stories.
    """
    for reader, language in _readers(ctx, newsletter, picks, now=now, only=address_key):
        rendition = rendition_for(language)
        return rendition, Maker(ctx).facts(reader, rendition)
    raise NothingToDo(
        f"{address_key} would get no mail of {newsletter.name} now: no active reader, paused, or no story of a wanted topic"
    )


def signed(ctx: Context, rendition: Rendition, message: bytes, *, at: datetime) -> bytes:
    """Sign a message with its issue's DKIM keys. Raises ComposeError where a key is missing."""
    if not rendition.header.dkim:
        return message
    if ctx.signer is None:
        raise ComposeError("the issue is signed with a DKIM key that is not at hand", code="no_signing_key")
    return ctx.signer.sign(message, rendition.header.dkim, at=at, clean=True)


def remake(ctx: Context, delivery: Delivery) -> bytes:
    """Return the mail of a stored delivery, byte for byte as it was sent, or would be sent now where it waits."""
    claimed = deliveries.as_claimed(delivery, now=ctx.clock())
    if delivery.state in _WAITING:
        with ctx.db.read() as tx:
            claimed = versions.newest(tx, delivery.issue_id).of(claimed)
    return Maker(ctx)(claimed).content


def page(ctx: Context, delivery_id: int) -> str:
    """
    Make a delivery's mail as a page that may be passed on: as it stands now, with the stories too that its size left no
    room for, and without links that act for its reader.

    Raises:
        NotFound: there is no such delivery, or its reader was erased.
        ComposeError: an earlier version made it, in a way that cannot be read any more.
    """
    with ctx.db.read() as tx:
        delivery = deliveries.with_reader(tx, delivery_id)
        claimed = versions.newest(tx, delivery.issue_id).of(deliveries.as_claimed(delivery, now=ctx.clock()))
    maker = Maker(ctx)
    rendition = maker.rendition(claimed.rendition_id)
    return web_view(rendition, claimed.picks, view=maker.facts(claimed, rendition).links.view)


def count_withdrawn(ctx: Context, delivery_id: int) -> int:
    """Return how many stories of a delivery's mail were withdrawn since. Raises NotFound."""
    with ctx.db.read() as tx:
        delivery = deliveries.get(tx, delivery_id)
        return len(set(issues.withdrawn(tx, delivery.issue_id)) & set(chosen(delivery.picks, 8 * len(delivery.picks))))


def amended_on(ctx: Context, delivery_id: int) -> date | None:
    """Return the local day on which words of a delivery's issue were last changed; None where they never were. Raises NotFound."""
    with ctx.db.read() as tx:
        delivery = deliveries.get(tx, delivery_id)
        at = versions.amended_at(tx, delivery.issue_id)
        return at.astimezone(newsletters.by_id(tx, delivery.newsletter_id).timetable.zone).date() if at else None


def article(ctx: Context, delivery_id: int, *, number: int) -> tuple[Article, str]:
    """
    Return the article of the story with this number in a delivery's mail, if the mail links it here; and the newsletter's title.

    Raises:
        NotFound: the mail has no such story, its article was hidden or is gone, or its reader was erased.
    """
    with ctx.db.read() as tx:
        delivery = deliveries.with_reader(tx, delivery_id)
        rows = issues.picks(tx, delivery.issue_id)
        if number - 1 not in chosen(delivery.picks, len(rows)):
            raise NotFound("story", number)
        pick = issues.to_pick(rows[number - 1].snapshot or {})
        found = articles.get(tx, pick.article_id)
        paper = newsletters.by_id(tx, issues.get(tx, delivery.issue_id).newsletter_id)
    if not pick.has_page or found.hidden or rows[number - 1].withdrawn_at:
        raise NotFound("story", number)
    return found, paper.title


def single(ctx: Context, rendition: Rendition, *, address: str, now: datetime, kind: str, links: Links | None = None) -> Envelope:
    """Make one mail to one address, outside the ledger: its own Message-ID, which begins with its kind; without `links`, links that change nothing."""
    facts = replace(sample_facts(ctx, rendition, now=now), address=address)
    facts = replace(facts, links=links or facts.links)
    message = f"<{kind}.{int(now.timestamp())}.{rendition.header.nonce}@{rendition.header.message_domain}>"
    content = merge(rendition, facts).replace(message_id(rendition, facts.delivery_id).encode(), message.encode(), 1)
    content = signed(ctx, rendition, content, at=now)
    return Envelope(
        delivery_id=0, sender=rendition.header.sender_address, recipient=in_mail(address), message_id=message, content=content
    )


def _readers(
    ctx: Context, newsletter: Newsletter, picks: Sequence[Pick], *, now: datetime, only: str
) -> Iterator[tuple[Claimed, str]]:
    """Return the active readers who may be mailed and want a story, with their languages; or the one with the address key `only`."""
    key = key_id(ctx.settings.secret_keys[0])
    topics = [pick.topics for pick in picks]
    with ctx.db.read() as tx:
        people = subscribers.one(tx, newsletter.mlist_id, only) if only else subscribers.each(tx, mlist_id=newsletter.mlist_id)
        for person, tie, _ in people:
            if tie is None or tie.state is not SubscriptionState.ACTIVE or person.is_paused(now):
                continue
            wanted = bitmap(topics, tie.topics)
            if not any(wanted) or subscribers.suppression(tx, person.address_hmac):
                continue
            claimed = Claimed(
                delivery_id=0,
                subscription_id=tie.id,
                rendition_id=0,
                address=person.address,
                name=person.name,
                key_id=key,
                picks=wanted,
                dated_at=now,
                tries=0,
            )
            yield claimed, person.language
