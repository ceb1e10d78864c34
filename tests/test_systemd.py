"""The units of systemd: systemd reads them, and they run what docker-compose.yml runs."""

import os
import re
import shutil
import subprocess

import pytest

from apps.ingest.feed import queues
from config.environment import addresses
from tests import deployment
from tests.deployment import ROOT

FOLDER = ROOT / "deploy" / "systemd"
INSTALLED = "/opt/linernotes"
ANALYZE = shutil.which("systemd-analyze")
# What belongs to a container: its addresses outwards, its writable folder, how many processes its variable says.
OF_CONTAINERS = {"--bind=0.0.0.0:": "--bind=127.0.0.1:", "/tmp/celerybeat": "/var/lib/linernotes/celerybeat"}


def units(suffix):
    return {path.name.removeprefix("linernotes-").removesuffix(suffix): path for path in FOLDER.glob(f"*{suffix}")}


def setting(path, name):
    """Return the values of a setting of a unit, one for each line."""
    return re.findall(rf"^{name}=(.*)$", path.read_text(), re.MULTILINE)


def command(name):
    """Return the program of a service and its arguments."""
    (text,) = setting(units(".service")[name], "ExecStart")
    return text.replace(f"{INSTALLED}/.venv/bin/", "").split()


@pytest.mark.skipif(not ANALYZE, reason="there is no systemd")
def test_systemd_reads_them(tmp_path):
    # It looks whether the programs are there.
    (tmp_path / "bin").mkdir()
    for path in FOLDER.iterdir():
        text = path.read_text().replace(f"{INSTALLED}/.venv/bin", str(ROOT / ".venv" / "bin"))
        (tmp_path / path.name).write_text(text.replace(INSTALLED, str(ROOT)))
    template = tmp_path / "linernotes-worker@.service"
    for name in queues.NAMES:
        shutil.copy(template, tmp_path / f"linernotes-worker@{name}.service")
    found = [str(path) for path in tmp_path.iterdir() if path.suffix in (".service", ".timer", ".target")]

    done = subprocess.run(
        [str(ANALYZE), "verify", "--man=no", "--recursive-errors=yes", *found],
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_target_wants_a_worker_for_each_queue_and_everything_else():
    wanted = " ".join(setting(FOLDER / "linernotes.target", "Wants")).split()

    workers = {f"linernotes-worker@{name}.service" for name in queues.NAMES}
    assert set(wanted) == workers | {
        *(f"linernotes-{name}.service" for name in ("web", "live", "status-collector", "beat", "flower")),
        "linernotes-backup.timer",
    }


def read_compose(name):
    """Return what Docker Compose runs of a service, on this host instead of in a container."""
    text = "\n".join(deployment.compose()["services"][name]["command"])
    for there, here in OF_CONTAINERS.items():
        text = text.replace(there, here)
    return text.splitlines()


def test_the_site_and_the_clock_are_those_of_docker_compose():
    # gunicorn.conf.py has these two, and the health port and Flower are on loopback by themselves.
    loopback = {f"--{name}=0.0.0.0" for name in ("health-host", "address", "host")}
    left_out = {"--worker-class=gthread", "--no-control-socket", *loopback}

    for name in ("web", "live", "status-collector", "beat", "flower"):
        assert command(name) == [each for each in read_compose(name) if each not in left_out]


def test_the_server_for_assistants_is_that_of_docker_compose_and_has_no_secret():
    path = units(".service")["mcp"]
    environment = " ".join(setting(path, "Environment"))

    # It listens on loopback by itself.
    assert ["env", "PYTHONPATH=clients/mcp", *command("mcp"), "--host=0.0.0.0"] == read_compose("mcp")
    assert f"PYTHONPATH={INSTALLED}/clients/mcp" in environment
    assert setting(path, "EnvironmentFile") == ["/etc/linernotes/mcp.environment"]
    assert "-/etc/linernotes/secrets" in setting(path, "InaccessiblePaths")[0].split()
    names = re.findall(r"^(\w+)=", (FOLDER / "mcp.environment.example").read_text(), re.MULTILINE)
    assert names == ["API_BASE_URL", "MCP_ALLOWED_HOSTS"]
    assert "Requires=" not in path.read_text()


@pytest.mark.parametrize("name", queues.NAMES)
def test_the_workers_are_those_of_docker_compose(name):
    there = [each.partition("=")[0] for each in read_compose(name)]

    assert [each.partition("=")[0].replace("%i", name).replace("%H", "%h") for each in command("worker@")] == there


@pytest.mark.parametrize("name", units(".service"))
def test_every_service_is_an_ordinary_user_who_writes_in_one_folder_at_most(name):
    path = units(".service")[name]

    assert setting(path, "User") == ["linernotes"]
    assert setting(path, "NoNewPrivileges") == ["yes"]
    assert setting(path, "CapabilityBoundingSet") == [""]
    assert setting(path, "ProtectSystem") == ["strict"]
    assert setting(path, "StateDirectory") == ([] if name == "mcp" else ["linernotes"])
    assert any(value.startswith("SERVICE_NAME=") for value in setting(path, "Environment"))


def test_everything_waits_for_the_schema():
    for name in ("web", "live", "status-collector", "beat", "flower", "worker@"):
        path = units(".service")[name]
        assert setting(path, "Requires") == setting(path, "After") == ["linernotes-schema.service"]


def test_the_example_of_the_environment_is_that_of_the_containers():
    text = (FOLDER / "environment.example").read_text()
    names = set(re.findall(r"^(\w+)=", text, re.MULTILINE))

    # Each unit says its own name; whether it lives, systemd knows. Static files are in the image.
    there = set(deployment.compose()["services"]["web"]["environment"])
    assert names == there - {"SERVICE_NAME", "LIVENESS_FILE"} | {"STATIC_ROOT"}
    secrets = dict(re.findall(r"^(\w+)_FILE=/etc/linernotes/secrets/(\w+)$", text, re.MULTILINE))
    assert set(secrets.values()) == deployment.SECRETS
    assert set(addresses.PASSWORDS) <= set(secrets)
