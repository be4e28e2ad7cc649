"""
Build the contact sheet: mails side by side, light and dark, narrow and wide, with their findings.

A mail's HTML is in a sandboxed frame of the page, so that it cannot run scripts and can load
only its pictures.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from digest.model.finding import Finding

WIDTHS = (375, 700)
SCHEMES = ("light", "dark")
_MEDIA = re.compile(r"@media\s*\(prefers-color-scheme:\s*dark\)")
_STYLE = (
    "body{margin:0;padding:24px;background:#ddd;color:#111;font:15px/1.5 sans-serif}h2{margin:32px 0 8px}"
    ".row{display:flex;gap:20px;align-items:flex-start}figure{margin:0}figcaption{padding:2px 0 6px}"
    "iframe{border:0;background:#fff;display:block}.dark{background:#1e1e1e}li.error{color:#a00;font-weight:bold}"
)
#: Frames as high as their mails; without script they scroll.
_SCRIPT = (
    "for(const f of document.querySelectorAll('iframe')){const fit=()=>{const d=f.contentDocument;"
    "if(d&&d.documentElement){f.style.height=Math.max(d.documentElement.offsetHeight,d.body?d.body.scrollHeight:0)+'px';"
    "document.body.dataset.height=Math.ceil(document.body.getBoundingClientRect().height+8)}};f.addEventListener('load',fit);fit()}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A mail for preview only."""

    name: str
    subject: str
    html: str
    plain: str
    findings: Sequence[Finding]


def sheet(proofs: Sequence[Proof], *, title: str) -> str:
    """Return the whole page."""
    body = "".join(rows(proof) for proof in proofs)
    return page(title, body, script=_SCRIPT)


def page(title: str, body: str, *, script: str) -> str:
    """Return a page in the sheet's style; `body` is trusted markup."""
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title><style>{_STYLE}</style></head>'
        f"<body><h1>{html.escape(title)}</h1>{body}<script>{script}</script></body></html>\n"
    )


def rows(proof: Proof) -> str:
    """Return one mail's part of the page: name, subject, findings, and a frame for each width and scheme."""
    found = "".join(
        f'<li class="{f.severity}">{f.severity}: {html.escape(f.rule)}: {html.escape(f.message)} ({html.escape(f.source)})</li>'
        for f in proof.findings
    )
    frames = "".join(_frame(proof, width, scheme) for width in WIDTHS for scheme in SCHEMES)
    return (
        f"<h2>{html.escape(proof.name)}</h2><p>{html.escape(proof.subject)}</p>"
        f"<ul>{found or '<li>nothing is wrong</li>'}</ul><div class=row>{frames}</div>"
    )


def _frame(proof: Proof, width: int, scheme: str) -> str:
    shown = html.escape(in_scheme(proof.html, scheme))
    return (
        f'<figure><figcaption>{width} px, {scheme}</figcaption><iframe class="{scheme}" sandbox="allow-same-origin" width="{width}" '
        f'height="900" title="{html.escape(proof.name)}, {width} px, {scheme}" srcdoc="{shown}"></iframe></figure>'
    )


def in_scheme(document: str, scheme: str) -> str:
    """Force a colour scheme on a mail, whatever the browser's own."""
    return _MEDIA.sub("@media all" if scheme == "dark" else "@media not all", document)
