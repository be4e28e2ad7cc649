import mailbox
from pathlib import Path

import pytest

from digest.errors import BadInput
from digest.mailbox.folders import open_path


def raws(path: Path) -> list[bytes]:
    return [message.raw for message in open_path(path).messages()]


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "M" / name).mkdir(parents=True)
    (tmp_path / "M" / "new" / "1.a").write_bytes(b"Subject: one\n\n1\n")
    (tmp_path / "M" / "cur" / "2.b:2,S").write_bytes(b"Subject: two\n\n2\n")
    return tmp_path / "M"


def test_a_maildir_hands_out_what_is_new_and_what_was_seen(maildir: Path) -> None:
    assert raws(maildir) == [b"Subject: one\n\n1\n", b"Subject: two\n\n2\n"]


def test_what_was_understood_is_deleted_and_the_rest_kept_aside(maildir: Path) -> None:
    opened = open_path(maildir)
    first, second = opened.messages()

    opened.put_away(first, understood=True)
    opened.put_away(second, understood=False)

    assert raws(maildir) == []
    assert [path.read_bytes() for path in (maildir / ".unclear" / "cur").iterdir()] == [second.raw]


def test_what_another_process_put_away_is_no_error(maildir: Path) -> None:
    opened = open_path(maildir)
    [first, _] = opened.messages()
    (maildir / first.key).unlink()

    opened.put_away(first, understood=True)
    opened.put_away(first, understood=False)

    assert len(raws(maildir)) == 1


def test_a_link_in_a_maildir_is_not_followed(maildir: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (maildir / "new" / "3.c").symlink_to(tmp_path / "secret")

    assert b"secret" not in raws(maildir)


def test_an_mbox_is_read_mail_by_mail(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "box")
    for text in (b"Subject: one\n\nFrom here\n", b"Subject: two\n\n2\n"):
        box.add(text)
    box.close()

    assert [raw.split(b"\n")[0] for raw in raws(tmp_path / "box")] == [b"Subject: one", b"Subject: two"]


def test_of_a_folder_the_eml_files_are_read_and_stay(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(b"Subject: a\n\n")
    (tmp_path / "notes.txt").write_bytes(b"no mail")
    opened = open_path(tmp_path)

    for message in opened.messages():
        opened.put_away(message, understood=True)

    assert raws(tmp_path) == [b"Subject: a\n\n"]


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere is not there; name a Maildir"):
        open_path(tmp_path / "nowhere")
