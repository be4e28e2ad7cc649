"""What the admin pages say of roles, places and errors, in the language of whoever looks."""

from digest.errors import DigestError, TooMany
from digest.languages import Language
from digest.model.account import PASSWORD_MIN, Role


def role(spoken: Language, role: Role) -> str:
    """Return the name of a role."""
    _ = spoken.gettext
    return {Role.OWNER: _("owner"), Role.EDITOR: _("editor"), Role.VIEWER: _("viewer")}[role]


def role_means(spoken: Language, role: Role) -> str:
    """Return what a role may do."""
    _ = spoken.gettext
    return {
        Role.OWNER: _("May do everything, and lets others in."),
        Role.EDITOR: _("Changes what is published. Sends only where you allow it."),
        Role.VIEWER: _("Looks at everything and changes nothing."),
    }[role]


def places(spoken: Language) -> dict[str, str]:
    """Return the names of the places of the navigation, by path, and of its groups."""
    _ = spoken.gettext
    return {
        "/admin/me": _("Your account"),
        "/admin/accounts": _("Accounts"),
        "house": _("House"),
    }


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
        "no_passkey": _("There is no such passkey any more."),
        "no_welcome_link": _("This link was used, or is too old. Whoever gave it to you can make a new one."),
        "wrong_login": _("The address or the password is wrong."),
        "wrong_code": _("This code is wrong or was used already. Wait for the next one."),
        "wrong_app_code": _("That is not the code that the app shows now. Check that its clock is right."),
        "wrong_passkey": _("We do not know this passkey."),
        "passkey_refused": _("The passkey could not be made. Try again."),
        "password_short": _("A password has at least %(num)d characters.") % {"num": PASSWORD_MIN},
        "password_long": _("This password is too long."),
        "password_known": _("This password is too easy to guess."),
        "bad_account_name": _("Give a name of up to 100 characters."),
        "bad_address": _("That is not an e-mail address. Write one like name@example.org."),
        "account_exists": _("This address has an account already."),
        "viewer_sends": _("A viewer cannot send. Make it an editor, or take the right to send away."),
        "last_owner": _("This is the last owner. Make another account an owner first."),
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
