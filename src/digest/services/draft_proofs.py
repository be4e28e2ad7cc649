"""Proofs of a draft: the coming issue's mail as one reader would get it, its size, and what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from digest.audience.address import parse
from digest.compose.plan import AIM_BYTES, STOP_BYTES
from digest.compose.sheet import SCHEMES as SCHEMES
from digest.compose.sheet import in_scheme as in_scheme
from digest.model.newsletter import Newsletter
from digest.services import drafts, preflight, proofs, trial_sends
from digest.services.context import Context
from digest.services.preflight import Looked
from digest.services.proofs import Proof
from digest.services.selection import Prepared
from digest.services.tallies import Tallies
from digest.services.views.issues import TestCopy
from digest.store import subscribers


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftCheck:
    """Size of a draft's mail with every story, and the findings of the mails of several readers."""

    subject: str
    html_bytes: int
    aim_bytes: int
    stop_bytes: int
    findings: Sequence[Looked]
    shortage: str = ""  #: why there is no mail


def proof(ctx: Context, newsletter: Newsletter, tallies: Tallies, *, address: str = "", language: str = "") -> Proof:
    """
    Make the coming issue's mail as the reader with this address gets it, or nobody in particular who reads this language.

    Raises:
        BadAddress: it is no mail address.
        NothingToDo: there is too little to publish, or nobody has this address.
        ComposeError: a template or theme is wrong.
    """
    spoken = _language_of(ctx, address) if address else language
    prepared = drafts.prepared(ctx, newsletter, tallies, language=spoken)
    return proofs.read_by(ctx, prepared, address=address, language=language, now=ctx.clock())


def _language_of(ctx: Context, address: str) -> str:
    """Return the language of whoever has this address; empty where nobody has. Raises BadAddress."""
    key = parse(address).key
    with ctx.db.read() as tx:
        found = subscribers.find(tx, key)
    return found.language if found else ""


def check(ctx: Context, newsletter: Newsletter, tallies: Tallies) -> DraftCheck:
    """Return how large the coming issue's mail is, and what a send would find wrong with it. Raises ComposeError."""
    return drafts.kept(
        ctx, newsletter, tallies, "check", lambda: _check(ctx, newsletter, drafts.prepared(ctx, newsletter, tallies))
    )


def _check(ctx: Context, newsletter: Newsletter, prepared: Prepared) -> DraftCheck:
    if not prepared.renditions:
        return DraftCheck(
            subject="", html_bytes=0, aim_bytes=AIM_BYTES, stop_bytes=STOP_BYTES, findings=(), shortage=prepared.shortage
        )
    shown = proofs.read_by(ctx, prepared, now=ctx.clock())
    found = preflight.look(ctx, newsletter, prepared)
    return DraftCheck(
        subject=shown.subject, html_bytes=len(shown.html.encode()), aim_bytes=AIM_BYTES, stop_bytes=STOP_BYTES, findings=found
    )


def test_copy(ctx: Context, newsletter: Newsletter, address: str, tallies: Tallies) -> TestCopy:
    """
    Send one copy of the coming issue to an address; its links change nothing.

    Raises:
        BadAddress: it is no mail address.
        NothingToDo: there is too little to say.
        TransportDown: the relay cannot be reached.
    """
    return trial_sends.copy_of(ctx, drafts.prepared(ctx, newsletter, tallies, language=""), address)


def languages(ctx: Context, newsletter: Newsletter) -> Sequence[str]:
    """Return the newsletter's language and those of its readers."""
    with ctx.db.read() as tx:
        return list(dict.fromkeys([newsletter.language, *subscribers.languages(tx, newsletter.mlist_id)]))
