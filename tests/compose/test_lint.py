"""Every rule of the check can fail, and none does for a mail in order."""

import quopri
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.compose.lint import check
from digest.compose.lint.refresh import reduce
from digest.compose.mime import quoted_printable
from digest.model.finding import Expected
from tests.compose.cases import case, names
from tests.compose.making import PAPER

POSTAL = Expected(postal=PAPER.postal_address)
Change = Callable[[bytes], bytes]


@cache
def good() -> bytes:
    return case("digest-ledger").raw


def swap(old: str, new: str) -> Change:
    """In the message as it stands."""
    return lambda raw: raw.replace(old.encode(), new.encode(), 1)


def page(old: str, new: str) -> Change:
    """In the HTML part, encoded again."""

    def change(raw: bytes) -> bytes:
        head, mark, rest = raw.partition(
            b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        )
        body, end, tail = rest.rpartition(b"\r\n--=_digest")
        text = quopri.decodestring(body).decode().replace("\r\n", "\n")
        assert old in text, old
        return head + mark + quoted_printable(text.replace(old, new, 1)) + end + tail

    return change


def plain(old: str, new: str) -> Change:
    """In the text part, encoded again."""

    def change(raw: bytes) -> bytes:
        head, mark, rest = raw.partition(
            b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        )
        body, end, tail = rest.partition(b"\r\n--=_digest")
        text = quopri.decodestring(body).decode().replace("\r\n", "\n")
        assert old in text, old
        return head + mark + quoted_printable(text.replace(old, new, 1)) + end + tail

    return change


H1 = '<h1 class="title tx"'
BAD: list[tuple[str, Change]] = [
    ("line-ends", swap("\r\nDate", "\nDate")),
    ("nul", swap("X-Digest-Delivery: 7", "X-Digest-Delivery: \0" + "7")),
    ("line-length", lambda raw: raw.replace(b"\r\n\r\n", b"\r\n\r\n" + b"x" * 1000 + b"\r\n", 1)),
    ("last-line", lambda raw: raw[:-2]),
    ("from-line", lambda raw: raw.replace(b"\r\n\r\n", b"\r\n\r\nFrom me\r\n", 1)),
    ("lone-dot", lambda raw: raw.replace(b"\r\n\r\n", b"\r\n\r\n.\r\n", 1)),
    ("seven-bit", lambda raw: raw.replace(b"\r\n\r\n", "\r\n\r\nä\r\n".encode(), 1)),
    ("alternative", swap("multipart/alternative", "multipart/mixed")),
    ("mime-version", swap("MIME-Version: 1.0", "MIME-Version: 2.0")),
    ("boundary", lambda raw: raw.replace(b"--=_digest_0123456789ab--", b"")),
    ("transfer-encoding", swap("Content-Transfer-Encoding: quoted-printable", "Content-Transfer-Encoding: rot13")),
    ("quoted-printable", swap("Energy Monitor", "Energy=zzMonitor")),
    ("charset", swap("text/plain; charset=utf-8", "text/plain; charset=iso-8859-1")),
    ("controls", page("Grid batteries", "Grid \x92 batteries")),
    ("mojibake", page("Grid batteries", "Grid Ã¼ batteries")),
    ("left-over", page("Grid batteries", "Grid {{ name }} batteries")),
    ("header-controls", swap("Subject: ", "Subject: \x01")),
    ("header-form", swap("\r\nDate:", "\r\nnot a field\r\nDate:")),
    ("header-line-length", swap("\r\nDate:", "\r\nX-Long: " + "word " * 30 + "\r\nDate:")),
    ("fields", swap("\r\nDate:", "\r\nSubject: again\r\nDate:")),
    ("fields", swap("Message-ID:", "X-Message-ID:")),
    ("one-reader", swap("\r\nDate:", "\r\nCc: other@example.org\r\nDate:")),
    ("trace", swap("\r\nDate:", "\r\nReceived: from here\r\nDate:")),
    ("telltale", swap("\r\nDate:", "\r\nX-Mailer: digest\r\nDate:")),
    ("auto-submitted", swap("Auto-Submitted: auto-generated", "Auto-Submitted: no")),
    ("precedence", swap("\r\nDate:", "\r\nPrecedence: junk\r\nDate:")),
    ("date", swap("Date: Tue,", "Date: Wed,")),
    ("date", swap("Date: Tue, 03 Mar", "Date: Tue, 31 Feb")),
    ("address", swap("To: Ann Other <ann@example.org>", "To: ,")),
    ("address", swap("<ann@example.org>", "<ann@example.org>, <bob@example.org>")),
    ("display-name", swap("To: Ann Other", 'To: "boss@example.org"')),
    ("bidi", swap("Subject: ", "Subject: =?utf-8?q?=E2=80=AEevil?= ")),
    ("from-name", swap("The Morning Ledger <paper@ledger.example.org>", "paper@ledger.example.org")),
    ("from-domain", swap("<paper@ledger.example.org>", "<paper@gmail.com>")),
    ("noreply", swap("<paper@ledger.example.org>", "<no-reply@ledger.example.org>")),
    ("message-id", swap("Message-ID: <7.", "Message-ID: <7 7.")),
    ("encoded-word", swap("Subject: ", "Subject: x=?utf-8?q?y?= ")),
    ("encoded-word", swap("Subject: ", "Subject: =?nowhere?q?y?= ")),
    ("list-unsubscribe", swap("List-Unsubscribe: <https", "List-Unsubscribe: =?utf-8?q?=3C?= <https")),
    ("list-unsubscribe", swap("List-Unsubscribe: <https:", "List-Unsubscribe: <http:")),
    ("list-unsubscribe-post", swap("List-Unsubscribe=One-Click", "List-Unsubscribe=Two-Clicks")),
    ("list-id", swap("<daily.ledger.example.org>", "daily")),
    ("list-post", swap("List-Post: NO", "List-Post: <mailto:x@example.org>")),
    ("list-field", swap("List-Post:", "List-Help: nowhere\r\nList-Post:")),
    ("feedback-id", swap("Feedback-ID: 412:daily:issue:digest", "Feedback-ID: x")),
    ("bounce-id", swap("X-Digest-Delivery:", "X-Other:")),
    ("address-in-link", page("https://news.example.com/2026/03/03/2-what-happened", "https://x.example/?u=ann%40example.org")),
    ("subject", lambda raw: re.sub(rb"Subject: .*?\r\n(?! )", b"Subject: \r\n", raw, count=1, flags=re.DOTALL)),
    ("subject-length", swap("Subject: ", "Subject: " + "word " * 12)),
    ("thread", swap("Subject: ", "Subject: Re: ")),
    ("text-markup", plain("Grid batteries", "Grid &nbsp; batteries")),
    ("text-width", plain("Grid batteries", "Grid " * 20)),
    ("text-part", lambda raw: re.sub(rb"(quoted-printable\r\n\r\n).*?(\r\n--=_digest)", rb"\1\2", raw, count=1, flags=re.DOTALL)),
    ("same-stories", plain("Old ice core", "New ice core")),
    ("same-links", plain("https://news.example.com/2026/03/03/2-what-happened", "https://x.example/")),
    ("unsubscribe-text", plain("https://ledger.example.org/u/", "https://ledger.example.org/x/")),
    ("unsubscribe-html", page("https://ledger.example.org/u/", "https://ledger.example.org/x/")),
    ("postal-text", plain("12 Harbour Street", "Nowhere")),
    ("postal-html", page("12 Harbour Street", "Nowhere")),
    ("html-size", page("</body>", "<p>" + "word " * 20_000 + "</p></body>")),
    ("html-size", page("</body>", "<p>" + "word " * 10_000 + "</p></body>")),
    ("html-size-encoded", page("</body>", "<p>" + "wörd " * 9_000 + "</p></body>")),
    ("active", page("</body>", "<script>1</script></body>")),
    ("handlers", page(H1, '<h1 onclick="1" class="tx"')),
    ("refresh", page('<meta charset="utf-8">', '<meta charset="utf-8"><meta http-equiv="refresh" content="1">')),
    ("css-active", page(":root{", "@import 'x';:root{")),
    ("style-size", page(":root{", "/*" + "x" * 17_000 + "*/:root{")),
    ("style-place", page("</body>", "<style>p{color:#000}</style></body>")),
    ("css-risk", page(":root{", ".x{background:url(https://x.example/1.png)}:root{")),
    ("css-risk", page(":root{", ".x{:root{")),
    ("css-risk", page(":root{", "@media all{@font-face{x:y}}:root{")),
    ("links", page('href="https://news.example.com/2026/03/03/2-what-happened"', 'href="javascript:alert(1)"')),
    ("links", page("</body>", '<a href="https://[bad/x">x</a></body>')),
    ("contrast", page("</body>", '<p style="background-color:black;color:#333">x</p></body>')),
    ("contrast", page("</body>", '<p style="color:rgb(220, 220, 220)">x</p></body>')),
    ("link-name", page("</body>", '<a href="https://x.example/"></a></body>')),
    ("link-name", page("</body>", '<a href="https://x.example/">read more</a></body>')),
    ("link-disguise", page("</body>", '<a href="https://x.example/">https://bank.example/</a></body>')),
    ("link-disguise", page("</body>", '<a href="https://x.example/">bank.example</a></body>')),
    ("shortener", page("</body>", '<a href="https://bit.ly/x">a story</a></body>')),
    ("alt", page(' alt=""', "")),
    ("picture-address", page('src="https://pictures', 'src="http://pictures')),
    ("picture-width", page('alt="" width="600"', 'alt=""')),
    ("pixel", page("</body>", '<img src="https://x.example/1.gif" alt="" width="1" height="1"></body>')),
    ("doctype", page("<!DOCTYPE html>", "<!doctype html>")),
    ("language", page('<html lang="en" dir="ltr"', "<html")),
    ("language", page('<div lang="en" dir="ltr" style="display:none', '<div style="display:none')),
    ("headings", page(H1, '<h2 class="tx"')),
    ("headings", page("<h2", "<h4")),
    ("table-role", page('<table role="presentation" border="0" cellpadding="0" cellspacing="0" width="100%"', "<table")),
    ("long-word", lambda raw: page("word-break:break-word;", "")(page("</body>", "<p>" + "x" * 60 + "</p></body>")(raw))),
    ("title", page("<title>", "<title>Other: ")),
    ("preheader", page("display:none", "display:block")),
    ("preheader", page("mso-hide:all", 'mso-hide:all">x</div><div style="')),
    ("contrast", page("</body>", '<p style="color:#dddddd">pale</p></body>')),
    ("contrast", page(".tx{color:#ebe8e2", ".tx{color:#333333")),
    ("client-support", page("</body>", '<p style="display:grid">x</p></body>')),
    ("client-support", page("pictures.example.com/1.jpg", "pictures.example.com/1.webp")),
]


@pytest.mark.parametrize("name", names())
def test_a_mail_in_order_has_no_findings(name: str) -> None:
    made = case(name)

    assert check(made.raw, made.expected).findings == []


@pytest.mark.parametrize(("rule", "change"), BAD, ids=[f"{rule}-{i}" for i, (rule, _) in enumerate(BAD)])
def test_each_rule_can_fail(rule: str, change: Change) -> None:
    broken = change(good())

    assert broken != good()
    assert rule in {finding.rule for finding in check(broken, POSTAL).findings}


def test_a_system_mail_belongs_to_no_list() -> None:
    raw = case("confirm-en").raw.replace(b"MIME-Version", b"List-Id: <a.b>\r\nMIME-Version")

    assert [f.rule for f in check(raw, Expected(system=True)).findings] == ["system-list"]


def test_in_an_outbox_an_example_sender_is_a_warning() -> None:
    raw = good().replace(b"ledger.example.org", b"localhost")

    assert check(raw, Expected(outbox=True)).ok
    assert not check(raw).ok


@given(raw=st.binary(max_size=400), at=st.integers(0, 4000), cut=st.integers(0, 40))
@settings(max_examples=200)
def test_any_bytes_are_read_and_nothing_raises(raw: bytes, at: int, cut: int) -> None:
    check(raw)
    check(good()[:at] + raw + good()[at + cut :])


def test_every_rule_is_in_the_reference() -> None:
    told = (Path(__file__).parent.parent.parent / "docs" / "reference" / "mail-quality.md").read_text(encoding="utf-8")
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(check.__code__.co_filename).parent.glob("*.py"))
    rules = set(re.findall(r'(?:error|warning|_error_unless_outbox|make)\(\s*(?:expected, )?"([a-z-]+)"', sources)) - {"rule"}

    assert len(rules) > 60
    assert sorted(rule for rule in rules if f"`{rule}`" not in told) == []


def test_what_the_independent_checker_calls_broken_we_find_too(shared: Path, tmp_path: Path) -> None:
    """Its self-test has one bad mail for each of its rules; each must be found by ours too."""
    made = subprocess.run(
        [sys.executable, "-B", str(shared / "tools" / "msgcheck" / "selftest.py"), "--write", str(tmp_path)],
        capture_output=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    theirs = Expected(postal="Ledger Press, 12 Harbour Street, 20095 Hamburg")
    usual = {f.rule + f.message for f in check((tmp_path / "good.eml").read_bytes(), theirs).findings}
    missed = [
        path.stem
        for path in sorted(tmp_path.glob("M*.eml"))
        if not {f.rule + f.message for f in check(path.read_bytes(), theirs).findings} - usual
    ]

    # An age needs a clock, a verification the published key (`check --dns` asks for that); the mailto comes with the bounce mailbox.
    assert set(missed) <= {"M23-date_age", "M68-lu_mailto", "M92-dkim_times", "M94-dkim_verifies"}


@pytest.mark.parametrize(
    "html",
    [
        '<p style="background-color:#000;color:white">x</p>',
        '<p style="background:black;color:#fff">x</p>',
        '<p style="display:none !important;color:#fff;background-color:#fff">x</p>',
        '<p style="background-color:rgb(0,0,0);color:rgba(255,255,255,1)">x</p>',
    ],
)
def test_colours_are_read_however_they_are_written(html: str) -> None:
    assert "contrast" not in {f.rule for f in check(page("</body>", html + "</body>")(good()), POSTAL).findings}


@pytest.mark.parametrize(
    ("sender", "relay", "fine"),
    [
        ("me@gmail.com", "smtp.gmail.com", True),
        ("me@hotmail.com", "smtp-mail.outlook.com", True),
        ("me@gmail.com", "smtp.notgmail.com", False),
    ],
)
def test_a_providers_own_relay_sends_for_its_users(sender: str, relay: str, fine: bool) -> None:
    raw = good().replace(b"<paper@ledger.example.org>", f"<{sender}>".encode())

    assert ("from-domain" not in {f.rule for f in check(raw, Expected(relay=relay)).findings}) == fine


def test_of_the_published_support_of_clients_the_newest_answer_counts_and_of_variants_the_worst() -> None:
    stats = {
        "apple-mail": {"macos": {"12": "n", "16": "y"}, "ios": {"13": "y #1"}},
        "gmail": {"desktop-webmail": {"2019-08": "y"}, "ios": {"2019-08": "y"}, "android": {"2019-08": "a #2"}},
        "outlook": {"windows": {"2019": "n", "2021": "n #1"}},
    }
    published = {"last_update_date": "2026-01-02", "data": [{"slug": "css-gap", "stats": stats}]}

    found = reduce(published, "MIT")

    assert found["features"] == {"css-gap": {"Apple Mail": "y", "Gmail": "a", "Outlook for Windows (Word)": "n"}}
    assert (found["date"], found["licence"]) == ("2026-01-02", "MIT")
