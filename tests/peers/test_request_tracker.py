"""A real Request Tracker answers as the import expects it (P18)."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.peers.moved_in import ADA, JOERG, LOG, PNG, SHORT, TICKETS
from tests.peers.request_tracker import RequestTracker

pytestmark = pytest.mark.row("P18")

PAGE = 20


def of_ticket(tracker: RequestTracker, number: int, what: str, fields: str) -> list[dict[str, Any]]:
    """All that belongs to a ticket, oldest first."""
    found = tracker.get(f"/ticket/{number}/{what}", fields=fields, per_page=100)
    assert found["pages"] == 1
    return list(found["items"])


def test_every_ticket_is_listed_once_page_by_page(request_tracker: RequestTracker) -> None:
    """In the order of their numbers, with subjects in any letters."""
    numbers: list[int] = []
    subjects: list[str] = []
    page, pages = 0, 1
    while page < pages:
        page += 1
        query = {"query": "id>0", "orderby": "id", "per_page": PAGE, "page": page}
        found = request_tracker.get("/tickets", fields="Subject", **query)
        pages = found["pages"]
        numbers += [int(each["id"]) for each in found["items"]]
        subjects += [each["Subject"] for each in found["items"]]
    total = len(TICKETS) + SHORT
    assert (pages, numbers) == (-(-total // PAGE), list(range(1, total + 1)))
    assert subjects[: len(TICKETS)] == [ticket.subject for ticket in TICKETS]


def test_a_ticket_comes_with_all_that_was_said_and_done(request_tracker: RequestTracker) -> None:
    """To the customer, to the team alone, as HTML, with time; and who did it."""
    ticket = request_tracker.get("/ticket/1")
    assert (ticket["Status"], ticket["TimeWorked"], ticket["Owner"]["id"]) == ("resolved", "22", ADA)
    assert request_tracker.get(f"/user/{JOERG[1]}")["RealName"] == JOERG[0]
    history = of_ticket(request_tracker, 1, "history", "Type,Creator,OldValue,NewValue,TimeTaken")
    said = [
        (each["Type"], each["Creator"]["id"], each["TimeTaken"])
        for each in history
        if each["Type"] in {"Create", "Correspond", "Comment"}
    ]
    assert said == [
        ("Create", JOERG[1], "0"),
        ("Comment", ADA, "5"),
        ("Correspond", ADA, "15"),
        ("Correspond", JOERG[1], "0"),
        ("Correspond", ADA, "2"),
    ]
    states = [(each["OldValue"], each["NewValue"]) for each in history if each["Type"] == "Status"]
    assert states == [("new", "open"), ("open", "resolved")]
    links = of_ticket(request_tracker, 3, "history", "Type,Field,NewValue")
    assert [(each["Field"], each["NewValue"]) for each in links if each["Type"] == "AddLink"] == [
        ("DependsOn", "fsck.com-rt://tracker.example/ticket/2")
    ]


def test_files_come_as_they_were_sent(request_tracker: RequestTracker) -> None:
    """Below the mail they came with, beside its text in both forms."""
    parts = of_ticket(request_tracker, 1, "attachments", "ContentType,Filename,TransactionId")
    first = [each for each in parts if each["TransactionId"] == parts[0]["TransactionId"]]
    assert [(each["ContentType"], each["Filename"]) for each in first] == [
        ("multipart/mixed", ""),
        ("multipart/alternative", ""),
        ("text/plain", ""),
        ("text/html", ""),
        ("text/plain", "kasse.log"),
        ("image/png", "display.png"),
    ]
    contents = [request_tracker.get(f"/attachment/{each['id']}")["Content"] for each in first[-2:]]
    assert [base64.b64decode(content) for content in contents] == [LOG, PNG]
