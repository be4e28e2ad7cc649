"""Mails that are made to be expensive: nested, long, full of parts, of addresses, of beginnings without end."""

from collections.abc import Mapping

from digest.bounces.mime import SIZE

HEAD = b"From: MAILER-DAEMON@mx.example.net\nReturn-Path: <>\nSubject: failure notice\n"


def nested(levels: int) -> bytes:
    """Return a mail with a part in a part in a part."""
    opened = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(levels))
    return HEAD + opened + b"\n<ann@example.org>: 550 5.1.1 user unknown\n"


def lines(line: bytes, size: int = SIZE) -> bytes:
    """Return a notice that consists of one line again and again."""
    return HEAD + b"\n" + (line + b"\n") * max(1, size // (len(line) + 1))


def parts(count: int, kind: bytes = b"text/plain", body: bytes = b"x") -> bytes:
    """Return a mail with many parts."""
    return (
        HEAD
        + b'Content-Type: multipart/report; boundary="b"\n\n'
        + (b"--b\nContent-Type: " + kind + b"\n\n" + body + b"\n") * count
    )


MAILS: Mapping[str, bytes] = {
    "nested": nested(100_000),
    "nested with one boundary": HEAD + b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n' * 200_000,
    "many parts": parts(200_000),
    "many reports": parts(2_000, b"message/delivery-status", b"Final-Recipient: rfc822; ann@example.org\n\n" * 100),
    "many messages": parts(2_000, b"message/rfc822", b"To: " + b"ann@example.org, " * 250),
    "many recipients": lines(b"<ann%d@example.org>: 550 user unknown"),
    "different recipients": HEAD + b"\n" + b"".join(b"<a%d@example.org>: no\n" % n for n in range(300_000)),
    "one long line": lines(b"a" * SIZE),
    "addresses without end": lines(b"a@" * 500),
    "quotes without end": lines(b'"<' * 500),
    "brackets without end": lines(b"<" * 1_000),
    "words before a bracket": lines(b"mailbox " * 120),
    "almost a code": lines(b"550 5.1 " * 120),
    "white space": lines(b" \t" * 500),
    "html": HEAD + b"Content-Type: text/html\n\n" + b"<a" * (SIZE // 2),
    "entities": HEAD + b"Content-Type: text/html\n\n" + b"&amp;" * (SIZE // 5),
    "one long field": HEAD + b"To: " + b"a" * SIZE,
    "folded": HEAD + b"To: a\n" + b" b@example.org\n" * 500_000,
    "many fields": HEAD + b"To: ann@example.org\n" * 400_000,
    "encoded words": HEAD + b"Subject: " + b"=?utf-8?Q?a?= " * 500_000,
    "base64": HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"QUJD" * (SIZE // 4),
    "quoted-printable": HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=3D=" * (SIZE // 4),
    "a codec that is slow": HEAD + b"Content-Type: text/plain; charset=idna\n\n" + b"xn--" * (SIZE // 4),
    "json": HEAD + b"\n" + b'{"a":' * (SIZE // 5),
    "a boundary like an expression": HEAD + b'Content-Type: multipart/mixed; boundary="(a+)+$"\n\n' + b"--(a+)+$\n\n" * 1_000_000,
}
