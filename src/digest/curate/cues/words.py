"""Words of one language that mark a sentence as dependent on one before it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """
    Four lists of words, spaces between them; `_` stands for a space in a phrase and `*` for any ending.

    Regular expressions work too: `vot(?:es|ing)`.
    """

    #: Pronouns, connectives and pointing words. A sentence that begins so refers to the one before.
    opening: str
    #: Denial, correction, dissent. Wherever one stands, the sentence may take back what was said some sentences before.
    denying: str
    #: Condition, limit, source and reply. The same, in a short sentence; a long one most often speaks of a matter of its own.
    bounding: str
    #: Negations, reporting verbs and the like, which say as much only in a very short sentence.
    guarding: str
