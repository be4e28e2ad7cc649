"""
Signing up: a visitor requests a list, and the owner of the address confirms by the code or link of a mail.

Asking does the same work for every address: it looks at no subscriber and no suppression, so that neither the
answer nor its time tells who is known. What is known is looked at when the mail is due (`signup_mails`), and
changed only when the sign-up is confirmed (`joining`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlmodel import Session

from digest import log
from digest.audience import fields
from digest.audience import signup as rules
from digest.audience.address import parse
from digest.audience.signup import Verdict as Verdict
from digest.errors import BadInput, NotFound
from digest.languages import SOURCE, Language, load, shipped
from digest.model.newsletter import Newsletter
from digest.model.signup import CODE_TRIES, LINK_LASTS, Consent, ConsentStep, How, Letter, SignUp
from digest.model.states import ListAccess
from digest.model.subscriber import ALL_TOPICS, Address, MailingList, TopicChoice
from digest.model.timetable import Slot
from digest.model.tokens import LinkToken, Purpose, address_hmac, is_code, sign, verify
from digest.services import joining, limiting, offers, pressure
from digest.services.context import Context, Place
from digest.services.offers import Offer
from digest.store import newsletters, signups, subscribers
from digest.store.rates import Counters


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Origin of a request: the way it was made, the visitor's address and language."""

    how: How
    ip: str = ""  #: of the visitor; empty: not known
    language: str = SOURCE  #: that the visitor reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Content of a form that a visitor filled in."""

    address: str
    name: str = ""
    version: str = ""  #: which wording of the consent was shown
    stamp: str = ""  #: when the form was shown, signed; empty: the form is on another site
    trap: str = ""  #: what stands in the field that people do not see
    proof: str = ""  #: a proof of work, as the widget writes it
    topics: TopicChoice | None = None  #: None: the form shows none


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """State of a sign-up."""

    offer: Offer
    address: str  #: empty: nothing was recorded
    language: str
    sender: str  #: where the mail comes from
    is_confirmed: bool
    is_mailed: bool
    is_late: bool  #: the mail could not be handed over yet
    is_refused: bool  #: the mail was refused for good
    tries_left: int
    topics: TopicChoice = ALL_TOPICS  #: that were chosen; told only to whoever has the mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """Result of a confirmation."""

    verdict: Verdict
    next_at: datetime | None = None  #: when the next issue is due, in its newsletter's time; None: it is paused
    is_welcomed: bool = False  #: the newest issue goes out to them


# --- asking ----------------------------------------------------------------------------------


def ask(ctx: Place, mlist: str, given: Application, origin: Origin) -> LinkToken:
    """
    Record that somebody asks for a list, and have the confirmation mailed; return the token of the waiting page.

    A request that a robot's traps catch is answered alike, and nothing is recorded.

    Raises:
        NotFound: there is no such list, or it is closed.
        BadAddress: it is no mail address.
        BadInput: the name carries a link (`bad_name`), the address is disposable (`disposable_address`), or the
            form shows another wording or is too old (`stale_form`); or many ask now, and the request has neither a
            proof of work nor waited (`proof_needed`).
        TooMany: the network, the domain, or all together ask too often.
    """
    now = ctx.clock()
    chosen = offers.get(ctx, mlist)
    shown = _shown_at(ctx, given.stamp)
    if given.trap or (shown is not None and rules.is_too_fast(shown, now)):
        log.get().info("signup.trapped", list=mlist)
        return sign(0, Purpose.WAIT, ctx.settings.secret_keys[0])
    address, name = _checked(given, shown, now)
    spoken = _language_of(given.version, chosen.title)
    counted, effort = (
        limiting.counted(address, ip=origin.ip),
        pressure.effort(ctx, mlist, given.proof, stamp=given.stamp, shown=shown),
    )
    pressure.check(ctx, counted, effort)
    with ctx.db.begin() as tx:
        stored = offers.offered(tx, mlist)
        counters = Counters(tx, now)
        pressure.count(ctx, counters, counted, effort)
        row = _open(ctx, tx, stored, address, now)
        row.name, row.language = name or row.name, origin.language
        can_choose = offers.of(tx, stored).topics
        choice = (given.topics or ALL_TOPICS).among(can_choose)
        row.wanted, row.muted = choice.stored  # the last form counts, whoever sent one before
        _request_mail(ctx, counters, row, now)
        tx.add(row)
        shown_topics = rules.topic_lines(spoken, can_choose, choice) if given.topics is not None else ()
        _keep_consent(ctx, tx, row, stored, ConsentStep.ASKED, spoken, origin, choices=shown_topics)
    log.get().info("signup.asked", signup=row.id, list=mlist)
    return sign(row.id, Purpose.WAIT, ctx.settings.secret_keys[0])


def _shown_at(ctx: Place, stamp: str) -> datetime | None:
    """Return the time at which the form was shown; None without a stamp. Raises BadInput where the stamp is not ours."""
    if not stamp:
        return None
    seconds = verify(stamp, Purpose.FORM, ctx.settings.secret_keys)
    if seconds is None:
        raise BadInput("the form is not one of ours", code="stale_form")
    return datetime.fromtimestamp(seconds, UTC)


def _checked(given: Application, shown: datetime | None, now: datetime) -> tuple[Address, str]:
    """Return the address and the name, after checking everything that was filled in."""
    address = parse(given.address)
    if rules.is_disposable(address):
        raise BadInput("the address is of a service for disposable addresses", code="disposable_address")
    try:
        name = rules.name(given.name)
    except fields.Unfit as problem:
        raise BadInput(str(problem), code="bad_name") from problem
    if shown is not None and rules.is_too_old(shown, now):
        raise BadInput("the form was shown too long ago", code="stale_form")
    return address, name


def _language_of(version: str, title: str) -> Language:
    """Return the language whose wording has this version. Raises BadInput where none has: the form shows another text."""
    for language in map(load, shipped()):
        if rules.version(rules.asking_text(language, title)) == version:
            return language
    raise BadInput("the form shows another text than the one that counts", code="stale_form")


def _open(ctx: Place, tx: Session, mlist: MailingList, address: Address, now: datetime) -> SignUp:
    hmac = address_hmac(address.key, ctx.settings.pepper)
    found = signups.open_one(tx, mlist.id, hmac, now=now)
    return found or signups.add(tx, mlist.id, address, hmac, now=now, until=now + LINK_LASTS)


def _request_mail(ctx: Place, counters: Counters, row: SignUp, now: datetime) -> None:
    """Have the confirmation mailed, unless it is on its way or the address has had enough mails."""
    if not rules.may_mail_again(row, now) or not limiting.may_mail(ctx, counters, row.address_hmac):
        return
    row.letter, row.letter_at, row.attempts, row.refused = Letter.CONFIRM, now, 0, False


def _keep_consent(
    ctx: Place,
    tx: Session,
    row: SignUp,
    mlist: MailingList,
    step: ConsentStep,
    spoken: Language,
    origin: Origin,
    *,
    choices: Sequence[str],
) -> None:
    """Keep what was shown in the language `spoken`; `choices`: the topics, in words."""
    wording = rules.asking_text if step is ConsentStep.ASKED else rules.confirming_text
    text = wording(spoken, offers.of(tx, mlist).title)
    evidence = Consent(
        signup_id=row.id,
        address_hmac=row.address_hmac,
        mlist=mlist.name,
        step=step,
        how=origin.how,
        text=text,
        choices="\n".join(choices),
        version=rules.version(text),
        language=spoken.tag,
        ip=rules.kept(origin.ip, ctx.settings.ip_policy),
        at=ctx.clock(),
    )
    signups.add_consent(tx, evidence)


# --- waiting ---------------------------------------------------------------------------------


def waiting(ctx: Context, token: str) -> Waiting:
    """Return the state of the sign-up of a waiting page. Raises NotFound where the token is not ours or the sign-up has expired."""
    return _state_of(ctx, _number(ctx, token, Purpose.WAIT))


def to_confirm(ctx: Context, token: str) -> Waiting:
    """Return the state of a sign-up for the token of a mail's link, with the chosen topics."""
    number = _number(ctx, token, Purpose.CONFIRM)
    with ctx.db.read() as tx:
        row, _ = _found(tx, number, ctx.clock())
    return replace(_state_of(ctx, number), topics=row.topics)


def topics_in_words(chosen: TopicChoice, language: str) -> Sequence[str]:
    """Return the chosen topics as the page of a mail's link names them."""
    return rules.topic_lines(load(language), (*chosen.wanted, *chosen.muted), chosen)


def resend(ctx: Place, token: str) -> None:
    """Mail a new code, where the limits allow it. Raises NotFound."""
    number, now = _number(ctx, token, Purpose.WAIT), ctx.clock()
    if not number:
        return
    with ctx.db.begin() as tx:
        row, _ = _found(tx, number, now)
        if row.confirmed_at is None:
            _request_mail(ctx, Counters(tx, now), row, now)
            tx.add(row)


def _number(ctx: Place, token: str, purpose: Purpose) -> int:
    number = verify(token, purpose, ctx.settings.secret_keys)
    if number is None:
        raise NotFound("sign-up", "of this link", code="no_signup")
    return number


def _found(tx: Session, number: int, now: datetime) -> tuple[SignUp, MailingList]:
    row = signups.get(tx, number)
    if row is None or row.expires_at <= now:
        raise NotFound("sign-up", number, code="no_signup")
    return row, subscribers.list_by_id(tx, row.mlist_id)


def _state_of(ctx: Context, number: int) -> Waiting:
    now, sender = ctx.clock(), ctx.sender[1]
    if not number:
        return _decoy(sender)
    with ctx.db.read() as tx:
        row, mlist = _found(tx, number, now)
        return Waiting(
            offer=offers.of(tx, mlist),
            address=row.address,
            language=row.language,
            sender=sender,
            is_confirmed=row.confirmed_at is not None,
            is_mailed=row.mailed_at is not None,
            is_late=row.letter is Letter.CONFIRM and row.attempts > 0,
            is_refused=row.refused,
            tries_left=CODE_TRIES - row.wrong_codes,
        )


def _decoy(sender: str) -> Waiting:
    """Return the state that a robot is shown, which looks like that of any other sign-up."""
    return Waiting(
        offer=Offer(list="", title="", access=ListAccess.PUBLIC),
        address="",
        language="",
        sender=sender,
        is_confirmed=False,
        is_mailed=True,
        is_late=False,
        is_refused=False,
        tries_left=CODE_TRIES,
    )


# --- confirming ------------------------------------------------------------------------------


def confirm_by_code(ctx: Place, token: str, code: str, origin: Origin) -> Confirmed:
    """
    Confirm a sign-up by the code that was mailed; a wrong one counts.

    Raises:
        NotFound: the token is not ours, or the sign-up has expired.
    """
    number, now = _number(ctx, token, Purpose.WAIT), ctx.clock()
    if not number:
        return Confirmed(verdict=Verdict.WRONG)
    typed = rules.typed_code(code)
    with ctx.db.begin() as tx:
        row, mlist = _found(tx, number, now)
        matches = is_code(typed, row.id, row.code_hash, ctx.settings.secret_keys)
        verdict = rules.judge(row, matches=matches, now=now)
        if verdict is Verdict.WRONG:
            row.wrong_codes += 1
            tx.add(row)
        if verdict is not Verdict.RIGHT:
            return Confirmed(verdict=verdict)
        return _confirm(ctx, tx, row, mlist, origin)


def confirm_by_link(ctx: Place, token: str, origin: Origin) -> Confirmed:
    """
    Confirm a sign-up by the link of its mail. It works once.

    Raises:
        NotFound: the token is not ours, or the sign-up has expired.
    """
    number, now = _number(ctx, token, Purpose.CONFIRM), ctx.clock()
    with ctx.db.begin() as tx:
        row, mlist = _found(tx, number, now)
        if row.confirmed_at is not None:
            return Confirmed(verdict=Verdict.USED)
        return _confirm(ctx, tx, row, mlist, origin)


def _confirm(ctx: Place, tx: Session, row: SignUp, mlist: MailingList, origin: Origin) -> Confirmed:
    if mlist.access is ListAccess.CLOSED:
        raise NotFound("list", mlist.name)  # since its mail went out
    queued = joining.join(ctx, tx, row, mlist, how=origin.how)
    if queued is None:
        raise NotFound("sign-up", row.id, code="no_signup")  # suppressed since its mail went out
    papers = newsletters.of_list(tx, mlist.id)
    choices = topics_in_words(row.topics, origin.language) if origin.how is How.LINK else ()
    _keep_consent(ctx, tx, row, mlist, ConsentStep.CONFIRMED, load(origin.language), origin, choices=choices)
    log.get().info("subscription.confirmed", subscription=row.subscription_id, list=mlist.name, how=str(origin.how))
    paper, slot = next_issue(papers, ctx.clock())
    return Confirmed(
        verdict=Verdict.RIGHT,
        next_at=slot.due_at.astimezone(paper.timetable.zone) if paper and slot else None,
        is_welcomed=queued > 0,
    )


def next_issue(papers: Sequence[Newsletter], now: datetime) -> tuple[Newsletter | None, Slot | None]:
    """Return the newsletter whose next issue comes first, and its slot; no slot where all are paused."""
    dated = [(slot.due_at, n, slot) for n, paper in enumerate(papers) if (slot := paper.next_slot(now))]
    if not dated:
        return (papers[0] if papers else None), None
    _, n, slot = min(dated)
    return papers[n], slot
