"""
Rendering of readers' pages: templates in `templates/`, one stylesheet, no script.

The stylesheet is a file of its own, so that the policy of the pages allows no inline style.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import jinja2
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from digest.languages import Language, is_rtl, tag
from digest.model.article import Article

FOLDER = Path(__file__).parent / "templates"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
#: Of a page that is made of a mail, which has its styles in its elements.
MAIL_POLICY = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src https:; base-uri 'none'; frame-ancestors 'none'"


def stylesheet(name: str = "pages.css") -> Response:
    """A stylesheet of `templates/`."""
    return as_stylesheet(_file(name))


def as_stylesheet(text: str) -> Response:
    """A stylesheet, kept for an hour."""
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=3600"}
    return Response(text, media_type="text/css", headers=headers)


def plain(
    language: Language, title: str, said: str, *, status: int = 200, headers: Mapping[str, str] = MappingProxyType({})
) -> Response:
    """A page of one sentence."""
    return render("page", language, status=status, headers=headers, title=title, said=said)


def notice(language: Language, title: str, said: str, *, link: str, path: str, status: int) -> Response:
    """A page of one sentence with a link to where to go from it."""
    return render("notice", language, status=status, title=title, said=said, link=link, path=path)


def story(language: Language, article: Article, *, paper: str, whole: str) -> Response:
    """A dropped text of a paper on a page of its own, in its own language; `whole` is where the reader's whole issue is."""
    spoken = tag(article.language) or language.tag
    return render(
        "story",
        language,
        title=article.headline,
        paper=paper,
        spoken=spoken,
        spoken_dir="rtl" if is_rtl(spoken) else "ltr",
        by=" · ".join(filter(None, (article.publisher, article.author))),
        paragraphs=[text for text in (article.standfirst, *article.text.split("\n\n")) if text],
        whole=whole,
    )


def render(
    template: str, language: Language, *, status: int = 200, headers: Mapping[str, str] = MappingProxyType({}), **values: object
) -> Response:
    """Make a page of a template in `templates/`; `values` is what the template names."""
    text = text_of(template, language, **values)
    own = {**HEADERS, "Content-Language": language.tag, "Vary": "Accept-Language"}
    return HTMLResponse(text, status_code=status, headers={**own, **headers})


def text_of(template: str, language: Language, **values: object) -> str:
    """The text of a template in `templates/`; `values` is what it names beside what every page has."""
    shared = {"lang": language.tag, "dir": language.direction, "strong": strong}
    known = {"paper": "", "label": "", "said": "", "postal_address": ""}
    return environment(language).get_template(f"{template}.html.j2").render({**known, **shared, **values})


def strong(text: str) -> Markup:
    """An address within a sentence: bold, and in its own direction."""
    return Markup('<b dir="auto">{}</b>').format(text)


@cache
def environment(language: Language, folder: Path = FOLDER) -> jinja2.Environment:
    """Return what renders the templates of a folder in a language."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(language.gettext, language.ngettext, newstyle=True)  # type: ignore[attr-defined]
    return made


@cache
def _file(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
