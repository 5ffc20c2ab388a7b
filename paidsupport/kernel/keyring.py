"""The master keys of the vault: they seal data keys, and lie in the configuration alone."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os

from paidsupport.kernel.errors import VaultClosedError
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.i18n.stored import filled

#: Bytes of every key.
KEY_BYTES = 32
_NONCE_BYTES = 12
_ID_LENGTH = 16

NO_KEY = _("PAIDSUPPORT_VAULT_KEYS is empty. Make a key with “flask paidsupport vault new-key” and add it.")
BAD_KEY = _(
    "PAIDSUPPORT_VAULT_KEYS must hold keys printed by “flask paidsupport vault new-key”, separated by commas."
    " Number %(number)s is not such a key."
)
UNKNOWN_KEY = _(
    "A login is stored under the master key %(key_id)s, which is not in PAIDSUPPORT_VAULT_KEYS. Add that key"
    " after the first one, or delete the logins stored under it: “flask paidsupport vault status”"
    " lists them."
)


class Keyring:
    """The keys in PAIDSUPPORT_VAULT_KEYS: the first one seals, all of them open.

    With a wrong setting it is made all the same, opens nothing, and says in `fault` what is wrong: the rest
    of the desk works on.
    """

    def __init__(self, setting: str) -> None:
        self._keys: dict[str, bytes] = {}
        #: What is wrong with the setting, as a sentence for the operator; empty if nothing is.
        self.fault = ""
        texts = [text.strip() for text in setting.split(",") if text.strip()]
        for number, text in enumerate(texts, 1):
            key = _decoded(text)
            if key is None:
                self.fault = filled(BAD_KEY, number=number)
                self._keys.clear()
                return
            self._keys.setdefault(key_id(key), key)
        if not self._keys:
            self.fault = NO_KEY

    def __repr__(self) -> str:
        return f"<Keyring: {', '.join(self._keys) or 'closed'}>"

    @property
    def first(self) -> str:
        """The id of the key that seals. Raises VaultClosedError."""
        if self.fault:
            raise VaultClosedError(self.fault)
        return next(iter(self._keys))

    def knows(self, name: str) -> bool:
        """Whether the key with this id is here."""
        return name in self._keys

    def seal(self, data_key: bytes, about: bytes) -> bytes:
        """A data key, sealed under the first key and bound to what it is `about`. Raises VaultClosedError."""
        return seal(self._keys[self.first], data_key, about)

    def open(self, name: str, sealed: bytes, about: bytes) -> bytes:
        """The data key that was sealed under the key with this id. Raises VaultClosedError."""
        if self.fault or name not in self._keys:
            raise VaultClosedError(self.fault or filled(UNKNOWN_KEY, key_id=name))
        return open_sealed(self._keys[name], sealed, about)


def new_key() -> str:
    """A new master key, as the configuration takes it."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode().rstrip("=")


def key_id(key: bytes) -> str:
    """The name of a key, which does not tell it: a wrong key is recognised before anything is opened."""
    return hashlib.sha256(b"paidsupport.vault.key-id:" + key).hexdigest()[:_ID_LENGTH]


def seal(key: bytes, content: bytes, about: bytes) -> bytes:
    """`content` under AES-256-GCM with its nonce before it; to open it, `about` must be the same."""
    # late, here and below: a large library, and most requests touch no secret
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, about)


def open_sealed(key: bytes, sealed: bytes, about: bytes) -> bytes:
    """What `seal` sealed. Raises VaultClosedError for another key, another `about`, or changed bytes."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about)
    except (InvalidTag, ValueError):
        raise VaultClosedError(
            _(
                "A login cannot be opened: it or its data key was changed or damaged. Delete it and ask for"
                " it again."
            )
        ) from None


def _decoded(text: str) -> bytes | None:
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None
