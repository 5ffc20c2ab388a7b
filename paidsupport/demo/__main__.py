"""`python -m paidsupport.site`: prepare the demonstration, then serve it with a worker inside."""

from __future__ import annotations

import os
import sys
import threading

from waitress import serve

from paidsupport.demo import content as demo
from paidsupport.demo import create_app
from paidsupport.kernel.mount import current
from paidsupport.kernel.worker import Worker

#: Threads that answer requests.
THREADS = 8
#: Bytes that a request may have: five files of 10 MB and the rest of a form.
BODY = 52 * 1024 * 1024
#: Browsers that may keep a connection open at once: every open queue does.
CONNECTIONS = 500


def main() -> None:
    """Serve on 127.0.0.1 at PORT (5000)."""
    port = int(os.environ.get("PORT", "5000"))
    app = create_app()
    with app.app_context():
        demo.prepare()
        mount = current()
        worker = Worker(mount.services, mount.database, mount.transport, mount.clock)
    threading.Thread(target=worker.run, daemon=True, name="paidsupport-worker").start()
    sys.stdout.write(
        f"\n  Paid support is ready at http://127.0.0.1:{port}/\n"
        f"  Customers: http://127.0.0.1:{port}/support/   Desk: http://127.0.0.1:{port}/support/desk/\n"
        "  Sign in as ada@, ben@ or mia@example.org with the password demo. Ctrl+C stops it.\n\n"
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
