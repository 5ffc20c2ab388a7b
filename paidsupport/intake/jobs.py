"""The jobs of the worker for incoming mail and requests."""

from __future__ import annotations

import logging

from sqlalchemy.exc import DBAPIError

from paidsupport.intake.duty import operations as cascade
from paidsupport.intake.gaps.operations import missing
from paidsupport.intake.mail import fetch, inbound
from paidsupport.intake.mailboxes import reading
from paidsupport.kernel.errors import StorageFullError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.jobs import Job, Thread, each
from paidsupport.kernel.worker import Worker

log = logging.getLogger("paidsupport.jobs")


def _configured(worker: Worker) -> list[fetch.Address]:
    return worker.kept("mailboxes", lambda: fetch.addresses(worker.services.settings.mailboxes))


def _is_well_configured(worker: Worker) -> bool:
    """Always, or a worker does not start. Managers can enter a mailbox at any time."""
    _configured(worker)
    return True


def _mailboxes(worker: Worker) -> list[fetch.Address]:
    with worker.reading() as ctx:
        return reading.addresses(ctx, _configured(worker))


def _fetch(worker: Worker) -> bool:
    """Fetch new mail from every mailbox, whether or not others fail; returns whether there was any."""
    taken = 0
    for address in _mailboxes(worker):
        try:
            taken += fetch.fetch(worker, address)
        except (fetch.MailboxError, StorageFullError) as error:
            log.warning("%s", error)
        except DBAPIError as error:
            log.warning("database unavailable, trying again: %s", type(error.orig).__name__)
        except Exception:
            log.exception("a mailbox could not be read, going on")
    return taken > 0


JOBS = (
    Job(_("fetch mail"), _fetch, thread=Thread.COMES_IN, wanted=_is_well_configured),
    Job(_("understand lost mails"), inbound.resume),
    each(_("climb the roster"), cascade),
    each(_("open a documentation issue"), missing),
)
