"""
Marks delimit the segments of a rendered document; slots are placeholders for a reader's own text.

A mark is `<!--zqNONCE name-->`, a slot a bare token: both pass through premailer untouched. The
nonce prevents an article's text from imitating either.
"""

from dataclasses import dataclass

NUMBER = "NUMBER"  #: the slot for a story's number among the references of one mail
#: The forms of a story; a lead stands without a picture, or with a wide or a square one.
FORMS = ("top", "lead", "wide lead", "square lead", "full", "brief")
#: Values of the reader, or derived from the reader's selection.
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
    "PREFERENCES",
    "ACTION",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Marks and slot tokens of one rendering."""

    nonce: str  #: lower-case letters and digits

    def begin(self, name: str) -> str:
        """Return the mark that opens a segment."""
        return f"<!--zq{self.nonce} begin {name}-->"

    @property
    def end(self) -> str:
        """Mark that closes a segment."""
        return f"<!--zq{self.nonce} end-->"

    @property
    def middle(self) -> str:
        """Mark after the last story."""
        return f"<!--zq{self.nonce} middle-->"

    def full(self, count: int) -> str:
        """Return the mark for the number of stories of a section that are printed in full; the others are listed under them."""
        return f"<!--zq{self.nonce} full {int(count)}-->"

    def slot(self, name: str) -> str:
        """Return the placeholder of a slot: a bare ASCII token, which premailer and URLs leave unchanged."""
        return f"zq{self.nonce}{name}qz"
