"""Secrets among the settings: sealed in their rows under the site's SECRET_KEY, opened where they are used.

SECRET_KEY_FALLBACKS open what they sealed, so that the key can be changed.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

from paidsupport.kernel.configuration.managed import MANAGED, Kind
from paidsupport.kernel.errors import ConfigurationError, VaultClosedError
from paidsupport.kernel.keyring import open_sealed, seal
from paidsupport.kernel.links import Links

_PURPOSE = "configuration"


def is_secret(name: str) -> bool:
    """Whether a setting is shown to no one."""
    return name in MANAGED and MANAGED[name].kind is Kind.SECRET


def sealed(links: Links, name: str, text: str) -> str:
    """A secret as its row holds it, bound to the name of its setting."""
    return base64.b64encode(seal_bytes(links, name, text)).decode()


def seal_bytes(links: Links, name: str, text: str) -> bytes:
    """A secret that is no setting, bound to the name of what it is for."""
    return seal(links.keys(_PURPOSE)[0], text.encode(), name.encode())


def open_bytes(links: Links, name: str, content: bytes) -> str:
    """What `seal_bytes` sealed.

    Raises:
        ConfigurationError: It was sealed for something else, or under a key that the site does not have.
    """
    for key in links.keys(_PURPOSE):
        try:
            return open_sealed(key, content, name.encode()).decode()
        except VaultClosedError:
            continue
    raise ConfigurationError(
        "It was sealed under another SECRET_KEY. Put that into SECRET_KEY_FALLBACKS, or enter it again."
    )


def open_text(links: Links, name: str, content: str) -> str:
    """What `sealed` sealed. Raises ConfigurationError as `open_bytes`."""
    try:
        return open_bytes(links, name, base64.b64decode(content))
    except binascii.Error:
        return open_bytes(links, name, b"")


def opener(links: Links) -> Callable[[str, Any], Any]:
    """What opens the values of settings that are sealed; all others stay as they are.

    It raises ConfigurationError for what was sealed under a key that the site does not have any more.
    """

    def opened(name: str, value: Any) -> Any:  # noqa: ANN401  # JSON
        if not is_secret(name):
            return value
        return open_text(links, name, str(value))

    return opened
