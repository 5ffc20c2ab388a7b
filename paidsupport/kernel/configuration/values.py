"""What managers enter for something that is made from it: an account of a provider, a connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from paidsupport.kernel.i18n.messages import Message

#: What managers entered, by the names of the values.
Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Value:
    """One value that managers enter."""

    name: str
    label: Message
    help: Message | str = ""
    #: Never shown again, and sealed under the site's key.
    secret: bool = False
    required: bool = True
    #: To choose from: the value, and what it is called.
    choices: Mapping[str, Message] = field(default_factory=dict)
    default: str = ""
