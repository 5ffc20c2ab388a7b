"""`python -m paidsupport.site`: prepare the demo, then serve it with a worker inside."""

from __future__ import annotations

import os
import sys
import threading

from waitress import serve

from paidsupport.demo import content as demo
from paidsupport.demo import create_app
from paidsupport.demo.pay.standing import StandIns, standing
from paidsupport.kernel.mount import current
from paidsupport.kernel.worker import Worker

#: The number of threads that answer requests.
THREADS = 8
#: The largest request in bytes: more than the desk takes, so that its own page says what is too large.
BODY = 256 * 1024 * 1024
#: The most connections that browsers keep open at once: every open queue keeps one.
CONNECTIONS = 500


def main() -> None:
    """Serve on 127.0.0.1 at PORT (5000), with stand-ins for providers at the two ports after it."""
    port = int(os.environ.get("PORT", "5000"))
    address = f"http://127.0.0.1:{port}"
    with standing(address, port + 1) as pay:
        _serve(port, address, pay)


def _serve(port: int, address: str, pay: StandIns) -> None:
    app = create_app()
    with app.app_context():
        demo.prepare(pay=pay.set_up)
        mount = current()
        worker = Worker(mount.services, mount.database, mount.transport, mount.clock)
    threading.Thread(target=worker.run, daemon=True, name="paidsupport-worker").start()
    sys.stdout.write(
        f"\n  The demo is ready at {address}/\n"
        f"  Customers: {address}/support/   Staff: {address}/support/desk/\n"
        f"  Test payments: PayPal at {pay.paypal.url}, GNU Taler at {pay.taler}/, bank at {address}/bank\n"
        f"  Emails that would have been sent: {address}/support/dev/mail\n"
        "  Sign in as ada@example.org, ben@example.org (developers) or mia@example.org (manager).\n"
        "  The password is demo. Press Ctrl+C to stop.\n\n"
    )
    sys.stdout.flush()
    serve(
        app,
        host="127.0.0.1",
        port=port,
        threads=THREADS,
        connection_limit=CONNECTIONS,
        max_request_body_size=BODY,
        ident=None,
    )


if __name__ == "__main__":
    main()
