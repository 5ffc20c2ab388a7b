"""What stands for Dolibarr: keeps records in memory, and refuses what its REST interface would not take."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Self

from werkzeug.wrappers import Request, Response

from paidsupport.demo.pay.server import Server

KEY = "key-of-the-desk"
Record = dict[str, Any]

#: What may be sent for each kind of record, and what must be.
FIELDS: Mapping[str, tuple[set[str], set[str]]] = {
    "thirdparties": (
        {"ref_ext", "client", "code_client", "email", "phone", "address", "zip", "town"},
        {"name"},
    ),
    "projects": ({"socid", "description", "usage_opportunity", "opp_status", "opp_amount"}, {"ref", "title"}),
    "invoices": ({"ref_ext", "ref_client", "type", "note_private", "lines"}, {"socid"}),
    "agendaevents": ({"label", "note_private", "socid", "fk_project"}, {"type_code", "userownerid"}),
}
LINE = {"desc", "qty", "subprice", "tva_tx", "product_type"}
#: What the numbers of opportunities' states are called.
STATES = {1: "PROSP", 2: "QUAL", 3: "PROPO", 4: "NEGO", 5: "PENDING", 6: "WON", 7: "LOST"}
_FILTER = re.compile(r"\(t\.(?P<field>\w+):=:'(?P<value>[^']*)'\)")
#: These lists say it when they are empty.
_SAY_SO = {"thirdparties": "Thirdparties not found", "agendaevents": "No Agenda Event found"}


class DolibarrThere:
    """A server, as a context manager; `records`: all that there is, by kind."""

    def __init__(self) -> None:
        self.records: dict[str, list[Record]] = {name: [] for name in FIELDS}
        self.server = Server(self._serve)

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def _serve(self, environ: Any, start: Any) -> Any:  # noqa: ANN401 - what WSGI says
        try:
            status, said = 200, self._answer(Request(environ))
        except RefusedError as error:
            status, said = error.status, {"error": {"code": error.status, "message": str(error)}}
        return Response(json.dumps(said), status, mimetype="application/json")(environ, start)

    def _answer(self, request: Request) -> object:
        if request.headers.get("DOLAPIKEY") != KEY:
            raise RefusedError(401, "Unauthorized: Failed to login to API.")
        _empty, api, index, *path = request.path.split("/")
        assert (api, index) == ("api", "index.php")
        match request.method, path:
            case "GET", ["setup", "company"]:
                return {"name": "Gallery Support", "currency_code": "EUR"}
            case "GET", ["users", "info"]:
                return {"id": "5", "login": "desk"}
            case "GET", [room]:
                return self._listed(room, request)
            case "POST", [room]:
                return self._made(room, request.get_json())
            case "PUT", [room, number]:
                may, must = FIELDS[room]
                record, sent = self._one(room, number), request.get_json()
                assert sent.keys() <= may | must
                record.update(sent)
                return self._shown(record)
            case "DELETE", [room, number]:
                self.records[room].remove(self._one(room, number))
                return {"success": {"code": 200, "message": "Object deleted"}}
        raise RefusedError(404, "Not Found")

    def _listed(self, room: str, request: Request) -> object:
        assert request.args["sortfield"] == ("t.id" if room == "agendaevents" else "t.rowid")
        wanted = _FILTER.fullmatch(request.args["sqlfilters"])
        assert wanted
        assert wanted["field"] in FIELDS[room][0] | FIELDS[room][1]
        found = [each for each in self.records[room] if each.get(wanted["field"]) == wanted["value"]]
        if not found and room in _SAY_SO:
            raise RefusedError(404, f"Not Found: {_SAY_SO[room]}")
        return [self._shown(each) for each in found]

    def _made(self, room: str, sent: Record) -> int:
        may, must = FIELDS[room]
        assert sent.keys() <= may | must
        if missing := [name for name in must if not sent.get(name)]:
            raise RefusedError(400, f"Bad Request: {missing[0]} field missing")
        assert all(line.keys() == LINE for line in sent.get("lines", ()))
        if room == "projects" and any(each["ref"] == sent["ref"] for each in self.records[room]):
            raise RefusedError(500, "Error creating project")
        number = sum(map(len, self.records.values())) + 100
        self.records[room].append({"id": str(number), **sent})
        return number

    def _one(self, room: str, number: str) -> Record:
        for each in self.records[room]:
            if each["id"] == number:
                return each
        raise RefusedError(404, "Not Found")

    def _shown(self, record: Record) -> Record:
        return {**record, "opp_status_code": STATES.get(record.get("opp_status", 0))}


class RefusedError(Exception):
    """An error of Dolibarr, with the status that it is answered with."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status
