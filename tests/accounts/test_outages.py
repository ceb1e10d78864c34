"""Redis away: PostgreSQL is asked, and only the second factor and a link to Discogs have to wait."""

import pytest

from apps.accounts.models import Authenticator
from apps.collections.discogs import application
from apps.collections.discogs.application import Application
from tests.accounts.asking import KEY, log_in, log_in_as, me, post
from tests.api.site import run_site
from tests.discogs_site import KEY as CONSUMER_KEY
from tests.discogs_site import SECRET as CONSUMER_SECRET
from tests.discogs_site import serving
from tests.users import PASSWORD, bearer, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def people(django_db_setup, tmp_path_factory):
    variables = {"CACHE_URL": "redis://127.0.0.1:1/2", "ENCRYPTION_MASTER_KEY": KEY}
    log = tmp_path_factory.mktemp("outages") / "site.log"
    with serving() as discogs, run_site(log, DISCOGS_API_URL=discogs.url, **variables) as found:
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


def test_a_link_to_discogs_waits(people, settings):
    settings.ENCRYPTION_MASTER_KEY = KEY
    application.store(Application(CONSUMER_KEY, CONSUMER_SECRET))
    own = bearer(make_user())

    begun = people.ask("GET", "/api/oauth/authorize/discogs", headers=own)
    ended = post(people, "oauth/verify/discogs", {"state": "x", "oauth_verifier": "1"}, **own)

    for answer in (begun, ended):
        assert (answer.status_code, "try again later" in answer.json()["detail"]) == (503, True)
        assert int(answer.headers["Retry-After"]) > 0
    # Nothing is there to be remembered.
    assert people.ask("GET", "/api/oauth/status/discogs", headers=own).json() == {"connected": False}


def test_without_postgresql_accounts_are_not_ready(tmp_path):
    token = bearer(make_user())
    with run_site(tmp_path / "site.log", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing") as site:
        body = {"email": "x@example.com", "password": PASSWORD}
        for answer in (log_in(site, body["email"]), post(site, "auth/register", body), me(site, **token)):
            assert (answer.status_code, "not ready" in answer.json()["detail"]) == (503, True)
