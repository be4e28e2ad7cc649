"""
Map the words that other systems export about a person's subscription to its standing.

The tables are meant to be extended: a word is added to the line of its meaning, in any language,
upper or lower case, with or without accents. Of several statements about one person the strongest
holds, so that nobody who left or must not be mailed arrives as active.
"""

import re
import unicodedata
from collections.abc import Mapping
from enum import IntEnum, StrEnum
from functools import lru_cache


class Standing(IntEnum):
    """State of a person in an imported file; the higher overrules the lower."""

    ACTIVE = 0  #: gets the list's issues
    PENDING = 1  #: asked for them, and never confirmed
    NEVER = 2  #: is known to the other system, and never subscribed
    LEFT = 3  #: unsubscribed there
    SUPPRESSED = 4  #: bounced, complained or was blocked there: never mailed


class Says(StrEnum):
    """Meaning of the cells of a column about subscriptions."""

    WORD = "word"  #: a state by name, such as `unsubscribed`
    SUBSCRIBED = "subscribed"  #: true or a date: subscribed; false: left
    CONFIRMED = "confirmed"  #: false or empty: unconfirmed
    UNCONFIRMED = "unconfirmed"  #: true or a date: unconfirmed
    LEFT = "left"  #: true or a date: left
    SUPPRESSED = "suppressed"  #: true, a date or a reason: never mailed


def plain(text: str) -> str:
    """Normalise a text for look-up: lower case, no accents, words separated by one space (`E-mail_Address` → `email address`)."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text.strip().strip("'\""))  # camelCase
    text = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    words = re.sub(r"[\W_]+", " ", re.sub(r"\([^)]*\)", " ", text)).strip()
    return re.sub(r"\be ?mail\b", "email", words)


def spellings(text: str) -> tuple[str, ...]:
    """Split the comma-separated entries of a table and normalise them for look-up."""
    return tuple(filter(None, map(plain, text.split(","))))


#: The words of a state column.
WORDS: Mapping[str, Standing] = {
    **dict.fromkeys(
        spellings("""
        active, subscribed, enabled, confirmed, regular, premium, trialed, trialing, unpaid, gifted, churning, churned, paused,
        past_due, comped, complimentary, free, paid, yearly, monthly, opted in, opt-in, optin, single opt-in, double opt-in, explicit,
        express, implied, implicit, valid, yes, true, member, email subscriber, newsletter subscriber,
        aktiv, abonniert, angemeldet, bestätigt, eingetragen, actif, abonné, inscrit, confirmé, activo, suscrito, confirmado,
        attivo, iscritto, confermato, ativo, inscrito, assinante, actief, ingeschreven, aangemeld, bevestigd, aktywny, zapisany,
        prenumererar, tilattu, активен, подписан, 購読中, 登録済み, 有効, 已订阅, 已訂閱, 구독 중, 구독
        """),
        Standing.ACTIVE,
    ),
    **dict.fromkeys(
        spellings("""
        pending, unconfirmed, not confirmed, unactivated, not activated, unverified, awaiting confirmation, waiting,
        waiting for confirmation, pending confirmation, confirmation pending, permission pending, opt-in pending, validating,
        needs_attention, upcoming, not set, unbestätigt, ausstehend, en attente, non confirmé, pendiente, no confirmado,
        in attesa, non confermato, pendente, não confirmado, onbevestigd, in afwachting, niepotwierdzony, oczekujący, obekräftad,
        не подтвержден, 未確認, 確認待ち, 未确认, 미확인
        """),
        Standing.PENDING,
    ),
    **dict.fromkeys(
        spellings("""
        nonsubscribed, non-subscribed, not subscribed, never subscribed, never_subscribed, transactional, none, no subscription,
        not in a list, nicht abonniert, non abonné, no suscrito, non iscritto, não inscrito, niet ingeschreven
        """),
        Standing.NEVER,
    ),
    **dict.fromkeys(
        spellings("""
        unsubscribed, unsubscribe, unsub, opted out, opt-out, optout, left, inactive, disabled, cancelled, canceled, removed,
        deleted, archived, ended, former, globally unsubscribed, unsubscribed from all, no, false,
        abgemeldet, ausgetragen, inaktiv, gekündigt, désabonné, désinscrit, inactif, dado de baja, de baja, baja, cancelado,
        desuscrito, inactivo, disiscritto, cancellato, inattivo, descadastrado, inativo, uitgeschreven, afgemeld, inactief,
        wypisany, nieaktywny, avregistrerad, avprenumererad, peruutettu, отписан, отписался, неактивен,
        購読解除, 配信停止, 退会, 解除, 無効, 已退订, 退订, 已取消訂閱, 구독 취소, 수신 거부
        """),
        Standing.LEFT,
    ),
    **dict.fromkeys(
        spellings("""
        bounced, bounce, hard bounced, hard bounce, hardbounce, soft bounced, soft bounce, softbounce, cleaned, blocklisted,
        blocklist, blacklisted, blacklist, blocked, suppressed, complained, complaint, spam, spammy, spam complaint, junk, abuse,
        reported spam, marked as spam, reported as spam, unreachable, undeliverable, undelivered, invalid, held, dnc,
        do not contact, do not mail, do not email, banned, quarantined, failed,
        gesperrt, blockiert, unzustellbar, rebond, bloqué, plainte, rebotado, bloqueado, rimbalzato, bloccato, devolvido,
        geblokkeerd, onbestelbaar, zablokowany, odbity, blockerad, заблокирован, エラー, ブロック, 被屏蔽, 차단
        """),
        Standing.SUPPRESSED,
    ),
}
#: Codes of a `status` column (Mailtrain, ActiveCampaign; The Newsletter Plugin), which are understood in no other.
CODES: Mapping[str, Standing] = {
    "1": Standing.ACTIVE,
    "0": Standing.PENDING,
    "2": Standing.LEFT,
    "3": Standing.SUPPRESSED,
    "4": Standing.SUPPRESSED,
    "c": Standing.ACTIVE,
    "s": Standing.PENDING,
    "u": Standing.LEFT,
    "b": Standing.SUPPRESSED,
    "p": Standing.SUPPRESSED,
}
#: Meanings of the headers of state columns.
HEADERS: Mapping[str, Says] = {
    **dict.fromkeys(
        spellings("""
        state, status, type, subscriber type, subscriber_status, subscriber state, subscription status, subscription state,
        email status, email subscription status, email marketing, email marketing consent, email marketing status,
        email permission status, permission status, list status, global status, contact status, member status, opt-in status,
        optin status, consent status, marketing status, statut, estado, stato, zustand, estado de suscripción,
        statut d'abonnement, abonnementstatus, abostatus, статус, 状態, ステータス, 状态, 狀態, 상태
        """),
        Says.WORD,
    ),
    **dict.fromkeys(
        spellings("""
        subscribed, is subscribed, subscribed_to_emails, subscribed to newsletter, newsletter subscribed, email subscribed,
        newsletter subscription, active, is active, enabled, is enabled, opt-in, optin, opt_in, opted in, email opt-in,
        email optin, accepts marketing, accepts email marketing, accepts email, email consent, marketing consent,
        marketing opt-in, receive emails, receives newsletter, wants emails
        """),
        Says.SUBSCRIBED,
    ),
    **dict.fromkeys(
        spellings("""
        confirmed, is confirmed, email confirmed, verified, is verified, email verified, activated, is this user confirmed,
        is this subscriber confirmed, is the email of this user confirmed, is the email of this subscriber confirmed
        """),
        Says.CONFIRMED,
    ),
    **dict.fromkeys(spellings("unconfirmed, is unconfirmed, pending, awaiting confirmation"), Says.UNCONFIRMED),
    **dict.fromkeys(
        spellings("""
        unsubscribed, is unsubscribed, unsubscribed_at, unsubscribed on, unsubscribed date, unsubscribed time, unsub_time,
        unsub date, unsubscribe date, unsubscribe time, unsubscription date, date unsubscribed, unsubscribed from all email,
        unsubscribed from all emails, email unsubscribed, global unsubscribe, opted out, opt-out, optout, opted out at,
        opted out on, opt-out date, opt-out time, optout date, optout time, email opt-out, email optout,
        has opted out of email, email_disabled, left_at, left on, cancelled, canceled, cancelled_at, canceled_at, deleted,
        deleted_at, is deleted, archived, archived_at, stop time, disabled, is disabled, is this account disabled,
        is this user disabled, is this subscriber disabled, abgemeldet, abgemeldet am, abmeldedatum, désabonné, désinscrit,
        date de désinscription, date de désabonnement, fecha de baja, data disiscrizione
        """),
        Says.LEFT,
    ),
    **dict.fromkeys(
        spellings("""
        clean_time, cleaned, cleaned_at, bounced, is bounced, bounced_at, bounced on, bounce time, bounce date, bounce type,
        hard bounce, hard bounced, hard bounced at, hard bounce date, hard bounce reason, email hard bounce reason, soft bounced,
        complained, complained_at, complaint, complaint date, complaint time, spam, is spam, spam complaint, spam report,
        reported spam, marked as spam, abuse, abuse complaint, blocklisted, blocklist, blocklisted_at, is blocklisted,
        blacklisted, blacklist, blacklisted_at, is blacklisted, is this user blacklisted, is this subscriber blacklisted,
        email_blacklisted, email blocklisted, email blacklist, email blocklist, suppressed, suppressed_at, is suppressed,
        email suppressed, email suppressions, suppression reason, blocked, blocked_at, is blocked, banned, banned_at,
        do not mail, do not email, do not contact, dnc, undeliverable, unreachable, invalid email, email invalid
        """),
        Says.SUPPRESSED,
    ),
}
#: These headers have other meanings as well (a province, a kind of contact): their cells decide.
AMBIGUOUS = frozenset(spellings("state, type, estado, stato, zustand"))
#: File names of exports whose columns do not say whom they hold (Mailchimp's four files, lists of bounces).
FILES: Mapping[str, Standing] = {
    **dict.fromkeys(("nonsubscribed", "transactional"), Standing.NEVER),
    **dict.fromkeys(("unconfirmed", "pending", "unactivated"), Standing.PENDING),
    **dict.fromkeys(("unsubscribed", "unsubscribers", "unsubscribes", "archived", "optouts"), Standing.LEFT),
    **dict.fromkeys(("cleaned", "bounced", "bounces", "hardbounces", "complaints", "complained"), Standing.SUPPRESSED),
    **dict.fromkeys(("blocklist", "blocklisted", "blacklist", "blacklisted"), Standing.SUPPRESSED),
    **dict.fromkeys(("suppressed", "suppression", "suppressions"), Standing.SUPPRESSED),
}
_NO = frozenset(spellings("0, false, no, n, f, off, null, none, nil, n/a, na, nan, never, nein, non, nee, não, нет, いいえ"))
_FILE_NAME = re.compile(r"([a-z]+)(?: (?:members?|contacts?|subscribers?|people|email|audience|segment|list|export|[0-9a-f]+))*")


def of_file(stem: str) -> Standing | None:
    """Return the standing that an export's file name gives to everybody in it, such as `cleaned_members_export_1a2b`; None if none."""
    named = _FILE_NAME.fullmatch(plain(stem).replace("non subscribed", "nonsubscribed"))
    return FILES.get(named[1]) if named else None


@lru_cache(maxsize=4096)
def word(cell: str, *, codes: bool = False) -> Standing | None:
    """Return the meaning of a word in a state column; None if it is unknown."""
    text = plain(cell)
    return WORDS.get(text) if text in WORDS or not codes else CODES.get(text)


@lru_cache(maxsize=4096)
def is_no(cell: str) -> bool:
    """True if a cell negates its header: empty, `0`, `false`, an empty list, a zero date."""
    text = plain(cell)
    return not text.strip("0 ") or text in _NO


def of_cell(says: Says, cell: str) -> Standing | None:
    """
    Return the standing that a cell of a state column states; None if it states nothing.

    Raises:
        ValueError: a column of words has one that is unknown.
    """
    if says in (Says.LEFT, Says.SUPPRESSED, Says.UNCONFIRMED):
        return None if is_no(cell) else _IF_SET[says]
    if says is Says.CONFIRMED:
        return (Standing.PENDING if is_no(cell) else word(cell)) or Standing.ACTIVE
    if not cell.strip():
        return None
    known = word(cell, codes=says is Says.WORD)
    if says is Says.WORD and known is None:
        raise ValueError(cell)
    if says is Says.SUBSCRIBED and is_no(cell):
        return Standing.LEFT
    return known or Standing.ACTIVE


_IF_SET = {Says.LEFT: Standing.LEFT, Says.SUPPRESSED: Standing.SUPPRESSED, Says.UNCONFIRMED: Standing.PENDING}
