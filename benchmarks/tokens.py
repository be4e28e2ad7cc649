"""
Forged, truncated and swapped tokens of links: none is accepted.

    python -m benchmarks.tokens [--tokens 1000000] [--seed 1]

Each token is made of one that is good for a purpose, by a way of forging chosen at random: characters changed, bits
flipped, cut, extended, MACs and heads swapped with those of another token, signed under a foreign key, for another
purpose, spelt in another way, or of random letters. Each is tried for every purpose. The seed fixes all of it.
"""

import argparse
import base64
import random
import string
import time
from collections.abc import Callable, Iterator

from digest.model.tokens import MAC_BYTES, Purpose, sign, verify

KEYS = ("a" * 32, "b" * 32)
FOREIGN = "c" * 32
LETTERS = string.ascii_letters + string.digits + "-_"
ODD = LETTERS + "=+/ .~%\u00e9\u0661\0"


def forgeries(count: int, *, seed: int) -> Iterator[tuple[str, Purpose | None]]:
    """Tokens that must not be accepted; each with the one purpose for which it is good after all, if it is."""
    chance = random.Random(seed)
    purposes = list(Purpose)
    for _ in range(count):
        purpose = chance.choice(purposes)
        good = sign(chance.getrandbits(chance.choice((1, 8, 20, 40, 63))), purpose, chance.choice(KEYS))
        other = sign(chance.getrandbits(20), chance.choice(purposes), chance.choice(KEYS))
        way = chance.choice(WAYS)
        made = way(chance, good, other)
        if made == good or way is _for_another_purpose:
            yield good, purpose
        elif made != other:
            yield made, None


def accepted(token: str, but: Purpose | None) -> bool:
    """Whether a token is good for a purpose that it is not of."""
    return any(verify(token, purpose, KEYS) is not None for purpose in Purpose if purpose is not but)


def _changed(chance: random.Random, good: str, _other: str) -> str:
    letters = list(good)
    for _ in range(chance.randint(1, 3)):
        letters[chance.randrange(len(letters))] = chance.choice(ODD)
    return "".join(letters)


def _flipped(chance: random.Random, good: str, _other: str) -> str:
    raw = bytearray(_raw(good))
    bit = chance.randrange(len(raw) * 8)
    raw[bit // 8] ^= 1 << bit % 8
    return _text(bytes(raw))


def _cut(chance: random.Random, good: str, _other: str) -> str:
    return good[: chance.randrange(len(good))] if chance.random() < 0.7 else good[chance.randint(1, len(good)) :]


def _extended(chance: random.Random, good: str, _other: str) -> str:
    return good + "".join(chance.choice(ODD) for _ in range(chance.randint(1, 40)))


def _swapped(_chance: random.Random, good: str, other: str) -> str:
    """The number of one with the MAC of another."""
    return _text(_raw(good)[:-MAC_BYTES] + _raw(other)[-MAC_BYTES:])


def _renumbered(_chance: random.Random, good: str, _other: str) -> str:
    """The next number with the MAC of this one."""
    raw = bytearray(_raw(good))
    raw[-MAC_BYTES - 1] = (raw[-MAC_BYTES - 1] + 1) % 256
    return _text(bytes(raw))


def _repurposed(chance: random.Random, good: str, _other: str) -> str:
    """Another letter of the purpose, with the MAC as it was."""
    raw = bytearray(_raw(good))
    raw[3:4] = chance.choice([purpose for purpose in Purpose if purpose.encode() != raw[3:4]]).encode()
    return _text(bytes(raw))


def _foreign(chance: random.Random, _good: str, _other: str) -> str:
    return sign(chance.getrandbits(20), chance.choice(list(Purpose)), FOREIGN)


def _for_another_purpose(_chance: random.Random, good: str, _other: str) -> str:
    return good


def _respelt(chance: random.Random, good: str, _other: str) -> str:
    """The same bits in another spelling of base64, or padded."""
    last = LETTERS.find(good[-1])
    spare = len(good) * 6 % 8
    if spare and chance.random() < 0.5:
        alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
        at = alphabet.index(good[-1])
        return good[:-1] + alphabet[at ^ chance.randint(1, (1 << spare) - 1)]
    return good + "=" * (-len(good) % 4 or 4) if last >= 0 else good + "="


def _random(chance: random.Random, _good: str, _other: str) -> str:
    return "".join(chance.choice(LETTERS) for _ in range(chance.randint(0, 60)))


WAYS: tuple[Callable[[random.Random, str, str], str], ...] = (
    _changed,
    _flipped,
    _cut,
    _extended,
    _swapped,
    _renumbered,
    _repurposed,
    _foreign,
    _for_another_purpose,
    _respelt,
    _random,
)


def _raw(token: str) -> bytes:
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def main() -> None:
    """Try so many and print how many were accepted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began, tried, taken = time.perf_counter(), 0, 0
    for token, purpose in forgeries(options.tokens, seed=options.seed):
        tried += 1
        taken += accepted(token, purpose)
    seconds = time.perf_counter() - began
    print(f"{tried:,} tokens for {len(Purpose)} purposes each, in {seconds:.0f} s: {taken} accepted")
    raise SystemExit(1 if taken else 0)


if __name__ == "__main__":
    main()
