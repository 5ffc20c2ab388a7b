"""Public SSH keys: one line that may be public, and the commands to add and to remove it (G15)."""

from __future__ import annotations

import base64
import binascii
import re
import shlex

from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.text import BadTextError, one_line

#: What a key can be; each says its kind a second time inside.
KINDS = (
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
)
#: Longest line; an RSA key of 16384 bits has 2800 characters.
KEY_LIMIT = 4000
_PRIVATE = re.compile(r"PRIVATE[ -]KEY|PuTTY-User-Key-File|Private-Lines|-----BEGIN", re.IGNORECASE)
_LENGTH_BYTES = 4


def is_private(text: str) -> bool:
    """Whether `text` looks like a private key."""
    return _PRIVATE.search(text) is not None


def check_public_key(text: str) -> str:
    """The key in one line, without options. Raises BadTextError for anything else; nothing is no key."""
    if is_private(text):
        raise BadTextError(
            _(
                "This is a PRIVATE key. It was not kept, but treat it as stolen: never paste it anywhere,"
                " make a new pair, and give us the line of the file that ends in “.pub”."
            )
        )
    text = one_line(text, KEY_LIMIT)
    if not text:
        return ""
    kind, _space, rest = text.partition(" ")
    body = rest.split(" ", 1)[0]
    if kind not in KINDS or not _holds(kind, body):
        raise BadTextError(
            _(
                "Paste the one line of your public key, for example from ~/.ssh/id_ed25519.pub. It begins"
                " with “ssh-ed25519”, “ssh-rsa” or “ecdsa-…”."
            )
        )
    return text


def command_to_add(public_key: str, code: str) -> str:
    """The line that lets a key in, with a comment that names what for; quoted for a shell."""
    # the owner of a key may write anything into its comment: ours takes its place
    kind, body = public_key.split(" ")[:2]
    return f"echo {shlex.quote(f'{kind} {body} {_comment(code)}')} >> ~/.ssh/authorized_keys"


def command_to_remove(code: str) -> str:
    """The line that takes it out again."""
    return f"sed -i {shlex.quote(f'/ {_comment(code)}$/d')} ~/.ssh/authorized_keys"


def _comment(code: str) -> str:
    return f"paidsupport-{code}"


def _holds(kind: str, body: str) -> bool:
    """Whether the key itself says that it is of this kind."""
    try:
        content = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return False
    length = int.from_bytes(content[:_LENGTH_BYTES])
    return content[_LENGTH_BYTES : _LENGTH_BYTES + length] == kind.encode()
