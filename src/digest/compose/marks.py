"""
Marks show where a rendered document is cut, slots where a reader's own text goes.

A mark is `<!--zqNONCE name-->`, a slot a bare token: both pass through premailer untouched. The
nonce keeps an article's own text from passing for either.
"""

from dataclasses import dataclass

NUMBER = "NUMBER"  #: the slot for a story's number among the references of one mail
#: The forms of a story; a lead stands without a picture, or with a wide or a square one.
FORMS = ("top", "lead", "wide lead", "square lead", "full", "brief")
#: Of the reader, or following from what was chosen for them.
SLOTS = (
    "NUMBER",
    "COUNT",
    "MINUTES",
    "INTRO",
    "MORE",
    "END",
    "HEADLINE",
    "OTHERS",
    "SUBJECT",
    "PREHEADER",
    "NAME",
    "UNSUBSCRIBE",
    "VIEW",
    "ACTION",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The marks and slot tokens of one rendering."""

    nonce: str  #: lower-case letters and digits

    def begin(self, name: str) -> str:
        """Opens a segment."""
        return f"<!--zq{self.nonce} begin {name}-->"

    @property
    def end(self) -> str:
        """Closes a segment."""
        return f"<!--zq{self.nonce} end-->"

    @property
    def middle(self) -> str:
        """Behind the last story."""
        return f"<!--zq{self.nonce} middle-->"

    def full(self, count: int) -> str:
        """How many stories of a section are printed in full; the others are listed under them."""
        return f"<!--zq{self.nonce} full {int(count)}-->"

    def slot(self, name: str) -> str:
        """Stands for a slot's value: a bare ASCII token, which premailer and URLs leave alone."""
        return f"zq{self.nonce}{name}qz"
