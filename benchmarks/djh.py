"""django-helpdesk: its pages as a browser asks for them."""

import base64
import json
import re
from contextlib import AbstractContextManager
from urllib.parse import quote, urlencode

from benchmarks import corpus
from benchmarks.client import Answer, Session, field
from benchmarks.load import Page, Request, get
from benchmarks.machine import call, program
from benchmarks.server import Server, serving
from benchmarks.system import Claimable

_COLUMNS = """
id ticket priority queue status created due_date assigned_to submitter last_followup time_spent kbitem
"""


class Djh(Claimable):
    """The queue is an empty page that a JSON call fills; a ticket is taken by a GET."""

    name, title, venv = "djh", "django-helpdesk", "django"

    @property
    def _environment(self) -> dict[str, str]:
        return {**self.cluster.environment, "DJH_DATABASE": self.database}

    def seed(self) -> None:
        """Migrate, load its mail templates, fill."""
        python = program(self.venv, "python")
        templates = "site_djh loaddata -v 0 emailtemplate"
        for step in ("site_djh migrate -v 0", templates, f"seed_djh {self.size}"):
            module, *arguments = step.split()
            call(python, "-m", f"benchmarks.{module}", *arguments, env=self._environment, nice=True)

    def serve(self) -> AbstractContextManager[Server]:
        """Start it."""
        return serving(self.venv, "benchmarks.site_djh:application", self._environment, "/login/")

    def sign_in(self, port: int, agent: int) -> Session:
        """Fill in its log-in form."""
        session = Session(port)
        page = session.get("/login/").text
        token = field(page, "csrfmiddlewaretoken")
        fields = {"csrfmiddlewaretoken": token, "username": f"agent{agent}", "password": corpus.PASSWORD}
        answer = session.post("/login/", {**fields, "next": "/tickets/"})
        if answer.status != 302:
            raise SystemExit(f"log-in at django-helpdesk: {answer.status}")
        return session

    def pages(self, port: int) -> dict[str, Page]:
        """Queue, ticket, search, submit, claim, overview."""
        session = self.sign_in(port, 0)
        step = max(self.size // 500, 1)
        tickets = [f"/tickets/{number}/" for number in range(1, self.size + 1, step)]
        found = _table(filtering={}, search_string=corpus.TOPICS[0])
        return {
            "queue": get(session, "/tickets/", _table(), requests_per_view=2),
            "ticket": get(session, *tickets),
            "search": get(session, found),
            "submit": self._submit(port),
            "claim": Page(self._takes, session, expect=(302,), writes=True),
            "overview": get(session, "/dashboard/"),
        }

    def _submit(self, port: int) -> Page:
        customer = Session(port)
        form = customer.get("/tickets/submit/").text
        queue = re.search(r'<option value="(\d+)"', form)
        fields = {
            "csrfmiddlewaretoken": field(form, "csrfmiddlewaretoken"),
            "queue": queue[1] if queue else "",
            "title": "Printer does not print",
            "body": "It stopped after the upgrade. " * 8,
            "priority": "3",
            "submitter_email": "customer@example.org",
            "due_date": "",
        }
        order = Request("/tickets/submit/", "POST", urlencode(fields))
        return Page(lambda: [order], customer, expect=(302,), writes=True, tidy=self.tidy)

    def tidy(self) -> None:
        """Take away every ticket after the corpus's."""
        newer = f"DELETE FROM {{}} WHERE {{}} > {self.size}"
        tables = ("helpdesk_ticketchange", "helpdesk_followup", "helpdesk_ticketcc")
        ours = f"(SELECT id FROM helpdesk_followup WHERE ticket_id > {self.size})"
        self.cluster.sql(
            self.database,
            f"DELETE FROM {tables[0]} WHERE followup_id IN {ours}",
            newer.format(tables[1], "ticket_id"),
            newer.format(tables[2], "ticket_id"),
            newer.format("helpdesk_ticket", "id"),
            "VACUUM helpdesk_ticket, helpdesk_followup",
        )

    def _takes(self) -> list[Request]:
        return [Request(f"/tickets/{number}/?take") for number in self.restock(5000)]

    def restock(self, count: int) -> list[str]:
        """Take some open tickets from whoever holds them."""
        free = (
            "UPDATE helpdesk_ticket SET assigned_to_id = NULL WHERE id IN"
            f" (SELECT id FROM helpdesk_ticket WHERE status = 1 ORDER BY id LIMIT {count}) RETURNING id"
        )
        return self.cluster.sql(self.database, free).split()

    def is_free(self, session: Session, ticket: str) -> bool:
        """The list of owners says so; the link to take it is there in any case."""
        page = session.get(f"/tickets/{ticket}/").text
        return re.search(r"selected>\s*Unassigned", page) is not None

    def claim(self, session: Session, ticket: str) -> Answer:
        """Follow the link."""
        return session.get(f"/tickets/{ticket}/?take")


def _table(**filtering: object) -> str:
    """The call that fills the queue: its first page of 25, as its script sends it."""
    query = {
        "filtering": {"status__in": [1, 2]},
        "sorting": "created",
        "search_string": "",
        "sortreverse": False,
        **filtering,
    }
    arguments = {"draw": "1", "start": "0", "length": "25", "search[value]": "", "search[regex]": "false"}
    for number, column in enumerate(_COLUMNS.split()):
        arguments |= {f"columns[{number}][data]": column, f"columns[{number}][name]": ""}
        arguments |= {f"columns[{number}][{can}]": "true" for can in ("searchable", "orderable")}
        arguments |= {f"columns[{number}][search][value]": "", f"columns[{number}][search][regex]": "false"}
    packed = base64.b64encode(json.dumps(query).encode()).decode()
    return f"/datatables_ticket_list/{quote(packed)}?{urlencode(arguments)}"
