"""What is open to everyone: the description of the API itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Response, request

from paidsupport.connect.api.declaring import JSON, get
from paidsupport.connect.api.openapi import describe
from paidsupport.connect.log.catalogue import webhooks
from paidsupport.kernel.mount import current

if TYPE_CHECKING:
    from paidsupport.connect.api.dispatch import Api


def server() -> str:
    """The address of the API on this site."""
    return f"{request.script_root}{current().settings.url_prefix}/api/v1"


def described(api: Api) -> dict[str, Any]:
    """What is mounted, as OpenAPI describes it."""
    return describe(api.operations, server())


@get("/openapi.json", scope=None)
def get_description(api: Api) -> Response:
    """Get this description."""
    events = {"webhooks": webhooks(current().services)}
    return Response(json.dumps(described(api) | events), mimetype=JSON)
