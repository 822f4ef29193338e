"""The Dockerfile builds what the project is: its Python, files and program, the port and the folder that it uses."""

import json
import re
import tomllib
from pathlib import Path

from ohmstead.cli.main import COMMANDS
from ohmstead.cli.run.page import PORT
from ohmstead.version import RECORD

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = SETTINGS["project"]
HOOKS = {hook["path"] for hook in SETTINGS["tool"]["hatch"]["build"]["hooks"].values()}


def instructions(name: str) -> list[str]:
    """Return what stands behind an instruction, once for each time that it is given; continued lines joined."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return [line.removeprefix(name).strip() for line in joined.splitlines() if line.startswith(f"{name} ")]


def command(name: str) -> list[str]:
    """Return an instruction in its exec form, behind its options."""
    (text,) = instructions(name)
    found: list[str] = json.loads(re.sub(r"^(--\S+ +)*(CMD +)?", "", text))
    return found


def test_the_base_has_the_python_that_the_project_needs_and_can_be_another() -> None:
    base = instructions("ARG")[0]
    match = re.fullmatch(r"BASE=\S+/python:3\.(\d+)-slim", base)
    assert match is not None
    assert int(match[1]) >= int(PROJECT["requires-python"].removeprefix(">=3."))
    assert {one.split()[0] for one in instructions("FROM")} == {"${BASE}"}


def test_every_file_that_the_build_needs_is_copied_and_let_through() -> None:
    copied = {name for one in instructions("COPY") if "--from" not in one for name in one.split()[:-1]}
    assert {
        "pyproject.toml",
        "requirements.lock",
        "src",
        PROJECT["readme"],
        *PROJECT["license-files"],
        *HOOKS,
    } == copied
    assert [name for name in copied if not (ROOT / name).exists()] == []
    through = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert through == copied


def test_the_commit_that_is_told_is_where_the_package_looks_for_it() -> None:
    assert "COMMIT=" in instructions("ARG")
    assert f'echo "$COMMIT" > src/ohmstead/{RECORD}' in DOCKERFILE
    assert COMPOSE.count("COMMIT: ") == COMPOSE.count("build: ")


def test_the_program_is_the_entry_point_and_no_root_runs_it() -> None:
    assert command("ENTRYPOINT")[0] in PROJECT["scripts"]
    assert command("CMD")[0] in COMMANDS
    (user,) = instructions("USER")
    assert int(user.partition(":")[0]) > 0
    assert DOCKERFILE.index("USER ") > DOCKERFILE.rindex("RUN ")


def test_one_volume_is_where_the_station_keeps_things() -> None:
    (volume,) = instructions("VOLUME")
    assert f"OHMSTEAD_DATA={volume} " in instructions("ENV")[0]


def test_the_port_is_one_everywhere() -> None:
    said = command("CMD")
    port = said[said.index("--port") + 1]
    assert int(port) == PORT
    assert instructions("EXPOSE") == [port]
    assert f"http://127.0.0.1:{port}/api/v1/health" in command("HEALTHCHECK")[-1]
    assert f"127.0.0.1:{port}:{port}" in COMPOSE


def test_the_health_check_is_python() -> None:
    compile(command("HEALTHCHECK")[-1], "HEALTHCHECK", "exec")


def test_compose_names_commands_that_there_are_and_hands_out_nothing_without_a_token() -> None:
    named = re.findall(r"command: (\[.*\])", COMPOSE)
    assert [json.loads(one)[0] for one in named] == ["fleet"]
    assert COMPOSE.count('environment: ["OHMSTEAD_TOKEN"]') == COMPOSE.count("ports: ") == 1
