"""Choose of an issue's stories those that one reader wants, by their topics."""

from collections.abc import Collection, Sequence

from digest.model.subscriber import TopicChoice


def bitmap(topics: Sequence[Collection[str]], choice: TopicChoice) -> bytes:
    """
    Return the bitmap over an issue's picks of those that a reader gets; `topics` has those of each pick.

    A story with a muted topic is out. Where some topics are wanted, a story without any of them is out too. Case does
    not matter. Where no story is left, no bit is set.
    """
    wanted, muted = _folded(choice.wanted), _folded(choice.muted)
    bits = bytearray(-(-len(topics) // 8))
    for place, own in enumerate(map(_folded, topics)):
        if not own & muted and (not wanted or own & wanted):
            bits[place // 8] |= 0x80 >> place % 8
    return bytes(bits)


def _folded(topics: Collection[str]) -> frozenset[str]:
    return frozenset(map(str.casefold, topics))
