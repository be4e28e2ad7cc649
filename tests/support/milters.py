"""OpenDKIM and OpenDMARC on loopback, which ask a name server of the test, as a receiver of mail has them before its mailboxes."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support.servers import free_port

NAMES_AT = (
    f"127.0.53.{os.getpid() % 250 + 1}",
    53,
)  #: both ask the system's name server, which is this one where they run; one a process
#: Mail of the machine itself is examined too.
DKIM = "Mode v\nNameservers {names}\nSocket inet:{port}@127.0.0.1\nSyslog no\nAuthservID mx.test\nInternalHosts {hosts}\nExternalIgnoreList {hosts}\n"
DMARC = (
    "Socket inet:{port}@127.0.0.1\nAuthservID mx.test\nTrustedAuthservIDs mx.test\nIgnoreHosts {hosts}\n"
    "SPFSelfValidate true\nSPFIgnoreResults true\nRejectFailures false\nSyslog false\n"
)


@contextmanager
def receiver(folder: Path) -> Iterator[list[str]]:
    """Run both; yield how Postfix reaches them, in order."""
    if os.getuid() != 0:
        pytest.skip("a name server on port 53 starts as root alone")
    with ExitStack() as stack:
        (folder / "hosts").write_text("192.0.2.1\n")  # nobody
        (folder / "resolv.conf").write_text(f"nameserver {NAMES_AT[0]}\n")
        programs = (("opendkim", "-x", DKIM), ("opendmarc", "-c", DMARC))
        yield [stack.enter_context(_milter(name, option, settings, folder)) for name, option, settings in programs]


@contextmanager
def _milter(name: str, option: str, settings: str, folder: Path) -> Iterator[str]:
    program = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        pytest.skip(f"{name} is not installed; Debian's package {name} has it")
    port = free_port()
    (folder / f"{name}.conf").write_text(settings.format(port=port, hosts=folder / "hosts", names=NAMES_AT[0]))
    own = f'mount --bind "{folder}/resolv.conf" /etc/resolv.conf && exec {program} -f {option} "{folder}/{name}.conf"'
    with subprocess.Popen(["unshare", "-m", "sh", "-c", own]) as running:
        try:
            _until_listening(running, port, name)
            yield f"inet:127.0.0.1:{port}"
        finally:
            running.terminate()


def _until_listening(running: "subprocess.Popen[bytes]", port: int, name: str) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if running.poll() is not None:
            pytest.skip(f"{name} cannot have a name server of its own here")  # no mount namespaces in a container
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"{name} does not listen")
