"""
Guard of requests to addresses that a person names: nothing reaches a private network.

The address is checked when the socket is made: after resolution, so that neither DNS rebinding nor a redirect leads
to a private one.
"""

import ipaddress
import socket
import ssl
from contextlib import suppress

import aiohttp

PORTS = frozenset({80, 443})

#: Ranges that carry other addresses or belong to one site, and that `ipaddress` calls global in some versions.
_ODD = tuple(map(ipaddress.ip_network, ("::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "fec0::/10")))
_ODD_V4 = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24")))


class PrivateAddress(OSError):
    """The address or port is not allowed."""


def is_public(address: str) -> bool:
    """True if an IP address is publicly routable; an IPv6 address with an embedded IPv4 one is judged by that."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return is_public(str(ip.ipv4_mapped))
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip.sixtofour or ip.teredo or any(ip in net for net in _ODD):
            return False
    return ip.is_global and not ip.is_multicast and ip not in _ODD_V4[0] and ip not in _ODD_V4[1]


def opened(info: aiohttp.AddrInfoType) -> socket.socket:
    """Create the socket for a resolved address, whatever it is."""
    family, kind, protocol, _, _ = info
    return socket.socket(family, kind, protocol)


def guarded(info: aiohttp.AddrInfoType) -> socket.socket:
    """Create the socket for a resolved address, the one that is connected to; refuse private ones."""
    host, port = str(info[4][0]), int(info[4][1])
    if not is_public(host):
        raise PrivateAddress(f"its address {host} is private; `--allow-private` allows that for one of your own")
    if port not in PORTS:
        raise PrivateAddress(f"port {port} is not 80 or 443; `--allow-private` allows that for one of your own")
    return opened(info)


def worded(problem: BaseException, *, waited_s: float) -> str:
    """Word an error of a request as a sentence; `waited_s`: seconds that the whole request was given."""
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, PrivateAddress):
            return str(cause)
        cause = cause.__cause__ or cause.__context__
    if isinstance(problem, TimeoutError):
        return f"did not answer in {waited_s:.0f} seconds"
    if isinstance(problem, aiohttp.NonHttpUrlClientError | aiohttp.InvalidURL):
        return "leads to something that is not http or https"
    if isinstance(problem, aiohttp.ClientConnectorCertificateError | ssl.CertificateError):
        return "its certificate is not valid; an authority of your own has to be named in the settings"
    if isinstance(problem, ValueError):
        return "is no address that can be read; check it"
    if isinstance(problem, aiohttp.ClientConnectorDNSError):
        return "its name is not found; check the address"
    with suppress(AttributeError):
        if isinstance(problem, aiohttp.ClientConnectorError):
            return f"cannot be reached ({problem.os_error.strerror or problem.os_error})"
    return f"broke off ({type(problem).__name__})"
