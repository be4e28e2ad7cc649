"""
Read the text in which a mail server says in its own words whom a message did not reach, and why.

Each server has its own wording, few have their own shape: a recipient begins a line, alone or before the reason, or
ends a sentence that speaks of a delivery. The reason is on the same line or below, up to the next recipient.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

LINES, LINE = 400, 1_000  #: of a notice that are read, and characters of a line
RECIPIENTS = 100  #: of a notice that are told apart

_APART = r"\s<>()\[\]\"',;:@="  #: characters that no address in a notice has
_ADDRESS = rf"[^{_APART}][^{_APART}]{{0,120}}@[^{_APART}]{{1,200}}\w"
#: The recipient begins the line.
_FIRST = re.compile(
    rf"[\s>*\"'<\[]{{0,30}}(?:\"[^\"]{{1,100}}\" <)?({_ADDRESS})[>\"'\]]*"
    r"(?:$|[ \t]*:|[ \t]*\.\.\.|[ \t]+(?:<[^<>]+>$|\[[^\[\]]+\]$|on [A-Z]|Invalid Address|Error,|\(|- ))",
    re.IGNORECASE,
)
#: The recipient ends a sentence about the delivery.
_LAST = re.compile(
    rf"(?=.*(?:deliver|recipient|mailbox|attempt|unknown|user\b|member|reach|failed))"
    rf"[^@]{{0,200}}[\s:<\"'=]({_ADDRESS})[>\"'\]]*(?:[.:]| for| because)?$",
    re.IGNORECASE,
)
#: The recipient stands in the midst of a sentence that says that they were refused.
_MIDST = re.compile(
    rf"(?:rejected recipient|(?:not|un)(?: be)? ?deliver(?:ed|able) to|permanent errors|smtp=|duplicated message-id in):?[ \t]{{0,5}}<?({_ADDRESS})[>]?[\s.,;(]",
    re.IGNORECASE,
)
#: A line that names others: who sent the message, who helps, a field of its header.
_OTHERS = re.compile(
    r"contact|assist|\bhelp|support|\bfrom\b|guide|further|questions|^[\s>*]{0,30}(?:to|from|cc|subject|reply-to|sender)\s*:",
    re.IGNORECASE,
)
_ANY = re.compile(rf"(?<![^{_APART}])({_ADDRESS})")
#: What follows is the message that is sent back.
_RETURNED = re.compile(
    r"[-=_* ]*(?:this is a copy|(?:below (?:this line )?is|included is|enclosed is|here is) a copy|below this line|(?:the )?headers? of the original|"
    r"(?:(?:the|your) )?original message(?: follows.*|:|)[-=_* .]*$|returned message|original mail as follows|unsent message|message headers? follow|start of returned|"
    r"copy of (?:the|your) message)",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"(?:Received|Return-Path|DKIM-Signature|Delivered-To|X-Google-Smtp-Source|X-Originating-IP)[ \t]*:[ \t]*\S", re.IGNORECASE
)
_COMMAND = re.compile(rf"RCPT TO:[ ]{{0,5}}<?({_ADDRESS})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A recipient that a notice names, and what it says of them."""

    address: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The words of a mail server, and the message that it sends back below them."""

    text: str
    returned: str


def split(text: str) -> Notice:
    """Separate the words of the server from the message below them."""
    lines = [line[:LINE] for line in text.split("\n", LINES)[:LINES]]
    for number, line in enumerate(lines):
        if number and (_RETURNED.match(line) or _HEADER.match(line)):
            return Notice(text="\n".join(lines[:number]), returned="\n".join(lines[number:]))
    return Notice(text="\n".join(lines), returned="")


def recipients(text: str) -> Sequence[Named]:
    """Return the recipients that a notice names, in its order, each with what it says of them."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.split("\n"):
        if len(found) == RECIPIENTS:
            break
        match = _FIRST.match(line) or (None if _OTHERS.search(line) else _LAST.match(line)) or _MIDST.search(f"{line} ")
        if match:
            current = found.setdefault(match[1], [])
        current.append(line)
    if not found:
        found = {match[1]: [text] for match in islice(_COMMAND.finditer(text), RECIPIENTS)}
    return [Named(address=address, text="\n".join(lines)) for address, lines in found.items()]


def mentioned(text: str) -> Sequence[str]:
    """Return the addresses anywhere in a text, each once, but for lines that name others than recipients."""
    lines = [line for line in text.split("\n") if not _OTHERS.match(line) and "contact" not in line.lower()]
    return list(dict.fromkeys(match[1] for line in lines for match in _ANY.finditer(line)))
