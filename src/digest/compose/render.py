"""
An issue is rendered once with every pick: Jinja2 → one document → premailer once → cut.

Templates see plain frozen values in a sandbox; a name that is not there, a wrong file or a
runaway expression is an error that names file, line and name, before anything is queued.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import cssutils
import jinja2
from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup
from premailer import Premailer

from digest.compose import mime, theme
from digest.compose.cut import SLOTS, Marks, cut
from digest.compose.text import breakable, columns, wrap
from digest.errors import ComposeError
from digest.model.issue import Coverage, Pick
from digest.model.rendition import DerivedTexts, HeaderFrame, PartPlan, PickLine, Rendition
from digest.model.states import Form

cssutils.log.setLevel(logging.CRITICAL)  # it comments on every property that CSS 2 did not know
_TAG = re.compile(r"<[a-zA-Z][^<>]*>")  # story text has `<` as `&lt;`, so it is never touched
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
RTL = frozenset({"ar", "fa", "he", "ur", "ps", "yi", "dv"})
#: Zero-width joiner and no-break space in turn, behind the preheader, so that the masthead does not leak into the inbox line.
PREHEADER_PADDING = "\u034f\u00a0" * 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a rendering is made from, besides the picks."""

    title: str
    number: int
    day: date
    language: str
    template: str
    theme: str
    reason: str  #: why the reader gets it
    postal_address: str
    header: HeaderFrame
    sections: Sequence[str]  #: the order of sections; those it does not name follow
    folders: tuple[Path, ...]  #: where templates are looked for, first found wins


def render(paper: Paper, picks: Sequence[Pick]) -> Rendition:
    """
    The rendition of an issue.

    Raises:
        ComposeError: the template or theme is wrong.
    """
    paper, picks = _fit(paper), [_fit(pick) for pick in picks]
    marks = Marks(nonce=paper.header.nonce)
    sections = _section_order(paper, picks)
    environment = _environment(paper.folders)
    context = _context(paper, picks, sections, marks)
    documents = {
        "plain": _fill(environment, f"{paper.template}.txt.j2", context),
        "html": _inline(_fill(environment, f"{paper.template}.html.j2", context)),
    }
    parts: dict[str, PartPlan] = {}
    for kind, document in documents.items():
        name = f"{paper.template}.{'txt' if kind == 'plain' else kind}.j2"
        parts[kind] = cut(document, marks, kind=kind, picks=len(picks), sections=len(sections), template=name)
    return Rendition(
        language=paper.language,
        theme=paper.theme,
        header=paper.header,
        picks=tuple(_line(pick, sections) for pick in picks),
        texts=_texts(paper, picks),
        html=parts["html"],
        plain=parts["plain"],
    )


Made = TypeVar("Made", Paper, Pick, Coverage)


def _fit(value: Made) -> Made:
    """The same without characters that no mail may hold: controls, lone surrogates, bidi overrides."""
    changed: dict[str, Any] = {name: UNFIT.sub("", text) for name, text in _texts_of(value) if UNFIT.search(text)}
    if isinstance(value, Pick) and value.also:
        changed["also"] = tuple(_fit(other) for other in value.also)
    return replace(value, **changed)


def _texts_of(value: Made) -> list[tuple[str, str]]:
    return [(field.name, text) for field in fields(value) if type(text := getattr(value, field.name)) is str]


def _section_order(paper: Paper, picks: Sequence[Pick]) -> list[str]:
    """The sections that have a story; the top story stands above them and does not order them."""
    full = [pick.section for pick in picks if pick.form is Form.FULL]
    present = dict.fromkeys([*full, *(pick.section for pick in picks)])
    named = [name for name in paper.sections if name in present]
    return [*named, *(name for name in present if name not in named)]


def template_folders(own: str, package: Path) -> tuple[Path, ...]:
    """
    Where templates are: the operator's folder, then the package's copy, then the checkout.

    Raises:
        ComposeError: the operator's folder is not there.
    """
    if own and not Path(own).is_dir():
        raise ComposeError(f"DIGEST_TEMPLATES names {own}, which is not a folder")
    shipped = package / "templates" / "email"
    checkout = package.parent.parent / "templates" / "email"
    found = tuple(folder for folder in (Path(own) if own else None, shipped, checkout) if folder and folder.is_dir())
    if not found:
        raise ComposeError("the templates are missing from this installation; install digest again")
    return found


def _environment(folders: tuple[Path, ...]) -> jinja2.Environment:
    environment = ImmutableSandboxedEnvironment(
        loader=jinja2.FileSystemLoader([str(folder) for folder in folders]),
        autoescape=lambda name: bool(name) and ".html" in str(name),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"wrap": wrap, "breakable": breakable, "columns": columns}
    return environment


def _context(paper: Paper, picks: Sequence[Pick], sections: list[str], marks: Marks) -> Mapping[str, Any]:
    slots = MappingProxyType({name.lower(): marks.slot(name) for name in SLOTS})
    return {
        "paper": paper,
        "date": format_date(paper.day, format="full", locale=_locale(paper.language)),
        "lang": paper.language.replace("_", "-"),
        "dir": "rtl" if re.split("[-_]", paper.language)[0] in RTL else "ltr",
        "picks": [(i, pick, sections.index(pick.section)) for i, pick in enumerate(picks)],
        "sections": list(enumerate(sections)),
        "theme": theme.load(paper.folders, paper.theme),
        "slot": slots,
        # Marks are ours, of a nonce and a template's own literal: not markup from outside.
        "begin": lambda name: Markup(marks.begin(name)),  # noqa: S704
        "end": Markup(marks.end),  # noqa: S704
        "middle": Markup(marks.middle),  # noqa: S704
        "padding": PREHEADER_PADDING,
    }


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as problem:
        raise ComposeError(f"{language!r} is no language that is known; write one like `en` or `de`") from problem


def _fill(environment: jinja2.Environment, name: str, context: Mapping[str, Any]) -> str:
    try:
        return environment.get_template(name).render(context)
    except jinja2.TemplateNotFound as problem:
        raise ComposeError(f"there is no template {problem.name} in {', '.join(environment.loader.searchpath)}") from problem  # type: ignore[union-attr]
    except jinja2.TemplateSyntaxError as problem:
        raise ComposeError(f"{problem.filename or name}, line {problem.lineno}: {problem.message}") from problem
    except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError) as problem:
        raise ComposeError(f"{_where(problem, name)}: {problem}") from problem


def _where(problem: BaseException, name: str) -> str:
    """File and line in the template: the innermost frame that is one."""
    place = name
    trace = problem.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(".j2"):
            place = f"{trace.tb_frame.f_code.co_filename}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _inline(document: str) -> str:
    """Classes become style attributes; the three kept `<style>` blocks stay as they are."""
    inlined = Premailer(
        document,
        strip_important=False,
        allow_network=False,
        allow_loading_external_files=False,
        disable_validation=True,
        remove_classes=False,
        disable_basic_attributes=["width", "height", "align", "bgcolor"],
        keep_style_tags=False,
        cssutils_logging_level=logging.CRITICAL,
    ).transform()
    return _squeezed(_without_unused_classes(inlined))


def _without_unused_classes(document: str) -> str:
    """Classes that no kept selector names do nothing any more."""
    kept = set(re.findall(r"\.([a-z][\w-]*)", " ".join(re.findall(r"<style[^>]*>(.*?)</style>", document, re.DOTALL))))

    def prune(found: re.Match[str]) -> str:
        names = [name for name in found[1].split() if name in kept]
        return f' class="{" ".join(names)}"' if names else ""

    return _TAG.sub(lambda tag: re.sub(r' class="([^"]*)"', prune, tag[0]), document)


def _squeezed(document: str) -> str:
    def squeeze(style: re.Match[str]) -> str:
        return ' style="' + re.sub(r"\s*([;:])\s+", r"\1", style[1]).rstrip("; ") + '"'

    squeezed = _TAG.sub(lambda tag: re.sub(r' style="([^"]*)"', squeeze, tag[0]), document)
    return re.sub(r"\n\s*\n+", "\n", squeezed)


def _line(pick: Pick, sections: list[str]) -> PickLine:
    return PickLine(
        headline=mime.clean(pick.headline),
        lead=mime.clean(pick.summary),
        section=sections.index(pick.section),
        form=pick.form.value if isinstance(pick.form, Form) else pick.form,
        minutes=pick.minutes,
    )


def _texts(paper: Paper, picks: Sequence[Pick]) -> DerivedTexts:
    minutes = sum(pick.minutes for pick in picks)
    return DerivedTexts(
        story_count=["no stories", "1 story", *(f"{n} stories" for n in range(2, len(picks) + 1))],
        minutes=["", *(f" · {n} min read" for n in range(1, minutes + 1))],
        more=["", "One more story did not fit.", *(f"{n} more stories did not fit." for n in range(2, len(picks) + 1))],
        subject="{headline}",
        filler=mime.clean(f"No. {paper.number} of {paper.title}, printed on {paper.day.isoformat()}. {paper.reason}"),
    )
