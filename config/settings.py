"""Settings of Linernotes, driven by the environment.

The defaults suit a fresh checkout: the embedded servers of ``manage.py stack`` are used where no address is given.
Production differs by variables alone and refuses to start without its secrets. Our own settings come last.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog
from django.templatetags.static import static
from psycopg.conninfo import conninfo_to_dict

from apps.ingest.feed import queues
from apps.stack import environment
from config import logs
from config.environment import addresses, production, secret_files, variables

BASE_DIR = Path(__file__).resolve().parent.parent
given = secret_files.read(os.environ)
given |= addresses.build(given)
PRODUCTION = given.get("ENVIRONMENT") == "production"
if not PRODUCTION:
    environment.apply(unless=given)
# A secret's file wins over its variable. Both win over the addresses of the embedded servers.
env = variables.Variables({**os.environ, **given}, secret_files.NAMES)

ENVIRONMENT = env.str("ENVIRONMENT", default="development", kind=variables.choice(("development", "production")))
DEBUG = env.bool("DEBUG", default=False)

SECRET_KEY = env.str("DJANGO_SECRET_KEY", default="development-only-not-a-secret")
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else LOCAL_HOSTS, each=variables.HOST)

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "apps.accounts.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_celery_beat",
    "axes",
    "django_otp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "apps.stack",
    "apps.accounts",
    "apps.ingest",
    "apps.catalog",
    "apps.graph",
    "apps.api",
    "apps.insights",
    "apps.collections",
    "apps.explore",
    "apps.credits",
    "apps.nlq",
    "apps.dashboard",
    "apps.operations",
    "django_prometheus",
]
MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "apps.api.request_ids.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Answers API requests itself, so that they skip the middleware that only pages need (decision 90).
    "apps.api.middleware.ApiMiddleware",
    "apps.explore.pages.policy.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "apps.accounts.middleware.StaffIdleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
ROOT_URLCONF = "config.urls"
CSRF_FAILURE_VIEW = "apps.dashboard.error_pages.answer_expired_form"
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
# The folder to which collectstatic copies files for production. Elsewhere they are served from the source folders.
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles") if PRODUCTION else "") or None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "config.static.HashedStorage"
        if STATIC_ROOT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not STATIC_ROOT
# Files that browsers and search engines request at fixed URLs: favicon.ico, robots.txt.
WHITENOISE_ROOT = BASE_DIR / "public"
WHITENOISE_AUTOREFRESH = DEBUG
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = ["config.formats"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


# Seconds of silence, seconds between two probes, and the number of probes. A host that vanishes does not close its
# connections, and would keep its locks for two hours, the default of Linux (decision 62).
KEEPALIVES = {"idle": 60, "interval": 10, "count": 3}


def database(uri: str) -> dict[str, object]:
    """Translate a libpq URI, which may name a socket folder, into Django's terms."""
    parts = conninfo_to_dict(uri)
    keepalives = {f"keepalives_{name}": number for name, number in KEEPALIVES.items()}
    of_server = " ".join(f"-c tcp_keepalives_{name}={number}" for name, number in KEEPALIVES.items())
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "linernotes"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        # Seconds that a thread of the site keeps its connection: opening one takes three times as long as a search.
        # Each request checks that the connection is alive, since PostgreSQL may have been restarted.
        "CONN_MAX_AGE": 3600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 10, **keepalives, "options": of_server, **parts},
    }


# A libpq URI.
DATABASE_URL = env.str(
    "DATABASE_URL", default="postgresql://linernotes@127.0.0.1:5433/linernotes", kind=variables.DATABASE
)
DATABASES = {"default": database(DATABASE_URL)}
# bolt://user:password@host:port
NEO4J_URL = env.str("NEO4J_URL", default="bolt://neo4j@127.0.0.1:7687", kind=variables.NEO4J)
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": env.str("CACHE_URL", default="redis://127.0.0.1:6379/2", kind=variables.CACHE),
        "OPTIONS": {
            # Seconds. A cache that hangs must not hang its callers.
            "SOCKET_CONNECT_TIMEOUT": 2,
            "SOCKET_TIMEOUT": 2,
            # The default is pickle, which would run the code of anyone who can write to the cache.
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
        },
    }
}

# Results are in Redis, because chords need it; an eviction policy there would lose chords, so it is noeviction.
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="redis://127.0.0.1:6379/0", kind=variables.BROKER)
CELERY_RESULT_BACKEND = env.str("CELERY_RESULT_BACKEND", default="redis://127.0.0.1:6379/1", kind=variables.RESULTS)
if PRODUCTION:
    production.require(given, debug=DEBUG)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Late acknowledgement: a message is redelivered when its worker dies, so every task must be idempotent. That alone
# would still lose a message when only the worker's child process is killed, as by the out-of-memory killer.
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

CELERY_TASK_QUEUES = queues.list_queues(CELERY_BROKER_URL)
# A task's module is named after its queue.
CELERY_TASK_ROUTES = {
    "tasks.watchdog.*": {"queue": "maintenance"},
    "tasks.feed.*": {"queue": "maintenance"},
    "tasks.periodic.*": {"queue": "fetcher"},
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
    # Longer than any stage of a chunk. After this time the message of a killed worker is redelivered; the watchdog
    # usually dispatches the missing work earlier.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO", kind=variables.LOG_LEVEL)
# What this process is, in each line of its log.
SERVICE_NAME = env.str("SERVICE_NAME", default="linernotes")
LOGGING: dict[str, Any] = {
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
        # It would log the names of failed logins. The admin shows who is locked out.
        "axes": {"level": "ERROR"},
        # On an empty graph it warns about every property that no node has yet.
        "neo4j": {"level": "ERROR"},
    },
}

SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
# With this prefix browsers take the cookie from this host alone, by HTTPS: no other host of the domain can plant one.
SESSION_COOKIE_NAME = "__Host-sessionid" if PRODUCTION else "sessionid"
# Seconds for which browsers use only HTTPS for this site. The other two concern more than this site: all subdomains,
# and the preload lists of browsers, from which it takes months to be removed.
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if PRODUCTION else 0, unit="seconds")
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=False)
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=PRODUCTION)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None

REST_FRAMEWORK: dict[str, object] = {
    "EXCEPTION_HANDLER": "apps.api.responses.handle_error",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    # Endpoints that need a caller say so themselves (apps.accounts.authentication).
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Linernotes",
    "DESCRIPTION": "A knowledge graph of recorded music. Errors and limits: docs/api.md",
    "VERSION": "1",
    "LICENSE": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
    "SERVERS": [{"url": "/", "description": "the site that this document comes from"}],
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE_NAME},
            "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRFToken", "description": "for changes"},
            "internal": {"type": "apiKey", "in": "header", "name": "X-Internal-Secret"},
        }
    },
    "SERVE_URLCONF": "config.api",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "apps.api.schema.complete_document"],
    # Names of closed sets; without one, a set is called after the field that has it.
    "ENUM_NAME_OVERRIDES": {
        "EntityType": "apps.graph.readers.entities.KINDS",
        "ChildType": "apps.graph.readers.entities.CHILD_KINDS",
        "ChildCategory": "apps.graph.readers.entities.CHILDREN",
        "RoleCategory": "apps.credits.serializers.CATEGORIES",
        "RarityTier": "apps.insights.rarity.TIERS",
        "PathRelationship": "apps.explore.serializers.paths.EDGES",
        "SyncStatus": "apps.collections.serializers.sync.STATUSES",
        "MusicbrainzRelationship": "apps.explore.serializers.musicbrainz.EDGES",
    },
}

UNFOLD = {
    "SITE_TITLE": "Linernotes",
    "SITE_HEADER": "Linernotes",
    "SITE_SYMBOL": "album",
    "DASHBOARD_CALLBACK": "apps.dashboard.admin.prepare_index",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _: static("mark.svg")},
    ],
}

# --- loading ---------------------------------------------------------------------------------------------------------
# Where chunks and batches wait, an fsspec address: a folder on one host, a shared or S3-compatible store on many.
SPOOL_URL = env.str("SPOOL_URL", default=str(environment.folder() / "spool"))
# Bytes of XML in a chunk. 8 MiB, some 2,000 releases: a stage of it takes a second, and a process holds one at a time.
INGEST_CHUNK_BYTES = env.int("INGEST_CHUNK_BYTES", default=8 * 1024**2, least=1, unit="bytes")
# Bytes parsed at a time: small enough for the processor's cache, large enough to make the parser's start negligible.
INGEST_PIECE_BYTES = env.int("INGEST_PIECE_BYTES", default=128 * 1024, least=1, unit="bytes")
# Longest record, bytes. One that is longer fails its file: a process would outgrow its memory.
INGEST_RECORD_BYTES = env.int("INGEST_RECORD_BYTES", default=32 * 1024**2, least=1, unit="bytes")
# Longest line of a MusicBrainz dump, bytes. The line is held in memory, but only its needed fields become objects.
INGEST_LINE_BYTES = env.int("INGEST_LINE_BYTES", default=64 * 1024**2, least=1, unit="bytes")
# Malformed records that a file may have before it fails as a whole.
INGEST_MALFORMED_LIMIT = env.int("INGEST_MALFORMED_LIMIT", default=100, unit="records")
# Seconds without a mark in the ledger after which the watchdog dispatches the missing work again. Tasks are idempotent,
# so a low value only costs some work that is done twice.
INGEST_STALL_SECONDS = env.float("INGEST_STALL_SECONDS", default=120, above=0, unit="seconds")
# Seconds between two rounds of the watchdog.
INGEST_WATCHDOG_SECONDS = env.float("INGEST_WATCHDOG_SECONDS", default=30, above=0, unit="seconds")
# Times that one stage of one chunk may begin before it becomes a dead letter: bounds a chunk that kills its worker.
INGEST_ATTEMPTS = env.int("INGEST_ATTEMPTS", default=5, least=1, unit="times")
# Free space of the spool that a split asks for, as a multiple of the dump file's size.
INGEST_SPOOL_FACTOR = env.float("INGEST_SPOOL_FACTOR", default=1.5)
# A YAML file of skip, filter and flag rules, used instead of the built-in one.
DATA_QUALITY_RULES = env.str("DATA_QUALITY_RULES", default="") or None
# The purge is vetoed when it would delete this share of a table or more, or when the dump holds less than that share
# of the records that the last full run saw.
PURGE_MAX_DELETE_FRACTION = env.float("PURGE_MAX_DELETE_FRACTION", default=0.90, most=1)
PURGE_MIN_SEEN_FRACTION = env.float("PURGE_MIN_SEEN_FRACTION", default=0.80, most=1)
# Rows of one Neo4j transaction.
GRAPH_BATCH_ROWS = env.int("GRAPH_BATCH_ROWS", default=2000, least=1, unit="rows")
# Bytes of a compressed dump from which on empty stores with the embedded Neo4j are loaded in bulk (decision 201).
GRAPH_BULK_BYTES = env.int("GRAPH_BULK_BYTES", default=64 * 1024**2, unit="bytes")
# Also make the four sha256 indexes that older graphs have. They serve no query and cost writes.
NEO4J_LEGACY_INDEXES = env.bool("NEO4J_LEGACY_INDEXES", default=False)

CELERY_BEAT_SCHEDULE = {
    "watchdog": {
        "task": "tasks.watchdog.watch",
        "schedule": INGEST_WATCHDOG_SECONDS,
        # A round that no worker took before the next one is useless.
        "options": {"expires": INGEST_WATCHDOG_SECONDS},
    }
}

# Path of the admin below the site's address, without slashes at its ends.
ADMIN_PATH = env.str("ADMIN_PATH", default="admin", kind=variables.URL_PATH).strip("/")
# Seconds between two collections of the messages that died in the broker (RabbitMQ alone keeps them).
DEAD_LETTERS_SECONDS = env.float("DEAD_LETTERS_SECONDS", default=60, above=0, unit="seconds")
CELERY_BEAT_SCHEDULE["dead letters"] = {
    "task": "tasks.watchdog.collect_dead_letters",
    "schedule": DEAD_LETTERS_SECONDS,
    "options": {"expires": DEAD_LETTERS_SECONDS},
}
# Folder below which flagged/VERSION/TYPE/ shows what the rules had to say about the records of a dump. Workers on
# several hosts need one that all of them reach.
QUALITY_ROOT = env.str("QUALITY_ROOT", default=str(environment.folder()))
# Flagged records of one rule and file whose source and JSON are kept there; findings are counted beyond.
QUALITY_FRAGMENTS = env.int("QUALITY_FRAGMENTS", default=1000, unit="records")

# --- feed and observability ------------------------------------------------------------------------------------------
# Prefix of the names of the feed's exchanges; "-artists" and so on follow. A changed prefix makes a new feed: the old
# exchanges stay in the broker until an operator deletes them.
DISCOGS_EXCHANGE_PREFIX = env.str("DISCOGS_EXCHANGE_PREFIX", default="linernotes-discogs", kind=variables.EXCHANGE)
MUSICBRAINZ_EXCHANGE_PREFIX = env.str(
    "MUSICBRAINZ_EXCHANGE_PREFIX", default="linernotes-musicbrainz", kind=variables.EXCHANGE
)
# Whether runs that begin from now on publish every new, changed and removed record, not only complete files. Each costs
# a message: minutes for a month's update, hours for a first load, in parallel with loading.
FEED_RECORDS = env.bool("FEED_RECORDS", default=False)
# Networks whose callers may see details of health and, without a token, metrics. A request that came through a proxy,
# which it says of itself by X-Forwarded-For, is never one of them.
INTERNAL_NETWORKS = env.list("INTERNAL_NETWORKS", default=["127.0.0.0/8", "::1/128"], each=variables.NETWORK)
# A scraper from anywhere else sends this: Authorization: Bearer TOKEN. Empty: /metrics is for internal networks alone.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# Days that samples of queues and servers are kept. A day is some 3,000 rows.
METRICS_RETENTION_DAYS = env.int("METRICS_RETENTION_DAYS", default=366, least=1, unit="days")
CELERY_BEAT_SCHEDULE["samples"] = {
    "task": "tasks.maintenance.collect_samples",
    # Seconds. The charts of days and months have points of five minutes.
    "schedule": 300,
    "options": {"expires": 300},
}

# --- staff -----------------------------------------------------------------------------------------------------------
# Secrets of people are encrypted with it: 32 bytes in base64. While keys are replaced there are several, newest first.
ENCRYPTION_MASTER_KEY = env.str("ENCRYPTION_MASTER_KEY", default="", kind=variables.KEY)
ENCRYPTION_MASTER_KEYS = env.list("ENCRYPTION_MASTER_KEYS", default=[], each=variables.KEY)
# Staff also give a code of their phone when they log in to the admin.
STAFF_TWO_FACTOR = env.bool("STAFF_TWO_FACTOR", default=PRODUCTION)
# Seconds after its last page in the admin that a session of the staff lasts.
STAFF_IDLE_SECONDS = env.int("STAFF_IDLE_SECONDS", default=1800, least=1, unit="seconds")
# Failed logins of an account, known or not, after which the next has to wait: 5 s, doubled with each, at most 300 s.
LOGIN_FAILURES = env.int("LOGIN_FAILURES", default=5, least=1, unit="logins")
# Failed logins that lock an account, or an address, for LOGIN_LOCK_SECONDS. With all three there are no more than 20
# guesses an hour at an account. The price: anyone who knows a name can keep its account waiting (decision 174).
LOGIN_LOCK_FAILURES = env.int("LOGIN_LOCK_FAILURES", default=20, least=1, unit="logins")
LOGIN_LOCK_SECONDS = env.int("LOGIN_LOCK_SECONDS", default=900, least=1, unit="seconds")
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_FAILURE_LIMIT = LOGIN_LOCK_FAILURES
AXES_HANDLER = "apps.accounts.throttling.DelayingHandler"
AXES_COOLOFF_TIME = timedelta(seconds=LOGIN_LOCK_SECONDS)
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
# By the email as it is stored, so that capitals give no further guesses.
AXES_USERNAME_CALLABLE = "apps.accounts.logins.get_username"
AXES_CLIENT_IP_CALLABLE = "apps.api.limits.get_client_address"
AXES_RESET_ON_SUCCESS = True
# Otherwise an attacker could keep an account locked for ever.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# A row for each login would have to be deleted some day, and no page shows it.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
# Its middleware would give a locked account another answer than a wrong password.
# The other two ask for what SECURE_HSTS_INCLUDE_SUBDOMAINS and SECURE_HSTS_PRELOAD leave to the operator.
SILENCED_SYSTEM_CHECKS = ["axes.W002", "security.W005", "security.W021"]

# --- snapshots -------------------------------------------------------------------------------------------------------
# Of one snapshot: entities, and bytes of its JSON. Of one user: how many live at a time.
SNAPSHOT_MAX_NODES = env.int("SNAPSHOT_MAX_NODES", default=100, least=1)
SNAPSHOT_MAX_PAYLOAD_BYTES = env.int("SNAPSHOT_MAX_PAYLOAD_BYTES", default=65_536, least=1)
SNAPSHOT_MAX_PER_USER = env.int("SNAPSHOT_MAX_PER_USER", default=50)

# --- accounts --------------------------------------------------------------------------------------------------------
# Who may make an account: anyone, those whom "manage.py invite" names, nobody.
REGISTRATION = env.str("REGISTRATION", default="open", kind=variables.choice(("open", "invite", "closed")))
# A new account logs in only after a mailed link was opened.
REQUIRE_EMAIL_VERIFICATION = env.bool("REQUIRE_EMAIL_VERIFICATION", default=False)
# Characters of a new password; whether those that everyone tries first are refused.
PASSWORD_MIN_LENGTH = env.int("PASSWORD_MIN_LENGTH", default=8, least=8, unit="characters")
PASSWORD_REFUSE_COMMON = env.bool("PASSWORD_REFUSE_COMMON", default=PRODUCTION)
# The first makes hashes; those of the others are replaced when their users log in.
PASSWORD_HASHERS = [
    "apps.accounts.hashers.Argon2idHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_MIN_LENGTH},
    }
]
if PASSWORD_REFUSE_COMMON:
    AUTH_PASSWORD_VALIDATORS += [
        {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
        {
            "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
            "OPTIONS": {"user_attributes": ("email",)},
        },
    ]
# Signs tokens; none: a key made of DJANGO_SECRET_KEY. The previous one is still accepted while a key is replaced.
JWT_SECRET_KEY = env.str("JWT_SECRET_KEY", default="")
JWT_PREVIOUS_SECRET_KEY = env.str("JWT_PREVIOUS_SECRET_KEY", default="")
# Minutes that a token of a login is valid.
JWT_EXPIRE_MINUTES = env.int("JWT_EXPIRE_MINUTES", default=30, least=1, unit="minutes")
# Days that the audit log is kept. The admin API shows the last 90.
AUDIT_KEEP_DAYS = env.int("AUDIT_KEEP_DAYS", default=400, least=90, unit="days")
# The address of the site, in links of mails.
APP_BASE_URL = env.str("APP_BASE_URL", default="http://localhost:8000", kind=variables.SITE).rstrip("/")
# How mail is sent: by a server (EMAIL_URL), by a provider (EMAIL_API_KEY), to the terminal, or not at all.
EMAIL_PROVIDER = env.str(
    "EMAIL_PROVIDER", default="off", kind=variables.choice(("off", "console", "smtp", "brevo", "resend"))
)
EMAIL_BACKEND = {
    "off": "django.core.mail.backends.dummy.EmailBackend",
    "console": "django.core.mail.backends.console.EmailBackend",
    "smtp": "django.core.mail.backends.smtp.EmailBackend",
    "brevo": "anymail.backends.brevo.EmailBackend",
    "resend": "anymail.backends.resend.EmailBackend",
}[EMAIL_PROVIDER]
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="Linernotes <linernotes@localhost>", kind=variables.HEADER)
EMAIL_API_KEY = env.str("EMAIL_API_KEY", default="")
ANYMAIL = {"BREVO_API_KEY": EMAIL_API_KEY, "RESEND_API_KEY": EMAIL_API_KEY}
# smtp://user:password@host:587 with STARTTLS, smtps://… with TLS from the first byte; without a user neither.
_mail_server = urlsplit(env.str("EMAIL_URL", default="smtp://localhost:25", kind=variables.MAIL_SERVER))
EMAIL_HOST, EMAIL_PORT = _mail_server.hostname or "localhost", _mail_server.port or 587
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = (unquote(each or "") for each in (_mail_server.username, _mail_server.password))
EMAIL_USE_SSL = _mail_server.scheme == "smtps"
EMAIL_USE_TLS = bool(EMAIL_HOST_USER) and not EMAIL_USE_SSL
# Seconds.
EMAIL_TIMEOUT = 10

# --- deployment ------------------------------------------------------------------------------------------------------
# A file that workers and beat touch as a sign of life, for the health check of their container. Empty: none.
LIVENESS_FILE = env.str("LIVENESS_FILE", default="")

# --- collections -----------------------------------------------------------------------------------------------------
# Discogs' API, and its site, where users allow us in.
DISCOGS_API_URL = env.str("DISCOGS_API_URL", default="https://api.discogs.com", kind=variables.SITE).rstrip("/")
DISCOGS_SITE_URL = env.str("DISCOGS_SITE_URL", default="https://www.discogs.com", kind=variables.SITE).rstrip("/")
# Where Discogs sends a browser that allowed us in; empty: Discogs shows a code, which the user copies.
DISCOGS_OAUTH_CALLBACK_URL = env.str("DISCOGS_OAUTH_CALLBACK_URL", default="", kind=variables.SITE)
# Requests to Discogs, over all workers, of one user and of all together. Discogs allows 60.
DISCOGS_REQUESTS_PER_MINUTE = env.int("DISCOGS_REQUESTS_PER_MINUTE", default=60, least=1, unit="requests")
# Seconds until Discogs is asked again when it says that it is busy and not for how long.
DISCOGS_BUSY_SECONDS = env.float("DISCOGS_BUSY_SECONDS", default=60, above=0, unit="seconds")
# Seconds between two rounds that send lost pages of a synchronisation again and start those that are scheduled.
SYNC_WATCH_SECONDS = env.float("SYNC_WATCH_SECONDS", default=60, above=0, unit="seconds")
CELERY_BEAT_SCHEDULE["sync"] = {
    "task": "tasks.sync.watch_syncs",
    "schedule": SYNC_WATCH_SECONDS,
    "options": {"expires": SYNC_WATCH_SECONDS},
}

# The schedule is in the database, where the admin changes it. CELERY_BEAT_SCHEDULE has the initial values of entries.
CELERY_BEAT_SCHEDULER = "config.worker.scheduler.Scheduler"

# --- downloads -------------------------------------------------------------------------------------------------------
# Folder of the downloaded dumps. Every worker of the queues fetcher and extractor needs it under the same path.
DISCOGS_ROOT = env.str("DISCOGS_ROOT", default=str(environment.folder() / "dumps"))
# The publisher's site.
DISCOGS_DUMP_URL = env.str("DISCOGS_DUMP_URL", default="https://data.discogs.com/", kind=variables.SITE)
# Folder of the downloaded dumps of MusicBrainz, with a folder for each version: some 25 GB each. And its site.
MUSICBRAINZ_ROOT = env.str("MUSICBRAINZ_ROOT", default=str(environment.folder() / "musicbrainz"))
MUSICBRAINZ_DUMP_URL = env.str(
    "MUSICBRAINZ_DUMP_URL",
    default="https://data.metabrainz.org/pub/musicbrainz/data/json-dumps/",
    kind=variables.SITE,
)
# How we introduce ourselves to it: add how to reach you.
FETCH_USER_AGENT = env.str("FETCH_USER_AGENT", default="Linernotes/0.1", kind=variables.HEADER)
# Least seconds between two requests, of all processes together.
FETCH_INTERVAL_SECONDS = env.float("FETCH_INTERVAL_SECONDS", default=5, unit="seconds")
# Seconds that connecting may take, and the silence between two blocks. A download as a whole may take any time.
FETCH_TIMEOUT_SECONDS = env.float("FETCH_TIMEOUT_SECONDS", default=120, above=0, unit="seconds")
# Longest wait in seconds when the site says that it is busy, however long it asks for.
FETCH_LONGEST_WAIT_SECONDS = env.float("FETCH_LONGEST_WAIT_SECONDS", default=7200, unit="seconds")
# Days between two checks of each site; a check that finds a new version loads it. 0: never, so that no workstation
# downloads 12 GB of Discogs and 25 GB of MusicBrainz by itself.
PERIODIC_CHECK_DAYS = env.float("PERIODIC_CHECK_DAYS", default=15 if PRODUCTION else 0, unit="days")
# The schedule's process looks at the site when it starts, too, unless it did so within the last ten minutes.
RUN_ON_START = env.bool("RUN_ON_START", default=PRODUCTION)
# Versions of each source whose downloaded files stay on the disk. Newer ones than what is loaded stay in any case.
DUMPS_KEEP = env.int("DUMPS_KEEP", default=2, unit="versions")
# Days after which an ended run leaves the ledger with its events, findings and dead letters, unless later runs need it.
LEDGER_KEEP_DAYS = env.float("LEDGER_KEEP_DAYS", default=400, unit="days")
# Seconds between two rounds of tidying away.
TIDY_SECONDS = env.float("TIDY_SECONDS", default=86_400, above=0, unit="seconds")

CELERY_BEAT_SCHEDULE["tidy"] = {
    "task": "tasks.periodic.tidy",
    "schedule": TIDY_SECONDS,
    "options": {"expires": TIDY_SECONDS},
}
if PERIODIC_CHECK_DAYS:
    for name, source in (("check for dumps", "discogs"), ("check for dumps of musicbrainz", "musicbrainz")):
        CELERY_BEAT_SCHEDULE[name] = {
            "task": "tasks.periodic.check_for_dumps",
            "kwargs": {"source": source},
            "schedule": PERIODIC_CHECK_DAYS * 86_400,
            "options": {"expires": 86_400},
        }

# --- API -------------------------------------------------------------------------------------------------------------
# Addresses and networks of our proxies, whose X-Forwarded-For is trusted; "*" trusts everyone. gunicorn reads the same
# variable, for X-Forwarded-Proto.
FORWARDED_ALLOW_IPS = env.list(
    "FORWARDED_ALLOW_IPS", default=["127.0.0.1", "::1", "172.20.0.0/16"], each=variables.PROXY
)
# The port on which ``manage.py serve`` answers for health and metrics.
HEALTH_PORT = env.int("HEALTH_PORT", default=8005, least=1, most=65535)
# Origins whose pages may read the API in a browser.
LOCAL_ORIGINS = ["http://localhost:3000", "http://localhost:8003"]
CORS_ORIGINS = env.list("CORS_ORIGINS", default=[] if PRODUCTION else LOCAL_ORIGINS, each=variables.ORIGIN)
# Most seconds of a query of the graph for which the API's contract names no limit.
GRAPH_READ_SECONDS = env.float("GRAPH_READ_SECONDS", default=30, above=0, unit="seconds")
# Most seconds of a search in one table.
SEARCH_SECONDS = env.float("SEARCH_SECONDS", default=20, above=0, unit="seconds")
# Questions in plain words: whether they are answered, and the language model that does it, by the interface of its
# provider at NLQ_URL. Empty: the provider's own address, and the model that apps/nlq/providers.py names.
NLQ_ENABLED = env.bool("NLQ_ENABLED", default=False)
NLQ_API_KEY = env.str("NLQ_API_KEY", default="")
NLQ_PROVIDER = env.str("NLQ_PROVIDER", default="anthropic", kind=variables.NLQ_PROVIDER)
NLQ_URL = env.str("NLQ_URL", default="", kind=variables.SITE)
NLQ_MODEL = env.str("NLQ_MODEL", default="", kind=variables.MODEL)
# Most requests to the model for a question, seconds of each, and of the whole question with what is looked up for it.
NLQ_MAX_ITERATIONS = env.int("NLQ_MAX_ITERATIONS", default=5, least=1, most=20, unit="requests")
NLQ_ROUND_SECONDS = env.float("NLQ_ROUND_SECONDS", default=30, above=0, unit="seconds")
NLQ_SECONDS = env.float("NLQ_SECONDS", default=55, above=0, unit="seconds")
# Questions that a process answers at a time: each holds a thread of the site.
NLQ_AT_ONCE = env.int("NLQ_AT_ONCE", default=4, least=1, unit="questions")
# Most characters of a question.
NLQ_MAX_QUERY_LENGTH = env.int("NLQ_MAX_QUERY_LENGTH", default=500, least=1, unit="characters")
# Questions a minute of an address, and of a user.
NLQ_RATE_LIMIT = env.int("NLQ_RATE_LIMIT", default=10, least=1, unit="questions")
# Seconds for which an answer to a visitor without a login is kept. 0: none is.
NLQ_CACHE_TTL = env.int("NLQ_CACHE_TTL", default=3600, least=0, unit="seconds")

# --- insights --------------------------------------------------------------------------------------------------------
# Hours from one computation of the insights to the next, and so the time that their answers are kept.
INSIGHTS_SCHEDULE_HOURS = env.float("INSIGHTS_SCHEDULE_HOURS", default=24, above=0, unit="hours")
# Ages, in years, at which a master has an anniversary.
INSIGHTS_MILESTONE_YEARS = [
    int(each)
    for each in env.list(
        "INSIGHTS_MILESTONE_YEARS", default=["25", "30", "40", "50", "75", "100"], each=variables.WHOLE_YEARS
    )
]
# What the insights service of an older installation sends as X-Internal-Secret. Empty: the internal routes answer 503.
INSIGHTS_INTERNAL_SECRET = env.str("INSIGHTS_INTERNAL_SECRET", default="")
CELERY_BEAT_SCHEDULE["insights"] = {
    "task": "tasks.insights.compute_all",
    "schedule": INSIGHTS_SCHEDULE_HOURS * 3600,
    "options": {"expires": INSIGHTS_SCHEDULE_HOURS * 3600},
}
