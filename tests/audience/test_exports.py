"""The exports of other systems: who left arrives as left, who bounced or was blocked as suppressed, and nobody of them active."""

import csv
import io
from dataclasses import dataclass

import pytest

from digest.audience.standing import Says, of_cell, of_file
from tests.audience.lists import counts, people, take
from tests.support.place import Place

pytestmark = pytest.mark.any_database


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A system's export: its header, a line for each person, and how each arrives (nothing: not stored)."""

    system: str
    header: str
    lines: dict[str, str]  #: the line, with `@` for the address → how the person arrives
    file: str = "export.csv"
    separator: str = ","


def export(system: str, header: str, lines: dict[str, str], file: str = "export.csv", separator: str = ",") -> Export:
    return Export(system=system, header=header, lines=lines, file=file, separator=separator)


ACTIVE, LEFT, NEVER, PENDING, ABSENT = "active", "unsubscribed", "never", "pending", ""
MAILCHIMP = "Email Address,First Name,Last Name,Address,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP"
MAILCHIMP_END = "LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS"
MEMBER = "@,Ann,Ash,12 Quay St,2,2021-03-04 10:00:00,192.0.2.1,2021-03-04 10:01:00,192.0.2.1"
MEMBER_END = '38.7,-9.1,0,1,Europe/Lisbon,pt,11,2024-01-01 00:00:00,1,2,,"""VIP"""'
EXPORTS = [
    export(
        "digest",
        "address,name,language,zone,list,state,since,evidence",
        {
            "@,A,en,,readers,active,2026-01-01T00:00:00+00:00,x": ACTIVE,
            "@,A,en,,readers,unsubscribed,2026-01-01T00:00:00+00:00,x": LEFT,
            "@,A,en,,readers,pending,2026-01-01T00:00:00+00:00,x": PENDING,
            "@,A,en,,,,,": ABSENT,
        },
    ),
    export(
        "listmonk",
        "uuid,email,name,attributes,status,created_at,updated_at",
        {
            'u,@,A,"{""a"":1}",enabled,2024-01-01 10:00:00.1 +0000 UTC,x': ACTIVE,
            "u,@,A,{},blocklisted,x,x": NEVER,
            "u,@,A,{},disabled,x,x": LEFT,
        },
    ),
    export(
        "Mailchimp, subscribed",
        f"{MAILCHIMP},{MAILCHIMP_END}",
        {f"{MEMBER},{MEMBER_END}": ACTIVE},
        "subscribed_members_export_1a2b.csv",
    ),
    export(
        "Mailchimp, unsubscribed",
        f"{MAILCHIMP},UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER,{MAILCHIMP_END}",
        {f"{MEMBER},2026-01-01 10:00:00,May,1,NORMAL,,{MEMBER_END}": LEFT},
        "unsubscribed_email_audience_export_1a2b.csv",
    ),
    export(
        "Mailchimp, unsubscribed, renamed", "Email Address,UNSUB_TIME", {"@,2026-01-01 10:00:00": LEFT, "@,": ACTIVE}, "may.csv"
    ),
    export(
        "Mailchimp, cleaned",
        f"{MAILCHIMP},CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,{MAILCHIMP_END}",
        {f"{MEMBER},2026-01-01 10:00:00,May,1,{MEMBER_END}": NEVER},
        "cleaned_members_export_1a2b.csv",
    ),
    export(
        "Mailchimp, nonsubscribed",
        f"{MAILCHIMP},{MAILCHIMP_END}",
        {f"{MEMBER},{MEMBER_END}": ABSENT},
        "nonsubscribed_members_export_1a2b.csv",
    ),
    export(
        "Substack",
        "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at",
        {"@,false,,other,false,2025-01-01T00:00:00.000Z,": ACTIVE, "@,true,,yearly,true,2025-01-01T00:00:00.000Z,": LEFT},
        "email_list.paper.csv",
    ),
    export(
        "Ghost",
        "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers",
        {
            "1,@,A,,true,false,,2025-01-01T00:00:00.000Z,,,": ACTIVE,
            "1,@,A,,false,false,,2025-01-01T00:00:00.000Z,,,": LEFT,
            "1,@,A,,true,false,,2025-01-01T00:00:00.000Z,2025-02-01T00:00:00.000Z,,": LEFT,
        },
    ),
    export(
        "Keila",
        "Email,First name,Last name,Status,Data",
        {"@,A,B,active,{}": ACTIVE, "@,A,B,unsubscribed,{}": LEFT, "@,A,B,unreachable,{}": NEVER},
    ),
    export(
        "Buttondown",
        "id,creation_date,email_address,notes,metadata,tags,referrer_url,type,source",
        {
            f"1,2025-01-01,@,,{{}},,,{state},api": how
            for state, how in {
                "regular": ACTIVE,
                "premium": ACTIVE,
                "unactivated": PENDING,
                "unsubscribed": LEFT,
                "removed": LEFT,
                "spammy": NEVER,
                "complained": NEVER,
                "undeliverable": NEVER,
            }.items()
        },
    ),
    export(
        "phpList",
        "email,confirmed,blacklisted,optedin,bouncecount,entered,disabled,List Membership",
        {
            "@,1,0,1,3,2024-01-01,0,News": ACTIVE,
            "@,0,0,0,0,x,0,News": PENDING,
            "@,1,1,1,0,x,0,News": NEVER,
            "@,1,0,1,0,x,1,News": LEFT,
        },
    ),
    export(
        "phpList 3, by label",
        "Email\tIs the email of this user confirmed\tIs this user blacklisted\tNumber of bounces on this user",
        {"@\t1\t0\t0": ACTIVE, "@\t0\t0\t0": PENDING, "@\t1\t1\t9": NEVER},
        separator="\t",
    ),
    export(
        "Mailtrain",
        "cid,status,HASH_EMAIL,EMAIL,MERGE_NAME",
        {
            "c,subscribed,h,@,A": ACTIVE,
            "c,unsubscribed,h,@,A": LEFT,
            "c,bounced,h,@,A": NEVER,
            "c,complained,h,@,A": NEVER,
        },
    ),
    export("Mailtrain, by code", "cid,status,EMAIL", {"c,1,@": ACTIVE, "c,2,@": LEFT, "c,3,@": NEVER, "c,4,@": NEVER}),
    export(
        "MailerLite",
        "Subscriber,Name,Last name,State,Status,Opens,Subscribed,Unsubscribed",
        {
            "@,A,B,Ohio,active,3,2025-01-01 10:00:00,": ACTIVE,
            "@,A,B,Ohio,unsubscribed,3,2025-01-01 10:00:00,2025-02-01 10:00:00": LEFT,
            "@,A,B,,unconfirmed,0,,": PENDING,
            "@,A,B,,bounced,0,2025-01-01 10:00:00,": NEVER,
            "@,A,B,,junk,0,2025-01-01 10:00:00,": NEVER,
        },
    ),
    export(
        "Brevo",
        "CONTACT ID;EMAIL;FIRSTNAME;LASTNAME;SMS;DOUBLE_OPT-IN;ADDED_TIME;EMAIL_BLACKLISTED",
        {"1;@;A;B;;1;01-01-2025;false": ACTIVE, "1;@;A;B;;2;01-01-2025;true": NEVER},
        separator=";",
    ),
    export("Brevo, status", "EMAIL,email_marketing", {"@,Subscribed": ACTIVE, "@,Unsubscribed": LEFT, "@,Blocklisted": NEVER}),
    export(
        "Google Contacts",
        "First Name,Middle Name,Last Name,Organization Name,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value",
        {"A,,B,,,* myContacts,Home,@,,": ACTIVE, "A,,B,,,,,,Work,@": ACTIVE, "A,,B,,,,Home,@ ::: x@other.example,,": ACTIVE},
    ),
    export(
        "Outlook",
        "First Name,Last Name,Company,Home Street,Home State,Business State,E-mail Address,E-mail Type,E-mail 2 Address,Language,Private",
        {"A,B,,1 Rd,Texas,,@,SMTP,,,False": ACTIVE},
    ),
    export(
        "Kit",
        "id,first_name,email,state,created_at",
        {
            "1,A,@,active,x": ACTIVE,
            "1,A,@,cancelled,x": LEFT,
            "1,A,@,bounced,x": NEVER,
            "1,A,@,complained,x": NEVER,
            "1,A,@,inactive,x": LEFT,
        },
    ),
    export(
        "beehiiv",
        "email,status,created,subscription_tier,utm_source",
        {
            "@,active,x,free,": ACTIVE,
            "@,inactive,x,free,": LEFT,
            "@,pending,x,free,": PENDING,
            "@,validating,x,free,": PENDING,
            "@,invalid,x,free,": NEVER,
        },
    ),
    export(
        "Klaviyo",
        "Email,First Name,Email Marketing Consent,Email Suppressions",
        {
            "@,A,SUBSCRIBED,[]": ACTIVE,
            "@,A,UNSUBSCRIBED,[]": LEFT,
            "@,A,NEVER_SUBSCRIBED,": ABSENT,
            "@,A,,": ABSENT,
            "@,A,SUBSCRIBED,HARD_BOUNCE": NEVER,
        },
    ),
    export("Shopify", "First Name,Email,Accepts Email Marketing", {"A,@,yes": ACTIVE, "A,@,no": LEFT}),
    export(
        "HubSpot",
        "Email,Unsubscribed from all email,Email hard bounce reason",
        {"@,,": ACTIVE, "@,true,": LEFT, "@,,UNKNOWN_USER": NEVER},
    ),
    export(
        "Sendy",
        "Name,Email,Status",
        {
            "A,@,Subscribed": ACTIVE,
            "A,@,Unsubscribed": LEFT,
            "A,@,Marked as spam": NEVER,
            "A,@,Soft bounced": NEVER,
            "A,@,Unconfirmed": PENDING,
        },
    ),
    export(
        "MailPoet",
        "Email,First name,List,List status,Global status",
        {
            "@,A,L,Subscribed,Subscribed": ACTIVE,
            "@,A,L,Subscribed,Unsubscribed": LEFT,
            "@,A,L,Unconfirmed,Subscribed": PENDING,
            "@,A,L,,Bounced": NEVER,
        },
    ),
    export(
        "The Newsletter Plugin",
        "email;name;status",
        {"@;A;C": ACTIVE, "@;A;S": PENDING, "@;A;U": LEFT, "@;A;B": NEVER, "@;A;P": NEVER},
        separator=";",
    ),
    export("Resend", "id,email,unsubscribed", {"1,@,false": ACTIVE, "1,@,true": LEFT}),
    export(
        "in German",
        "E-Mail-Adresse;Vorname;Status",
        {"@;A;Aktiv": ACTIVE, "@;A;Abgemeldet": LEFT, "@;A;Unbestätigt": PENDING, "@;A;Gesperrt": NEVER},
        separator=";",
    ),
    export(
        "in French",
        "Adresse e-mail;Statut",
        {"@;Abonné": ACTIVE, "@;Désabonné": LEFT, "@;En attente": PENDING, "@;Bloqué": NEVER},
        separator=";",
    ),
    export("a list of bounces", "email,reason", {"@,550 no such user": NEVER}, "bounces-2026.csv"),
    export("a contact list with provinces", "Email,City,State,Type", {"@,Austin,TX,Customer": ACTIVE, "@,Salem,OR,Lead": ACTIVE}),
]


def written(export: Export) -> tuple[str, dict[str, str]]:
    """The file, and how the person of each address arrives."""
    lines, arrives = [export.header], {}
    for number, (line, how) in enumerate(export.lines.items()):
        address = f"p{number}@{export.system.split(',')[0].replace(' ', '-').lower()}.example"
        lines.append(line.replace("@", address, 1))
        arrives[address] = how
    return "\r\n".join(lines) + "\r\n", arrives


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.system)
def test_everybody_arrives_as_they_left_the_other_system(place: Place, export: Export) -> None:
    text, arrives = written(export)

    report = take(place, text, name=export.file)

    assert report.rejects == []
    assert people(place) == {address: how for address, how in arrives.items() if how != ABSENT}
    names = {ACTIVE: "added", LEFT: "left", NEVER: "suppressed", PENDING: "unconfirmed", ABSENT: "not_subscribed"}
    told = list(arrives.values())
    assert counts(report) == {names[how]: told.count(how) for how in names if how in told}


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.system)
def test_columns_may_stand_in_any_order(place: Place, export: Export) -> None:
    text, arrives = written(export)
    turned = io.StringIO()
    rows = [row[::-1] for row in csv.reader(io.StringIO(text), delimiter=export.separator)]
    csv.writer(turned, delimiter=export.separator).writerows(rows)

    take(place, turned.getvalue(), name=export.file)

    assert people(place) == {address: how for address, how in arrives.items() if how != ABSENT}


def test_what_the_export_tells_is_kept_as_evidence(place: Place) -> None:
    from digest.store import subscribers

    take(place, "email,OPTIN_TIME,OPTIN_IP\nann@example.org,2021-03-04 10:00:00,192.0.2.1\n")
    take(place, "email,status,UNSUB_TIME\nbob@example.org,unsubscribed,2026-01-01 10:00:00\n")
    take(place, "email,blocklisted\ncy@example.org,yes\n")

    with place.ctx.db.read() as tx:
        ties = {person.address: tie for person, tie, _ in subscribers.each(tx) if tie}
        [never] = subscribers.suppressions(tx)
    assert ties["ann@example.org"].evidence.endswith("UTC; joined 2021-03-04 10:00:00 from 192.0.2.1")
    assert "there: UNSUB_TIME: 2026-01-01 10:00:00" in ties["bob@example.org"].evidence
    assert ties["bob@example.org"].left_at
    assert f"{ties['bob@example.org'].left_at:%Y-%m-%d %H:%M}" == "2026-01-01 10:00"
    assert never.reason.startswith("blocklisted: yes (")


def test_a_departure_that_is_still_to_come_is_dated_now(place: Place) -> None:
    from digest.store import subscribers

    take(place, "email,unsubscribed_at\nann@example.org,2099-01-01T00:00:00Z\n")

    with place.ctx.db.read() as tx:
        [(_, tie, _)] = subscribers.each(tx)
    assert tie
    assert tie.left_at
    assert f"{tie.left_at:%Y-%m-%d}" == "2026-03-03"


def test_an_active_reader_whom_a_later_file_calls_unsubscribed_leaves(place: Place) -> None:
    take(place, "email\nann@example.org\nbob@example.org\n")

    report = take(place, "Email Address,UNSUB_TIME\nann@example.org,2026-01-01 10:00:00\n", name="unsubscribed.csv")

    assert counts(report) == {"left": 1}
    assert people(place) == {"ann@example.org": "unsubscribed", "bob@example.org": "active"}


def test_an_unknown_state_rejects_its_line_and_names_the_remedy(place: Place) -> None:
    report = take(place, "email,status\nann@example.org,active\nbob@example.org,Gold\n")

    [row] = report.rejects
    assert (row.line, row.field, row.value) == (3, "status", "Gold")
    assert "--map 'status'=ignore" in row.reason


@pytest.mark.parametrize("cell", ["", "0", "false", "No", " - ", "NULL", "n/a", "0000-00-00 00:00:00", "[]", "0.0", "never"])
def test_cells_that_deny_a_departure(cell: str) -> None:
    assert of_cell(Says.LEFT, cell) is None


@pytest.mark.parametrize(
    ("name", "is_export"),
    [
        ("cleaned_members_export_1a2b3c", True),
        ("nonsubscribed_email_audience_export_99", True),
        ("unsubscribers", True),
        ("bounces", True),
        ("bounced-removed", False),
        ("no-bounces", False),
        ("unsubscribed-and-others", False),
        ("readers", False),
        ("subscribed_members_export_1", False),
    ],
)
def test_only_the_names_of_exports_speak_for_everybody(name: str, is_export: bool) -> None:
    assert (of_file(name) is not None) == is_export
