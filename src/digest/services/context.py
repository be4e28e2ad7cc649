"""
The context that every use case works in: settings, database and clock, and the parts that collect, render and send.

A `Place` has the first three. It is enough for commands that read or change rows, and quick to load:
nothing that only a `Context` needs is imported before one is built. The clock is read here and nowhere else.
"""

import contextlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.errors import BadInput, FetchError, SettingsError, StoreError
from digest.model.event import NOBODY, Actor, Person
from digest.model.ports import Clock, Fetcher, Request, Transport
from digest.model.tokens import address_hmac
from digest.settings import SECRETS_OF_A_PLACE, Settings, variable
from digest.store import schema, subscribers
from digest.store.engine import Database, resolve

if TYPE_CHECKING:
    from digest.collect.fetch import WebFetcher
    from digest.collect.post import WebPoster
    from digest.deliver.pace import Pace
    from digest.oidc.provider import Provider
    from digest.smtp import oauth
    from digest.smtp.dkim import Signer

PACKAGE = Path(__file__).parent.parent
OUTDATED = ("database_newer", "database_moving", "database_moved")  #: codes of a database that this program must leave alone
LOCAL_URL = "http://localhost:8000"  #: the base URL of links where none is set


def now() -> datetime:
    """Return the time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Settings, database and clock, and who works here."""

    settings: Settings
    db: Database
    clock: Clock
    actor: str = Actor.COMMAND_LINE  #: who does what is recorded
    person: Person = NOBODY  #: who that is, if it is a person


def open_place(settings: Settings, *, clock: Clock = now, checked: bool = True) -> Place:
    """
    Open the place of these settings.

    Raises:
        SettingsError: a secret is missing.
        StoreError: the database is not there, older or newer (unless not `checked`).
    """
    missing = [f"{variable(field)} is not set" for field in SECRETS_OF_A_PLACE if not getattr(settings, field)]
    if missing:
        raise SettingsError(missing, code="no_secrets")
    db = Database(resolve(settings.database_url, settings.home))
    if checked:
        schema.check(db)
        check_pepper(db, settings.pepper)
    return Place(settings=settings, db=db, clock=clock)


def check_pepper(db: Database, pepper: str) -> None:
    """
    Check that the pepper is the one that the database was filled with.

    Raises:
        SettingsError: it is another; suppressed addresses would be mailed again.
    """
    with db.read() as tx:
        known = subscribers.any_one(tx)
    if known is not None and address_hmac(known.address_key, pepper) != known.address_hmac:
        raise SettingsError(
            [
                f"{variable('pepper')} is not the one that this database was filled with; put the old one back, or suppressed addresses would be mailed again"
            ]
        )


def outdated(ctx: Place) -> StoreError | None:
    """Return why this program must not go on with the database: it was upgraded, or its rows are moved. None if it may, or does not answer."""
    try:
        schema.check(ctx.db)
    except StoreError as problem:
        return problem if problem.code in OUTDATED else None
    return None


def check_database(ctx: Place) -> None:
    """Read a row or none, whatever there is. Raises StoreError where the database does not answer."""
    with ctx.db.read() as tx:
        subscribers.lists(tx)


def sender_domain(settings: Settings) -> str:
    """Return the domain that mail comes from and is signed for, in A-labels (RFC 5890)."""
    domain = parseaddr(settings.sender)[1].rpartition("@")[2] or urlsplit(settings.base_url).hostname or "localhost"
    with contextlib.suppress(UnicodeError):  # what cannot be encoded the check of the mail names
        return domain.encode("idna").decode("ascii")
    return domain


def destination(settings: Settings) -> str:
    """Name where mail goes: a folder, or relays without their passwords."""
    if settings.smtp_url.startswith("outbox:"):
        return f"files in {settings.home / settings.smtp_url.removeprefix('outbox:')}; no relay is set ({variable('smtp_url')})"
    from digest.smtp.relay import Relay  # only where there is one

    return " and ".join(f"the relay {Relay.parse(url)}" for url in settings.smtp_url.split())


def warnings(settings: Settings) -> list[str]:
    """List problems that an outbox accepts and a real relay would refuse."""
    found = []
    if not settings.sender:
        found.append(f"{variable('sender')} is not set: mails come from digest@{sender_domain(settings)}")
    if not settings.base_url.startswith("https://"):
        found.append(f"{variable('base_url')} is not an https address: one-click unsubscribe needs one")
    if not settings.postal_address:
        found.append(f"{variable('postal_address')} is not set: the law wants one in every mail")
    return found


# --- what collects, renders and sends ---------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Context(Place):
    """Settings, database, clock, and the parts that collect, render and send."""

    fetcher: Fetcher
    transports: tuple[Transport, ...]  #: relays, or the one outbox
    pace: "Pace"
    signer: "Signer | None"  #: none: mail goes unsigned, or the relay signs
    templates: Callable[[], tuple[Path, ...]]
    provider: "Provider | None"  #: by which accounts may log in; none: it is not set

    @property
    def journals(self) -> Path:
        """Folder of the journals of running processes."""
        return self.settings.data_path / "journal"

    @property
    def repeatable(self) -> bool:
        """True where a message handed over twice arrives once."""
        return all(transport.repeatable for transport in self.transports)

    @property
    def resend(self) -> bool:
        """True where unsure deliveries are sent again without asking."""
        return self.settings.unsure == "resend"

    @property
    def sender(self) -> tuple[str, str]:
        """Display name and address that mail comes from."""
        name, address = parseaddr(self.settings.sender)
        local = address.rpartition("@")[0] or "digest"
        return name, f"{local}@{sender_domain(self.settings)}"

    @property
    def base_url(self) -> str:
        """Base URL of the pages for readers."""
        return self.settings.base_url or LOCAL_URL


def build(settings: Settings, *, clock: Clock = now, checked: bool = True) -> Context:
    """
    Build the context of these settings.

    Raises:
        SettingsError: a secret is missing.
        StoreError: the database is not there, older or newer (unless not `checked`).
    """
    from digest.compose.render import template_folders
    from digest.deliver.pace import Pace

    place = open_place(settings, clock=clock, checked=checked)
    return Context(
        settings=settings,
        db=place.db,
        clock=clock,
        fetcher=web_fetcher(settings),
        transports=_transports(settings),
        pace=Pace(settings.rates, settings.families),
        signer=_signer(settings),
        templates=lambda: template_folders(str(settings.home / settings.templates) if settings.templates else "", PACKAGE),
        provider=openid_provider(settings, clock),
    )


def with_short_waits(ctx: Context, *, timeout_s: float) -> Context:
    """Return the context with its database opened anew, which waits only so long for a lock or a statement; the caller closes it."""
    return replace(ctx, db=Database(ctx.db.url, timeout_s=timeout_s))


def web_fetcher(settings: Settings) -> "WebFetcher":
    """Return the fetcher of these settings: it identifies itself to servers, and trusts the operator's own CA."""
    from digest.collect.fetch import WebFetcher

    return WebFetcher(user_agent=_user_agent(settings), ca_file=settings.ca_path)


def document(fetcher: Fetcher, url: str) -> bytes:
    """Fetch what a protocol keeps at exactly this URL. Raises FetchError, also where it leads elsewhere."""
    [(_, found)] = fetcher.fetch_all([Request(source_id=0, location=url)])
    if isinstance(found, FetchError):
        raise found
    if found.url != url:
        raise FetchError(url, "leads elsewhere")
    return found.body


def web_poster(settings: Settings) -> "WebPoster":
    """Return what sends messages to webhooks, in the same manner."""
    from digest.collect.post import WebPoster

    return WebPoster(user_agent=_user_agent(settings), ca_file=settings.ca_path)


def _user_agent(settings: Settings) -> str:
    from digest.collect.fetch import user_agent

    return user_agent(*filter(None, (settings.base_url, parseaddr(settings.sender)[1])))


def openid_provider(settings: Settings, clock: Clock) -> "Provider | None":
    """Return the OpenID provider of these settings; None where none is set."""
    if not settings.oidc_issuer:
        return None
    from digest.oidc.provider import Client, Provider

    client = Client(issuer=settings.oidc_issuer, client_id=settings.oidc_client_id, client_secret=settings.oidc_client_secret)
    return Provider(client, trust=lambda: trust(settings), clock=clock)


def _signer(settings: Settings) -> "Signer | None":
    if not settings.dkim_files:
        return None
    from digest.smtp.dkim import Signer, read_key

    keys, problems = [], []
    for selector, file in settings.dkim_files:
        try:
            keys.append(read_key(selector, file))
        except BadInput as problem:
            problems.append(f"{variable('dkim_keys')}: {problem}")
    if problems:
        raise SettingsError(problems)
    return Signer(sender_domain(settings), keys)


def _transports(settings: Settings) -> tuple[Transport, ...]:
    from digest.smtp.outbox import Outbox
    from digest.smtp.relay import Relay
    from digest.smtp.transport import Smtp

    if settings.smtp_url.startswith("outbox:"):
        return (Outbox(settings.home / settings.smtp_url.removeprefix("outbox:")),)
    helo = urlsplit(settings.base_url).hostname or "localhost"
    tls, tokens = trust(settings), _tokens(settings)
    try:
        relays = [Relay.parse(url) for url in settings.smtp_url.split()]
    except BadInput as problem:
        raise SettingsError([f"{variable('smtp_url')} {problem}"]) from problem
    if tokens is None and any(relay.user and not relay.password for relay in relays):
        raise SettingsError(
            [
                f"{variable('smtp_url')} names a user and no password; put it behind the user, as in `user:password@`,"
                f" or set {variable('smtp_token_command')} or {variable('smtp_refresh_token')}"
            ]
        )
    return tuple(Smtp(relay, helo=helo, tls=tls, tokens=tokens) for relay in relays)


def _tokens(settings: Settings) -> "oauth.Tokens | None":
    """Make the source of access tokens for relays without a password."""
    from digest.smtp import oauth

    if settings.smtp_token_command:
        return oauth.Tokens(oauth.Command(settings.smtp_token_command))
    if not settings.smtp_refresh_token:
        return None
    return oauth.Tokens(
        oauth.Refresh(
            url=settings.smtp_token_url,
            client_id=settings.smtp_client_id,
            client_secret=settings.smtp_client_secret,
            refresh_token=settings.smtp_refresh_token,
            scope=settings.smtp_scope,
            tls=trust(settings),
            folder=settings.data_path / "tokens",
        )
    )


def trust(settings: Settings) -> ssl.SSLContext:
    """Make the SSL context: the system's authorities, and those of the CA file in addition."""
    made = ssl.create_default_context()
    if settings.ca_path is not None:
        made.load_verify_locations(settings.ca_path)
    return made


def shipped_templates() -> Path:
    """Return the folder of the templates that come with this installation."""
    from digest.compose.render import template_folders

    return template_folders("", PACKAGE)[0]
