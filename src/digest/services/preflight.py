"""
Checks of an issue before it is sent: real merged mails of several readers, by every rule.

A send runs it before it queues, and holds the issue on an error; a check prints all.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from digest.compose import lint
from digest.compose.merge import merge
from digest.errors import BadInput, FetchError, NothingToDo, UnfitToSend
from digest.model.delivery import DeliveryFacts, all_picks
from digest.model.finding import Expected, Finding, warning
from digest.model.newsletter import Newsletter
from digest.model.ports import Request
from digest.model.rendition import Rendition
from digest.services.context import Context
from digest.services.messages import sample_facts, signed
from digest.services.selection import Prepared, prepare
from digest.services.views.issues import FindingView
from digest.store import subscribers

LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff " * 3
ODD_NAMES = ("نورة بنت عبدالعزيز", "李小龍 😀", 'O"Hara, Siobhán <admin>')
SPAM_MAX = 0.1  #: SpamAssassin's score, without the network
SPAM_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One finding, and in whose mails it was."""

    finding: Finding
    mails: Sequence[str]  #: such as `en, longest name`


def expected(ctx: Context) -> Expected:
    """Return what is expected of mails that this place sends."""
    relay = urlsplit(ctx.settings.smtp_url).hostname or ""
    return Expected(outbox=ctx.repeatable, relay=relay, signed=ctx.signer is not None, postal=ctx.settings.postal_address)


def look(ctx: Context, newsletter: Newsletter, prepared: Prepared) -> Sequence[Looked]:
    """Return every finding of the issue's mails once, errors first."""
    found: dict[Finding, list[str]] = {}
    for name, raw in mails(ctx, newsletter, prepared):
        for finding in lint.check(raw, expected(ctx)).findings:
            found.setdefault(finding, []).append(name)
    merged = [Looked(finding=finding, mails=names) for finding, names in found.items()]
    return sorted(merged, key=lambda looked: (looked.finding.severity != "error", looked.finding.rule))


def refuse_unfit(ctx: Context, newsletter: Newsletter, prepared: Prepared) -> None:
    """
    Check that the issue's mails may go.

    Raises:
        UnfitToSend: one of them breaks a standard or a promise to readers.
    """
    errors = [looked for looked in look(ctx, newsletter, prepared) if looked.finding.severity == "error"]
    if errors:
        first = errors[0].finding
        more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
        raise UnfitToSend(f"{first.rule}: {first.message} ({first.source}){more}", newsletter=newsletter.name)


def mails(ctx: Context, newsletter: Newsletter, prepared: Prepared) -> Iterator[tuple[str, bytes]]:
    """Make the mails to check: for each language the whole issue, unusual names, one story, and no story left."""
    with ctx.db.read() as tx:
        longest = subscribers.longest_name(tx, newsletter.mlist_id)
    for rendition in prepared.renditions:
        for name, facts in _readers(ctx, rendition, longest):
            yield f"{rendition.language}, {name}", signed(ctx, rendition, merge(rendition, facts), at=facts.dated_at)


def _readers(ctx: Context, rendition: Rendition, longest: str) -> Iterator[tuple[str, DeliveryFacts]]:
    whole = sample_facts(ctx, rendition, now=ctx.clock())
    count = len(rendition.picks)
    yield "every story", whole
    yield "longest name", replace(whole, name=max(longest, LONG_NAME, key=len))
    for name in ODD_NAMES:
        yield f"named {name}", replace(whole, name=name)
    if count > 1:
        yield "the last story alone", replace(whole, picks=_only(count - 1, count))
    yield "no story left", replace(whole, picks=bytes(len(all_picks(count))))


def _only(index: int, count: int) -> bytes:
    bits = bytearray(len(all_picks(count)))
    bits[index // 8] |= 0x80 >> index % 8
    return bytes(bits)


# --- a check, whole --------------------------------------------------------------------------


def check(ctx: Context, newsletter: Newsletter, *, links: bool, dns: bool, selector: str = "") -> Sequence[FindingView]:
    """
    Return everything that is wrong with the mails that would go now, errors first.

    Raises:
        NothingToDo: there is no mail to check.
    """
    now = ctx.clock()
    prepared = prepare(ctx, newsletter, newsletter.timetable.today(now), now=now)
    found: list[FindingView] = []
    if dns:
        found += [_view(finding) for finding in sender_domain(ctx, selector=selector)]
    if prepared.renditions:
        found += [_view(looked.finding, looked.mails) for looked in look(ctx, newsletter, prepared)]
        found += [_view(finding) for finding in dropped_pictures(prepared)]
        found += [_view(finding, [name]) for name, finding in _spam_of_each(ctx, newsletter, prepared)]
        if links:
            found += [_view(finding) for finding in dead_links(ctx, prepared)]
    elif not dns:
        raise NothingToDo(f"there is no mail to check: {prepared.shortage}")
    return sorted(found, key=lambda one: (one.severity != "error", one.rule))


def check_mail(path: Path) -> Sequence[FindingView]:
    """Return what is wrong with a finished mail. Raises BadInput where it cannot be read."""
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise BadInput(f"{path}: {problem.strerror}") from problem
    system = re.search(rb"^List-Id:", raw, re.IGNORECASE | re.MULTILINE) is None  # a mail of no list
    found = [*lint.check(raw, Expected(system=system)).findings, *(spam(raw) or ())]
    return [_view(finding, [path.name]) for finding in found]


def _spam_of_each(ctx: Context, newsletter: Newsletter, prepared: Prepared) -> Iterator[tuple[str, Finding]]:
    """Score one mail per language: the score hardly depends on the reader, and takes seconds."""
    firsts = {name.partition(",")[0]: (name, raw) for name, raw in reversed(list(mails(ctx, newsletter, prepared)))}
    for name, raw in firsts.values():
        yield from ((name, finding) for finding in spam(raw) or ())


def _view(finding: Finding, mails: Sequence[str] = ()) -> FindingView:
    return FindingView(**asdict(finding), mails=tuple(mails))


# --- what the bytes do not show --------------------------------------------------------------


def spam(raw: bytes) -> Sequence[Finding] | None:
    """Return what SpamAssassin has against a mail, without the network; None where it is not installed."""
    program = shutil.which("spamassassin")
    if program is None:
        return None
    told = subprocess.run([program, "-L", "-t"], input=raw, capture_output=True, timeout=SPAM_SECONDS, check=False)
    score, tests = spam_score(told.stdout)
    if score is None:
        return [warning("spamassassin", "SpamAssassin gave no score", "SpamAssassin")]
    return (
        [warning("spamassassin", f"scores {score} ({tests}), at most {SPAM_MAX} is wanted", "SpamAssassin")]
        if score > SPAM_MAX
        else []
    )


def spam_score(told: bytes) -> tuple[float | None, str]:
    """Return the score and the tests that SpamAssassin wrote into a message."""
    text = re.sub(rb"\r?\n[ \t]+", b" ", told).decode("utf-8", "replace")
    score = re.search(r"^X-Spam-Status: .*?score=(-?[\d.]+)", text, re.MULTILINE)
    tests = re.search(r"^X-Spam-Status: .*?tests=([^ ]*(?: ?[A-Z0-9_,]+)*)", text, re.MULTILINE)
    return (float(score[1]) if score else None), (tests[1].replace(" ", "") if tests else "")


def dropped_pictures(prepared: Prepared) -> Sequence[Finding]:
    """Return findings of pictures that stories have and no mail shows."""
    stories = ((candidate.pick, candidate.story.lead.image) for candidate in prepared.candidates)
    return [
        warning(
            "dropped-picture",
            f"the picture of “{pick.headline}” is left out: {image} is not served over https",
            "house",
            where=image,
            remedy="ask the source to serve its pictures over https; nothing else needs to be done",
        )
        for pick, image in stories
        if pick and image and not pick.image
    ]


def dead_links(ctx: Context, prepared: Prepared) -> Sequence[Finding]:
    """Return findings of links and pictures that cannot be fetched now."""
    urls = dict.fromkeys(
        url for pick in prepared.picks for url in (pick.url, pick.image, *(other.url for other in pick.also)) if url
    )
    wanted = [Request(source_id=number, location=url) for number, url in enumerate(urls)]
    return [
        warning("dead-link", f"{request.location}: {result.reason}", "house", where=request.location)
        for request, result in ctx.fetcher.fetch_all(wanted)
        if isinstance(result, FetchError)
    ]


def sender_domain(ctx: Context, *, selector: str = "") -> Sequence[Finding]:
    """Check the DNS records of the domain that mail comes from, and of the keys that sign it."""
    from digest.services.doctor_mail import sender  # name servers are asked by hand alone
    from digest.smtp import dns

    who = sender(ctx)
    keys = {**({selector: ""} if selector else {}), **who.keys}
    return list(dns.check(replace(who, keys=keys)))
