"""Scripts, style and icons are asked for once: their addresses change with their content."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask

from paidsupport.kernel.web.static_files import FOLDER, version
from tests.people import Desk, sign_in


def test_pages_name_the_version_of_each_file(lite_desk: Desk) -> None:
    """Every file of ours on the pages of a customer and of the desk is kept for a year."""
    visitor, ada = lite_desk.app.test_client(), sign_in(lite_desk.app, "ada")
    seen = set()
    for client, path in ((visitor, "/support/"), (ada, f"/support/desk/tickets/{lite_desk.order()}")):
        found = re.findall(r'(?:src|href)="(/support/static/[^"#]+)', client.get(path).text)
        assert found
        seen |= {unescape(each) for each in found}
    assert {"paidsupport.css", "paidsupport.js", "ticket.js", "icons.svg"} <= {
        address.partition("?")[0].rpartition("/")[2] for address in seen
    }
    for address in seen:
        with visitor.get(address) as answer:
            assert (answer.status_code, answer.cache_control.max_age) == (200, 365 * 24 * 3600), address


def test_another_version_is_asked_for_again(lite_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """During an update a worker may get the address of another version: nobody keeps what it sends."""
    client, address = lite_app.test_client(), "/support/static/paidsupport.css"
    for query in ("", "?v=", "?v=000000"):
        with client.get(address + query) as answer:
            assert (answer.status_code, answer.cache_control.max_age) == (200, None), query
    with client.get(f"/support/static/nothing.css?v={version('nothing.css')}") as answer:
        assert answer.status_code == 404
    monkeypatch.setattr(lite_app, "debug", True)
    with client.get(f"{address}?v={version('paidsupport.css')}") as answer:
        assert answer.cache_control.max_age is None
    assert version("paidsupport.css") != version("paidsupport.js") != ""
    assert (FOLDER / "paidsupport.css").is_file()
