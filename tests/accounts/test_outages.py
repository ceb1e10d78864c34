"""Redis away: PostgreSQL is asked, and only the second factor has to wait."""

import pytest

from apps.accounts.models import Authenticator
from tests.accounts.asking import KEY, log_in, log_in_as, me, post
from tests.api.site import run_site
from tests.users import PASSWORD, bearer, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def people(django_db_setup, tmp_path_factory):
    variables = {"CACHE_URL": "redis://127.0.0.1:1/2", "ENCRYPTION_MASTER_KEY": KEY}
    with run_site(tmp_path_factory.mktemp("outages") / "site.log", **variables) as found:
        yield found


def test_logins_begin_hold_and_end(people):
    user = make_user()
    own, other = log_in_as(people, user), log_in_as(people, user)
    assert me(people, **own).json()["email"] == user.email

    assert post(people, "auth/logout", **own).status_code == 200

    assert me(people, **own).status_code == 401
    assert me(people, **other).status_code == 200
    change = {"current_password": PASSWORD, "new_password": "another horse"}
    assert post(people, "auth/change-password", change, **other).status_code == 200
    assert me(people, **other).status_code == 401


def test_the_second_factor_waits(people, settings):
    settings.ENCRYPTION_MASTER_KEY = KEY
    user = make_user()
    Authenticator.objects.create(user=user, confirmed=True)

    answer = log_in(people, user.email)

    assert (answer.status_code, "Redis" in answer.json()["detail"]) == (503, True)


def test_without_postgresql_accounts_are_not_ready(tmp_path):
    token = bearer(make_user())
    with run_site(tmp_path / "site.log", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing") as site:
        body = {"email": "x@example.com", "password": PASSWORD}
        for answer in (log_in(site, body["email"]), post(site, "auth/register", body), me(site, **token)):
            assert (answer.status_code, "not ready" in answer.json()["detail"]) == (503, True)
