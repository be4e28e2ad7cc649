"""A real Dovecot on loopback, with one mailbox, for IMAP and POP3."""

import mailbox
import os
import pwd
import shutil
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.support.servers import free_port

CONFIG = """\
base_dir = {root}/run
log_path = {root}/log
protocols = imap pop3
listen = 127.0.0.1
ssl = yes
ssl_cert = <{root}/cert.pem
ssl_key = <{root}/cert.pem
auth_mechanisms = plain xoauth2
disable_plaintext_auth = {no_clear}
first_valid_uid = 1
mail_location = maildir:{root}/mail/Maildir
passdb {{
  driver = static
  args = password=s3cr3t@word
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail
}}
namespace inbox {{
  inbox = yes
  prefix = {prefix}
  separator = .
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
  }}
}}
service stats {{
  chroot =
}}
imap_capability = {capability}
"""


@dataclass
class Dovecot:
    """A running one."""

    root: Path
    ports: dict[str, int]
    tls: ssl.SSLContext

    @property
    def inbox(self) -> mailbox.Maildir:
        return mailbox.Maildir(self.root / "mail" / "Maildir")

    def url(self, scheme: str, folder: str = "", password: str = ":s3cr3t%40word") -> str:
        port = self.ports[scheme if scheme in self.ports else scheme.partition("+")[0]]
        return f"{scheme}://bounces{password}@localhost:{port}/{folder}"

    def deliver(self, *mails: bytes) -> None:
        """Put mails into the inbox as the mail system does: each belongs to Dovecot's user before it can be seen."""
        if not (self.root / "mail" / "Maildir").exists():
            self.inbox.close()  # which makes its folders
            self.own()
        staged = mailbox.Maildir(self.root / "staged")
        for mail in mails:
            made = self.root / "staged" / "new" / staged.add(mail)
            self._own(made)
            made.rename(self.root / "mail" / "Maildir" / "new" / made.name)

    def own(self) -> None:
        """Give everything to Dovecot's user, while it does nothing there."""
        for path in [self.root / "mail", *(self.root / "mail").rglob("*")]:
            self._own(path)

    @staticmethod
    def _own(path: Path) -> None:
        user = pwd.getpwnam("dovenull")
        os.chown(path, user.pw_uid, user.pw_gid)


@contextmanager
def running(*, prefix: str = "", no_clear: str = "yes", capability: str = "") -> Iterator[Dovecot]:
    """A Dovecot with this prefix of its folders, and these capabilities instead of its own."""
    program = shutil.which("dovecot", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None or os.getuid() != 0:
        pytest.skip(
            "Dovecot is not installed (Debian's dovecot-imapd and dovecot-pop3d have it), or this is not root, as which it starts"
        )
    root = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))
    root.chmod(0o755)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(root / "ca.pem"))
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(root / "cert.pem"))
    ports = {name: free_port() for name in ("imap", "imaps", "pop3", "pop3s")}
    user = pwd.getpwnam("dovenull")
    values = {
        "root": root,
        "uid": user.pw_uid,
        "gid": user.pw_gid,
        "prefix": prefix,
        "no_clear": no_clear,
        "capability": capability,
        **ports,
    }
    (root / "dovecot.conf").write_text(CONFIG.format(**values))
    tls = ssl.create_default_context()
    authority.configure_trust(tls)
    found = Dovecot(root=root, ports=ports, tls=tls)
    (root / "mail").mkdir()
    found.deliver()
    server = subprocess.Popen([program, "-F", "-c", str(root / "dovecot.conf")])
    try:
        _wait(root, server)
        yield found
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(root)


def _wait(root: Path, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if (root / "run" / "master.pid").exists():
            return
        assert server.poll() is None, (root / "log").read_text() if (root / "log").exists() else "it has ended"
        time.sleep(0.05)
    raise AssertionError((root / "log").read_text())
