"""Newsletters dropped as mails are split into their articles; other mails stay whole."""

from email.message import EmailMessage

from digest.collect.extract import read_page, read_pages
from digest.collect.splitting import parts

STORIES = [
    ("Harbour of Gent opens again", "After six weeks of ice the harbour is open, and forty ships came in on Monday."),
    ("City lends its oldest bridge", "A film crew has it for a week, and the city walks round it meanwhile."),
    ("Museum returns bronzes to Nigeria", "Twenty bronzes that were looted in 1897 went back on Tuesday."),
]


def newsletter(body: str, plain: str = "The plain text of it, in a sentence of its own.") -> bytes:
    message = EmailMessage()
    message["From"] = "The Gent Post <news@post.example>"
    message["Subject"] = "Your morning briefing"
    message["Date"] = "Mon, 02 Mar 2026 06:30:00 +0100"
    message.set_content(plain)
    message.add_alternative(f"<html><body>{body}</body></html>", subtype="html")
    return message.as_bytes()


def with_headings() -> str:
    told = "".join(
        f"<tr><td><h2><a href='https://post.example/a/{i}?utm_source=mail'>{h}</a></h2></td></tr><tr><td>{t}</td></tr><tr><td><a href='https://post.example/a/{i}'>Read more</a></td></tr>"
        for i, (h, t) in enumerate(STORIES)
    )
    return f"<table><tr><td><a href='https://post.example/view'>View this mail in your browser</a></td></tr>{told}<tr><td><a href='https://post.example/u'>Unsubscribe</a></td></tr></table>"


def test_a_newsletter_is_split_into_its_articles() -> None:
    pages = read_pages(newsletter(with_headings()), where="x.eml")

    assert [(p.title, p.text, p.url) for p in pages] == [
        (h, t, f"https://post.example/a/{i}") for i, (h, t) in enumerate(STORIES)
    ]
    assert {p.publisher for p in pages} == {"The Gent Post"}
    assert all(p.published_at and p.published_at.hour == 5 for p in pages)


def test_headlines_that_are_only_links_are_seen_too() -> None:
    told = "".join(
        f"<div><a href='https://post.example/a/{i}'><b>{h}</b></a></div><div>{t} <a href='https://post.example/a/{i}'>More</a></div>"
        for i, (h, t) in enumerate(STORIES)
    )

    assert [p.headline for p in parts(told)] == [h for h, _ in STORIES]


def test_a_letter_stays_one_article() -> None:
    raw = newsletter(
        "<p>Dear reader, <a href='https://post.example/a/1'>the harbour of Gent is open again</a> after six weeks of ice.</p><p>More tomorrow.</p>"
    )

    assert len(read_pages(raw, where="x.eml")) == 1
    assert read_page(raw, where="x.eml").title == "Your morning briefing"


def test_an_essay_with_headings_and_citations_stays_whole() -> None:
    sections = "".join(
        f"<h2>On the matter of point {i}</h2><p>This section argues at some length, as <a href='https://nature.example/{i}'>others did</a>, for one thing.</p>"
        for i in range(4)
    )

    assert parts(f"<h1>A long letter to my readers</h1><p>Dear all, here is what I think.</p>{sections}") == ()


def test_a_mail_that_says_much_outside_its_stories_stays_whole() -> None:
    essay = "<p>" + "I have much to say before we come to it, and none of it is short. " * 10 + "</p>"

    assert parts(essay + with_headings()) == ()


def test_links_of_the_mail_itself_are_no_articles() -> None:
    chores = "".join(
        f"<p><a href='https://post.example/{i}'>{t}</a></p><p>Some words that follow it in the mail here.</p>"
        for i, t in enumerate(
            ("Unsubscribe from this list", "View it in your browser", "Manage your preferences here", "Update your profile now")
        )
    )

    assert parts(chores) == ()
