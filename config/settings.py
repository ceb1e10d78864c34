"""Settings of Linernotes, driven by the environment.

The defaults suit a fresh checkout: the embedded servers of ``manage.py stack`` are used where no address is given.
Production differs by variables alone and refuses to start without its secrets. Our own settings come last.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import environ
import structlog
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from apps.stack import environment
from config import logs, queues

BASE_DIR = Path(__file__).resolve().parent.parent
environment.apply()
env = environ.Env()

ENVIRONMENT = env.str("ENVIRONMENT", default="development")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.bool("DEBUG", default=False)

SECRET_KEY = env.str("DJANGO_SECRET_KEY", default="" if PRODUCTION else "development-only-not-a-secret")
if not SECRET_KEY:
    raise ImproperlyConfigured("Set DJANGO_SECRET_KEY: production does not start without a secret of its own")
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else LOCAL_HOSTS)

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "apps.stack",
    "apps.ingest",
    "apps.catalog",
    "apps.graph",
    "apps.explore",
    "apps.dashboard",
    "django_prometheus",
]
MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "apps.dashboard.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
ROOT_URLCONF = "config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Where collectstatic puts what production serves; elsewhere files are served from where they are.
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def database(uri: str) -> dict[str, object]:
    """Translate a libpq URI, which may name a socket folder, into Django's terms."""
    parts = conninfo_to_dict(uri)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "linernotes"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "OPTIONS": {"connect_timeout": 10, **parts},
    }


# A libpq URI.
DATABASE_URL = env.str("DATABASE_URL", default="postgresql://linernotes@127.0.0.1:5433/linernotes")
DATABASES = {"default": database(DATABASE_URL)}
# bolt://user:password@host:port
NEO4J_URL = env.str("NEO4J_URL", default="bolt://neo4j@127.0.0.1:7687")
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": env.str("CACHE_URL", default="redis://127.0.0.1:6379/2"),
        # Seconds. A cache that hangs must not hang who asks it.
        "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 2, "SOCKET_TIMEOUT": 2},
    }
}

# Results are in Redis, because chords need it; an eviction policy there would lose chords, so it is noeviction.
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="redis://127.0.0.1:6379/0")
CELERY_RESULT_BACKEND = env.str("CELERY_RESULT_BACKEND", default="redis://127.0.0.1:6379/1")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A message is delivered again when its worker dies, so every task is safe to run twice. Late acknowledgement alone
# would still lose the message when only the worker's child process is killed, as by the out-of-memory killer.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_RETRY_ON_WORKER_LOST = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False
# A task that fails for good is rejected, and RabbitMQ moves it to the dead-letter exchange.
CELERY_TASK_ACKS_ON_FAILURE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# KiB after which a child is replaced, between two tasks. Our stages stay below 200 MB.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
CELERY_RESULT_EXPIRES = timedelta(days=2)
CELERY_RESULT_CHORD_EXPIRES = timedelta(days=14)
CELERY_RESULT_EXTENDED = True
# Without this, django-celery closes the database connection after each task.
CELERY_DB_REUSE_MAX = 1000
CELERY_TIMEZONE = "UTC"

CELERY_TASK_QUEUES = queues.declared(CELERY_BROKER_URL)
# A task's module is named after its queue.
CELERY_TASK_ROUTES = {
    "tasks.watchdog.*": {"queue": "maintenance"},
    "tasks.feed.*": {"queue": "maintenance"},
    **{f"tasks.{name}.*": {"queue": name} for name in queues.NAMES},
}
CELERY_TASK_DEFAULT_QUEUE = "maintenance"
CELERY_TASK_DEFAULT_EXCHANGE = "linernotes"
CELERY_TASK_CREATE_MISSING_QUEUES = False
if queues.is_rabbitmq(CELERY_BROKER_URL):
    CELERY_TASK_DEFAULT_EXCHANGE_TYPE = "topic"
    CELERY_TASK_DEFAULT_QUEUE_TYPE = "quorum"
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {"confirm_publish": True}
else:
    # Longer than any stage of a chunk; a message of a killed worker comes back after it, or earlier by the watchdog.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
# What this process is, in each line of its log.
SERVICE_NAME = env.str("SERVICE_NAME", default="linernotes")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
                structlog.contextvars.merge_contextvars,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.CallsiteParameterAdder([structlog.processors.CallsiteParameter.LINENO]),
                logs.Origin(SERVICE_NAME, ENVIRONMENT),
            ],
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                logs.hide_secrets,
                structlog.processors.JSONRenderer(),
            ],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "apps": {"level": LOG_LEVEL},
        "tasks": {"level": LOG_LEVEL},
        "celery": {"level": "WARNING"},
        # Its notices about properties that no node has yet are not news on an empty graph.
        "neo4j": {"level": "ERROR"},
    },
}

SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=PRODUCTION)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None

UNFOLD = {"SITE_TITLE": "Linernotes", "SITE_HEADER": "Linernotes", "SITE_SYMBOL": "album"}

# --- loading ---------------------------------------------------------------------------------------------------------
# Where chunks and batches wait, an fsspec address: a folder on one host, a shared or S3-compatible store on many.
SPOOL_URL = env.str("SPOOL_URL", default=str(environment.folder() / "spool"))
# Bytes of XML in a chunk. 8 MiB, some 2,000 releases: a stage of it takes a second, and a process holds one at a time.
INGEST_CHUNK_BYTES = env.int("INGEST_CHUNK_BYTES", default=8 * 1024**2)
# Bytes parsed at a time: small enough for the processor's cache, large enough to make the parser's start negligible.
INGEST_PIECE_BYTES = env.int("INGEST_PIECE_BYTES", default=128 * 1024)
# Longest record, bytes. One that is longer fails its file: a process would outgrow its memory.
INGEST_RECORD_BYTES = env.int("INGEST_RECORD_BYTES", default=32 * 1024**2)
# Malformed records that a file may have before it fails as a whole.
INGEST_MALFORMED_LIMIT = env.int("INGEST_MALFORMED_LIMIT", default=100)
# Seconds without a mark in the ledger after which the watchdog dispatches again what is missing. Every task tolerates
# a twin, so the price of a low value is some work done twice.
INGEST_STALL_SECONDS = env.float("INGEST_STALL_SECONDS", default=120)
# Seconds between two rounds of the watchdog.
INGEST_WATCHDOG_SECONDS = env.float("INGEST_WATCHDOG_SECONDS", default=30)
# Times that one stage of one chunk may begin before it becomes a dead letter: bounds a chunk that kills its worker.
INGEST_ATTEMPTS = env.int("INGEST_ATTEMPTS", default=5)
# Free space of the spool that a split asks for, as a multiple of the dump file's size.
INGEST_SPOOL_FACTOR = env.float("INGEST_SPOOL_FACTOR", default=1.5)
# A YAML file of skip, filter and flag rules, used instead of the built-in one.
DATA_QUALITY_RULES = env.str("DATA_QUALITY_RULES", default="") or None
# The purge is vetoed when it would delete this share of a table or more, or when the dump holds less than that share
# of the records that the last full run saw.
PURGE_MAX_DELETE_FRACTION = env.float("PURGE_MAX_DELETE_FRACTION", default=0.90)
PURGE_MIN_SEEN_FRACTION = env.float("PURGE_MIN_SEEN_FRACTION", default=0.80)
# Rows of one Neo4j transaction.
GRAPH_BATCH_ROWS = env.int("GRAPH_BATCH_ROWS", default=2000)
# Also make the four sha256 indexes that older graphs have. They serve no query and cost writes.
NEO4J_LEGACY_INDEXES = env.bool("NEO4J_LEGACY_INDEXES", default=False)

CELERY_BEAT_SCHEDULE = {
    "watchdog": {
        "task": "tasks.watchdog.watch",
        "schedule": INGEST_WATCHDOG_SECONDS,
        # A round that nobody took before the next one is of no use any more.
        "options": {"expires": INGEST_WATCHDOG_SECONDS},
    }
}

# --- feed and observability ------------------------------------------------------------------------------------------
# Begin of the names of the feed's exchanges; "-artists" and so on follow. Another one is another feed: the exchanges
# of before stay in the broker until somebody deletes them.
DISCOGS_EXCHANGE_PREFIX = env.str("DISCOGS_EXCHANGE_PREFIX", default="linernotes-discogs")
MUSICBRAINZ_EXCHANGE_PREFIX = env.str("MUSICBRAINZ_EXCHANGE_PREFIX", default="linernotes-musicbrainz")
# Runs that begin from now on tell the feed of every new, changed and removed record, not only of complete files. Costs
# a message for each: minutes for a month's update, hours for a first load, beside the loading.
FEED_RECORDS = env.bool("FEED_RECORDS", default=False)
# Networks whose callers may see details of health and, without a token, metrics. A request that came through a proxy,
# which it says of itself by X-Forwarded-For, is never one of them.
INTERNAL_NETWORKS = env.list("INTERNAL_NETWORKS", default=["127.0.0.0/8", "::1/128"])
# A scraper from anywhere else sends this: Authorization: Bearer TOKEN. Empty: /metrics is for internal networks alone.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# Days that samples of queues and servers are kept. A day is some 3,000 rows.
METRICS_RETENTION_DAYS = env.int("METRICS_RETENTION_DAYS", default=366)
CELERY_BEAT_SCHEDULE["samples"] = {
    "task": "tasks.maintenance.collect_samples",
    # Seconds. What is shown of days and months is made of points of five minutes.
    "schedule": 300,
    "options": {"expires": 300},
}
