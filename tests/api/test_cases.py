"""Every operation against its schema: values that it describes and values that it does not, made up by the thousand.

Users, apps and administrators ask what is theirs. ``LINERNOTES_CASES=20`` makes up fewer.
"""

import os

import hypothesis
import pytest
import schemathesis
from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from apps.accounts.authentication import SCOPES
from apps.accounts.models import AppToken
from apps.accounts.tokens import hash_token
from apps.collections import seeding
from apps.collections.discogs import application
from apps.collections.discogs.application import Application
from apps.collections.models import AppConfig
from tests.api.routes import ENDPOINTS
from tests.api.site import INTERNAL_SECRET, another_client, run_site
from tests.discogs_site import KEY, SECRET, serving
from tests.users import PASSWORD, authorize, forget_users, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.timeout(1800)]

CASES = int(os.environ.get("LINERNOTES_CASES", "2000"))
# Of an operation that changes something: some of them hash a password.
CHANGES = min(200, CASES)
# An undocumented status, such as 500, is one of them. The last is not for a stream of events: each of them would have
# to fit the schema of the whole text.
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


APP = "dscg_cases"
ENCRYPTION_KEY = "a" * 43 + "="


def list_operations():
    """Return path, method and who asks: administrators what is theirs, a user the rest, an app what is open to it."""
    scopes = {each.operation: getattr(each.view, "scope", None) for each in ENDPOINTS}
    paths = SchemaGenerator(urlconf="config.api").get_schema(request=None, public=True)["paths"]
    found = []
    for path, methods in paths.items():
        for method, operation in methods.items():
            found.append((path, method, "admin" if path.startswith("/api/admin/") else "user"))
            if scopes.get(operation["operationId"]):
                found.append((path, method, "app"))
    return found


@pytest.fixture(scope="module")
def site(loaded, tmp_path_factory):
    """A site where everything is set up, beside a Discogs."""
    variables = {
        "INSIGHTS_INTERNAL_SECRET": INTERNAL_SECRET,
        "ENCRYPTION_MASTER_KEY": ENCRYPTION_KEY,
        "DISCOGS_REQUESTS_PER_MINUTE": "1000000",
    }
    log = tmp_path_factory.mktemp("site") / "site.log"
    with serving() as discogs, run_site(log, DISCOGS_API_URL=discogs.url, **variables) as found:
        yield found


@pytest.fixture(scope="module")
def people(site, django_db_blocker):
    """A user with a collection and an app, who is an administrator too."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "ENCRYPTION_MASTER_KEY", ENCRYPTION_KEY)
        application.store(Application(KEY, SECRET))
        user = make_user("cases@example.com", is_superuser=True)
        seeding.seed(user)
        AppToken.objects.create(user=user, name="cases", hash=hash_token(APP), scopes=list(SCOPES))
        yield {"email": user.email, "password": PASSWORD}
        AppConfig.objects.all().delete()
        forget_users()


@pytest.fixture
def own(site, people, who):
    """The header with which they ask: of a login that an operation may end, or of the app."""
    if who == "app":
        return authorize(APP)
    path = "/api/admin/auth/login" if who == "admin" else "/api/auth/login"
    return authorize(site.ask("POST", path, json=people).json()["access_token"])


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
@pytest.mark.parametrize(("path", "method", "who"), list_operations())
def test_an_operation_answers_as_its_schema_says(site, own, path, method, mode):
    operation = schemathesis.openapi.from_url(f"{site.url}/openapi.json")[path][method.upper()]
    if mode is GenerationMode.NEGATIVE and not (operation.query or operation.body):
        pytest.skip("nothing in a path is wrong")

    @given(case=operation.as_strategy(generation_mode=mode))
    @hypothesis.settings(
        max_examples=(CASES if method == "get" else CHANGES) // 2,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case):
        headers = {"X-Forwarded-For": another_client(), "X-Internal-Secret": INTERNAL_SECRET, **own}
        response = case.call(base_url=site.url, headers=headers, timeout=60)
        assert case.method != "GET" or response.status_code < 500
        is_stream = response.headers.get("content-type", [""])[0].startswith("text/event-stream")
        case.validate_response(response, checks=CHECKS[:2] if is_stream else CHECKS)

    ask()
