"""Telling the log the set-up code of a desk that has no manager."""

from __future__ import annotations

import logging

from sqlalchemy.exc import SQLAlchemyError

from paidsupport.kernel.links import Links
from paidsupport.kernel.mount import Mount
from paidsupport.kernel.staff.first import setup_code

log = logging.getLogger("paidsupport.mount")

_SAID = "set-up code"


def say_setup_code(mount: Mount, links: Links) -> None:
    """Tell the log the code, once in each process, if the desk has no manager and pages for the set-up.

    Args:
        mount: The desk.
        links: What makes the code.
    """
    if "manage" not in mount.capabilities.names or _SAID in mount.warned:
        return
    try:
        with mount.database.reading() as session:
            code = setup_code(links, session)
    except SQLAlchemyError:
        return  # before the first migration there are no tables
    if code:
        mount.warned.add(_SAID)
        page = f"{mount.settings.base_url}{mount.settings.url_prefix}/desk/begin"
        log.warning("the desk has no manager: sign in, open %s and enter the set-up code %s", page, code)
