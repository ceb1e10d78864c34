"""Every operation against its schema: values that it describes and values that it does not, made up by the thousand."""

import pytest
import schemathesis
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from tests.api.site import another_client
from tests.users import PASSWORD, authorize, forget_users

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.timeout(1800)]

CASES = 2000
# Of an operation that changes something: some of them hash a password.
CHANGES = 200
# An undocumented status, such as 500, is one of them.
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


def operations():
    paths = SchemaGenerator(urlconf="config.api").get_schema(request=None, public=True)["paths"]
    return [(path, method) for path, methods in paths.items() for method in methods]


@pytest.fixture(scope="module")
def account(site, django_db_blocker):
    """Email and password of a user of the site."""
    found = {"email": "cases@example.com", "password": PASSWORD}
    site.ask("POST", "/api/auth/register", json=found)
    yield found
    with django_db_blocker.unblock():
        forget_users()


@pytest.fixture
def own(site, account):
    """The header of a login, which an operation may end."""
    return authorize(site.ask("POST", "/api/auth/login", json=account).json()["access_token"])


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
@pytest.mark.parametrize(("path", "method"), operations())
def test_an_operation_answers_as_its_schema_says(site, own, path, method, mode):
    operation = schemathesis.openapi.from_url(f"{site.url}/openapi.json")[path][method.upper()]
    if mode is GenerationMode.NEGATIVE and not (operation.query or operation.body):
        pytest.skip("nothing in a path is wrong")

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=(CASES if method == "get" else CHANGES) // 2,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case):
        response = case.call(base_url=site.url, headers={"X-Forwarded-For": another_client(), **own})
        assert case.method != "GET" or response.status_code < 500
        case.validate_response(response, checks=CHECKS)

    ask()
