"""Why a file cannot be read as a statement, in a sentence for its field."""

from __future__ import annotations

from paidsupport.kernel.files import MEGABYTE
from paidsupport.kernel.i18n.messages import Message, _

#: The largest file, in bytes.
LARGEST = 10 * MEGABYTE
NO_STATEMENT = _("Choose a bank statement: a file in the format CAMT.053, CAMT.054 or MT940.")
CUT_OFF = _("Download the file from your bank again and choose that: this one breaks off in the middle.")
WRONG_ENCODING = _(
    "Download the file from your bank again, without opening it in another program: some of its characters"
    " can't be read."
)
NOT_ALLOWED = _("Choose the file as your bank made it: this one has definitions in it that no bank writes.")
PACKED = _("Unpack this archive, and choose the statements in it one by one.")


class StatementError(Exception):
    """This is no statement that can be read."""

    def __init__(self, sentence: Message | str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
