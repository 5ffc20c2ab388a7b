"""No credential leaves again: what people of the desk type is compared with what customers gave (G15)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import literal, null, select

from paidsupport.desk import sealing
from paidsupport.desk.files import Upload
from paidsupport.desk.sealing import Sealed
from paidsupport.desk.visit import Visit
from paidsupport.domain import redaction
from paidsupport.errors import InvalidInputError, VaultClosedError
from paidsupport.store.conversation import Message
from paidsupport.store.tickets import Ticket, family
from paidsupport.store.vault import Secret

#: Shorter lines of what was cut from a message are compared as part of the whole only.
_SHORTEST_LINE = 4
#: Bytes at the beginning of a file that tell whether it is text.
_HEAD = 8192


def refuse_quotes(
    visit: Visit, ticket: Ticket, text: str, field: str = "body", uploads: Sequence[Upload] = ()
) -> None:
    """Refuse `text` and `uploads` of a person if they give away a credential of this ticket, in any dress.

    Raises InvalidInputError at `field`, or at `files`, with the line; VaultClosedError if what is kept
    cannot be opened, for then nobody knows. Looks nothing up for an empty text, and is no look (N2).
    """
    if not visit.by.is_person or not (text.strip() or uploads):
        return
    secrets = _secrets(visit, ticket)
    if not secrets:
        return
    problems = {}
    if hits := redaction.hits(text, secrets):
        problems[field] = [
            f"Line {hit.line} gives a credential of this ticket away:"
            f" “{redaction.excerpt(text, hit, secrets)}”. Take it out. Nothing of this was kept or sent."
            for hit in hits[:3]
        ]
    if named := [sentence for upload in uploads for sentence in _in_file(upload, secrets)]:
        problems["files"] = named
    if problems:
        raise InvalidInputError(problems)


def _secrets(visit: Visit, ticket: Ticket) -> list[str]:
    """What must not be said on this ticket: what its vault keeps, and passwords in the customer's words."""
    kept = select(
        Secret.kind, Secret.reference, Secret.sealed, Secret.key_reference, Secret.key_id, literal("")
    ).where(Secret.ticket_id == ticket.id, Secret.sealed.is_not(None))
    words_of = (literal("said"), literal(""), null(), null(), literal(""))
    here = Message.ticket_id.in_(select(Ticket.id).where(family(ticket)))
    said = select(*words_of, Message.raw).where(here, Message.direction == "in")
    # the page shows what was merged into it as well
    ordered = select(*words_of, Ticket.details + "\n\n" + Ticket.host_access)
    ordered = ordered.where(Ticket.merged_into_id == ticket.id)
    found = redaction.values_in(f"{ticket.details}\n\n{ticket.host_access}")
    for kind, reference, sealed, key_reference, key_id, words in visit.session.execute(
        kept.union_all(said, ordered)
    ):
        if kind == "said":
            found += redaction.values_in(words)
            continue
        plain = _opened(visit, ticket, Sealed(reference, sealed or b"", key_reference or "", key_id))
        found.append(plain)
        if kind == "message":
            lines = (redaction.trimmed(line) for line in plain.splitlines())
            found += [line for line in lines if len(line) >= _SHORTEST_LINE]
    return list(dict.fromkeys(found))


def _opened(visit: Visit, ticket: Ticket, row: Sealed) -> str:
    try:
        return sealing.opened(visit, ticket, row)
    except VaultClosedError as error:
        raise VaultClosedError(
            "What you wrote cannot be compared with the credentials kept on this ticket, so it goes nowhere."
            f" {error.repair}"
        ) from None


def _in_file(upload: Upload, secrets: Sequence[str]) -> list[str]:
    content = upload.content.read()
    upload.content.seek(0)
    if not _is_text(content):
        bare = (secret.encode() for secret in secrets if len(secret) >= _SHORTEST_LINE)
        given_away = any(secret in content for secret in bare)
        return [f"The file “{upload.name}” holds a credential of this ticket."] if given_away else []
    text = _decoded(content)
    return [
        f"The file “{upload.name}” gives a credential of this ticket away in line {hit.line}:"
        f" “{redaction.excerpt(text, hit, secrets)}”."
        for hit in redaction.hits(text, secrets)[:1]
    ]


def _is_text(content: bytes) -> bool:
    return b"\0" not in content[:_HEAD] or content.startswith((b"\xff\xfe", b"\xfe\xff"))


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
