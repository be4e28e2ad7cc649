"""Settings of sign-up and webhooks: what is read, and what is refused by name."""

import re
from ipaddress import ip_network
from pathlib import Path

import pytest

from digest import settings
from digest.errors import SettingsError


@pytest.mark.parametrize(
    "line",
    [
        "DIGEST_BASE_URL=https://paper.example.org:port",
        "DIGEST_BASE_URL=https://paper.example.org:99999",
        "DIGEST_BASE_URL=https://[2001:db8::1",
        "DIGEST_BASE_URL=https://ann:secret@paper.example.org",
        "DIGEST_SMTP_TOKEN_URL=https://id.example.org:port/token",
        "DIGEST_OIDC_ISSUER=https://id.example.org:port",
        "DIGEST_TRUSTED_PROXIES=proxy.example.org",
        "DIGEST_TRUSTED_PROXIES=10.0.0.1/8",
        "DIGEST_IP_POLICY=some",
        "DIGEST_SIGNUP_LIMITS=address=2",
        "DIGEST_SIGNUP_LIMITS=address=0/day",
        "DIGEST_SIGNUP_LIMITS=person=2/day",
        "DIGEST_SIGNUP_LIMITS=2/day",
        "DIGEST_HOOK_SES=arn:aws:sqs:eu-central-1:123456789012:bounces",
        "DIGEST_HOOK_SES=https://sns.eu-central-1.amazonaws.com",
        "DIGEST_HOOK_POSTMARK=short",
        "DIGEST_HOOK_SENDGRID=-----BEGIN PUBLIC KEY-----",
        "DIGEST_HOOK_STANDARD=whsec_c2hvcnQ=",
        "DIGEST_OIDC_ISSUER=http://id.example.org",
        "DIGEST_OIDC_ISSUER=https://id.example.org/?realm=a",
        "DIGEST_OIDC_ISSUER=id.example.org",
        "DIGEST_OIDC_CLIENT_ID=digest",
        "DIGEST_OIDC_NAME=The House",
    ],
)
def test_a_value_that_cannot_be_used_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / ".env").write_text(line)

    with pytest.raises(SettingsError, match=line.partition("=")[0]):
        settings.read(tmp_path / ".env", {})


def test_proxies_and_limits_are_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DIGEST_TRUSTED_PROXIES=127.0.0.1, 2001:db8::/32\nDIGEST_SIGNUP_LIMITS=network=5/minute\n")
    read = settings.read(tmp_path / ".env", {})

    assert read.proxies == (ip_network("127.0.0.1"), ip_network("2001:db8::/32"))
    assert read.limits_of_signups == {"network": "5/minute"}


def test_an_empty_value_means_the_default(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DIGEST_SIGNUP_LIMITS=\n")

    assert settings.read(tmp_path / ".env", {}).limits_of_signups["address"] == "2/day"


def test_topics_are_read_and_secrets_of_webhooks_may_come_from_files(tmp_path: Path) -> None:
    topics = "arn:aws:sns:eu-central-1:123456789012:bounces, arn:aws-cn:sns:cn-north-1:123456789012:b.fifo"
    (tmp_path / "key").write_text("a long secret of Mailgun\n")
    (tmp_path / ".env").write_text(f"DIGEST_HOOK_SES={topics}\nDIGEST_HOOK_MAILGUN_FILE={tmp_path / 'key'}\n")
    read = settings.read(tmp_path / ".env", {})

    assert read.topics == tuple(topics.split(", "))
    assert read.hook_mailgun == "a long secret of Mailgun"


def test_an_issuer_is_kept_as_it_is_spelled_and_needs_a_client(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a secret\n")
    lines = ["DIGEST_OIDC_ISSUER=https://id.example.org/", f"DIGEST_OIDC_CLIENT_SECRET_FILE={tmp_path / 'secret'}"]
    (tmp_path / ".env").write_text("\n".join(lines))
    with pytest.raises(SettingsError, match="DIGEST_OIDC_CLIENT_ID is not set"):
        settings.read(tmp_path / ".env", {})
    read = settings.read(tmp_path / ".env", {"DIGEST_OIDC_CLIENT_ID": "digest"})

    assert (read.oidc_issuer, read.oidc_client_secret, read.oidc_label) == (
        "https://id.example.org/",
        "a secret",
        "id.example.org",
    )


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:secret@host:port/paper",
        "postgresql://ann:sec@ret@host/paper",
        "postgresql://ann:sec/ret@host/paper",
        "postgresql://ann:sec#ret@host/paper",
        "postgresql://ann:sec?ret@host/paper",
        "postgresql://ann:sec[ret@host/paper",
        "postgresql://ann:secret@host",
        "postgresql+asyncpg://ann:secret@host/paper",
        "mysql://ann:secret@host/paper",
    ],
)
def test_the_url_of_a_database_that_cannot_be_read_is_named_without_any_of_it(tmp_path: Path, url: str) -> None:
    (tmp_path / ".env").write_text(f"DIGEST_DATABASE_URL='{url}'\n")

    with pytest.raises(SettingsError, match=r"DIGEST_DATABASE_URL is not like .* in a password as %40") as refused:
        settings.read(tmp_path / ".env", {})

    assert not re.search("sec|ret|ann|paper", str(refused.value))


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("postgres://ann:s%40@host:5433/paper", "postgresql://ann:s%40@host:5433/paper"),
        ("postgresql:///paper?host=/var/run/postgresql", "postgresql:///paper?host=/var/run/postgresql"),
        ("sqlite:///var/p@per.db", "sqlite:///var/p@per.db"),
    ],
)
def test_the_url_of_a_database_may_have_either_name_of_the_server(tmp_path: Path, url: str, read: str) -> None:
    (tmp_path / ".env").write_text(f"DIGEST_DATABASE_URL={url}\n")

    assert settings.read(tmp_path / ".env", {}).database_url == read
