# One image for every process of Linernotes; docker-compose.yml and deploy/k8s/ give each its command.
#
# The official image of Python is built with profile-guided optimisation, which parsing gains from. Its version is the
# one that the tests run on.
ARG PYTHON=3.11.14-slim-bookworm

FROM python:${PYTHON} AS packages
COPY requirements/prod.txt /tmp/prod.txt
# Wheels only: nothing is compiled, so neither this stage nor the image needs a compiler.
RUN python -m venv --without-pip /venv \
    && pip --python /venv/bin/python install --no-cache-dir --disable-pip-version-check --only-binary :all: \
        --requirement /tmp/prod.txt

FROM python:${PYTHON}
ARG UID=1000
ARG GID=1000
# Volumes take over the owner of the folder that they are mounted on.
RUN pip uninstall --yes --quiet --root-user-action ignore pip setuptools wheel \
    && groupadd --gid "${GID}" linernotes \
    && useradd --uid "${UID}" --gid "${GID}" --no-create-home --home-dir /tmp --shell /usr/sbin/nologin linernotes \
    && install -d -o "${UID}" -g "${GID}" /spool /discogs-data
COPY --from=packages /venv /venv
# malloc gives each thread pages of its own, which a site with sixteen of them never gives back.
ENV PATH=/venv/bin:$PATH \
    HOME=/tmp \
    MALLOC_ARENA_MAX=2 \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
# What .dockerignore lets through.
COPY . .
# Owned by root: the processes can change neither the code nor themselves.
RUN STATIC_ROOT=/app/staticfiles python manage.py collectstatic --noinput \
    && python -m compileall -q apps clients config tasks
USER ${UID}:${GID}
EXPOSE 8004 8005
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "scripts/healthcheck.py", "http://127.0.0.1:8004/health/live"]
CMD ["python", "manage.py", "serve", "--health-host=0.0.0.0", "gunicorn", "config.wsgi", "--bind=0.0.0.0:8004", \
    "--worker-class=gthread", "--workers=2", "--threads=16", "--no-control-socket", "--access-logfile=-"]
