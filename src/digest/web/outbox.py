"""
A small page that shows an outbox's mails. For one's own machine: it listens on loopback.

A mail's HTML is shown in a sandboxed frame under a policy that runs nothing and loads
nothing but https pictures, and those of the demo, which stand in a folder of this machine.
"""

import email
import email.policy
import html
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from types import MappingProxyType

from fastapi import FastAPI, HTTPException
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles

from digest.web.server import Server, listen

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; frame-src 'self'; base-uri 'none'; form-action 'none'"
STYLE = """
:root{color-scheme:light dark}body{margin:0;font:16px/1.5 system-ui,sans-serif;display:grid;grid-template-columns:minmax(14rem,20rem) 1fr;height:100vh}
nav{overflow:auto;padding:1rem;border-inline-end:1px solid #8886}nav a{display:block;padding:.5rem;border-radius:6px;color:inherit;text-decoration:none}
nav a:focus,nav a:hover{background:#8883}small{display:block;opacity:.8}iframe{border:0;width:100%;height:100%}
@media(max-width:700px){body{display:block}nav{max-height:40vh}iframe{height:60vh}}
"""


def app(folder: Path, *, pictures: Mapping[str, Path] = MappingProxyType({})) -> FastAPI:
    """Make the application that shows a folder of `.eml` files; pictures at these addresses are taken from these folders."""
    pages = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    # A site that points its name at this machine must not read the mails.
    pages.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "testserver"])

    @pages.get("/", response_class=HTMLResponse)
    def index() -> Response:
        mails = sorted(((path.stem, _read(path)) for path in folder.glob("*.eml")), key=lambda mail: str(mail[1]["To"]))
        links = "".join(
            f'<a href="/{stem}.html" target="mail">{html.escape(str(m["To"]))}<small>{html.escape(str(m["Subject"]))}</small></a>'
            f'<a href="/{stem}.txt" target="mail"><small>as text</small></a>'
            for stem, m in mails
        )
        first = f"/{mails[0][0]}.html" if mails else "about:blank"
        return _page(
            f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Outbox</title>'
            f'<style>{STYLE}</style><nav aria-label="Mails"><h1>{len(mails)} mails</h1>{links}</nav>'
            f'<iframe name="mail" title="The mail" sandbox="allow-popups allow-popups-to-escape-sandbox" src="{first}"></iframe></html>'
        )

    @pages.get("/{stem}.html", response_class=HTMLResponse)
    def as_html(stem: str) -> Response:
        text = _body(folder, stem, "html")
        for number, address in enumerate(pictures):
            text = text.replace(f'src="{address}', f'src="/pictures/{number}/')
        return _page(text, sandboxed=True)

    @pages.get("/{stem}.txt", response_class=PlainTextResponse)
    def as_text(stem: str) -> Response:
        return PlainTextResponse(_body(folder, stem, "plain"), headers={"Cache-Control": "no-store"})

    for number, place in enumerate(pictures.values()):
        pages.mount(f"/pictures/{number}", StaticFiles(directory=place))
    return pages


def serve(
    folder: Path, *, port: int, pictures: Mapping[str, Path] = MappingProxyType({}), on_ready: Callable[[str], None]
) -> None:
    """Show the folder on loopback until Ctrl-C; port 0 takes a free one."""
    with listen("127.0.0.1", port) as listener:
        on_ready(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        with suppress(KeyboardInterrupt):  # Ctrl-C is how it ends
            Server(app(folder, pictures=pictures), listener).run()


def _page(text: str, *, sandboxed: bool = False) -> Response:
    headers = {
        "Content-Security-Policy": POLICY + ("; sandbox allow-popups allow-popups-to-escape-sandbox" if sandboxed else ""),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(text, headers=headers)


def _body(folder: Path, stem: str, kind: str) -> str:
    path = folder / f"{stem}.eml"
    if not stem.isalnum() or not path.is_file():
        raise HTTPException(status_code=404, detail="there is no such mail")
    part = _read(path).get_body((kind,))
    return str(part.get_content()) if part else ""


def _read(path: Path) -> EmailMessage:
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
