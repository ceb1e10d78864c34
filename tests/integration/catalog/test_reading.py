import pytest
from django.db import connection

from apps.catalog import reading
from apps.catalog.reading import TablesTimeOut

pytestmark = pytest.mark.django_db(transaction=True)

SLEEP = "SELECT pg_sleep(%(nap)s)"


def limit_of_connection():
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return cursor.fetchone()


def test_a_statement_is_read_with_its_parameters():
    assert reading.rows("SELECT %(text)s, '100%%'", seconds=5, text="a'; --") == [("a'; --", "100%")]


def test_a_statement_that_takes_too_long_is_ended_and_the_limit_with_it():
    before = limit_of_connection()

    with pytest.raises(TablesTimeOut):
        reading.rows(SLEEP, seconds=0.05, nap=30)

    assert limit_of_connection() == before
    assert reading.rows("SELECT 1", seconds=5) == [(1,)]


def test_statements_of_a_transaction_have_its_limit():
    with pytest.raises(TablesTimeOut), reading.limit_time(0.05), connection.cursor() as cursor:
        cursor.execute(SLEEP, {"nap": 30})

    assert reading.rows("SELECT 1", seconds=5) == [(1,)]
