"""No template holds the paper up, whatever is written in it; the next one is filled as if nothing had been."""

from pathlib import Path

import pytest

from digest.compose.merge import body
from digest.errors import ComposeError
from tests.compose.making import TEMPLATES, facts, picks, rendition

RUNAWAY = {
    "a loop in a loop": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "a loop that writes": "{% for i in range(99999) %}{% for j in range(99) %}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx{% endfor %}{% endfor %}",
    "a long string": "{{ 'x' * 10**10 }}",
    "a long list": "{{ ([0] * 10**9)|length }}",
    "a great number": "{% set n = 10 ** (10 ** 10) %}",
    "a power in steps": "{% set ns = namespace(n=7) %}{% for i in range(99) %}{% set ns.n = ns.n * ns.n %}{% endfor %}",
    "a format of great width": "{{ '%999999999d' % 1 }}",
    "a filter of great width": "{{ 'x'|center(10**9) }}",
    "an indent without end": "{{ ('x\n' * 10**5)|indent(10**6) }}",
    "a macro that calls itself": "{% macro again(n) %}{{ again(n + 1) }}{% endmacro %}{{ again(0) }}",
    "doubling": "{% set ns = namespace(s='x') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s }}",
    "replacing": "{{ ('x' * 10**5)|replace('x', 'y' * 10**5) }}",
    "a regular burden": "{% for i in range(99999) %}{% for j in range(99) %}{% set x = paper.title|wordwrap(1)|title|urlize %}{% endfor %}{% endfor %}",
}
ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ paper.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__.os.environ }}",
    "{{ '{0.__class__.__mro__}'.format(paper) }}",
    "{{ ''|attr('__class__') }}",
    "{% set x = paper.__dict__ %}{{ x.update(title='stolen') }}",
    "{{ begin.__globals__ }}",
    "{{ self._TemplateReference__context.environment }}",
    "{% include '/etc/passwd' %}",
    "{% include '../../../../etc/passwd' %}",
    "{{ lipsum(n=10**6) }}",
]


def own(tmp_path: Path, text: str) -> tuple[Path, ...]:
    (tmp_path / "partials").mkdir()
    (tmp_path / "partials" / "footer.html.j2").write_text(text, encoding="utf-8")
    return (tmp_path, TEMPLATES)


@pytest.mark.parametrize("name", RUNAWAY)
def test_a_runaway_template_is_stopped_and_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(ComposeError, match=r"footer\.html\.j2|digest\.html\.j2"):
        rendition(picks(2), folders=own(tmp_path, RUNAWAY[name]))

    assert "Headline number 1" in body(rendition(picks(2)), facts(2), "html")


def test_a_template_that_was_changed_is_not_filled_as_it_was_before(tmp_path: Path) -> None:
    folders = own(tmp_path, "<p>first</p>")
    footer = tmp_path / "partials" / "footer.html.j2"

    def printed(*where: Path) -> str:
        return body(rendition(picks(2), folders=where), facts(2), "html")

    assert "first" in printed(*folders)
    footer.write_text("<p>second</p>", encoding="utf-8")
    assert "second" in printed(*folders)
    assert "second" not in printed(TEMPLATES)
    footer.write_text("<p>\n{{ nothing_of_that_name }}</p>", encoding="utf-8")
    for _ in range(2):  # whether it was compiled before or not
        with pytest.raises(ComposeError, match=r"footer\.html\.j2, line 2.*nothing_of_that_name"):
            printed(*folders)
    footer.write_text("<p>third</p>", encoding="utf-8")
    assert "third" in printed(*folders)


def test_more_templates_than_are_kept_are_filled_as_well(tmp_path: Path) -> None:
    large = "{% if paper.number < 0 %}" + "x" * 6_000_000 + "{% endif %}"
    for n in range(4):
        (tmp_path / str(n)).mkdir()
        assert "Headline number 1" in body(rendition(picks(2), folders=own(tmp_path / str(n), large)), facts(2), "html")


@pytest.mark.parametrize("text", ESCAPES)
def test_a_template_reaches_nothing_but_its_values(text: str, tmp_path: Path) -> None:
    with pytest.raises(ComposeError):
        rendition(picks(2), folders=own(tmp_path, text))


def test_a_template_knows_nothing_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_SECRET_KEY", "canary-7f3a")
    made = rendition(picks(2), folders=own(tmp_path, "{{ paper }}{{ theme }}{{ slot }}{{ mail }}{{ picks }}"))

    assert "canary" not in body(made, facts(2), "html")


def test_an_error_names_the_variable_and_its_line(tmp_path: Path) -> None:
    with pytest.raises(ComposeError, match=r"footer\.html\.j2, line 3: `pick` is not known here"):
        rendition(picks(2), folders=own(tmp_path, "one\ntwo\n{{ pick.headline }}"))
