"""Two thousand mails through a real Postfix, over STARTTLS and BDAT, into a Maildir: each byte as it can be made again."""

import os
import pwd
import shutil
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trustme

from digest.model.states import DeliveryState
from digest.services import messages
from digest.smtp.dkim import Signer, new_key
from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp
from digest.store import deliveries
from tests.support.place import Place
from tests.support.running import run
from tests.support.servers import free_port

READERS = 2_000
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
virtual_mailbox_domains = example.org
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = static:all/
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


@pytest.fixture
def postfix() -> Iterator[Postfix]:
    program = shutil.which("postfix", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None or not Path("/etc/postfix/postfix-files").exists():
        pytest.skip("Postfix is not installed; Debian's package postfix has it")
    if os.getuid() != 0:
        pytest.skip("Postfix starts as root alone")
    root = Path(tempfile.mkdtemp(prefix="postfix-", dir="/tmp"))
    root.chmod(0o755)
    authority, nobody = trustme.CA(), pwd.getpwnam("nobody")
    tls = ssl.create_default_context()
    authority.configure_trust(tls)
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(root / "cert.pem")
    for name, owner in (("spool", "root"), ("data", "postfix"), ("mail", "nobody")):
        (root / name).mkdir()
        shutil.chown(root / name, owner)
    shutil.copytree("/etc/postfix", root / "etc", symlinks=True)
    port = free_port()
    (root / "etc" / "main.cf").write_text(MAIN.format(root=root, uid=nobody.pw_uid, gid=nobody.pw_gid))
    (root / "etc" / "master.cf").write_text(MASTER.format(port=port))
    command = [program, "-c", str(root / "etc")]
    subprocess.run([*command, "start"], check=True, capture_output=True)
    try:
        yield Postfix(port=port, mails=root / "mail" / "all" / "new", tls=tls)
    finally:
        subprocess.run([*command, "stop"], check=False, capture_output=True)
        with suppress(OSError):
            shutil.rmtree(root)


async def offers(transport: Smtp, keyword: str) -> bool:
    relay = await transport.dial()
    relay.connection.abort()
    return relay.offers(keyword)


def test_two_thousand_mails_arrive_as_they_can_be_made_again(place: Place, postfix: Postfix) -> None:
    keys = [new_key(name, place.folder / f"{name}.pem", ed25519_key=name == "e1") for name in ("r1", "e1")]
    relay = Relay(scheme="smtp+starttls", host="localhost", port=postfix.port)
    transport = Smtp(relay, helo="test", tls=postfix.tls)
    place.ctx = replace(place.ctx, transports=(transport,), signer=Signer("ledger.example.org", keys))
    place.readers(*(f"r{i}@example.org" for i in range(READERS)))
    place.drop("The harbour opens again", "A bridge. And a dot at a line's beginning")
    place.collect()
    assert run(offers(transport, "CHUNKING")) == [True]

    assert place.send().counts == {DeliveryState.SENT: READERS}

    until = time.monotonic() + 180
    while not postfix.mails.is_dir() or len(os.listdir(postfix.mails)) < READERS:
        assert time.monotonic() < until, f"{len(os.listdir(postfix.mails))} of {READERS} mails have arrived"
        time.sleep(0.2)
    arrived = {}
    for file in postfix.mails.iterdir():
        raw = file.read_bytes()
        recipient = raw.partition(b"Delivered-To: ")[2].partition(b"\n")[0].decode()
        assert recipient not in arrived
        arrived[recipient] = raw
    with place.ctx.db.read() as tx:
        rows = deliveries.listed(tx, limit=READERS)
    assert len(arrived) == len(rows) == READERS
    for row in rows:
        assert arrived[row.address].endswith(b"\n" + messages.remake(place.ctx, row).replace(b"\r\n", b"\n"))
