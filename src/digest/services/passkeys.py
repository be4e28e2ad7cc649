"""
Passkeys (WebAuthn): what a browser is asked for, and whether its answer holds.

A challenge is not stored: it names its time, and is signed for the browser that it was made for.

What knows WebAuthn is loaded when somebody uses a passkey, so that an idle server stays small.
"""

import hashlib
import hmac
import json
import secrets as chance
from dataclasses import dataclass
from urllib.parse import urlsplit

from digest.errors import BadInput, Forbidden
from digest.model.account import Account, Passkey
from digest.model.tokens import address_hmac
from digest.services.context import Context, Place
from digest.services.login import Entered, Visitor, count_try, opened
from digest.store import accounts

CHALLENGE_LASTS_S = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The site that a passkey belongs to, and the browser that it is asked of."""

    origin: str  #: such as `https://news.example.org`
    visitor: str  #: what the browser's cookie holds

    @property
    def host(self) -> str:
        """The domain that the passkey is bound to."""
        return urlsplit(self.origin).hostname or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPasskey:
    """A passkey that a browser has just made."""

    credential: str
    public_key: bytes
    uses: int


# --- to make ---------------------------------------------------------------------------------


def options_to_make(ctx: Place, site: Site, *, address_key: str, address: str, name: str) -> str:
    """Return, as JSON, what a browser needs to make a passkey for an account."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers import base64url_to_bytes, structs

    required = structs.UserVerificationRequirement.REQUIRED
    choice = structs.AuthenticatorSelectionCriteria(
        resident_key=structs.ResidentKeyRequirement.REQUIRED, user_verification=required
    )
    with ctx.db.read() as tx:
        account = accounts.find(tx, address_key)
        known = accounts.passkeys(tx, account.id) if account else []
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.host,
        user_id=bytes.fromhex(address_hmac(address_key, ctx.settings.pepper)),
        user_name=address,
        user_display_name=name,
        challenge=_challenge(ctx, site),
        authenticator_selection=choice,
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential)) for one in known],
    )
    return options_to_json(options)


def made(ctx: Place, site: Site, answer: str) -> NewPasskey:
    """Check what a browser answers with a new passkey. Raises BadInput."""
    from webauthn import verify_registration_response
    from webauthn.helpers import bytes_to_base64url

    try:
        found = verify_registration_response(
            credential=answer,
            expected_challenge=_challenge_in(ctx, site, answer),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except _broken() as problem:
        raise BadInput("the passkey cannot be used", code="passkey_refused") from problem
    return NewPasskey(
        credential=bytes_to_base64url(found.credential_id), public_key=found.credential_public_key, uses=found.sign_count
    )


def row_of(new: NewPasskey, account: Account, ctx: Place, *, name: str) -> Passkey:
    """Return the row of a new passkey."""
    return Passkey(
        account_id=account.id,
        credential=new.credential,
        public_key=new.public_key,
        uses=new.uses,
        name=name,
        made_at=ctx.clock(),
    )


# --- to log in -------------------------------------------------------------------------------


def options_to_log_in(ctx: Place, site: Site) -> str:
    """Return, as JSON, what a browser needs to log in with any passkey of this site."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    required = UserVerificationRequirement.REQUIRED
    options = generate_authentication_options(rp_id=site.host, challenge=_challenge(ctx, site), user_verification=required)
    return options_to_json(options)


def log_in(ctx: Context, site: Site, answer: str, visitor: Visitor) -> Entered:
    """
    Log in by what a browser answers.

    Raises:
        Forbidden: `wrong_passkey`: we know none like it, or its signature does not hold.
        TooMany: the network had too many tries.
    """
    from webauthn import verify_authentication_response

    count_try(ctx, "", visitor)
    try:
        with ctx.db.begin() as tx:
            known = accounts.passkey(tx, str(json.loads(answer)["id"]))
            if known is None:
                raise Forbidden("no account has this passkey", code="wrong_passkey")
            found = verify_authentication_response(
                credential=answer,
                expected_challenge=_challenge_in(ctx, site, answer),
                expected_rp_id=site.host,
                expected_origin=site.origin,
                credential_public_key=known.public_key,
                credential_current_sign_count=known.uses,
                require_user_verification=True,
            )
            known.uses, known.used_at = found.new_sign_count, ctx.clock()
            tx.add(known)
            return opened(ctx, tx, accounts.get(tx, known.account_id), visitor)
    except _broken() as problem:
        raise Forbidden("the answer of the passkey does not hold", code="wrong_passkey") from problem


def _broken() -> tuple[type[Exception], ...]:
    """Return the errors that an answer leads to which is none."""
    from webauthn.helpers.exceptions import WebAuthnException

    return (WebAuthnException, ValueError, KeyError, TypeError)


# --- challenges ------------------------------------------------------------------------------


def _challenge(ctx: Place, site: Site) -> bytes:
    head = int(ctx.clock().timestamp()).to_bytes(8, "big") + chance.token_bytes(16)
    return head + _mac(ctx.settings.secret_keys[0], site, head)


def _challenge_in(ctx: Place, site: Site, answer: str) -> bytes:
    """Return the challenge of an answer, once it is one of ours, for this browser and not too old. Raises ValueError."""
    from webauthn.helpers import base64url_to_bytes

    client = json.loads(base64url_to_bytes(json.loads(answer)["response"]["clientDataJSON"]))
    challenge = base64url_to_bytes(client["challenge"])
    head, mac = challenge[:24], challenge[24:]
    age_s = ctx.clock().timestamp() - int.from_bytes(head[:8], "big")
    is_ours = any(hmac.compare_digest(mac, _mac(key, site, head)) for key in ctx.settings.secret_keys)
    if not is_ours or not 0 <= age_s <= CHALLENGE_LASTS_S:
        raise ValueError("the challenge is not one of ours, or too old")
    return challenge


def _mac(key: str, site: Site, head: bytes) -> bytes:
    return hmac.new(key.encode(), b"passkey\0" + head + site.visitor.encode(), hashlib.sha256).digest()
