"""How pages send a test email."""

from __future__ import annotations

from paidsupport.kernel.context import Context
from paidsupport.kernel.mount import current
from paidsupport.manage.trial import operations
from paidsupport.manage.trial.operations import Said


def send(ctx: Context) -> Said:
    """Send a test email to who asks, now; see `operations.prepare` for what it raises."""
    mail = operations.prepare(ctx)
    # nothing is locked while the mail server is waited for, and the attempt counts however it ends
    ctx.session.commit()
    return operations.hand_over(current().transport, mail)
