"""The queues of the tasks, on RabbitMQ and on Redis or Valkey.

On RabbitMQ they are quorum queues with a delivery limit behind a topic exchange, which countdown and retry need. On
Redis they are plain lists; no work is lost by that, since the ledger says what is missing. RabbitMQ refuses a changed
argument of an existing queue at start: give the queue another name, then drain and delete the old one.
"""

from kombu.entity import Exchange, Queue

DEAD = "linernotes.dead"
NAMES = ("fetcher", "extractor", "tableinator", "graphinator", "maintenance", "sync", "insights")
QUORUM = {"x-queue-type": "quorum", "x-delivery-limit": 20, "x-dead-letter-exchange": DEAD}


def is_rabbitmq(broker_url: str) -> bool:
    """Tell whether the URL is that of a RabbitMQ broker."""
    return broker_url.startswith(("amqp:", "amqps:", "pyamqp:"))


def list_queues(broker_url: str) -> list[Queue]:
    """Return the queues of the tasks, with the arguments that the broker at this URL supports."""
    rabbitmq = is_rabbitmq(broker_url)
    exchange = Exchange("linernotes", type="topic" if rabbitmq else "direct")
    return [Queue(name, exchange, routing_key=name, queue_arguments=QUORUM if rabbitmq else None) for name in NAMES]


def dead_letters() -> Queue:
    """Return RabbitMQ's dead-letter queue: messages that were unreadable, rejected, or delivered too often.

    Only ``collect_dead_letters`` reads it, so it must not be among the queues of a worker. Its messages must not die a
    second time while the database is away, so its delivery limit is too high to be reached.
    """
    arguments = {"x-queue-type": "quorum", "x-delivery-limit": 1_000_000}
    return Queue(DEAD, Exchange(DEAD, type="fanout"), queue_arguments=arguments)
