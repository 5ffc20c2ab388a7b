"""A client that others generate from the description takes a ticket from order to close."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask

from paidsupport.kernel.staff import operations as people
from tests.connect.api.test_ticket_work import ORDER
from tests.people import EVIDENCE, Desk

pytestmark = [pytest.mark.row("P12"), pytest.mark.slow]
BASE = "/support/api/v1"
#: All that the generator may leave out: answers that are files.
_FILES = "Unsupported content_type */*"


@pytest.fixture
def generated(lite_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a package with the client; without network, and with no model left out."""
    (tmp_path / "openapi.json").write_bytes(lite_app.test_client().get(f"{BASE}/openapi.json").data)
    (tmp_path / "config.yml").write_text("post_hooks: []\n")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json"]
    command += ["--output-path", "generated_desk", "--meta", "none", "--config", "config.yml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.count("WARNING parsing") == done.stdout.count(_FILES), done.stdout
    assert "Unable to" not in done.stdout, done.stdout
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "generated_desk"
    for name in [name for name in sys.modules if name.partition(".")[0] == "generated_desk"]:
        del sys.modules[name]


class Client:
    """Calls operations of the generated package by their tag and name."""

    def __init__(self, package: str, app: Flask, token: str) -> None:
        self._package = package
        known = importlib.import_module(package).AuthenticatedClient
        transport = httpx.WSGITransport(app=app)
        self._client = known(
            base_url=f"http://localhost{BASE}", token=token, httpx_args={"transport": transport}
        )

    def __call__(self, tag: str, name: str, *parts: object, **sent: Any) -> Any:  # noqa: ANN401  # its models
        """What the client makes of the answer, which is a success; with it, its `ETag`."""
        module = importlib.import_module(f"{self._package}.api.{tag}.{name}")
        answer = module.sync_detailed(*parts, client=self._client, **sent)
        assert answer.status_code < 300, answer.content
        self.tag = answer.headers.get("ETag", "")
        return answer.parsed

    def do(self, tag: str, name: str, *parts: object, **sent: Any) -> Any:  # noqa: ANN401  # as above
        """The same for a change, under a new key."""
        return self(tag, name, *parts, idempotency_key=uuid.uuid4().hex, **sent)

    def model(self, name: str, /, **fields: Any) -> Any:  # noqa: ANN401  # as above
        """A model of the client, read from JSON."""
        return getattr(importlib.import_module(f"{self._package}.models"), name).from_dict(fields)


def test_a_generated_client_takes_a_ticket_from_order_to_close(
    generated: str, lite_app: Flask, lite_desk: Desk
) -> None:
    """Order, claim, write, start, tick, report and close, by models alone."""
    with lite_desk.ctx() as ctx:
        token = people.new_token(ctx, "ada@example.org", "client", 1, "write")
    call = Client(generated, lite_app, token)
    code = call.do("tickets", "create_ticket", body=call.model("NewTicket", **ORDER)).code
    call("tickets", "get_ticket", code)
    assert call.do("tickets", "claim_ticket", code, if_match=call.tag).state == "pending"
    draft = call("conversation", "draft_message", code)
    email = {
        "body": f"{code}: USD 45.00, PayPal: ada@example.org",
        "claim": draft.claim,
        "thread": draft.thread,
    }
    call.do("conversation", "write_message", code, body=call.model("Email", **email))
    lite_desk.work()
    _moved(call, code, "start", "On the phone.")
    _ticked(call, code, _model_of_body(lite_app, "tick_item"))
    report = call("work", "draft_report", code)
    sent = {"body": report.body, "claim": report.claim, "thread": report.thread}
    model = _model_of_body(lite_app, "send_report")
    call.do("work", "send_report", code, body=call.model(model, **sent))
    lite_desk.work()
    assert _moved(call, code, "close").state == "closed"
    listed = call("tickets", "list_tickets", q=code).items
    assert [each.code for each in listed] == [code]


def _moved(call: Client, code: str, move: str, note: str = "") -> Any:  # noqa: ANN401  # as above
    call("tickets", "get_ticket", code)
    return call.do(
        "tickets", "move_ticket", code, move, if_match=call.tag, body=call.model("Move", note=note)
    )


def _ticked(call: Client, code: str, model: str) -> None:
    while True:
        items = call("work", "list_items", code).items
        free = [each for each in items if each.state == "open" and not each.waits and each.name != "report"]
        if not free:
            return
        for item in free:
            typed = {each.name: EVIDENCE[each.kind] for each in item.evidence if each.kind != "file"}
            files = [{"name": "proof.txt", "content": "SXQgaXMgdGhlcmUu"}]
            files = files if "file" in {each.kind for each in item.evidence} else []
            body = call.model(model, evidence=typed, files=files)
            call.do("work", "tick_item", code, item.name, if_match=f'"{item.version}"', body=body)


def _model_of_body(app: Flask, operation: str) -> str:
    """The name of the model that an operation takes."""
    told = json.loads(app.test_client().get(f"{BASE}/openapi.json").data)
    for methods in told["paths"].values():
        for each in methods.values():
            if each["operationId"] == operation:
                ref: str = each["requestBody"]["content"]["application/json"]["schema"]["$ref"]
                return ref.rpartition("/")[2]
    raise AssertionError(operation)
