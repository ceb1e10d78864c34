"""What Prometheus is given: its own program reads it, and it asks for what the site has."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from apps.dashboard import health, metrics
from tests.deployment import ROOT
from tests.loading import add_chunks, start
from tests.records import artist

FOLDER = ROOT / "deploy" / "prometheus"
TESTS = ROOT / "tests" / "alerts.yml"
PROMTOOL = shutil.which("promtool")
WITH_PROMTOOL = pytest.mark.skipif(not PROMTOOL, reason="there is no promtool; .ci/run installs it")


def rules():
    (group,) = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    return group["rules"]


def promtool(*arguments, folder=ROOT):
    done = subprocess.run([str(PROMTOOL), *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@WITH_PROMTOOL
def test_prometheus_takes_its_configuration_and_the_rules(tmp_path):
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    (tmp_path / "metrics_token").write_text("of-the-scraper")

    promtool("check", "config", "prometheus.yml", folder=tmp_path)


@WITH_PROMTOOL
def test_each_alert_fires_where_it_should_and_only_there():
    promtool("test", "rules", str(TESTS))


def test_each_alert_is_tested_both_ways():
    cases = [case for test in yaml.safe_load(TESTS.read_text())["tests"] for case in test["alert_rule_test"]]
    alerts = {rule["alert"] for rule in rules()}

    assert {case["alertname"] for case in cases if "exp_alerts" in case} == alerts
    assert {case["alertname"] for case in cases if "exp_alerts" not in case} == alerts


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("spooled")
def test_alerts_are_about_metrics_and_labels_that_there_are(client, monkeypatch):
    monkeypatch.setattr(health, "TIMEOUT_SECONDS", 30)
    metrics.collector.forget()
    add_chunks(start("artists"), "artists", [[artist(1)]])
    client.get("/health/live")
    text = client.get("/metrics").content.decode()
    there = {each.name: set(each.labels) for family in text_string_to_metric_families(text) for each in family.samples}
    # Prometheus' own, and the labels that it adds.
    there["up"] = set()
    added = {"job", "instance"}

    for rule in rules():
        for name, selectors in re.findall(r"\b(up|linernotes_\w+|django_\w+)(?:\{([^}]*)\})?", rule["expr"]):
            assert name in there, rule["alert"]
            assert set(re.findall(r"(\w+)=", selectors)) <= there[name] | added, rule["alert"]


def test_the_jobs_ask_where_compose_publishes():
    jobs = {job["job_name"]: job for job in yaml.safe_load((FOLDER / "prometheus.yml").read_text())["scrape_configs"]}
    targets = {name: job["static_configs"][0]["targets"] for name, job in jobs.items()}

    assert targets == {"linernotes": ["127.0.0.1:8005"], "linernotes-flower": ["127.0.0.1:5555"]}
    assert jobs["linernotes-flower"]["metrics_path"] == "/flower/metrics"
    assert Path(jobs["linernotes"]["authorization"]["credentials_file"]).name == "metrics_token"
