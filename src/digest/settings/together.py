"""Checks of settings that depend on each other; each problem is a sentence that names the setting."""

from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from digest.settings import Settings


def problems(settings: "Settings") -> list[str]:
    """List what is missing or contradicts itself in settings that are each fine."""
    checks = (_relay_problems, _token_problems, _oidc_problems, _ca_problems)
    return [said for check in checks for said in check(settings)]


def _variable(field: str) -> str:
    return f"DIGEST_{field.upper()}"


def _relay_problems(settings: "Settings") -> list[str]:
    """List settings that an outbox accepts and a real relay must not get: readers could not unsubscribe."""
    if settings.smtp_url.startswith("outbox:"):
        return []
    problems = []
    url = urlsplit(settings.base_url)
    if url.scheme != "https" or (url.hostname or "") in ("localhost", "127.0.0.1", "::1"):
        problems.append("DIGEST_BASE_URL is not a public https address, and mail to a relay needs one for one-click unsubscribe")
    if not settings.postal_address:
        problems.append("DIGEST_POSTAL_ADDRESS is not set, and the law wants it in every mail to a relay")
    if "." not in parseaddr(settings.sender)[1].rpartition("@")[2]:
        problems.append("DIGEST_FROM is not set to an address of your domain, and a relay needs one")
    return problems


def _token_problems(settings: "Settings") -> list[str]:
    """List problems of settings for access tokens: missing, or contradictory."""
    by_refresh = ("smtp_token_url", "smtp_client_id", "smtp_refresh_token")
    given = [name for name in (*by_refresh, "smtp_client_secret", "smtp_scope") if getattr(settings, name)]
    missing = [_variable(name) for name in by_refresh if not getattr(settings, name)]
    if given and settings.smtp_token_command:
        return [f"DIGEST_SMTP_TOKEN_COMMAND and {_variable(given[0])} are two ways to a token; keep one"]
    if given and missing:
        return [f"{', '.join(missing)} not set, and a token by a refresh token needs it"]
    return []


def _oidc_problems(settings: "Settings") -> list[str]:
    """List what is missing of the two settings by which an OpenID provider knows this place."""
    issuer, client = settings.oidc_issuer, settings.oidc_client_id
    if issuer and not client:
        return ["DIGEST_OIDC_CLIENT_ID is not set, and DIGEST_OIDC_ISSUER needs it"]
    given = [name for name in ("oidc_client_id", "oidc_client_secret", "oidc_name") if getattr(settings, name)]
    return [f"{_variable(given[0])} is set without DIGEST_OIDC_ISSUER; set that, too"] if given and not issuer else []


def _ca_problems(settings: "Settings") -> list[str]:
    if settings.ca_path is None:
        return []
    import ssl  # most places have no authority of their own, and short commands load no more than they need

    try:
        ssl.create_default_context(cafile=settings.ca_path)
    except ssl.SSLError:
        return [f"DIGEST_CA_FILE: {settings.ca_path} holds no certificate in PEM form"]
    except OSError as problem:
        return [f"DIGEST_CA_FILE: {settings.ca_path} cannot be read: {problem.strerror}"]
    return []
