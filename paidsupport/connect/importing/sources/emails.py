"""Emails in an mbox or a Maildir: what answers each other is one ticket."""

from __future__ import annotations

import mailbox
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO

from paidsupport.connect.importing.rules import Given, LineError, Remark, moment
from paidsupport.connect.importing.sources.kinds import Wanted
from paidsupport.connect.importing.sources.places import Place, Waiting
from paidsupport.intake.mail import headers, parse, plain
from paidsupport.intake.mail.deadline import UnreadableError
from paidsupport.intake.mail.inbox import Incoming
from paidsupport.kernel.addresses import compared
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import LINE_LIMIT

_ID = re.compile(r"<([^<>\s]{1,250})>")
_SUBJECT = re.compile(r"^(?:\s*(?:re|aw|fwd?|wg|antw|sv|vs|tr|réf)\s*(?:\[\d+\])?\s*:)+\s*", re.IGNORECASE)
_NO_MAIL = _("There are no emails in this file.")


class Emails:
    """A mailbox. Who writes from one of `ours` (addresses, or domains after an @) works at the desk."""

    def __init__(self, wanted: Wanted) -> None:
        parse.need_extra()
        self._source = wanted.source
        self._place: Place | None = None
        self._box = self._opened(wanted.path)
        self._waiting = Waiting()
        self._ours = frozenset(compared(str(each)) for each in wanted.options.get("ours", ()))
        self._leaves_open = bool(wanted.options.get("open"))
        self._told: set[str] = set()

    def given(self, after: str) -> Iterator[Given]:
        """All conversations, in the order of their first emails."""
        del after
        threads, moments = self._threads()
        if not threads:
            raise InvalidInputError({"file": [_NO_MAIL]})
        for keys in threads:
            self._waiting.next()
            yield from self._thread(sorted(keys, key=lambda key: (moments[key], key)), moments)

    def open(self, name: str) -> IO[bytes]:
        """The content of an attachment."""
        return self._waiting.open(name)

    def close(self) -> None:
        """Close the mailbox."""
        self._box.close()
        if self._place:
            self._place.close()

    def _opened(self, path: Path) -> mailbox.Mailbox[mailbox.mboxMessage] | mailbox.Maildir:
        if path.is_dir() and (path / "cur").is_dir():
            return _Folder(path, create=False)
        self._place = Place(path, (".mbox", ".mbx", ""))
        return mailbox.mbox(self._place.whole(), create=False)

    def _threads(self) -> tuple[list[list[str]], dict[str, datetime]]:
        """The keys of the emails of each conversation, and the moment of each; bodies are not read."""
        leaders: dict[str, str] = {}

        def leader(name: str) -> str:
            while leaders.setdefault(name, name) != name:
                leaders[name] = leaders[leaders[name]]
                name = leaders[name]
            return name

        first: dict[str, str] = {}
        moments: dict[str, datetime] = {}
        parser = BytesHeaderParser()
        before = datetime.fromtimestamp(0, UTC)
        for key in self._box.iterkeys():
            raw = self._top(key)
            found = parser.parsebytes(raw)
            own = next(iter(_ID.findall(str(found["message-id"] or ""))), f"no id {key}")
            for other in _ID.findall(f"{found['in-reply-to'] or ''} {found['references'] or ''}")[-50:]:
                leaders[leader(other)] = leader(own)
            leader(own)
            first[str(key)] = own
            # one without a date comes right behind the one before it
            moments[str(key)] = before = _moment(str(found["date"] or "")) or before
        threads: dict[str, list[str]] = {}
        for key, own in first.items():
            threads.setdefault(leader(own), []).append(key)
        return sorted(threads.values(), key=lambda keys: min(moments[key] for key in keys)), moments

    def _top(self, key: object) -> bytes:
        with self._box.get_file(key) as source:  # type: ignore[arg-type]  # a key of it
            return bytes(source.read(headers.TOP))

    def _bytes(self, key: str) -> bytes:
        return self._box.get_bytes(key if isinstance(self._box, mailbox.Maildir) else int(key))  # type: ignore[arg-type]  # a key of it

    def _thread(self, keys: list[str], moments: Mapping[str, datetime]) -> Iterator[Given]:
        read: list[tuple[str, str, Incoming]] = []
        remarks = []
        for key in keys:
            raw = self._bytes(key)
            name = parse.header_id(raw) or key
            try:
                mail = parse.understand(raw)
            except UnreadableError:
                remarks.append(Remark("line", "an email cannot be read", name[:40]))
                continue
            if mail.bounce is not None:
                remarks.append(Remark("line", "a delivery report", name[:40]))
                continue
            for file in mail.attachments:
                file.content.seek(0)
            read.append((key, name, mail))
        yield from remarks
        if not read:
            return
        _key, ticket, opening = read[0]
        incoming = [mail for *_rest, mail in read if not self._is_ours(mail.sender)]
        others = [each for each in opening.recipients if not self._is_ours(each)]
        is_open = self._leaves_open and not self._is_ours(read[-1][2].sender)
        for *_rest, mail in read:
            if self._is_ours(mail.sender) and mail.sender not in self._told:
                self._told.add(mail.sender)
                person = {"source_id": mail.sender, "name": mail.sender_name or mail.sender}
                yield {"type": "person", "source": self._source, **person, "email": mail.sender}
        yield {
            "type": "ticket",
            "source": self._source,
            "source_id": ticket,
            "part": "unassigned" if is_open else "closed",
            "summary": _SUBJECT.sub("", opening.subject),
            "customer_name": incoming[0].sender_name if incoming else "",
            "customer_email": incoming[0].sender if incoming else next(iter(others), ""),
            "language": opening.language,
            "submitted_at": moments[read[0][0]].isoformat(),
            "ended_at": None if is_open else moments[read[-1][0]].isoformat(),
        }
        for key, name, mail in read:
            yield from self._message(ticket, name, mail, moments[key].isoformat())

    def _message(self, ticket: str, name: str, mail: Incoming, at: str) -> Iterator[Given]:
        ours = self._is_ours(mail.sender)
        own = {"source": self._source, "ticket_id": ticket}
        yield {
            **own,
            "type": "message",
            "source_id": name,
            "direction": "out" if ours else "in",
            "at": at,
            "author_id": mail.sender if ours else None,
            "author_name": mail.sender_name or mail.sender,
            "body": mail.body or mail.text or "…",
            "rest": mail.rest,
        }
        for number, file in enumerate(mail.attachments):
            stored = self._waiting.put(file.content.read())
            yield {
                **own,
                "type": "file",
                "source_id": f"{name}-{number}",
                "message_id": name,
                "stored_as": stored,
                "name": plain.one_line(file.name, LINE_LIMIT) or "file",
                "at": at,
            }

    def _is_ours(self, address: str) -> bool:
        folded = compared(address)
        return folded in self._ours or compared(f"@{folded.rpartition('@')[2]}") in self._ours


class _Folder(mailbox.Maildir):
    """A Maildir without links: in what somebody packed, one could lead to any file of the server."""

    def iterkeys(self) -> Iterator[str]:
        """The keys of its emails."""
        parts = [Path(self._path, part) for part in ("new", "cur")]
        found = [(each, part) for part in parts if part.is_dir() for each in part.iterdir()]
        links = {
            each.name.partition(self.colon)[0]
            for each, part in found
            if each.is_symlink() or part.is_symlink()
        }
        return (key for key in super().iterkeys() if key not in links)


def _moment(said: str) -> datetime | None:
    """The moment of a header; None if it has none that can be."""
    try:
        return moment(parsedate_to_datetime(said))
    except (ValueError, TypeError, IndexError, LineError):
        return None


def opened(wanted: Wanted) -> Emails:
    """The source."""
    return Emails(wanted)
