"""
Phrases by which mail servers, filters and mailbox providers say why a message did not arrive.

Sources: the texts of Postfix, Sendmail, Exim, qmail, Courier, OpenSMTPD, Exchange and Domino, the providers' postmaster pages,
and the reasons that sisimai tells apart (BSD-2; docs/standards.md). Of several tables the first that matches wins, so that what
blames the sender comes before what blames the recipient. Short and without nested repeats: a line is searched in linear time.
"""

import re

from digest.bounces.report import Reason


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


#: In this order.
PHRASES: tuple[tuple[Reason, re.Pattern[str]], ...] = (
    (Reason.NO_SUCH_HOST, _words(r"account or domain may not exist")),
    (
        Reason.OWN_RULES,
        _words(
            r"recipient(?:'s)? (?:preferences|rules|polic)|user rules|(?:denied|blocked|rejected|refused) by (?:the |this |its )?(?:recipient|user|addressee)\b(?!')",
            r"(?:recipient|user|mailbox|account|address\w*) (?:has |is |only )?(?:block|refus|reject|accept)\w* (?:your |the |this |incoming |mail |messages |mail only )*(?:mail|message|from)",
            r"mail delivery failed\.{3} user unknown|\brcp-p[23]\b",  # BIGLOBE says so of what the recipient's own filter refused
            r"not accepting (?:any )?(?:mail|messages)(?: from)?|only accept(?:s|ing) mail from|(?:is |account )protected by|notauthorized|restrictedtorecipients",
        ),
    ),
    (
        Reason.AUTHENTICATION,
        _words(
            r"\b(?:spf|dkim|dmarc|ptr)\b|unauthenticated|authenticat(?:e|ion) (?:required|fail|is required)|requires authentication",
            r"reverse[ -]dns|\brdns\b|name lookup failed|(?:client|your) (?:host ?name|hostname)|cannot (?:find|resolve) your (?:reverse|host)",
            r"must issue a starttls|tls (?:is )?required|sender id\b|not allowed to send (?:e-?mail |mail |from)",
        ),
    ),
    (
        Reason.BLOCKED,
        _words(
            r"sender(?:'s)?(?: e-?mail)?(?: address| domain| server)?(?: is| was| has been)? (?:rejected|denied|refused|blocked|invalid|unknown|empty|verif|not|must exist)",
            r"sender <?\S{1,120}>? (?:does(?: not|n't) exist|is unknown|unknown)|from: domain is invalid|invalid domain, see|provide a valid from",
            r"(?:invalid|unroutable|bogus|null|empty) (?:envelope )?sender|domain of sender|purported responsible|emetteur|mail from (?:command )?(?:is |was )?(?:not|rejected)",
            r"client host rejected|my name was rejected|\bhelo\b|block(?:ed)? (?:list|using|by|for)|blacklist|black list|denylist|deny list|\b\w{0,12}rbl\b|\bdnsbl\b",
            r"reputation|banned|(?<!not )listed (?:in|at|by|on)\b|spamhaus|spamcop|barracuda|suspicious|backscatter|\bbatv\b",
            r"relay(?:ing)? (?:access |mail )?(?:denied|not|is not|prohibited)|(?:no|unable to|not? permitted to|not allowed to|open) relay|relaying denied",
            r"(?:list of )?allowed rcpthosts|your (?:ip|host|server|access|network)\b.{0,60}(?:block|reject|refus|den(?:y|ied)|list)",
            r"administrative(?:ly)? prohibit|not allowed to post|not (?:a )?members? of|closed (?:mailing )?list|permission to post",
        ),
    ),
    (
        Reason.RATE,
        _words(
            r"too many (?:invalid |unknown |bad )?(?:connections|concurrent|messages|mails|recipients|sessions|requests)|rate limit|throttl|(?:connection|message|sending) rate",
            r"too (?:fast|frequent)|frequency|temporarily deferred|unusual rate|(?:daily|hourly|sending) (?:limit|quota)",
        ),
    ),
    (
        Reason.POLICY,
        _words(
            r"\bspam(?:my|ming)?\b(?!@)|virus|malware|\bube\b|\buce\b|unsolicited|bulk (?:e-?)?mail|phish|objectionable",
            r"content (?:was |is |has been )?(?:rejected|blocked|denied|filter)|(?:local|security|for|of|site|due to) polic(?:y|ies)|policy (?:reason|violation|restriction|reject)",
        ),
    ),
    (
        Reason.MALFORMED,
        _words(
            r"(?:no|missing|invalid) (?:valid )?(?:address in the )?from:? header|duplicate header|multiple (?:addresses|from)|header error|not (?:rfc|compliant)|rfc ?-?\d{3,4}|bare (?:lf|cr)|malformed (?!name)|syntax error",
            r"bad sequence|command (?:unrecognized|not implemented)|media error|8.?bit(?:mime)?\b",
        ),
    ),
    (
        Reason.NO_MAIL,
        _words(
            r"null ?mx|does(?: not|n't) (?:receive|accept|handle) (?:any )?(?:e-?)?mail\b|mail exchanger or ip address|\b556\b|no mx (?:record )?found|no mx for",
            r"(?:host|domain|server)s? (?:does|do)(?: not|n't) accept|no smtp service|reject all mail|mail receiving disabled",
        ),
    ),
    (
        Reason.MOVED,
        _words(
            r"\b5\.1\.6\b|no longer on (?:this |the )?server|(?:has|have) moved|(?:has been|was) replaced by|address.{0,30} (?:has )?changed|new address is"
        ),
    ),
    (
        Reason.TOO_BIG,
        _words(
            r"(?:message|mail|file|header)(?: is| was)? (?:header )?(?:file )?(?:size|too (?:large|big|long)|length|exceeds)|exceed\w* (?:the )?max\w* (?:inbound )?(?:message )?size",
            r"size (?:limit|exceeds)(?!.{0,20}quota)|\b[45]\.3\.4\b|\b[45]\.2\.3\b|line limit exceeded|sizelimit",
        ),
    ),
    (
        Reason.FULL,
        _words(
            r"(?:mailbox|mail ?folder|maildir|inbox|boite|account|user|recipient)\b.{0,60}(?:\bfull\b|\bquota|\bpleine|allowed size|disk space|storage|size limit)",
            r"full mailbox|(?:over|disk|disc|space|exceed\w*|mail|out of|your|the|storage) ?quota|quota (?:is )?(?:exceeded|violation|full|reached|usage)|\b[45]\.2\.2\b",
            r"exceed\w* (?:its |the |their |his )?(?:storage|allowed size|disk|mailbox)|(?:insufficient|not (?:enough|sufficient)|no) (?:disk |free |system |storage )*(?:space|storage)",
            r"disk (?:is )?full|no space left|space has been used up|too many messages on|too much mail data|as their mailbox is full",
        ),
    ),
    (
        Reason.DISABLED,
        _words(
            r"(?:account|mailbox|mail box|user|recipient|compte|address)\b.{0,60}(?:disabled|suspend|inactiv|discontinued|locked|deactivated|not active|frozen|terminated|bloque|archiv|expired)",
            r"(?:disabled|suspended|inactive|deactivated|locked|blocked) (?:account|mailbox|user|recipient)|(?:recipient )?account is blocked|suspend the service",
        ),
    ),
    (
        Reason.NO_SUCH_HOST,
        _words(
            r"(?:host|domain|hostname)(?: or domain)?(?: name)?(?: is| was)? (?:not (?:found|known|exist)|unknown|does(?: not|n't) exist|invalid)(?!.{0,40}try again)",
            r"(?:unknown|invalid|no such|bad) (?:mail )?(?:host|domain)(?: name)?|nxdomain|domain (?:is not reachable|must exist)|unrouteable address|unroutable address",
            r"domain (?:name |mentioned |in |e-?mail |address |'[^']{1,100}' ){0,6}(?:is unknown|does(?: not|n'?t) exist)|(?:host|address) lookups? failed permanently|dns error: (?:domain name not found|dns server returned answer with no data)",
            r"couldn't find any host|name or service not known|address is unknown domain|may not exist|non-?existent hosts",
        ),
    ),
)
#: What is said of an address that does not exist; a status code that says something else counts for more.
NO_SUCH_USER = _words(
    r"(?:user|recipient|mailbox|mail box|address|account|addressee|person|member)(?:\(s\)|s|es)?(?: name| here)?(?: is| was| are| were|:|)?"
    r" (?:unknown|not (?:found|listed|known|recognized|registered|exist|present|valid|local|ok|a known)|invalid|does(?: not|n't) exist|missing)",
    r"(?:unknown|no such|invalid|bad|incorrect|non-?exist[ea]nt) (?:local |destination |or illegal |virtual |e-?mail |final delivery )?(?:user|recipient|mailbox|address|account|part|person|destination|alias)"
    r"(?!.{0,5}error_code)",
    r"not (?:a (?:valid|known)|an active|listed in|present in|known at|in my validrcptto)|no (?:mailbox|mail ?box|account|one)\b.{0,20}(?:here|by that|for|found|at this|available)",
    r"(?:user|recipient|mailbox|account|address|rcpt) [<(\"]?[^\s<>()\"]{1,120}[>)\"]? (?:(?:was |is )?(?:not found|unknown)|does(?: not|n't) exist|did(?: not|n't) exist)",
    r"<[^\s<>]{1,120}@[^\s<>]{1,120}> not found|no \S{1,120} in name directory|unknown (?:e-?mail address|local[ -]part)",
    r"userunknown|invalid-recipient|badrecipientto|not (?:a )?local address|not email addresses|email name is not found|can't accept user",
    r"rejected recipients?\b|mailbox is not allowed|\b542 \S{3,200} rejected|\b(?:rcp-p1|int-p[134]|000c05a6)\b",  # Symantec; Facebook; Exchange 2003
    r"(?:could|can)(?: not|n't|not) be found|does(?: not|n't) exist|not exist\b|no (?:valid|such|matching) (?:recipient|person|user|account|address)|no longer (?:valid|accepts|exists|available)",
    r"utilisateur inconnu|destinataire (?:inconnu|invalide)|adresse? (?:inconnue|destinataire)|no existe|unbekannt|nessun utente|utente sconosciuto|badrcptto|notfound",
    r"(?:destinatario|usuario|utente|usu[aá]rio|destinat[aá]rio) (?:desconocido|sconosciuto|desconhecido|inexistente)|não existe|onbekend|nieznany|nie istnieje",
    r"не (?:найден|существует)|несуществующ|存在しま(?:せん|しない)|宛先不明|(?<!可能)不存在|존재하지 않",
)
#: What is said of an address that a server does not have, and of others; it counts as the answer to RCPT, or beside a status code.
REFUSED_ADDRESS = _words(
    r"recipient address rejected: access denied",  # Hotmail, Exchange Online and Amazon say no more
    r"\bdd (?:this user doesn't|sorry, your message)",
    r"requested action not taken: mailbox unavailable",
    r"#?5\.1\.0 address rejected",
)
#: The same, where the status code speaks of no policy.
REFUSED_RECIPIENT = _words(
    r"(?:recipient|address) rejected(?!:)|recipient (?:is not accepted|refuses to accept)|envelope recipient has been denied",
    r"(?:mailbox|account) (?:is )?unavail?able(?! (?:or access|\(not enough))|recipients? (?:was|were) undeliverable",
)
#: What is said beside the reason, too: it counts where nothing else was said. In this order.
CIRCUMSTANCES: tuple[tuple[Reason, re.Pattern[str]], ...] = (
    (
        Reason.NETWORK,
        _words(
            r"hop count|too many hops|rout(?:ing|e) loop|(?:mail|forwarding|message) loop|loop(?:s back|ing\b| was found)|network error|dns (?:error|record|lookup)",
            r"name service error|host ?name lookup failure|(?:host|server|network|mx)\w* (?:is |was )?(?:unreachable|not reach)|no route|connection (?:refused|reset|dropped|lost)",
            r"(?:could not|unable to|cannot|can't) (?:connect|resolve|establish)|name ?server reply|not found,? try again|\b[45]\.4\.[036]\b",
        ),
    ),
    (
        Reason.EXPIRED,
        _words(
            r"timed? ?out|in (?:the )?queue (?:too|for too)|not responding|did not respond|not accept our requests|expired|has been delayed",
            r"retry time|\d attempts|attempts? .{0,20}(?:failed|made)|for more than \d|within \d|giving up|multiple retries|queue period|\b[45]\.4\.[1257]\b",
        ),
    ),
    (
        Reason.SYSTEM,
        _words(
            r"command (?:died|failed)|(?:service|system|transport|server|resources?) (?:is |are )?(?:currently |temporarily )?(?:unavailable|not available|error|down)",
            r"configuration error|config error|internal (?:server )?error|local (?:configuration|problem|error)|transport error|could not load|ldap|can(?:'|no)t (?:create|open)",
        ),
    ),
)
