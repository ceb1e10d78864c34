"""Signs of life for the health check of a container."""

from pathlib import Path

from pytest_django import Settings

from config.worker import liveness


def test_the_file_is_touched(settings: Settings, tmp_path: Path) -> None:
    settings.LIVENESS_FILE = str(tmp_path / "alive")

    liveness.touch()

    assert (tmp_path / "alive").exists()


def test_without_a_file_nothing_is_touched(settings: Settings, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings.LIVENESS_FILE = ""

    liveness.touch()

    assert list(tmp_path.iterdir()) == []
