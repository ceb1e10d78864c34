"""The services of docker-compose.yml as plain processes: the same commands, the same variables, secrets as files."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from apps.stack import ports
from config.environment import addresses, secret_files
from tests import deployment
from tests.acceptance.installation import Finished, Installation
from tests.acceptance.workers import PROJECT

READY_SECONDS = 60
STOP_SECONDS = 30
COMMAND_SECONDS = 120
# What an operator might write into .env: beat's first sign of life comes with its first task, and nobody looks for new
# dumps at the publisher's.
OPERATOR = {"INGEST_WATCHDOG_SECONDS": "2", "PERIODIC_CHECK_DAYS": "0", "RUN_ON_START": "no"}
ADDRESSES = {
    "postgres": "DATABASE_URL",
    "neo4j": "NEO4J_URL",
    "rabbitmq": "CELERY_BROKER_URL",
    "redis-results": "CELERY_RESULT_BACKEND",
    "redis-cache": "CACHE_URL",
}


class Wiring:
    """What Docker Compose would run of our image, for one of its profiles, on the servers of an installation."""

    def __init__(self, installation: Installation, profile: str) -> None:
        self.folder = installation.folder
        self.urls = {
            **installation.broker.variables,
            "DATABASE_URL": installation.database_url,
            "NEO4J_URL": installation.neo4j_url,
        }
        everything = deployment.services(ours=True)
        self.services = {
            name: service for name, service in everything.items() if profile in service.get("profiles", [profile])
        }
        self.site_port, self.health_port, self.flower_port, self.live_port = (ports.choose() for _ in range(4))
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.create_secrets()

    def create_secrets(self) -> None:
        """Make secrets by the script, then put the passwords in their place that the servers have already."""
        folder = self.folder / "secrets"
        subprocess.run([str(PROJECT / "scripts" / "create-secrets.sh"), str(folder)], check=True, capture_output=True)
        for name, variable in ADDRESSES.items():
            file = folder / f"{name.partition('-')[0]}_password"
            file.write_text(f"{unquote(urlsplit(self.urls[variable]).password or '')}\n")

    def environment(self, name: str) -> dict[str, str]:
        """Return the environment of a service, with nothing of a developer's or of the tests' in it."""
        ours = {*deployment.list_expected(), *(f"{each}_FILE" for each in secret_files.NAMES), "LINERNOTES_STACK_DIR"}
        outside = {key: value for key, value in os.environ.items() if key not in ours}
        inside = {key: self.translate(name, value) for key, value in self.services[name]["environment"].items()}
        for key, value in inside.items():
            if key in addresses.HOSTS.values():
                inside[key] = urlsplit(self.urls[ADDRESSES[value]]).netloc.rpartition("@")[2]
        database = urlsplit(self.urls["DATABASE_URL"]).path.removeprefix("/")
        static = {"STATIC_ROOT": str(self.folder / "static"), "HEALTH_PORT": str(self.health_port)}
        return {**outside, **OPERATOR, **inside, **static, "POSTGRES_DATABASE": database}

    def translate(self, name: str, text: str) -> str:
        """Translate what is said of a container: its folders, and ports that may be taken here."""
        places = {
            "/tmp/": f"{self.folder}/{name}.",
            "/run/secrets/": f"{self.folder}/secrets/",
            "/spool": f"{self.folder}/spool",
            "0.0.0.0": ports.HOST,
            ":8004": f":{self.site_port}",
            ":8003": f":{self.live_port}",
            "--port=8003": f"--port={self.live_port}",
            ":5555": f":{self.flower_port}",
            "--port=5555": f"--port={self.flower_port}",
        }
        for there, here in places.items():
            text = text.replace(there, here)
        return text

    def command(self, name: str, command: list[str]) -> list[str]:
        program, *arguments = [self.translate(name, each) for each in command]
        return [str(Path(sys.executable).with_name(program)), *arguments]

    def run(self, name: str, command: list[str], **variables: str) -> Finished:
        """Run a command in a service, to its end."""
        done = subprocess.run(
            self.command(name, command),
            cwd=PROJECT,
            env={**self.environment(name), **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def up(self) -> None:
        """Run the schema's job, then start every other service and wait for its health check."""
        done = self.run("schema", self.services["schema"]["command"])
        assert done.code == 0, done.stderr
        for name, service in self.services.items():
            if name != "schema":
                self.start(name, service)
        for name in self.running:
            self.wait_until_healthy(name)

    def start(self, name: str, service: Mapping[str, Any]) -> None:
        with self.log(name).open("wb") as log:
            self.running[name] = subprocess.Popen(
                self.command(name, service["command"]),
                cwd=PROJECT,
                env=self.environment(name),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_healthy(self, name: str) -> None:
        _, *check = self.services[name]["healthcheck"]["test"]
        deadline = time.monotonic() + READY_SECONDS
        while (found := self.run(name, check)).code:
            assert self.running[name].poll() is None, f"{name} has ended:\n{self.log(name).read_text()}"
            assert time.monotonic() < deadline, f"{name}: {found.stderr}\n{self.log(name).read_text()}"
            time.sleep(0.5)

    def down(self) -> dict[str, int]:
        """Stop everything as Docker does and return the statuses; what does not end in time is killed."""
        for process in self.running.values():
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        statuses = {}
        for name, process in self.running.items():
            try:
                statuses[name] = process.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                statuses[name] = process.wait()
        self.running = {}
        return statuses

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"
