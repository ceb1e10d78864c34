"""Every endpoint of the API with what it takes, so that a test can ask all of them and none is forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from apps.accounts.authentication import AdminView, OptionalView, PersonalView
from apps.api.views import ApiView
from config.api import urlpatterns
from tests.users import PASSWORD

# Variables of paths that name something of one user.
OF_A_USER = {"token_id", "session_id", "sync_id"}
# Variable → a value. Those of one user are the test's.
VALUES = {"release_id": "100", "entity_type": "genre", "entity_id": "Rock"}
GAPS = {"label": "50", "artist": "1", "master": "500"}
QUERIES = {"getUserStatus": "ids=100"}
# Operation → a body that it takes, for those that take one.
BODIES: Mapping[str, Any] = {
    "changePassword": {"current_password": PASSWORD, "new_password": "another horse"},
    "confirmSecondFactor": {"code": "123456"},
    "disableSecondFactor": {"code": "123456", "password": PASSWORD},
    "makeRecoveryCodes": {"code": "123456", "password": PASSWORD},
    "makeAppToken": {"name": "pad", "scopes": ["collection:read"]},
    "deleteAccount": {"password": PASSWORD},
    "setDismissal": {"dismissed": True},
    "verifyDiscogsLink": {"state": "unknown", "oauth_verifier": "123"},
    "setSyncSchedule": {"schedule": "daily"},
    "saveSnapshot": {"nodes": [{"id": "1", "type": "artist"}], "center": {"id": "1", "type": "artist"}},
    "startExtraction": {"source": "discogs"},
    "askQuestion": {"query": "Who made this?"},
    "getPromptContext": {"rules": []},
    "makeAiPrompt": {"rules": []},
}


@dataclass(frozen=True)
class Endpoint:
    """A method of a route."""

    method: str
    route: str
    view: type[ApiView]
    operation: str
    options: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method} /{self.route}"

    @property
    def variables(self) -> set[str]:
        """Names of the variables of the path."""
        return set(re.findall(r"<\w+:(\w+)>", self.route))

    @property
    def body(self) -> Any:
        """A body that it takes; None if it takes none."""
        return BODIES[self.operation] if self.view.body_parameters else None

    def make_path(self, values: Mapping[str, Any]) -> str:
        """Return an address of it. ``values``: of the variables, before those that are known here."""
        gaps = re.match(r"api/collection/gaps/(\w+)/", self.route)
        known = {**VALUES, **({"entity_id": GAPS[gaps[1]]} if gaps else {}), **values}
        path = re.sub(r"<\w+:(\w+)>", lambda found: str(known.get(found[1], "x")), f"/{self.route}")
        return f"{path}?{QUERIES.get(self.operation, '')}"


def list_endpoints() -> Iterator[Endpoint]:
    """Yield all endpoints."""
    for pattern in urlpatterns:
        callback: Any = pattern.callback
        view, options = callback.cls, callback.initkwargs
        # An address with an endpoint for each of its methods has them by method.
        views = getattr(view, "by_method", None) or dict.fromkeys(view(**options).allowed_methods, view)
        for method, each in views.items():
            yield Endpoint(method, str(pattern.pattern), each, options.get("operation", each.operation), options)


ENDPOINTS = list(list_endpoints())
ADMIN = [each for each in ENDPOINTS if issubclass(each.view, AdminView)]
# Of the user who asks.
PERSONAL = [each for each in ENDPOINTS if issubclass(each.view, PersonalView) and each not in ADMIN]
READING = [each for each in PERSONAL if each.method == "GET"]
CHANGING = [each for each in PERSONAL if each.method != "GET"]
OPTIONAL = [each for each in PERSONAL if issubclass(each.view, OptionalView)]
