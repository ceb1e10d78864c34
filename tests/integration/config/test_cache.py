"""Django's cache: what somebody else wrote into it is data and never code."""

import json
import pickle

import pytest
from django.core.cache import cache
from django_redis import get_redis_connection

KEY = "of the test of the serializer"


@pytest.fixture(autouse=True)
def _forget():
    yield
    cache.delete(KEY)


class Trap:
    def __reduce__(self):
        return pytest.fail, ("what the cache held was run",)


def test_a_value_comes_back_as_json_has_it():
    cache.set(KEY, {"name": "Røyksopp", "years": [1998, None]}, 60)

    assert cache.get(KEY) == {"name": "Røyksopp", "years": [1998, None]}
    assert json.loads(get_redis_connection().get(cache.make_key(KEY)))["name"] == "Røyksopp"


def test_a_pickle_is_not_opened():
    get_redis_connection().set(cache.make_key(KEY), pickle.dumps(Trap()), ex=60)

    with pytest.raises(ValueError):  # noqa: PT011 - whichever of its kinds: it is neither UTF-8 nor JSON
        cache.get(KEY)
