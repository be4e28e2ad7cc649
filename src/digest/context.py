"""The concrete parts that collect, render and send, built once and handed down as one frozen value."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.collect.fetch import WebFetcher, user_agent
from digest.compose.render import template_folders
from digest.deliver.pace import Pace
from digest.errors import BadInput, SettingsError
from digest.model.ports import Clock, Fetcher, Transport
from digest.place import LOCAL_URL, PACKAGE, Place, now, open_place, sender_domain
from digest.settings import Settings
from digest.smtp import oauth
from digest.smtp.outbox import Outbox
from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp

if TYPE_CHECKING:
    from digest.smtp.dkim import Signer  # only who signs needs `cryptography`


@dataclass(frozen=True, slots=True, kw_only=True)
class Context(Place):
    """What the path works with."""

    fetcher: Fetcher
    transports: tuple[Transport, ...]  #: relays, or the one outbox
    pace: Pace
    signer: "Signer | None"  #: none: mail goes unsigned, or the relay signs
    templates: Callable[[], tuple[Path, ...]]

    @property
    def journals(self) -> Path:
        """Where running processes keep what the database does not yet know."""
        return self.settings.data_path / "journal"

    @property
    def repeatable(self) -> bool:
        """Whether a message handed over twice arrives once."""
        return all(transport.repeatable for transport in self.transports)

    @property
    def resend(self) -> bool:
        """Whether unsure deliveries are sent again without asking."""
        return self.settings.unsure == "resend"

    @property
    def sender(self) -> tuple[str, str]:
        """Display name and address that mail comes from."""
        name, address = parseaddr(self.settings.sender)
        local = address.rpartition("@")[0] or "digest"
        return name, f"{local}@{sender_domain(self.settings)}"

    @property
    def base_url(self) -> str:
        """Where the pages for readers are."""
        return self.settings.base_url or LOCAL_URL


def build(settings: Settings, *, clock: Clock = now, checked: bool = True) -> Context:
    """
    The context of these settings.

    Raises:
        SettingsError: a secret is missing.
        StoreError: the database is not there, older or newer (unless not `checked`).
    """
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
    )


def web_fetcher(settings: Settings) -> WebFetcher:
    """The fetcher of these settings: it names itself to servers, and trusts the operator's own CA."""
    contacts = filter(None, (settings.base_url, parseaddr(settings.sender)[1]))
    return WebFetcher(user_agent=user_agent(*contacts), ca_file=settings.ca_path)


def _signer(settings: Settings) -> "Signer | None":
    if not settings.dkim_files:
        return None
    try:
        from digest.smtp.dkim import Signer, read_key
    except ImportError as problem:
        raise SettingsError(["DIGEST_DKIM_KEYS needs the extra `dkim`: pip install 'digest[dkim]'"]) from problem
    keys, problems = [], []
    for selector, file in settings.dkim_files:
        try:
            keys.append(read_key(selector, file))
        except BadInput as problem:
            problems.append(f"DIGEST_DKIM_KEYS: {problem}")
    if problems:
        raise SettingsError(problems)
    return Signer(sender_domain(settings), keys)


def _transports(settings: Settings) -> tuple[Transport, ...]:
    if settings.smtp_url.startswith("outbox:"):
        return (Outbox(settings.home / settings.smtp_url.removeprefix("outbox:")),)
    helo = urlsplit(settings.base_url).hostname or "localhost"
    tls, tokens = trust(settings), _tokens(settings)
    try:
        relays = [Relay.parse(url) for url in settings.smtp_url.split()]
    except BadInput as problem:
        raise SettingsError([f"DIGEST_SMTP_URL {problem}"]) from problem
    if tokens is None and any(relay.user and not relay.password for relay in relays):
        raise SettingsError(
            [
                "DIGEST_SMTP_URL names a user and no password; put it behind the user, as in `user:password@`,"
                " or set DIGEST_SMTP_TOKEN_COMMAND or DIGEST_SMTP_REFRESH_TOKEN"
            ]
        )
    return tuple(Smtp(relay, helo=helo, tls=tls, tokens=tokens) for relay in relays)


def _tokens(settings: Settings) -> oauth.Tokens | None:
    """What logs in to relays without a password."""
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
    """Make what verifies certificates: the system's authorities, and those of DIGEST_CA_FILE beside them."""
    made = ssl.create_default_context()
    if settings.ca_path is not None:
        made.load_verify_locations(settings.ca_path)
    return made
