"""What programs can ask for, by what it is about: each module with its models and operations."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from paidsupport.kernel.errors import ConfigurationError

#: The modules here, and the capability that each one needs.
_MODULES = (
    ("tickets", "tickets"),
    ("issues", "issues"),
    ("issue_process", "issues"),
    ("issue_customers", "issues"),
    ("releases", "issues"),
    ("conversation", "tickets"),
    ("hostwork", "tickets"),
    ("decisions", "tickets"),
    ("relations", "tickets"),
    ("canned", "tickets"),
    ("events", "connect"),
    ("search", "tickets"),
    ("catalogue", "catalogue"),
    ("people", "tickets"),
    ("requests", "intake"),
    ("calls", "intake"),
    ("guides", "intake"),
    ("mails", "intake"),
    ("organisations", "sales"),
    ("leads", "sales"),
    ("invoices", "sales"),
    ("payments", "sales"),
    ("bookkeeping", "sales"),
)


def modules(mounted: frozenset[str]) -> Sequence[ModuleType]:
    """The modules for a desk that consists of these capabilities.

    Raises:
        ConfigurationError: The library for the models is not installed.
    """
    if find_spec("pydantic") is None:
        raise ConfigurationError("The JSON API needs a library. Run: pip install 'paidsupport[api]'")
    return [import_module(f"{__name__}.{name}") for name, needed in _MODULES if needed in mounted]
