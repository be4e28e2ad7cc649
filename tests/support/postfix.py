"""A real Postfix on loopback, which takes mails over STARTTLS and delivers them into Maildirs."""

import os
import pwd
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.support.servers import free_port

MAIN = """\
compatibility_level = 3.6
queue_directory = {root}/spool
data_directory = {root}/data
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.test.example
mydestination =
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {base}
virtual_mailbox_maps = {maps}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
virtual_mailbox_limit = 0
maillog_file = {root}/maillog
maillog_file_prefixes = {root}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_cert_file = {root}/cert.pem
smtpd_tls_key_file = {root}/cert.pem
smtpd_tls_security_level = encrypt
smtpd_client_connection_rate_limit = 0
recipient_delimiter = +
smtpd_reject_unlisted_recipient = no
smtpd_milters = {milters}
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass
class Postfix:
    """A running one."""

    port: int
    mails: Path
    tls: ssl.SSLContext
    authority: trustme.CA  #: of its certificate


@contextmanager
def running(
    *,
    domains: str = "example.org",
    boxes: Mapping[str, Path] | None = None,
    owner: str = "nobody",
    milters: Sequence[str] = (),
) -> Iterator[Postfix]:
    """
    A Postfix that takes the mails of these domains and delivers them into Maildirs, whose files belong to `owner`.

    All addresses share one Maildir; or `boxes` says that of each, and what is for another address comes back. Each mail
    passes the `milters` first, `inet:HOST:PORT` each.
    """
    program = shutil.which("postfix", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None or not Path("/etc/postfix/postfix-files").exists():
        pytest.skip("Postfix is not installed; Debian's package postfix has it")
    if os.getuid() != 0:
        pytest.skip("Postfix starts as root alone")
    root = Path(tempfile.mkdtemp(prefix="postfix-", dir="/tmp"))
    root.chmod(0o755)
    authority, user = trustme.CA(), pwd.getpwnam(owner)
    tls = ssl.create_default_context()
    authority.configure_trust(tls)
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(root / "cert.pem")
    for name, whose in (("spool", "root"), ("data", "postfix"), ("mail", owner)):
        (root / name).mkdir()
        shutil.chown(root / name, whose)
    shutil.copytree("/etc/postfix", root / "etc", symlinks=True)
    port = free_port()
    maps, base = "static:all/", root / "mail"
    if boxes is not None:
        maps, base = f"texthash:{root}/boxes", Path("/")
        (root / "boxes").write_text("".join(f"{address} {str(path).lstrip('/')}/\n" for address, path in boxes.items()))
    values = {"root": root, "uid": user.pw_uid, "gid": user.pw_gid, "maps": maps, "base": base, "domains": domains}
    values["milters"] = ", ".join(milters)
    (root / "etc" / "main.cf").write_text(MAIN.format(**values))
    (root / "etc" / "master.cf").write_text(MASTER.format(port=port))
    command = [program, "-c", str(root / "etc")]
    subprocess.run([*command, "start"], check=True, capture_output=True)
    try:
        yield Postfix(port=port, mails=root / "mail" / "all" / "new", tls=tls, authority=authority)
    finally:
        subprocess.run([*command, "stop"], check=False, capture_output=True)
        with suppress(OSError):
            shutil.rmtree(root)
