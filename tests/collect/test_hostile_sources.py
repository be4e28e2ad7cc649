"""A hostile source gets an error and costs little: each within ten seconds and 256 MB, whatever it sends."""

import gzip
import json
import subprocess
import sys
import textwrap
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import brotli
import pytest

LIMIT_S, LIMIT_MB = 10, 256

READ = textwrap.dedent(
    """
    import re, resource, signal, sys
    signal.alarm(30 * int(sys.argv[2]))  # what waits; a busy machine needs long for ten seconds of a processor
    resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[2]), int(sys.argv[2])))
    from datetime import UTC, datetime
    from digest.collect import apart
    from digest.collect.fetch import WebFetcher
    from digest.collect.gather import gather
    from digest.errors import CollectError
    from digest.model.ports import Request
    from digest.model.source import Source
    from digest.model.states import SourceKind
    now = datetime.now(UTC)
    source = Source(id=1, kind=SourceKind(sys.argv[3]), location=sys.argv[1], name="x", added_at=now)
    said = ""
    for _, fetched in WebFetcher(user_agent="t").fetch_all([Request(source_id=1, location=source.location, allow_private=True)]):
        try:
            if isinstance(fetched, Exception):
                raise fetched
            said = f"{len(gather(source, fetched, now=now).articles)} articles"
        except CollectError as problem:
            said = problem.reason
    print(said)
    apart._end()
    parsing = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(max(parsing, int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])))
    """
)


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        handler.wfile.write(b"<item>" * 10_000)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    import time

    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(600):
        handler.wfile.write(b"x")
        time.sleep(0.05)


def body(raw: bytes, *headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(raw)}", *headers, "", ""]
        handler.wfile.write("\r\n".join(lines).encode() + raw)

    return answer


def bomb(pack: Callable[[bytes], bytes], coding: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """Answer with a few octets that unpack to 200 MB, made when they are asked for."""
    return lambda handler: body(pack(bytes(200_000_000)), f"Content-Encoding: {coding}")(handler)


def redirect(to: str) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda handler: (
        handler.wfile.write(f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()) and None
    )


def rss(inside: str, doctype: str = "") -> bytes:
    return f"<?xml version='1.0'?>{doctype}<rss version='2.0'><channel><title>T</title>{inside}</channel></rss>".encode()


LAUGHS = (
    "<!DOCTYPE x [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefghij", "bcdefghijk", strict=True))
    + "]>"
)
OUTSIDE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
SCRIPT = "<script>alert(1)</script><svg/onload=alert(1)>"
ITEM = "<item><title>{0}</title><link>javascript:alert(1)</link><description>{0}</description></item>"

CASES: dict[str, tuple[Callable[[BaseHTTPRequestHandler], None], str, str]] = {
    "a gzip bomb": (bomb(partial(gzip.compress, compresslevel=1), "gzip"), "feed", "larger than"),
    "a deflate bomb": (bomb(partial(zlib.compress, level=1), "deflate"), "feed", "larger than"),
    "a brotli bomb": (bomb(partial(brotli.compress, quality=1), "br"), "feed", "larger than"),
    "a billion laughs": (body(rss("<item><title>&k;</title></item>", LAUGHS)), "feed", ""),
    "an entity of a file": (body(rss("<item><title>&a;</title></item>", OUTSIDE)), "feed", ""),
    "an endless body": (endless, "feed", "larger than"),
    "a body that drips": (dripping, "feed", "bytes a second"),
    "a redirect to a file": (redirect("file:///etc/passwd"), "feed", "not http"),
    "script in every field": (body(rss(ITEM.format(SCRIPT.replace("<", "&lt;")) * 50)), "feed", "articles"),
    "fifty thousand entries": (body(rss("<item><title>x</title></item>" * 50_000)), "feed", "articles"),
    "elements in elements": (body(b"<div>" * 300_000, "Content-Type: text/html"), "page", ""),
    "lists in lists": (body(b'{"items":' + b"[" * 200_000), "feed", "JSON"),
    "attributes without end": (body(b"<html><body " + b"a=1 " * 300_000 + b"><p>x</p>"), "page", ""),
    "one long word": (body(b"<html><body><p>" + b"x" * 3_000_000 + b"</p></body></html>"), "page", ""),
    "structured data in structured data": (
        body(b"<html><script type='application/ld+json'>" + b'{"@graph":[' * 100_000 + b"</script><p>x</p>"),
        "page",
        "",
    ),
    "a hundred thousand paragraphs": (body(b"<html><body>" + b"<p>(((( " * 100_000), "page", "elements"),
    "200,000 attributes": (
        body(rss(f"<item {' '.join(f'a{i}=1' for i in range(200_000))}/>".replace("=1", "='1'"))),
        "feed",
        "attributes",
    ),
    "200,000 attributes in a description": (
        body(rss(f"<item><title>x</title><description>&lt;p {' '.join(f'a{i}' for i in range(200_000))}></description></item>")),
        "feed",
        "articles",
    ),
    "200,000 namespaces": (body(rss(f"<item {' '.join(f'xmlns:a{i}=' for i in range(200_000))}/>")), "feed", "attributes"),
    "a text of stops": (
        body(json.dumps({"items": [{"id": "1", "title": "x", "content_text": ". " * 1_000_000}]}).encode()),
        "feed",
        "articles",
    ),
}


@contextmanager
def served(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                answer(self)
            except OSError:
                self.close_connection = True  # the reader had enough

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_source_costs_little_and_changes_nothing_but_its_error(name: str) -> None:
    """The reading process is ended by the system when it has used ten seconds of a processor, and by an alarm where it waits."""
    answer, kind, said = CASES[name]
    with served(answer) as url:
        done = subprocess.run([sys.executable, "-c", READ, url, str(LIMIT_S), kind], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr[-2000:]
    told, memory = done.stdout.strip().rsplit("\n", 1)
    assert said in told
    assert "root:" not in told
    assert int(memory) <= LIMIT_MB * 1024
