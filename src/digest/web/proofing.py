"""
`digest preview --watch`: a mail in its frames, drawn anew whenever a template or theme changes.

For the designer's own machine: it listens on loopback and shows one newsletter's stories.
"""

import html
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from digest.services import proofs

#: Draws anew when the stamp is another; keeps the place on the page.
_SCRIPT = (
    "for(const f of document.querySelectorAll('iframe'))f.addEventListener('load',()=>{"
    "const d=f.contentDocument;if(d)f.style.height=d.documentElement.offsetHeight+'px'});"
    "scrollTo(0,sessionStorage.y||0);let seen=null;setInterval(async()=>{try{const t=await(await fetch('/stamp')).text();"
    "if(seen!==null&&t!==seen){sessionStorage.y=scrollY;location.reload()}seen=t}catch(e){}},500)"
)
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def app(given: proofs.ProofInput) -> FastAPI:
    """Make the application: the page, and the stamp by which it notices changes."""
    pages = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @pages.get("/")
    def show(template: str = "", theme: str = "") -> Response:
        chosen, look = template or given.chosen[0], theme or given.chosen[1]
        shown = proofs.page(given, chosen, look, heading=_choices(given, chosen, look), script=_SCRIPT)
        return HTMLResponse(shown, headers=HEADERS)

    @pages.get("/stamp")
    def stamp() -> Response:
        return PlainTextResponse(stamp_of(given.ctx.templates()), headers=HEADERS)

    return pages


def stamp_of(folders: tuple[Path, ...]) -> str:
    """Return a stamp that changes whenever a file of the folders is written, added or removed."""
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    return str(hash(tuple((str(path), path.stat().st_mtime_ns) for path in files)))


def _choices(given: proofs.ProofInput, chosen: str, look: str) -> str:
    def link(template: str, theme: str, name: str) -> str:
        here = ' style="font-weight:bold"' if name in (chosen, look) else ""
        return f'<a href="/?template={html.escape(template)}&amp;theme={html.escape(theme)}"{here}>{html.escape(name)}</a>'

    templates = " · ".join(link(name, look, name) for name in given.templates())
    themes = " · ".join(link(chosen, name, name) for name in given.themes())
    return f"<p>{templates}</p><p>{themes}</p>"
