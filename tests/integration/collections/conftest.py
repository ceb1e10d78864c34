"""Users, and a small catalogue in both stores."""

import uuid

import pytest


@pytest.fixture
def loaded(spooled, graph):
    # Models can be imported only when the servers run.
    from tests.integration.collections.world import catalogue  # noqa: PLC0415
    from tests.loading import month  # noqa: PLC0415

    month(**catalogue())
    return graph


@pytest.fixture
def user(django_user_model):
    return django_user_model.objects.create_user(f"{uuid.uuid4()}@example.com")


@pytest.fixture
def other(django_user_model):
    return django_user_model.objects.create_user(f"{uuid.uuid4()}@example.com")
