"""A throw-away IMAP server: Dovecot on a port of its own, with everything in one folder."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import quote

from imap_tools import MailBoxUnencrypted

from tests.certificates import certificate
from tests.postgres import _unprivileged_user, free_port

PASSWORD = "open.sesame&co"
#: Seconds until it answers, or something is wrong with it.
PATIENCE = 60
#: Debian puts it where only root looks.
PLACES = ("dovecot", "/usr/sbin/dovecot")

_CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
{encryption}
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
first_valid_gid = 0
mail_location = {location}
mail_access_groups =
mail_fsync = never
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service stats {{
  chroot =
}}
"""


def find_dovecot() -> str | None:
    """The server's program, if it is installed."""
    return next(filter(None, map(shutil.which, PLACES)), None)


class Dovecot:
    """One server; every name is a user of it, with the same password.

    `mbox`: a mailbox is one file, `inbox` in the user's folder; else each mail is one.
    `encrypted`: it offers STARTTLS, as “localhost”, with a certificate that vouches for itself.
    """

    def __init__(self, *, mbox: bool = False, encrypted: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ps-imap-", dir="/tmp"))  # a new folder in it
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        # the server reads no mail as root, and everything here as one user who is not
        self._owner = _unprivileged_user() if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        names = {"user": self._owner.pw_name, "group": grp.getgrgid(self._owner.pw_gid).gr_name}
        at = f"{self.folder}/mail/%u"
        #: The certificate, if it has one.
        self.certificate, encryption = "", "ssl = no"
        if encrypted:
            self.certificate, key = certificate(self.folder, "localhost")
            encryption = f"ssl = yes\nssl_cert = <{self.certificate}\nssl_key = <{key}"
        names["encryption"] = encryption
        names["location"] = f"mbox:{at}:INBOX={at}/inbox" if mbox else f"maildir:{at}"
        self._configuration = self.folder / "dovecot.conf"
        self._configuration.write_text(
            _CONFIGURATION.format(folder=self.folder, password=PASSWORD, port=self.port, **names)
        )
        os.chown(self.folder, self._owner.pw_uid, self._owner.pw_gid)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Serve, with the mails that are there."""
        program = find_dovecot()
        assert program
        root = os.geteuid() == 0
        self._process = subprocess.Popen(
            [program, "-F", "-c", self._configuration],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            user=self._owner.pw_uid if root else None,
            group=self._owner.pw_gid if root else None,
            extra_groups=[] if root else None,
        )
        end = time.monotonic() + PATIENCE
        while not self._answers():
            if time.monotonic() > end:
                raise TimeoutError(self._log())
            time.sleep(0.1)

    def kill(self) -> None:
        """Stop at once, in the middle of whatever it and its children do."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)
        (self.folder / "run" / "master.pid").unlink(missing_ok=True)
        self._process = None

    def give(self, path: Path) -> None:
        """Let a file or folder that the test made be the server's."""
        os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    def url(self, user: str, query: str = "purpose=support") -> str:
        """The address of a user's mailbox, for PAIDSUPPORT_MAILBOXES."""
        return f"imap://{user}:{quote(PASSWORD)}@127.0.0.1:{self.port}/INBOX?{query}"

    def open(self, user: str) -> MailBoxUnencrypted:
        """A connection of a test's own."""
        box = MailBoxUnencrypted("127.0.0.1", self.port, timeout=PATIENCE)
        box.login(user, PASSWORD)
        return box

    def append(self, user: str, *mails: bytes) -> None:
        """Put mails into a user's mailbox."""
        with self.open(user) as box:
            for mail in mails:
                box.append(mail, "INBOX", flag_set=[])

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
            return connection.recv(4) == b"* OK"
        return False

    def _log(self) -> str:
        path = self.folder / "log"
        return path.read_text() if path.exists() else "no log"
