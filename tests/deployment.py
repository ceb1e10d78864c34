"""The settings of the code, docker-compose.yml and the manifests of Kubernetes, as the tests read them."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from config.environment import addresses, secret_files

ROOT = Path(__file__).resolve().parent.parent
COMPOSE_FILE = ROOT / "docker-compose.yml"
BASE = ROOT / "deploy" / "k8s" / "base"
ASSISTANTS = ROOT / "deploy" / "k8s" / "mcp"
OVERLAY = ROOT / "deploy" / "k8s" / "overlays" / "keda"
OUR_IMAGE = "linernotes"
# What scripts/create-secrets.sh makes.
PASSWORDS = {"postgres_password", "neo4j_password", "rabbitmq_password", "redis_password"}
SECRETS = {"django_secret_key", "encryption_master_key", "metrics_token"} | PASSWORDS
VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")


def interpolate(text: str) -> str:
    """Put the default of each variable in its place, as Docker Compose does; ``$$`` is a dollar."""
    return VARIABLE.sub(lambda found: found[2], text).replace("$$", "$")


@cache
def compose() -> dict[str, Any]:
    """Return docker-compose.yml with every default in its place."""
    found = yaml.safe_load(interpolate(COMPOSE_FILE.read_text()))
    assert isinstance(found, dict)
    return found


def services(*, ours: bool) -> dict[str, Any]:
    """Return the services that run our image, or the others."""
    found = compose()["services"].items()
    return {name: service for name, service in found if service["image"].startswith(f"{OUR_IMAGE}:") is ours}


@cache
def manifests(folder: Path = BASE) -> list[dict[str, Any]]:
    """Return the objects of a folder of Kubernetes, apart from kustomize's own and from its patch."""
    paths = [path for path in sorted(folder.glob("*.yaml")) if path.name not in ("kustomization.yaml", "pod.yaml")]
    return [each for path in paths for each in yaml.safe_load_all(path.read_text())]


def pods() -> dict[str, Any]:
    """Return the pod of each deployment and job by its name, before it is patched."""
    return {
        each["metadata"]["name"]: each["spec"]["template"]["spec"]
        for each in manifests()
        if each["kind"] in ("Deployment", "Job")
    }


def container(pod: dict[str, Any]) -> dict[str, Any]:
    """Return a pod's only container."""
    (found,) = pod["containers"]
    assert isinstance(found, dict)
    return found


def queues_of(command: list[str]) -> str | None:
    """Return what a worker's command says after ``-Q``; None if it does not."""
    return command[command.index("-Q") + 1] if "-Q" in command else None


@cache
def defaults() -> dict[str, Any]:
    """Return the settings that config/settings.py reads, with their defaults; None for one that depends on others."""
    found = {}
    for node in ast.walk(ast.parse((ROOT / "config" / "settings.py").read_text())):
        if isinstance(node, ast.Call) and re.fullmatch(r"env\.\w+", ast.unparse(node.func)):
            (default,) = (keyword.value for keyword in node.keywords if keyword.arg == "default")
            found[ast.literal_eval(node.args[0])] = value_of(default)
    return found


def value_of(expression: ast.expr) -> Any:
    """Return the value of a constant expression, such as 8 * 1024**2; None for others."""
    if any(isinstance(node, ast.Name | ast.Call) for node in ast.walk(expression)):
        return None
    return eval(compile(ast.Expression(expression), "settings", "eval"))


def list_expected() -> dict[str, Any]:
    """Return every setting with its default: what settings.py reads and what addresses are made of."""
    parts = dict.fromkeys((*addresses.NAMES, *secret_files.NAMES), "") | addresses.DEFAULTS
    return parts | defaults()
