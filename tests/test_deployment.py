"""Docker and Kubernetes against the code: nothing of it can be started where there is no engine.

What is run of it, without containers, is in tests/acceptance/test_wiring.py.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from apps.ingest.feed import queues
from config.environment import addresses, secret_files
from tests import deployment
from tests.deployment import ROOT, SECRETS, container, pods, services

KUBECTL = shutil.which("kubectl")
SITE_PORTS = ["8004", "8005"]
GIVEN_AS_FILES = ("DJANGO_SECRET_KEY", "ENCRYPTION_MASTER_KEY", "METRICS_TOKEN", *addresses.PASSWORDS)


def list_our_services():
    return services(ours=True)


def stores():
    return {name: service for name, service in services(ours=False).items() if "profiles" not in service}


def workers():
    """Return the compose services that work on one queue, by that queue."""
    found = {name: deployment.queues_of(service["command"]) for name, service in list_our_services().items()}
    return {queue: name for name, queue in found.items() if queue}


def known_variables():
    return {*deployment.list_expected(), *(f"{name}_FILE" for name in secret_files.NAMES)}


def settings_env():
    lines = (deployment.BASE / "settings.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


# Shapes


def test_the_compose_file_has_the_shape_of_one():
    command = [str(Path(sys.executable).with_name("check-jsonschema")), "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, str(deployment.COMPOSE_FILE)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "manifest",
    [*deployment.manifests(), *deployment.manifests(deployment.ASSISTANTS)],
    ids=lambda each: f"{each['kind']} {each['metadata']['name']}",
)
def test_each_manifest_has_the_shape_of_its_kind(manifest):
    kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)


def kustomize(folder, tmp_path):
    """Return what kubectl makes of a folder, without a cluster and without its configuration."""
    nobody = {"HOME": str(tmp_path), "KUBECONFIG": os.devnull, "PATH": os.environ["PATH"]}
    command = [str(KUBECTL), "kustomize", str(folder)]
    done = subprocess.run(command, env=nobody, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


@pytest.mark.skipif(not KUBECTL, reason="there is no kubectl")
def test_what_kustomize_makes_is_whole(tmp_path):
    found = kustomize(deployment.BASE, tmp_path)

    for each in found:
        kubernetes_validate.validate(each, kubernetes_validate.latest_version(), strict=True)
    (config,) = (each["metadata"]["name"] for each in found if each["kind"] == "ConfigMap")
    made = {each["metadata"]["name"]: each["spec"] for each in found if each["kind"] in ("Deployment", "Job")}
    assert set(made) == set(pods())
    for spec in made.values():
        pod = spec["template"]["spec"]
        assert container(pod)["envFrom"] == [{"configMapRef": {"name": config}}]
        assert container(pod)["securityContext"]["readOnlyRootFilesystem"]
        assert pod["securityContext"]["runAsUser"] == 1000
        mounts = {mount["name"] for mount in container(pod)["volumeMounts"]}
        assert {"tmp", "secrets"} <= mounts == {volume["name"] for volume in pod["volumes"]}


@pytest.mark.skipif(not KUBECTL, reason="there is no kubectl")
def test_what_kustomize_makes_of_the_server_for_assistants_is_that_of_base_without_secrets(tmp_path):
    kinds = {each["kind"]: each for each in kustomize(deployment.ASSISTANTS, tmp_path)}
    others = {each["metadata"]["name"]: each for each in kustomize(deployment.BASE, tmp_path)}
    pod, live = (each["spec"]["template"]["spec"] for each in (kinds["Deployment"], others["live"]))

    assert set(kinds) == {"Deployment", "Service"}
    assert container(pod)["image"] == container(live)["image"]
    assert container(pod)["securityContext"] == container(live)["securityContext"]
    # Without volumes there is none that its group must own.
    assert pod["securityContext"].items() <= live["securityContext"].items()
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["automountServiceAccountToken"] is False
    assert "volumes" not in pod
    assert "envFrom" not in container(pod)


@pytest.mark.skipif(not KUBECTL, reason="there is no kubectl")
def test_keda_counts_what_it_scales(tmp_path):
    found = kustomize(deployment.OVERLAY, tmp_path)

    scaled = {each["metadata"]["name"] for each in found if each["kind"] == "ScaledObject"}
    counted = {each["metadata"]["name"] for each in found if "replicas" in each.get("spec", {})}
    assert scaled
    assert not scaled & counted


# Queues


def test_every_queue_has_a_service_named_like_it():
    assert workers() == {name: name for name in queues.NAMES}


def test_every_queue_has_a_deployment_named_like_it():
    found = {name: deployment.queues_of(container(pod)["command"]) for name, pod in pods().items()}

    assert {name: queue for name, queue in found.items() if queue} == {name: name for name in queues.NAMES}


def test_keda_looks_at_the_queue_of_what_it_scales():
    scaled = [each["spec"] for each in deployment.manifests(deployment.OVERLAY) if each["kind"] == "ScaledObject"]

    assert scaled
    for spec in scaled:
        (trigger,) = spec["triggers"]
        assert spec["scaleTargetRef"]["name"] == trigger["metadata"]["queueName"]
        assert trigger["metadata"]["queueName"] in queues.NAMES


def test_one_process_has_the_clock_in_either_profile():
    clocks = [
        name for name, service in list_our_services().items() if {"beat", "--beat", "-B"} & set(service["command"])
    ]

    assert [list_our_services()[name]["profiles"] for name in clocks] == [["full"], ["single"]]
    assert [name for name, pod in pods().items() if "beat" in container(pod)["command"]] == ["beat"]


def test_the_profile_full_is_the_queues_and_beat():
    full = {name for name, service in list_our_services().items() if service.get("profiles") == ["full"]}

    assert full == {*queues.NAMES, "beat"}


# Variables and secrets


def test_compose_sets_nothing_that_the_code_does_not_read():
    for name, service in list_our_services().items():
        assert set(service["environment"]) <= known_variables(), name


def test_kubernetes_sets_what_compose_sets():
    assert {*settings_env(), *read_patched_env()} == set(list_our_services()["web"]["environment"])


def read_patched_env():
    """Return what kustomize adds to the environment of each pod."""
    patch = yaml.safe_load((deployment.BASE / "pod.yaml").read_text())
    return {each["name"]: each["valueFrom"] for each in container(patch["spec"]["template"]["spec"])["env"]}


def test_every_folder_of_dumps_is_one_that_all_who_need_it_share():
    for name in ("fetcher", "extractor", "worker"):
        service = deployment.compose()["services"][name]
        mounts = {target_of(volume) for volume in service["volumes"]}
        roots = {service["environment"][root] for root in ("DISCOGS_ROOT", "MUSICBRAINZ_ROOT", "QUALITY_ROOT")}
        assert {root for root in roots if not any(f"{root}/".startswith(f"{each}/") for each in mounts)} == set()


def target_of(volume):
    return volume["target"] if isinstance(volume, dict) else volume.split(":")[1]


def test_docker_makes_no_folder_of_the_host():
    """It would be root's, and no container could write it."""
    mounts = [volume for service in list_our_services().values() for volume in service.get("volumes", [])]
    named = set(deployment.compose()["volumes"])
    of_host = [mount for mount in mounts if isinstance(mount, dict) or mount.split(":")[0] not in named]

    assert of_host
    assert all(mount["bind"] == {"create_host_path": False} for mount in of_host)


def test_every_service_is_called_in_the_log_what_it_is_called_here():
    label = "app.kubernetes.io/component"

    assert {name: service["environment"]["SERVICE_NAME"] for name, service in list_our_services().items()} == {
        n: n for n in list_our_services()
    }
    assert read_patched_env()["SERVICE_NAME"] == {"fieldRef": {"fieldPath": f"metadata.labels['{label}']"}}
    for each in deployment.manifests():
        if each["kind"] in ("Deployment", "Job"):
            assert each["spec"]["template"]["metadata"]["labels"][label] == each["metadata"]["name"]


def test_every_server_has_its_address():
    environment = list_our_services()["web"]["environment"]

    assert {environment[host] for host in addresses.HOSTS.values()} == set(stores())


def test_secrets_are_files_everywhere():
    ours_named = {Path(list_our_services()["web"]["environment"][f"{name}_FILE"]).name for name in GIVEN_AS_FILES}

    assert ours_named == SECRETS == set(deployment.compose()["secrets"]) == set(list_our_services()["web"]["secrets"])
    assert set(yaml.safe_load((deployment.BASE / "secret.example.yaml").read_text())["stringData"]) == SECRETS
    for service in deployment.compose()["services"].values():
        assert not set(service.get("environment", {})) & {*secret_files.NAMES, "RABBITMQ_DEFAULT_PASS", "NEO4J_AUTH"}


def test_every_variable_of_the_compose_file_is_in_the_example_with_its_default():
    used = dict(deployment.VARIABLE.findall(deployment.COMPOSE_FILE.read_text()))
    # A setting of the site, which has no default of its own in production.
    del used["ALLOWED_HOSTS"]
    written = dict(re.findall(r"^#?(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert {name: written[name] for name in used} == used


# Commands and ports


def dockerfile():
    return (ROOT / "Dockerfile").read_text().replace("\\\n", "")


def test_the_site_has_one_command_and_the_same_ports_everywhere():
    (command,) = re.findall(r"^CMD (.+)$", dockerfile(), re.MULTILINE)
    web = container(pods()["web"])

    assert ast.literal_eval(command) == list_our_services()["web"]["command"] == web["command"]
    assert [each for each in web["command"] if "bind" in each] == [f"--bind=0.0.0.0:{SITE_PORTS[0]}"]
    assert "--health-host=0.0.0.0" in web["command"]
    assert str(deployment.defaults()["HEALTH_PORT"]) == SITE_PORTS[1]
    assert re.findall(r"^EXPOSE (.+)$", dockerfile(), re.MULTILINE) == [" ".join(SITE_PORTS)]
    assert [str(port["containerPort"]) for port in web["ports"]] == SITE_PORTS
    assert list_our_services()["web"]["ports"] == [f"127.0.0.1:{port}:{port}" for port in SITE_PORTS]


def test_kubernetes_gives_each_process_the_command_of_compose():
    for name, pod in pods().items():
        assert container(pod)["command"] == list_our_services()[name]["command"]


def test_kubernetes_runs_the_server_for_assistants_as_compose_does():
    found = {each["kind"]: each["spec"] for each in deployment.manifests(deployment.ASSISTANTS)}
    pod = found["Deployment"]["template"]["spec"]
    environment = {each["name"]: each["value"] for each in container(pod)["env"]}
    probe = {"path": "/health", "port": "http"}

    assert container(pod)["command"] == list_our_services()["mcp"]["command"]
    assert set(environment) == {"SERVICE_NAME", "API_BASE_URL", "MCP_ALLOWED_HOSTS", "FORWARDED_ALLOW_IPS"}
    assert environment["SERVICE_NAME"] == "mcp"
    assert [container(pod)[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")] == [probe] * 3
    (port,), (published,) = container(pod)["ports"], found["Service"]["ports"]
    assert (port["containerPort"], published["port"]) == (8012, 8012)


def test_only_the_site_its_live_status_flower_and_the_server_for_assistants_are_published_and_on_loopback():
    services = deployment.compose()["services"]
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}

    assert set(published) == {"web", "live", "flower", "mcp"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_the_server_for_assistants_has_no_store_and_no_secret():
    service = list_our_services()["mcp"]

    assert service["networks"] == ["site"]
    assert service["secrets"] == []
    assert set(service["environment"]) == {"SERVICE_NAME", "FORWARDED_ALLOW_IPS"}


# Guards


@pytest.mark.parametrize("name", deployment.compose()["services"])
def test_every_service_is_bounded_and_has_no_privileges(name):
    service = deployment.compose()["services"][name]

    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "3"}
    assert set(service["deploy"]["resources"]["limits"]) == {"memory", "cpus"}
    assert "healthcheck" in service
    assert re.search(r":\d+\.\d+(\.\d+)?", service["image"])


@pytest.mark.parametrize("name", list_our_services())
def test_every_process_of_ours_is_an_ordinary_user_on_a_read_only_root(name):
    service = list_our_services()[name]

    assert service["user"] == "1000:1000"
    assert service["read_only"]
    assert not service.get("cap_add")
    assert service["depends_on"]


def test_the_schema_waits_for_every_store_and_everything_for_the_schema():
    waits = {name: condition["condition"] for name, condition in list_our_services()["schema"]["depends_on"].items()}

    assert waits == dict.fromkeys(stores(), "service_healthy")
    for name, service in list_our_services().items():
        if name != "schema":
            assert service["depends_on"] == {"schema": {"condition": "service_completed_successfully"}}


def test_stores_are_on_a_network_of_their_own():
    assert deployment.compose()["networks"]["stores"] == {"internal": True}
    assert all(service["networks"] == ["stores"] for service in stores().values())


def test_the_site_believes_the_gateway_of_its_network():
    (pool,) = deployment.compose()["networks"]["site"]["ipam"]["config"]

    assert pool["subnet"] in deployment.defaults()["FORWARDED_ALLOW_IPS"]
    assert all("site" in service["networks"] for name, service in list_our_services().items() if "ports" in service)


def test_results_are_never_evicted_and_the_cache_may_be():
    text = {name: service["entrypoint"][-1] for name, service in stores().items() if name.startswith("redis")}

    assert "noeviction" in text["redis-results"]
    assert "appendonly yes" in text["redis-results"]
    assert "allkeys-lru" in text["redis-cache"]


def test_the_neo4j_of_compose_is_the_one_that_the_tests_run_on():
    version = re.search(r'^VERSION = "(.+)"', (ROOT / "apps" / "stack" / "jars.py").read_text(), re.MULTILINE)

    assert version
    assert stores()["neo4j"]["image"] == f"neo4j:{version[1]}-community"
    assert services(ours=False)["neo4j-import"]["image"] == stores()["neo4j"]["image"]


def test_the_image_holds_what_the_processes_run():
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    folders = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()} - {"tests", "bench"}

    assert folders <= kept
    assert {"manage.py", "requirements/prod.txt", "sample", "scripts", "static", "templates"} <= kept
    # gunicorn and Flower read them from the folder that they start in.
    assert {path.name for path in ROOT.glob("*conf*.py")} == {"gunicorn.conf.py", "flowerconfig.py"}
    assert {"gunicorn.conf.py", "flowerconfig.py"} <= kept
    assert not {".env", "secrets", ".stack", ".git"} & kept
