"""What is looked at before anybody gets it: the check, the proofs, each reader's language."""

import email
import email.policy
import re
import shutil
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from digest.errors import ComposeError, UnfitToSend
from digest.languages import best, shipped
from digest.model.states import IssueState, SourceKind
from digest.services import preflight, proofs
from digest.services import sources as source_services
from digest.services.selection import Prepared, prepare
from digest.store import issues, subscribers
from digest.web.proofing import app
from tests.compose.making import TEMPLATES
from tests.support.place import Place

pytestmark = pytest.mark.any_database


def now(place: Place) -> Prepared:
    return prepare(place.ctx, place.daily, place.daily.timetable.today(place.clock()), now=place.clock())


@pytest.fixture
def printing(place: Place) -> Place:
    place.readers("ann@example.org")
    place.drop("The harbour opens again", "Moss survives in space", "A fund sells its tower")
    place.collect()
    return place


def own_template(place: Place, name: str, text: str) -> None:
    folder = place.folder / "templates"
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    object.__setattr__(place.ctx, "templates", lambda: (folder, TEMPLATES))


def spoken(place: Place, **languages: str) -> None:
    """Readers by name, each with a language."""
    place.readers(*(f"{name}@example.org" for name in languages))
    with place.ctx.db.begin() as tx:
        for person, _, _ in list(subscribers.each(tx)):
            person.language = languages[person.address.partition("@")[0]]
            tx.merge(person)


def texts(place: Place) -> dict[str, str]:
    found = {}
    for path in place.mails():
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        part = message.get_body(("html",))
        assert part is not None
        found[str(message["To"]).partition("@")[0]] = part.get_content()
    return found


def test_an_issue_in_order_has_no_findings(printing: Place) -> None:
    assert preflight.look(printing.ctx, printing.daily, now(printing)) == []


def test_several_readers_mails_are_looked_at(printing: Place) -> None:
    names = [name for name, _ in preflight.mails(printing.ctx, printing.daily, now(printing))]

    assert {"en, every story", "en, longest name", "en, no story left", "en, the last story alone"} < set(names)


def test_an_issue_that_is_unfit_is_held_with_the_reason_and_goes_once_it_is_mended(printing: Place) -> None:
    own_template(printing, "partials/footer.html.j2", "<p>no way out</p>")

    with pytest.raises(UnfitToSend, match="unsubscribe-html: the HTML part has no unsubscribe link"):
        printing.send()

    with printing.ctx.db.read() as tx:
        [issue] = issues.latest(tx, printing.daily.id, limit=5)
    assert (issue.state, printing.mails()) == (IssueState.HELD, [])
    assert "no unsubscribe link" in issue.reason
    (printing.folder / "templates" / "partials" / "footer.html.j2").unlink()
    assert printing.send().issue.state is IssueState.SENT


@pytest.mark.parametrize(
    ("partial", "text", "rule"),
    [
        ("partials/masthead.html.j2", "<h1>a</h1><h1>b</h1>", "headings"),
        ("partials/masthead.html.j2", "<h1>{{ paper.title }}</h1><script>1</script>", "active"),
        ("partials/masthead.html.j2", '<h1>{{ paper.title }}</h1><p style="color:#999999">pale</p>', "contrast"),
        ("partials/masthead.html.j2", '<h1>{{ paper.title }}</h1><img src="http://x.example/1.png" width="9">', "alt"),
        ("partials/masthead.html.j2", "<h1>{{ paper.title }}</h1><a href='javascript:1'>x</a>", "links"),
        ("partials/masthead.html.j2", "<h1>{{ paper.title }}</h1><table><tr><td>x</td></tr></table>", "table-role"),
        ("partials/masthead.html.j2", "<h1>{{ paper.title }}</h1><div style='display:flex'>x</div>", "client-support"),
        ("partials/masthead.html.j2", "<h1>{{ paper.title }}</h1><a href='https://x.example/'>click here</a>", "link-name"),
        (
            "partials/masthead.html.j2",
            "<h1>{{ paper.title }}</h1><a href='https://x.example/'>https://y.example/</a>",
            "link-disguise",
        ),
        (
            "digest.txt.j2",
            "{% for pick in picks %}{{ begin('story %d top'|format(pick.index)) }}x{{ end }}{{ begin('story %d brief'|format(pick.index)) }}{{ end }}{{ begin('story %d full'|format(pick.index)) }}{{ end }}{% endfor %}{% for name in sections %}{{ begin('section %d'|format(loop.index0)) }}{{ end }}{% endfor %}{{ begin('brief_head') }}{{ end }}{{ begin('brief_tail') }}{{ end }}{{ begin('more') }}{{ end }}{{ middle }}",
            "unsubscribe-text",
        ),
        ("digest.subject.j2", "Re: {{ slot.headline }}", "thread"),
        ("digest.subject.j2", "", "subject"),
    ],
)
def test_what_a_designer_breaks_is_found_and_named(printing: Place, partial: str, text: str, rule: str) -> None:
    own_template(printing, partial, text)

    assert rule in {looked.finding.rule for looked in preflight.look(printing.ctx, printing.daily, now(printing))}


def test_each_reader_gets_their_language_and_one_rendition_serves_many(place: Place) -> None:
    spoken(place, ann="", bob="de", cid="de-AT", dan="ar", eve="pt", fay="KO")
    place.drop("The harbour opens again", "Moss survives in space")
    place.collect()

    place.send()

    said = texts(place)
    assert {name: re.search(r'<html lang="([a-z]+)" dir="(\w+)"', page).groups() for name, page in said.items()} == {  # type: ignore[union-attr]
        "ann": ("en", "ltr"),
        "bob": ("de", "ltr"),
        "cid": ("de", "ltr"),
        "dan": ("ar", "rtl"),
        "eve": ("en", "ltr"),
        "fay": ("ko", "ltr"),
    }
    assert "Abbestellen" in said["cid"]
    assert "구독 해지" in said["fay"]
    with place.ctx.db.read() as tx:
        [issue] = issues.latest(tx, place.daily.id, limit=5)
        assert sorted(row.language for row in issues.renditions(tx, issue.id)) == ["ar", "de", "en", "ko"]


def test_a_mail_that_was_sent_is_made_again_byte_for_byte_whatever_changes(printing: Place) -> None:
    printing.send()
    [path] = printing.mails()
    before = path.read_bytes()

    own_template(printing, "layouts/base.html.j2", "{{ nonsense }}")
    with printing.ctx.db.begin() as tx:
        for person, _, _ in list(subscribers.each(tx)):
            person.name, person.language, person.address = "Somebody Else", "ja", "other@example.org"
            tx.merge(person)

    from digest.services.messages import remake
    from digest.store import deliveries

    with printing.ctx.db.read() as tx:
        delivery = deliveries.get(tx, 1)
    assert remake(printing.ctx, delivery) == before


def test_the_unsubscribe_page_speaks_the_readers_language(place: Place) -> None:
    from digest.web.public import app as public

    spoken(place, ann="fr", bob="")
    place.drop("The harbour opens again")
    place.collect()
    place.send()
    links = {name: re.search(r"https://ledger\.example\.org(/u/[\w-]+)", page)[1] for name, page in texts(place).items()}  # type: ignore[index]

    with TestClient(public(place.ctx)) as client:
        assert "Se désabonner" in client.get(links["ann"]).text
        assert "Abbestellen" in client.get(links["bob"], headers={"Accept-Language": "xx, de-CH;q=0.8, en"}).text
        assert 'dir="rtl"' in client.get("/nowhere", headers={"Accept-Language": "ar"}).text


def test_every_template_in_every_theme_is_proofed(printing: Place) -> None:
    given = proofs.ProofInput(ctx=printing.ctx, newsletter=printing.daily, picks=now(printing).picks, now=printing.clock())

    made = list(proofs.every(given))

    assert len(made) == 33
    assert {proof.name: proof.findings for proof in made if proof.findings} == {}
    page = proofs.write(made, printing.folder, title="Proofs").read_text(encoding="utf-8")
    assert page.count("<iframe") == 132
    assert "@media not all{" in page


def test_pictures_are_taken_where_chromium_is_installed(printing: Place) -> None:
    program = proofs.browser()
    if program is None:
        pytest.skip("Chromium is not installed")
    given = proofs.ProofInput(ctx=printing.ctx, newsletter=printing.daily, picks=now(printing).picks, now=printing.clock())

    taken = proofs.photograph(program, [proofs.proof(given, "confirm", "ledger")], printing.folder, on_progress=lambda _n: None)

    assert taken == 1
    assert (printing.folder / "confirm-ledger.png").read_bytes().startswith(b"\x89PNG")


def test_the_watched_page_draws_anew_when_a_template_changes(printing: Place) -> None:
    own_template(printing, "partials/masthead.html.j2", "<h1>Before</h1>")
    given = proofs.ProofInput(ctx=printing.ctx, newsletter=printing.daily, picks=now(printing).picks, now=printing.clock())

    with TestClient(app(given)) as client:
        seen = client.get("/stamp").text
        assert "&lt;h1" in client.get("/").text
        assert "Before" in client.get("/").text
        (printing.folder / "templates" / "partials" / "masthead.html.j2").write_text(
            "<h1>After {{ oops }}</h1>", encoding="utf-8"
        )
        assert client.get("/stamp").text != seen
        assert "`oops` is not known here" in client.get("/", params={"template": "weekly", "theme": "meridian"}).text


def test_an_unknown_template_names_those_there_are(printing: Place) -> None:
    given = proofs.ProofInput(ctx=printing.ctx, newsletter=printing.daily, picks=now(printing).picks, now=printing.clock())

    with pytest.raises(ComposeError, match=r"there is no template nothing\.html\.j2"):
        proofs.proof(given, "nothing", "ledger")


def test_a_shipped_language_is_found_for_each_of_its_readers() -> None:
    assert [best(code, shipped()) for code in ("de_DE", "es-419", "ja-JP", "vi", "nl")] == ["de", "es", "ja", "vi", None]


def test_spamassassins_score_is_read(tmp_path: Path) -> None:
    told = b"X-Spam-Status: Yes, score=7.1 required=5.0 tests=HTML_MESSAGE,\r\n\tMISSING_DATE autolearn=no\r\nSubject: x\r\n\r\nbody\r\n"

    assert preflight.spam_score(told) == (7.1, "HTML_MESSAGE,MISSING_DATE")
    if shutil.which("spamassassin"):
        assert [f.rule for f in preflight.spam(b"Subject: FREE VIAGRA!!!\r\n\r\nBuy viagra now, 100% free\r\n") or ()] == [
            "spamassassin"
        ]


def test_after_todays_issue_the_last_ones_stories_are_drawn(printing: Place) -> None:
    from digest.services.selection import choose, last_printed

    printing.send()
    slot = printing.daily.timetable.today(printing.clock())

    assert choose(printing.ctx, printing.daily, slot, now=printing.clock()).picks == []
    assert "The harbour opens again" in {pick.headline for pick in last_printed(printing.ctx, printing.daily)}


def test_one_broken_template_hides_no_other_proof(printing: Place) -> None:
    own_template(printing, "broken.html.j2", "{{ oops")
    given = proofs.ProofInput(ctx=printing.ctx, newsletter=printing.daily, picks=now(printing).picks, now=printing.clock())

    made = {proof.name: proof for proof in proofs.every(given)}

    assert "unexpected end of template" in made["broken, ledger"].findings[0].message
    assert not made["digest, ledger"].findings


def test_a_section_in_turkish_and_a_link_with_an_address_hold_nothing(place: Place) -> None:

    place.readers("ann@example.org")
    when = place.clock().isoformat()
    feed = (
        f"<feed xmlns='http://www.w3.org/2005/Atom'><title>N</title><id>n</id><updated>{when}</updated><entry><id>1</id><title>A share</title>"
        f"<link href='https://wire.example.org/share?to=reader@example.org'/><updated>{when}</updated><summary>It says so.</summary></entry>"
        f"<entry><id>2</id><title>Bundes\u00adregierung</title><link href='https://wire.example.org/2'/><updated>{when}</updated></entry></feed>"
    )
    (place.folder / "feed.xml").write_text(feed, encoding="utf-8")
    source = source_services.new_source(
        place.ctx, kind=SourceKind.FEED, location=str(place.folder / "feed.xml"), name="x", topic="Dış Haberler"
    )
    source_services.add_source(place.ctx, source)
    place.collect()

    assert place.send().issue.state is IssueState.SENT
    assert "Bundesregierung" in texts(place)["ann"]
