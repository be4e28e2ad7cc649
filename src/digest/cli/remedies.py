"""
The remedies of the command line: for each code of an error, the command that a person can type.

An error names the thing and the problem, and says nothing of commands or settings: a page and an API
word their remedies in their own way. A remedy is a template over the error's facts; `{at}` is the option
that names the newsletter, where the error knows it.
"""

from collections.abc import Mapping

from digest.errors import DigestError

REMEDIES: Mapping[str, str] = {
    # what is not there
    "no_token": "`digest tokens list` shows them",
    "no_webhook": "`digest webhooks list` shows them",
    "webhook_https": "say --allow-private for one of your own",
    "no_account": "`digest accounts list` shows them",
    "no_identity": "`digest accounts list` shows how each logs in",
    "no_article": "`digest articles list` shows them",
    "no_bounce": "`digest bounces list` shows them",
    "no_mailbox": "set DIGEST_BOUNCE_MAILBOX, or name one with --mailbox",
    "no_delivery": "`digest deliveries list` shows them",
    "no_issue": "`digest issues list{at}` shows them",
    "no_lists": "`digest lists add {name}` makes it",
    "no_newsletters": "`digest init` makes the first",
    "no_rule": "`digest rules list --newsletter NAME` shows those of a newsletter",
    "no_section": "`digest sections list{at}` names them",
    "no_story": "`digest issues draft --newsletter NAME` shows their numbers",
    "no_story_in_issue": "`digest issues show NUMBER` lists its stories",
    "no_source": "`digest sources list` names them",
    "no_subscriber": "`digest subscribers list` shows them",
    "no_readers": "`digest subscribers import FILE.csv --list {list}` brings them",
    "no_sources": "add one with `digest sources add URL-FILE-OR-FOLDER --newsletter NAME`",
    # which one is meant
    "which_list": "name one with --list",
    "which_newsletter": "say which publishes from it with --newsletter",
    "rule_names_nothing": "give --words or --topic",
    # the database
    "no_database": "run `digest init` first",
    "no_tables": "run `digest init` first",
    "database_older": "run `digest init` to bring it up, data is kept",
    "database_setting": "check DIGEST_DATABASE_URL",
    "database_encoding": "`createdb --encoding=UTF8 --template=template0 NAME` makes one that DIGEST_DATABASE_URL can name",
    "no_server_database": "`createdb --owner={user} --encoding=UTF8 --template=template0 {name}` on the server makes it",
    "not_database_owner": "as the server's administrator: `ALTER DATABASE {name} OWNER TO {user}`",
    "database_in_use": "stop `digest serve`, workers and other commands, then run the same command again",
    "database_moving": "`digest move --to URL --yes` goes on with that, `digest move --cancel` calls it off",
    "database_moved": "set DIGEST_DATABASE_URL to that one",
    "database_unfinished": "run `digest move` again where the rows come from",
    "copy_differs": "`digest move --cancel` uses the old database again; then empty the new one, and begin anew",
    # sources
    "source_missing": "`digest sources remove {source}` forgets it",
    "certificate": "DIGEST_CA_FILE makes digest trust an authority of your own",
    "nothing_due": "`digest collect --force` reads them all again",
    # mails
    "template_folder": "check DIGEST_TEMPLATES",
    "no_secrets": "`digest init` makes one",
    "no_signing_key": "put the key back into DIGEST_DKIM_KEYS",
    "unfit_to_send": "`digest check {newsletter}` lists them",
    # relays
    "relay_url": "it is in DIGEST_SMTP_URL",
    "no_password": "DIGEST_SMTP_URL has the user, DIGEST_SMTP_TOKEN_COMMAND is the command",
    "token_command": "it is DIGEST_SMTP_TOKEN_COMMAND",
    "token_server": "it is DIGEST_SMTP_TOKEN_URL",
    "refresh_token": "it is DIGEST_SMTP_REFRESH_TOKEN",
    "relay_paused": "`digest bounces resume {relay}` ends that",
    "outbox_file": "it is named in DIGEST_SMTP_URL",
    # issues, deliveries and people
    "too_few_stories": "`digest send {newsletter} --dry-run --explain` says why each story is out",
    "not_held": "`digest issues reopen NUMBER` takes a cancelled one up again",
    "not_cancelled": "`digest issues resume NUMBER` lets a held one go on",
    "not_approved": "`digest issues approve --newsletter {newsletter}` lets it go",
    "no_approval_needed": "`digest newsletters set {newsletter} --approval required` has its approvers asked",
    "draft_frozen": "`digest issues list{at}` shows where it stands",
    "nothing_is_due": "`digest newsletters set {newsletter} --resume` ends the pause",
    "issue_unread": "`digest issues resume {issue}` has it made anew",
    "list_not_offered": "`digest lists set {list} --public` opens it; a newsletter must go to it too",
    "not_published": "`digest issues cancel {issue}` calls it off",
    "too_many_removals": "if that is meant, say --force-removals",
    "not_a_file": "leave --out away to write to the terminal or a pipe",
    "suppressed": "if the person asks to return, `digest suppress remove {address}` first",
    "not_sent_again": "say --mark-sent",
    "hold_first": "`digest issues hold {issue}`",
    "is_correction": "`digest issues cancel NUMBER` calls it off",
    "correction_over": "`digest issues correct NUMBER`",
    "nothing_wrong": "`digest issues edit NUMBER --story PLACE --headline TEXT` changes words, `digest issues withdraw NUMBER --story PLACE` takes a story out",
    "story_not_wrong": "`digest issues correct NUMBER --dry-run` without --story tells of all that were changed",
    # accounts
    "account_exists": "`digest accounts set {address}` changes it, `digest accounts reset {address}` makes a new link",
    "last_owner": "`digest accounts set ADDRESS --role owner` makes another one",
    "viewer_sends": "say --role editor, or --no-send",
    "no_secrets_in_backup": "leave --secrets away, and set the secrets of the backup's place in .env",
    "not_empty": "name an empty database, or work in an empty folder",
    "address_in_use": "name another with --port",
    "needs_server": "name a server in DIGEST_DATABASE_URL, or leave it to `digest serve`, which does everything itself",
}

#: The same for findings that have a remedy, by rule.
FINDINGS: Mapping[str, str] = {
    "postal-html": "put DIGEST_POSTAL_ADDRESS into the footer",
    "postal-text": "put DIGEST_POSTAL_ADDRESS into the footer",
    "dkim": "set DIGEST_DKIM_KEYS",
    "from-name": "write DIGEST_FROM=Name <address>",
    "list-unsubscribe": "set DIGEST_BASE_URL to an https address",
}

#: The same for checks of an installation, by rule; `{where}` is the thing that was checked.
CHECKS: Mapping[str, str] = {
    "secrets": "`digest init` makes one",
    "newsletter": "`digest init` makes the first",
    "source": "`digest sources test {where}` says more",
    "sources": "`digest sources add URL-FILE-OR-FOLDER --newsletter {where}` adds one",
    "readers": "`digest subscribers import FILE.csv --list {where}` brings them",
    "theme": "`digest newsletters set {where} --theme NAME` chooses another",
    "signature": "`digest dkim new SELECTOR` makes a key for DIGEST_DKIM_KEYS; or let the relay sign",
    "sending-address": "name it with --sending-address",
    "backup": "`digest backup FILE` makes one; with DIGEST_BACKUP_DIR `digest serve` makes one a day",
    "unreachable": "is `digest serve` running, and the proxy before it?",
    "proxy": "the proxy must pass every path on to `digest serve`",
}


class _Facts(dict[str, object]):
    """Facts by name; one that an error lacks is left for the person to fill in: `LIST`."""

    def __missing__(self, name: str) -> str:
        return name.upper()


def remedy(code: str, facts: Mapping[str, object]) -> str:
    """Word the remedy of a code as something that a person can type; empty where there is none."""
    newsletter = facts.get("newsletter")
    words = _Facts(facts, at=f" --newsletter {newsletter}" if newsletter else "")
    return REMEDIES.get(code, "").format_map(words)


def of_finding(rule: str, remedy: str) -> str:
    """Return the remedy of a finding, with the setting where it is one; empty where it has none."""
    return FINDINGS.get(rule, remedy) if remedy else ""


def of_check(rule: str, where: str, said: str) -> str:
    """Return the remedy of a check of the installation: a command where there is one, else what the check itself says."""
    return CHECKS.get(rule, "").format(where=where) or said or remedy(rule, {})


def worded(problem: DigestError) -> str:
    """Format an error with its remedy; where several things are wrong, each line has its own."""
    said = remedy(problem.code, problem.facts)
    return "\n".join(f"{line}; {said}" if said else line for line in str(problem).splitlines())
