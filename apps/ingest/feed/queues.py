"""The queues of the work, on RabbitMQ and on Redis or Valkey.

On RabbitMQ they are quorum queues behind a topic exchange (countdown and retry need one there), with a delivery limit.
On Redis they are plain lists: nothing of ours depends on more for not losing work. Changing an argument of a queue
that exists is refused by RabbitMQ at start: give the queue another name, drain, delete.
"""

from kombu.entity import Exchange, Queue

DEAD = "linernotes.dead"
NAMES = ("fetcher", "extractor", "tableinator", "graphinator", "maintenance")
QUORUM = {"x-queue-type": "quorum", "x-delivery-limit": 20, "x-dead-letter-exchange": DEAD}


def is_rabbitmq(broker_url: str) -> bool:
    """Tell whether a broker's address is one of RabbitMQ."""
    return broker_url.startswith(("amqp:", "amqps:", "pyamqp:"))


def declared(broker_url: str) -> list[Queue]:
    """Return the queues as the broker at this address can have them."""
    rabbitmq = is_rabbitmq(broker_url)
    exchange = Exchange("linernotes", type="topic" if rabbitmq else "direct")
    return [Queue(name, exchange, routing_key=name, queue_arguments=QUORUM if rabbitmq else None) for name in NAMES]


def dead_letters() -> Queue:
    """Return the queue of what the broker gave up: unreadable, refused, or delivered too often. RabbitMQ alone has it.

    Nothing consumes it but ``collect_dead_letters``, so no worker may be told of it as one of its queues. Whatever
    comes here must not die again while the database is away: its limit is one that nothing reaches.
    """
    arguments = {"x-queue-type": "quorum", "x-delivery-limit": 1_000_000}
    return Queue(DEAD, Exchange(DEAD, type="fanout"), queue_arguments=arguments)
