"""The package of the server for assistants: small, and without the site."""

import email
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CLIENT = Path(__file__).resolve().parents[1] / "clients" / "mcp"
MOST_BYTES = 200 * 1024
# Lists the tools with nothing but the wheel, and says what of the site was imported.
LIST = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from linernotes_mcp.server import make_server
from linernotes_mcp.settings import read_settings
tools = asyncio.run(make_server(read_settings({})).list_tools())
print(len(tools), all(tool.output_schema for tool in tools), sys.argv[1] in sys.modules["linernotes_mcp"].__file__)
print(sorted({"django", "celery", "neomodel", "psycopg", "apps"} & set(sys.modules)))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-c",
        "import sys, flit_core.buildapi as b; print(b.build_wheel(sys.argv[1]))",
        str(folder),
    ]
    built = subprocess.run(command, cwd=CLIENT, capture_output=True, text=True, check=True)
    return folder / built.stdout.strip()


def test_the_wheel_is_small_and_holds_the_package_alone(wheel):
    with zipfile.ZipFile(wheel) as opened:
        folders = {name.partition("/")[0].removesuffix(".dist-info") for name in opened.namelist()}
        names = set(opened.namelist())

    assert wheel.stat().st_size <= MOST_BYTES
    assert folders == {"linernotes_mcp", wheel.name.removesuffix("-py3-none-any.whl")}
    assert "linernotes_mcp/schemas.json" in names


def test_it_needs_two_packages_and_has_a_command(wheel):
    with zipfile.ZipFile(wheel) as opened:
        info = next(name.partition("/")[0] for name in opened.namelist() if ".dist-info/" in name)
        metadata = email.message_from_bytes(opened.read(f"{info}/METADATA"))
        commands = opened.read(f"{info}/entry_points.txt").decode()

    needed = metadata.get_all("Requires-Dist")
    assert sorted(each.partition(">")[0].strip() for each in needed) == ["httpx", "mcp"]
    assert "linernotes-mcp=linernotes_mcp.__main__:main" in commands


def test_it_works_without_the_site(wheel, tmp_path):
    command = [sys.executable, "-c", LIST, str(wheel)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == ["23 True True", "[]"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_BASE_URL", "music.example"),
        ("API_BASE_URL", "file:///etc"),
        ("API_TOKEN_FILE", "/nowhere/token"),
        ("MCP_REQUESTS_PER_MINUTE", "0"),
        ("MCP_REQUESTS_PER_MINUTE", "many"),
    ],
)
def test_a_setting_that_makes_no_sense_is_said_in_one_line(name, value):
    done = subprocess.run(
        [sys.executable, "-m", "linernotes_mcp"],
        cwd=CLIENT,
        env={name: value, "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )

    assert done.returncode == 2
    assert name in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
