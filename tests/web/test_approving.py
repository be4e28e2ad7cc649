"""The page that the mail to an approver leads to: it needs no account, and opening it changes nothing."""

from collections.abc import Iterator

import pytest

from digest.model.account import Role
from digest.model.states import ApprovalPolicy, IssueState
from digest.services import approvals, issues, newsletters
from digest.services.newsletters import Changes
from digest.store import approvals as rows
from tests.support.newsroom import ORIGIN, Browser, browsers, hidden, person
from tests.support.place import Place

pytestmark = pytest.mark.any_database

NASTY = "\"'><script>alert(1)</script>"


@pytest.fixture
def asked(place: Place) -> Place:
    """An issue that waits for an approval, at 06:00 of its day."""
    place.clock.turn(hours=-1)
    place.readers("ann@example.org")
    place.drop("A harbour opens", NASTY)
    place.collect()
    newsletters.change(place.ctx, "daily", Changes(approval=ApprovalPolicy.REQUIRED, approvers="jonas@example.org"))
    approvals.tick(place.ctx)
    return place


@pytest.fixture
def browser(asked: Place) -> Iterator[Browser]:
    with browsers(asked) as (made, *_):
        yield made


def path(place: Place) -> str:
    with place.ctx.db.read() as tx:
        [request] = rows.of_issue(tx, 1)
    return approvals.link(place.ctx, request).removeprefix("https://ledger.example.org")


def state(place: Place) -> IssueState:
    return issues.show(place.ctx, newsletter="daily", key="1").state


def test_opening_the_page_shows_what_goes_where_and_changes_nothing(asked: Place, browser: Browser) -> None:
    page, mail = browser.open(path(asked)), browser.open(f"{path(asked)}/issue")

    assert "Asked of jonas@example.org" in page.text
    assert "Approve it for 1 reader<" in page.text
    assert "else it is held" in page.text
    assert "A harbour opens" in mail.text
    assert "<script>alert" not in page.text + mail.text
    assert "sandbox" in mail.headers["content-security-policy"]
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    assert state(asked) is IssueState.READY
    assert issues.show(asked.ctx, newsletter="daily", key="1").approved_at is None


def test_a_button_approves_once_without_an_account(asked: Place, browser: Browser) -> None:
    fields = hidden(browser.open(path(asked)).text)
    done = browser.send(path(asked), answer="approve", note="")
    ours = {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN}
    again = browser.client.post(path(asked), data={**fields, "answer": "hold"}, headers=ours)

    assert "You have approved it." in done.text
    assert again.status_code == 409
    assert issues.show(asked.ctx, newsletter="daily", key="1").approved_by == "jonas@example.org"
    assert state(asked) is IssueState.READY


def test_the_other_button_holds_it_with_what_is_wrong(asked: Place, browser: Browser) -> None:
    done = browser.send(path(asked), answer="hold", note=NASTY)

    assert "You hold it." in done.text
    assert "<script>alert" not in done.text
    assert state(asked) is IssueState.HELD


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, {}])
def test_a_form_from_elsewhere_answers_nothing(asked: Place, browser: Browser, headers: dict[str, str]) -> None:
    fields = hidden(browser.open(path(asked)).text)
    refused = browser.client.post(path(asked), data={**fields, "answer": "approve"}, headers=headers)
    scanner = browser.send(path(asked), answer="")

    assert refused.status_code == 403
    assert scanner.status_code == 400
    assert issues.show(asked.ctx, newsletter="daily", key="1").approved_at is None


def test_a_forged_link_and_one_of_an_issue_that_is_made_anew_lead_nowhere(asked: Place, browser: Browser) -> None:
    real = path(asked)
    issues.hold(asked.ctx, 1, reason="a slip")
    held = browser.open(real).text
    issues.resume(asked.ctx, 1)

    assert "It is held meanwhile:" in held
    assert [browser.open(where).status_code for where in (real, real[:-2], f"{real}x/issue")] == [404] * 3


def test_the_desk_shows_the_approval_and_lets_those_approve_who_may_send(asked: Place) -> None:
    mara = person(asked)
    jonas = person(asked, "jonas@ledger.example.org", role=Role.EDITOR)
    with browsers(asked) as (first, second, _):
        first.log_in(asked, mara)
        second.log_in(asked, jonas)
        assert "The Morning Ledger No. 1 waits for approval" in first.open("/admin/").text
        waits, editors = first.open("/admin/desk/daily").text, second.open("/admin/desk/daily").text
        refused = second.send("/admin/desk/daily/approve", "/admin/desk/daily", slot="", revision="0")
        first.send("/admin/desk/daily/approve", "/admin/desk/daily")
        done = first.open("/admin/desk/daily").text

    assert "Approve it as it is" in waits
    assert "Approve it as it is" not in editors
    assert refused.status_code == 403
    assert "approved by Mara" in done
    assert issues.show(asked.ctx, newsletter="daily", key="1").approved_by == "Mara"
