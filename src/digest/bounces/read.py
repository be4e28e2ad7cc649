"""
Read a mail that came back: a delivery report, a complaint, an automatic answer, or nothing of the kind.

The standard forms are tried first (RFC 3464, RFC 5965), then the texts of mail servers that follow none. Nothing here
raises, and nothing takes longer than the bounds in `mime` and `notice` allow.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from digest.bounces import fields, notice, ses
from digest.bounces.complaints import addressees, complaint
from digest.bounces.mime import Fields, Mail, Part, parse, split
from digest.bounces.notice import Named, Notice
from digest.bounces.reasons import Said, code_in, is_specific, line, said, stage_in, status_in
from digest.bounces.report import Kind, Reason, Recipient, Report

REPORTS = 5  #: parts of a mail that are read as reports
MARKS = 20_000  #: characters of a report in which addresses of ours are looked for
_STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
_REPORT_PARTS = (*_STATUS_PARTS, "message/feedback-report")
_RETURNED_PARTS = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
#: Senders, and subjects, of mail servers.
_DAEMON = re.compile(
    r"mailer-?daemon|\bmdaemon|post_?master|mail deliver(?:y)? (?:system|subsystem|service)|(?:mail|system) administrator|mail router|(?:^|\s)<>",
    re.IGNORECASE,
)
_FAILURE = re.compile(
    r"undeliver|non?t?-? ?deliver|returned? (?:mail|to sender)|delivery (?:status|fail|report|error|problem)|(?:fail\w*|error) (?:notice|delivery|mail)"
    r"|mail(?: system|ing)? (?:error|failure)|message (?:delivery|status)|could ?n[o']t be delivered|^bounce|error sending your mail|\bNDN\b|unzustellbar|nicht zugestellt|non remis|non distribu"
    r"|no se (?:puede|pudo) entregar|no entregado|mancat[ao] (?:recapito|consegna)|n[aã]o (?:entregue|pode ser entregue)|niet (?:bezorg|afgelever)|onbestelbaar"
    r"|не (?:доставлен|удалось доставить)|недоставлен|配信(?:不能|エラー|できません|に失敗)|メール?エラー|送信エラー|退信|投递失败|无法投递|배달 실패|반송",
    re.IGNORECASE,
)
#: What the manager of a mailing list (fml) says of a post that it did not take.
_REFUSED_POST = re.compile(
    r"not member|are not (?:a )?member|reject mail|loop (?:alert|back warning)|security alert", re.IGNORECASE
)
_ANSWER = re.compile(r"(?:re|aw|sv|vs|antw)(?:\[\d+\])?\s*:", re.IGNORECASE)
_PROGRAM = re.compile(r"\b(?:no-?reply|system|admin|mail-?admin)[^@\s]*@", re.IGNORECASE)
_UNDELIVERED = re.compile(
    r"(?:could not be|was not|has not been|couldn't be) delivered|unable to deliver|delivery (?:has )?failed", re.IGNORECASE
)
#: What EZweb says before it names the recipients, whom the other server calls unknown then.
_STATE_OF_ALL = re.compile(r"the user\(s\) account is [^\n]{1,60}", re.IGNORECASE)
_DELAYED = re.compile(r"\bdelayed\b|warning message only|temporary failure report", re.IGNORECASE)
_AUTO = re.compile(r"auto-(?:replied|generated|notified)", re.IGNORECASE)
_AWAY = re.compile(
    r"(?:auto(?:matic|mated)?[ -]?(?:reply|response)|out of (?:the )?office)\b|abwesenheit|automatische antwort|réponse automatique|respuesta automática"
    r"|risposta automatica|resposta automática|automatisch antwoord|автоответ|自動(?:返信|応答)|自动(?:回复|答复)|자동 ?(?:회신|응답)|رد تلقائي|trả lời tự động",
    re.IGNORECASE,
)
_TO = re.compile(r"^[ \t]*To:(.{1,1000})", re.MULTILINE)
_MESSAGE_ID = re.compile(r"<[^<>\s]{3,250}>")


def read(raw: bytes) -> Report:
    """Read a mail."""
    return _read(raw, inner=False)


def _read(raw: bytes, *, inner: bool) -> Report:
    mail = parse(raw)
    returned = [part for part in mail.parts if part.kind in _RETURNED_PARTS]
    texts = [part.text for part in mail.parts if part.kind in ("text/plain", "text/html")]
    words = notice.split("\n".join(texts[:2]))
    report = complaint(mail, returned) or ses.from_text(texts[0] if texts else "")
    if (
        report is None
        and not inner
        and words.returned
        and not notice.recipients(words.text)
        and _is_notice(mail, words, returned)
    ):
        below = _read(words.returned.encode(), inner=True)  # a notice that was passed on below another one
        report = below if below.kind is Kind.BOUNCE else None
    report = report or _bounce(mail, words, returned) or _answer(mail)
    ids = [*report.message_ids, *_message_ids(mail, returned, words)]
    marks = [*_header_marks(returned, words), *(part.text[:MARKS] for part in mail.parts if part.kind in _REPORT_PARTS)]
    sender = next(iter(addressees(mail.fields.get("from", ()))), "")
    personal = report.kind is Kind.NONE and _is_personal(mail, sender)
    report = replace(report, sender=sender, is_personal=personal)
    return replace(report, sent_to=_sent_to(mail), message_ids=list(dict.fromkeys(ids)), marks=marks)


# --- bounces ---------------------------------------------------------------------------------


def _bounce(mail: Mail, words: Notice, returned: Sequence[Part]) -> Report | None:
    reports = [part.text for part in mail.parts if part.kind in _STATUS_PARTS][:REPORTS]
    if _is_notice(mail, words, returned):
        reports.append(words.text)  # mailers that write the fields of a report into their text
    elif not reports:
        return None
    groups = [group for text in reports for group in fields.groups(text) if fields.names_recipient(group)][: notice.RECIPIENTS]
    named, whole = notice.recipients(words.text), said(words.text)
    found = [_completed(fields.recipient(group), named, words.text) for group in groups]
    if not found:
        chosen = _named(mail, named) or _addressed(mail, words, returned)
        if "x-mlserver" in mail.fields:  # below the list it names the address for commands
            chosen = chosen[:1]
        found = [_of_notice(one, words.text, whole) for one in chosen]
    if not found:
        return None
    if state := _STATE_OF_ALL.search(words.text):
        found = [replace(recipient, reason=said(state[0]).reason) for recipient in found]
    unique = {recipient.address: recipient for recipient in reversed(found)}
    kind = Kind.NONE if all(recipient.reason is Reason.DELIVERED for recipient in found) else Kind.BOUNCE
    return Report(kind=kind, recipients=list(unique.values())[::-1])


def _is_notice(mail: Mail, words: Notice, returned: Sequence[Part]) -> bool:
    """
    Return whether a mail comes from a mail server.

    Its sender says so; or its subject or words do, and it has what persons do not write: a status code, or a message below.
    """
    subject, sender = mail.first("subject"), " ".join(mail.fields.get("from", ()))
    by_list = "x-mlserver" in mail.fields and _PROGRAM.search(sender) and _REFUSED_POST.search(subject)
    if by_list or "x-failed-recipients" in mail.fields:
        return True
    if _ANSWER.match(subject) or _is_automatic(mail):
        return False
    if _DAEMON.search(sender):
        return True
    unanswerable = _PROGRAM.search(sender) is not None or "<>" in mail.fields.get("return-path", ())
    claims = _FAILURE.search(subject) or (unanswerable and _UNDELIVERED.search(words.text))
    return bool(claims and (returned or words.returned or code_in(words.text) or status_in(words.text)))


def _named(mail: Mail, named: Sequence[Named]) -> Sequence[Named]:
    """Return the recipients that a notice names, without those who sent it or get it, unless there are no others."""
    own = addressees([*mail.fields.get("from", ()), *mail.fields.get("to", ())])
    return [one for one in named if one.address not in own] or named


def _addressed(mail: Mail, words: Notice, returned: Sequence[Part]) -> Sequence[Named]:
    """
    Return the recipients where a notice names none.

    A field of its header has them, or the notice mentions one address, whatever the sentence, or they are those of the message that is sent back.
    """
    own = addressees([*mail.fields.get("from", ()), *mail.fields.get("to", ())])
    others = {
        address.lower(): address for address in notice.mentioned(words.text) if address not in own and not _DAEMON.search(address)
    }
    heads = [split(part.body)[0] for part in returned] + [_below(words)]
    sent = addressees([value for head in heads for value in head.get("to", ())]) or addressees(_TO.findall(words.text))
    failed = addressees(mail.fields.get("x-failed-recipients", ()))
    chosen = failed or (list(others.values()) if len(others) == 1 else sent)
    return [Named(address=address, text=words.text) for address in chosen]


def _below(words: Notice) -> Fields:
    """Return the header of the message that a notice shows below its words."""
    return split(words.returned.partition("\n")[2].encode())[0]


def _completed(recipient: Recipient, named: Sequence[Named], whole: str) -> Recipient:
    """Add to what the fields of a report say of a recipient what its text says."""
    if recipient.reason is not Reason.OTHER:
        return recipient
    addresses = (recipient.address.lower(), recipient.original.lower())
    own = next((one.text for one in named if one.address.lower() in addresses), whole)
    stage = stage_in(own) or (stage_in(whole) if len(named) < 2 else None)
    told = said(recipient.sentence, status=recipient.status, code=recipient.reply, stage=stage)
    if told.reason is Reason.OTHER:
        told = said(own, status=recipient.status if is_specific(recipient.status) else "", code=recipient.reply, stage=stage)
    status = told.status or recipient.status
    return replace(recipient, status=status, reply=told.code, reason=told.reason, sentence=recipient.sentence or line(own))


def _of_notice(named: Named, words: str, whole: Said) -> Recipient:
    told = said(named.text)
    if told.reason is Reason.OTHER:
        told = whole
    action = "delayed" if _DELAYED.search(words) else "failed"
    return Recipient(
        address=named.address, status=told.status, reply=told.code, action=action, reason=told.reason, sentence=told.sentence
    )


# --- everything else -------------------------------------------------------------------------


def _answer(mail: Mail) -> Report:
    automatic = _is_automatic(mail) or _AUTO.search(" ".join(mail.fields.get("auto-submitted", ())))
    return Report(kind=Kind.AUTO_REPLY if automatic else Kind.NONE)


def _is_automatic(mail: Mail) -> bool:
    """Return whether a program answers in a person's stead (RFC 3834 5, and the fields that were in use before)."""
    marked = any(name in mail.fields for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-vacation"))
    precedence = " ".join(mail.fields.get("precedence", ())).lower()
    return marked or "auto_reply" in precedence or _AWAY.match(mail.first("subject")) is not None


def _is_personal(mail: Mail, sender: str) -> bool:
    """Return whether nothing in a header shows that a program, a list or a loop sent a mail."""
    by_program = any(
        name in mail.fields for name in ("list-id", "list-unsubscribe", "feedback-id", "x-loop", "x-failed-recipients")
    )
    automatic = [value for value in mail.fields.get("auto-submitted", ()) if value.strip().lower() != "no"]
    precedence = " ".join(mail.fields.get("precedence", ())).lower()
    unanswerable = "<>" in mail.fields.get("return-path", ()) or _PROGRAM.search(sender) or _DAEMON.search(sender)
    return bool(sender) and not (by_program or automatic or unanswerable or precedence in ("bulk", "list", "junk"))


def text_of(mail: Mail) -> str:
    """Return the text of a mail, as far as it is read."""
    return next((part.text for part in mail.parts if part.kind in ("text/plain", "text/html")), "")


def _sent_to(mail: Mail) -> Sequence[str]:
    return addressees([v for name in ("x-original-to", "delivered-to", "envelope-to", "to") for v in mail.fields.get(name, ())])


def _header_marks(returned: Sequence[Part], words: Notice) -> Sequence[str]:
    """Return the fields of the message that is sent back which hold an address or a link of its sender."""
    heads = [split(part.body)[0] for part in returned] + [_below(words)]
    return [value for head in heads for name in ("return-path", "list-unsubscribe") for value in head.get(name, ())]


def _message_ids(mail: Mail, returned: Sequence[Part], words: Notice) -> Sequence[str]:
    heads = [split(part.body)[0] for part in returned] + [_below(words)]
    values = [v for head in heads for v in head.get("message-id", ())]
    values += [v for name in ("in-reply-to", "references") for v in mail.fields.get(name, ())]
    return [found for value in values for found in _MESSAGE_ID.findall(value)]
