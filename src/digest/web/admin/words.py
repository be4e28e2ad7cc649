"""Words of the admin pages for roles, places, states and errors, in the visitor's language."""

from digest.errors import DigestError, TooMany
from digest.languages import Language
from digest.model.account import PASSWORD_MIN, Role
from digest.model.api import MOST_DAYS
from digest.model.issue import Issue
from digest.model.states import DeliveryState, IssueState, Skip
from digest.model.webhook import MessageState
from digest.services.bulk import MOST
from digest.services.dashboard import ToDo, ToDoKind


def role(spoken: Language, role: Role) -> str:
    """Return the name of a role."""
    _ = spoken.gettext
    return {Role.OWNER: _("owner"), Role.EDITOR: _("editor"), Role.VIEWER: _("viewer")}[role]


def role_means(spoken: Language, role: Role) -> str:
    """Return what a role may do."""
    _ = spoken.gettext
    return {
        Role.OWNER: _("May do everything, and lets others in."),
        Role.EDITOR: _("Changes what is published, and who gets it. Sends only where you allow it."),
        Role.VIEWER: _("Looks at everything and changes nothing."),
    }[role]


def places(spoken: Language) -> dict[str, str]:
    """Return the names of the places of the navigation, by path, and of its groups."""
    _ = spoken.gettext
    return {
        "/admin/": _("Today"),
        "/admin/issues": _("Issues"),
        "/admin/deliveries": _("Deliveries"),
        "/admin/bounces": _("Bounces"),
        "/admin/subscribers": _("Subscribers"),
        "/admin/lists": _("Lists"),
        "/admin/imports": _("Imports"),
        "/admin/suppressions": _("Suppressions"),
        "/admin/me": _("Your account"),
        "/admin/accounts": _("Accounts"),
        "/admin/charts": _("Charts"),
        "/admin/audit": _("Audit"),
        "/admin/doctor": _("Installation check"),
        "/admin/settings": _("Settings"),
        "/admin/more": _("More"),
        "/admin/newsletters": _("Newsletters"),
        "/admin/sources": _("Sources"),
        "people": _("People"),
        "paper": _("Paper"),
        "/admin/webhooks": _("Webhooks"),
        "/admin/tokens": _("API tokens"),
        "house": _("House"),
    }


def greeting(spoken: Language, hour: int, name: str) -> str:
    """Return a greeting by the hour of the day."""
    _ = spoken.gettext
    said = _("Good morning, %(name)s") if hour < 12 else _("Good day, %(name)s") if hour < 18 else _("Good evening, %(name)s")
    return said % {"name": name}


def delivery_states(spoken: Language) -> dict[DeliveryState, str]:
    """Return the names of the states of a delivery."""
    _ = spoken.gettext
    return {
        DeliveryState.QUEUED: _("queued"),
        DeliveryState.SENDING: _("sending"),
        DeliveryState.SENT: _("sent"),
        DeliveryState.DEFERRED: _("deferred"),
        DeliveryState.BOUNCED: _("bounced"),
        DeliveryState.UNSURE: _("unsure"),
        DeliveryState.SKIPPED: _("skipped"),
        DeliveryState.CANCELLED: _("cancelled"),
    }


def issue_states(spoken: Language) -> dict[IssueState, str]:
    """Return the names of the states of an issue."""
    _ = spoken.gettext
    return {
        IssueState.DRAFT: _("draft"),
        IssueState.READY: _("ready"),
        IssueState.SENDING: _("sending"),
        IssueState.SENT: _("sent"),
        IssueState.SKIPPED: _("skipped"),
        IssueState.HELD: _("held"),
        IssueState.CANCELLED: _("cancelled"),
    }


def message_states(spoken: Language) -> dict[MessageState, str]:
    """Return the names of the states of a message to a webhook."""
    _ = spoken.gettext
    return {
        MessageState.WAITING: _("waiting"),
        MessageState.DELIVERED: _("delivered"),
        MessageState.FAILED: _("failed"),
    }


def event_groups(spoken: Language) -> dict[str, str]:
    """Return what the groups of events are about."""
    _ = spoken.gettext
    return {
        "people": _("Readers and lists: who comes, leaves or changes something, imports, suppressions"),
        "issues": _("Issues and newsletters: what is frozen, sent, held, skipped or cancelled"),
        "deliveries": _("Mails that bounce or come back"),
        "sources": _("Sources that are added, fail or recover, and articles that editors change"),
        "house": _("Accounts, tokens and retention"),
    }


def to_do(spoken: Language, found: ToDo) -> str:
    """Return what waits for a person."""
    _ = spoken.gettext
    known = {
        ToDoKind.HELD: _("%(issue)s is held"),
        ToDoKind.APPROVAL: _("%(issue)s waits for approval"),
        ToDoKind.UNSURE: spoken.ngettext(
            "%(num)d delivery of %(issue)s is unsure", "%(num)d deliveries of %(issue)s are unsure", found.count
        ),
        ToDoKind.NO_SOURCES: _("%(title)s has no sources"),
        ToDoKind.NO_READERS: _("%(title)s has no readers"),
        ToDoKind.SETTING: spoken.ngettext(
            "%(num)d setting is missing for real mail", "%(num)d settings are missing for real mail", found.count
        ),
    }
    title = found.paper.title if found.paper else ""
    return known[found.kind] % {
        "title": title,
        "num": found.count,
        "issue": issue_name(spoken, found.issue, title) if found.issue else "",
    }


def to_do_more(spoken: Language, found: ToDo) -> str:
    """Return what is known of it, and what to do."""
    _ = spoken.gettext
    known = {
        ToDoKind.UNSURE: _("The connection ended after the content. They may or may not have it."),
        ToDoKind.NO_SOURCES: _("digest sources add ADDRESS gives it one."),
        ToDoKind.NO_READERS: _("digest subscribers import FILE.csv --list %(list)s brings them.") % {"list": found.said},
    }
    return known.get(found.kind, found.said)


def issue_name(spoken: Language, issue: Issue, title: str) -> str:
    """Return what an issue is called: its newsletter and its number, or its slot where it has none yet."""
    _ = spoken.gettext
    if issue.number is None:
        return f"{title}, {issue.slot}"
    if issue.is_correction:
        return _("%(title)s No. %(number)s, a correction") % {"title": title, "number": issue.number}
    return _("%(title)s No. %(number)s") % {"title": title, "number": issue.number}


def act(spoken: Language, act: str, count: int) -> str:
    """Return what a button about an issue does, and to how many."""
    return {
        "hold": spoken.count("Hold the remaining %(num)d", "Hold the remaining %(num)d", count)
        if count
        else spoken.gettext("Hold this issue"),
        "resume": spoken.gettext("Let it go on"),
        "settle": spoken.count("Settle %(num)d", "Settle %(num)d", count),
        "retry": spoken.count("Send %(num)d bounced one again", "Send %(num)d bounced ones again", count),
        "cancel": spoken.count("Cancel the remaining %(num)d", "Cancel the remaining %(num)d", count)
        if count
        else spoken.gettext("Cancel this issue"),
        "reopen": spoken.count("Reopen it for the remaining %(num)d", "Reopen it for the remaining %(num)d", count)
        if count
        else spoken.gettext("Reopen this issue"),
    }[act]


def act_means(spoken: Language, act: str, count: int) -> str:
    """Return what will happen, to how many, and how it can be undone."""
    _ = spoken.gettext
    return {
        "hold": _("Nothing more of it goes out until somebody lets it go on. What went out stays so."),
        "resume": _(
            "What waits goes out from now on. An issue of which nothing was queued is made anew from the stories of then."
        ),
        "settle": _("The connection ended after the content of these mails: nobody knows whether they arrived. You decide."),
        "retry": _("They are tried for two days from now, as if they had never been. Who has left or is suppressed stays out."),
        "cancel": spoken.count(
            "%(num)d reader does not get it. What went out stays so. Until it is too late for its slot, it can be reopened.",
            "%(num)d readers do not get it. What went out stays so. Until it is too late for its slot, it can be reopened.",
            count,
        ),
        "reopen": spoken.count(
            "%(num)d mail that was called off goes out from now on. Who has left or is suppressed stays out.",
            "%(num)d mails that were called off go out from now on. Who has left or is suppressed stays out.",
            count,
        )
        if count
        else _(
            "It is a draft again, with all that editors wanted of it, and goes out at its hour, or at once where that is over."
        ),
    }[act]


def reason(spoken: Language, said: str) -> str:
    """Return why a delivery was skipped; what else is said of one stays as it is."""
    _ = spoken.gettext
    known: dict[str, str] = {
        Skip.SUPPRESSED: _("suppressed"),
        Skip.LEFT: _("left the list"),
        Skip.PAUSED: _("paused"),
        Skip.TOPICS: _("no story of a topic that they want"),
        Skip.WITHDRAWN: _("every story was withdrawn"),
        Skip.ADDRESS: _("an address that cannot be mailed"),
        Skip.NEWER: _("a newer issue came before this one could go"),
    }
    return known.get(said, said)


def heading(spoken: Language, code: str) -> str:
    """Return the heading of a page that says why there is nothing else to see."""
    _ = spoken.gettext
    known = {
        "no_accounts": _("Nobody has an account yet"),
        "unsafe_host": _("These pages need https"),
        "foreign_form": _("Nothing was changed"),
        "not_permitted": _("Your role does not allow this"),
        "no_page": _("There is nothing here"),
        "too_many": _("Too many tries"),
    }
    return known.get(code) or _("That did not work")


def sentence(spoken: Language, code: str) -> str:
    """Return what a code means, with what to do; empty for an unknown one."""
    _ = spoken.gettext
    known = {
        "no_accounts": _(
            "Start digest serve: it prints a link that makes the first account. The link works once, for an hour; the next start prints a new one."
        ),
        "unsafe_host": _(
            "Open them at the address in DIGEST_BASE_URL, which must begin with https, or on the machine itself at localhost."
        ),
        "foreign_form": _(
            "The form did not come from our own page, or it was open for long. Go back, load the page again and send it once more."
        ),
        "not_permitted": _("Ask an owner for another role, or for the right to send."),
        "not_logged_in": _("You are not logged in any more."),
        "not_fresh": _("Log in again first: this changes how somebody logs in."),
        "no_page": _("The address leads nowhere, or what was there is gone."),
        "no_account": _("There is no such account any more."),
        "no_webhook": _("There is no such webhook any more."),
        "webhook_url": _("Give an https address without a user or a password in it."),
        "webhook_https": _("Give an https address."),
        "no_token": _("There is no such token any more."),
        "no_scope": _("Tick what it may do."),
        "scope": _("The account may not do all of that itself. Give it another role first, or ask for less."),
        "bad_token_days": _("Write a number of days, up to %(num)d.") % {"num": MOST_DAYS},
        "not_paused": _("That is not paused any more."),
        "no_passkey": _("There is no such passkey any more."),
        "no_welcome_link": _("This link was used, or is too old. Whoever gave it to you can make a new one."),
        "wrong_login": _("The address or the password is wrong."),
        "wrong_code": _("This code is wrong or was used already. Wait for the next one."),
        "wrong_app_code": _("That is not the code that the app shows now. Check that its clock is right."),
        "wrong_passkey": _("We do not know this passkey."),
        "passkey_refused": _("The passkey could not be made. Try again."),
        "provider_down": _("%(provider)s cannot be asked now. Log in another way, or try again in a minute."),
        "wrong_identity": _(
            "What %(provider)s said does not hold. Begin again; if it stays so, whoever runs this place finds the reason in its log."
        ),
        "oidc_refused": _("%(provider)s did not log you in."),
        "oidc_state": _("This log-in did not begin in this browser, or took too long. Begin again."),
        "no_linked_account": _(
            "You logged in at %(provider)s, but no account here is linked to you. Log in another way and link it on the page of your account, or ask an owner."
        ),
        "identity_taken": _("This person at %(provider)s is linked to another account."),
        "no_identity": _("The account is not linked any more."),
        "password_short": _("A password has at least %(num)d characters.") % {"num": PASSWORD_MIN},
        "password_long": _("This password is too long."),
        "password_known": _("This password is too easy to guess."),
        "bad_account_name": _("Give a name of up to 100 characters."),
        "bad_address": _("That is not an e-mail address. Write one like name@example.org."),
        "account_exists": _("This address has an account already."),
        "viewer_sends": _("A viewer cannot send. Make it an editor, or take the right to send away."),
        "last_owner": _("This is the last owner. Make another account an owner first."),
        "issue_moved_on": _("The issue has moved on meanwhile. Look at it again."),
        "count_changed": _("It is another number by now. Nothing was changed: look at it again."),
        "not_sent_again": _("The issue is over: nothing of it is sent again. You can only record them as sent."),
        "approval_closed": _("The issue is made anew. Where it needs your approval, a new mail asks you."),
        "approval_of_another": _("The draft was changed after you had opened it. It is frozen and waits: look at it again."),
        "approval_over": _("It was answered already, or has moved on. Look at it again."),
        "no_approval_needed": _("This newsletter asks for no approval."),
        "draft_frozen": _(
            "The issue is frozen: its mails stay as they are. Hold it, change it, and let it go on; it is made anew."
        ),
        "draft_closed": _("This issue is over. Open the desk again: it shows the one that comes next."),
        "no_story": _("There is no such story in this issue any more."),
        "no_section": _("There is no such section any more."),
        "no_headline": _("A story needs a headline."),
        "headline_long": _("The headline is too long."),
        "summary_long": _("The summary is too long."),
        "publisher_long": _("The publisher's name is too long."),
        "bad_link": _("That is not a web address. Write one like https://example.org/story."),
        "link_unread": _("The page could not be read, or holds no article. Write the story yourself, with the link."),
        "too_few_stories": _("There are too few stories for an issue so far."),
        "no_story_in_issue": _("There is no such story in this issue."),
        "not_published": _("The issue has not gone out: it can be changed at the desk, or cancelled."),
        "hold_first": _("Mails of the issue are going out. Hold it first: then its words can be changed for the rest."),
        "same_words": _("It has these words already."),
        "story_withdrawn": _("This story was withdrawn: it stays as it is."),
        "issue_amended": _(
            "The issue was changed after you had opened it. Your words stand here: look at it, and save them again."
        ),
        "nothing_wrong": _("No reader got anything that was changed since, or they were told of it already."),
        "wrong_in_hand": _("Some of the wrong mails are just being handed over. Try again in a minute."),
        "correction_on_its_way": _("A correction is on its way already."),
        "correction_over": _("This correction was called off before anybody got it. Make another one."),
        "is_correction": _("A correction stays as it is."),
        "no_story_chosen": _("Choose a story that it tells of."),
        "no_issue": _("There is no such issue."),
        "no_mail": _("Its reader was erased: it cannot be made again."),
        "no_delivery": _("There is no such delivery."),
        "no_bounce": _("There is no such report."),
        "nothing_held": _("No report on this issue waits for a decision any more."),
        "no_choice": _("Choose what becomes of them."),
        "nothing_undone": _("There is nothing to take back any more. Look at the report again."),
        "no_consent": _("Say how they agreed: it is kept as evidence of consent."),
        "no_subscriber": _("There is no such person any more."),
        "no_subscription": _("They never were on this list."),
        "no_list": _("There is no such list."),
        "no_lists": _("There is no list yet. Make one first."),
        "which_list": _("Choose a list."),
        "on_list": _("They are on this list already."),
        "left_list": _("They left this list: only they can return, by signing up again."),
        "suppressed": _("This address is never mailed. If its person asks to return, lift the suppression first."),
        "suppressed_already": _("This address is suppressed already."),
        "not_suppressed": _("This address is not suppressed."),
        "bad_pause": _("Give a day after today, within a year."),
        "bad_day": _("Write a day like 2026-03-03."),
        "bad_domain": _("Write a domain like example.org."),
        "bad_state": _("There is no such state."),
        "nobody_chosen": _("Nobody is chosen. Go back, and tick somebody."),
        "too_many_people": spoken.count(
            "They are too many for one change: narrow the search to %(num)d person.",
            "They are too many for one change: narrow the search to %(num)d people.",
            MOST,
        ),
        "empty_file": _("Choose a file that is not empty."),
        "no_web_address": _(
            "Give a web address that begins with https://. Folders and files of this machine are added by a command."
        ),
        "several_feeds": _("This page names several feeds. Choose the one that you want."),
        "source_known": _("This is a source already."),
        "which_newsletter": _("Choose a newsletter."),
        "no_newsletter": _("There is no such newsletter."),
        "no_source": _("There is no such source any more."),
        "no_rule": _("There is no such rule any more."),
        "rule_names_nothing": _("A rule needs words or topics, with commas between."),
        "bad_weight": _("A weight is a number above 0, and 10 at most."),
        "bad_number": _("Write a size from 1 to 100, and no more promised than that."),
        "bad_count": _("Write a number from 0 to 200."),
        "bad_minutes": _("Write a number of minutes, 1440 at most."),
        "newsletter_printed": _("It has issues, which are the record of what readers got: it stays. You can pause it."),
        "newsletter_exists": _("There is a newsletter of this name already."),
        "no_upload": _("The file is not there any more: it is kept for a day. Upload it again."),
        "no_import": _("There is no such import."),
        "not_typed": _("Type the address as it stands here, so that nobody is erased by mistake."),
        "bad_name": _("A name has small letters, digits and hyphens, and no more than 41 of them."),
        "list_exists": _("There is a list of this name already."),
        "list_in_use": _("A newsletter goes to this list: it stays."),
        "list_has_people": _("People are or were on this list, which is evidence of consent: it stays."),
        "no_ip": _("One of these is no IP address."),
        "needs_app": _("A password needs an app that makes codes."),
        "last_way": _("This is your only way to log in. Add another one first."),
    }
    return known.get(code, "")


def problem(spoken: Language, problem: DigestError) -> str:
    """Return what went wrong, with what to do."""
    if isinstance(problem, TooMany):
        minutes = max(1, round(problem.wait.total_seconds() / 60))
        return spoken.count(
            "There were too many tries. Wait %(num)d minute.", "There were too many tries. Wait %(num)d minutes.", minutes
        )
    return sentence(spoken, problem.code) or str(problem)
