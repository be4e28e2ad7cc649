"""
`digest` with one difference: for the guard of requests, loopback is part of the public internet.

The admin pages add no source, link or webhook of a private network, and a test has no other. Everything else of the guard
stays as it is, so that this machine alone can be reached.
"""

from digest.cli import main
from digest.collect import guard


class EveryPort(frozenset[int]):
    """A set that has every port."""

    def __contains__(self, port: object) -> bool:
        return True


if __name__ == "__main__":
    guard.PORTS = EveryPort()
    guard.is_public = lambda address: address == "127.0.0.1"
    main()
