"""A name server on loopback."""

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import dns.message
import dns.rdatatype
import dns.resolver
import dns.rrset

Records = Mapping[tuple[str, str], Sequence[str]]


@contextmanager
def name_server(records: Records, *, at: tuple[str, int] = ("127.0.0.1", 0)) -> Iterator[dns.resolver.Resolver]:
    """A server of these records, name and kind → values, and a resolver that asks it. The mapping may change meanwhile."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(at)

    def serve() -> None:
        while True:
            raw, peer = server.recvfrom(4096)
            if raw == b"end":
                return
            query = dns.message.from_wire(raw)
            question = query.question[0]
            key = (question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype))
            answer = dns.message.make_response(query, recursion_available=True)
            if found := records.get(key):
                answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", key[1], *found))
            server.sendto(answer.to_wire(), peer)

    thread = threading.Thread(target=serve)
    thread.start()
    made = dns.resolver.Resolver(configure=False)
    made.nameservers = [at[0]]
    made.port = server.getsockname()[1]
    try:
        yield made
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ending:
            ending.sendto(b"end", server.getsockname())
        thread.join()
        server.close()
