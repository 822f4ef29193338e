"""A secret that somebody types, sets or writes where it is wrong is in nothing that the command says about it."""

from pathlib import Path

import pytest

from ohmstead.cli.main import execute
from ohmstead.cli.run.options import RunOptions

SECRET = "MARKEDsecret-1234"
URLS = (
    f"wss://user:{SECRET}@csms.example/ocpp",
    f"wss://user:p@{SECRET}@csms.example/ocpp",
    f"ws://user:{SECRET}@csms.example/ocpp",
    f"wss://user:{SECRET}@[csms.example/ocpp",
    f"wss://user:{SECRET}@csms.example:99999/ocpp",
    f"wss://user:{SECRET}@/ocpp",
    f"wss://user:{SECRET}@csms.example/o cpp",
    f"wss://csms.example/ocpp?sig={SECRET}#x",
    f"wss://user:{SECRET}@csms\uff0fexample/ocpp",
    f"wss:/user:{SECRET}@csms.example/ocpp",
    f"http://user:{SECRET}@csms.example/ocpp",
)


def commands(folder: Path) -> list[list[str]]:
    """Return command lines that are wrong, with the secret in every option and file that can hold one."""
    files = {
        "password": f"{SECRET}\n{SECRET}\n",
        "short": SECRET[:15] + "\n",
        "control": f"{SECRET}\x1b\n",
        "lab.toml": f'password = "{SECRET}"\n[csms]\npassword = "{SECRET}"\n',
        "broken.toml": f'password = "{SECRET}\n',
        "product.toml": f'name = "x"\n[variables]\n"SecurityCtrlr.BasicAuthPassword" = "{SECRET}"\n',
        "key.pem": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    at = {name: str(folder / name) for name in files}
    data = folder / "data"
    data.mkdir()
    (data / "csms.toml").write_text(f'[[stations]]\nidentity = "OHM-0001"\npassword = "{SECRET}\n', "utf-8")
    url = ["run", "--csms", "ws://127.0.0.1:1/ocpp", "--security-profile", "1", "--data", str(folder / "other")]
    return [
        *(["run", "--csms", one] for one in URLS),
        *(["run", "--csms", one, "--security-profile", "1"] for one in URLS),
        *([*url, "--password-file", at[name]] for name in ("password", "short", "control")),
        ["run", "--data", str(data)],
        ["run", "--token", SECRET, "--host", "nowhere.invalid"],
        ["run", "--token", SECRET, "--port", "x"],
        ["run", "--token", SECRET, "--identity", "no identity"],
        ["run", "--token", SECRET, "--product", "nothing"],
        ["run", "--product", at["product.toml"]],
        ["run", "--csms", "wss://h/", "--csms-root", at["key.pem"]],
        ["run", "--csms", "wss://h/", "--csms-root", at["key.pem"], "--client-key", at["key.pem"]],
        ["product", "show", at["product.toml"]],
        ["product", "import", at["key.pem"]],
        ["lab", "run", "G_01", "--config", at["lab.toml"]],
        ["lab", "run", "G_01", "--config", at["broken.toml"]],
        ["certify", "--bench", "external", "--password-file", at["control"], "--out", str(folder / "out")],
        *(["certify", "--bench", "external", "--hand", one, "--out", str(folder / "out")] for one in URLS),
        ["firmware", "sign", at["key.pem"], "--keys", str(folder)],
    ]


@pytest.mark.parametrize("named", [(), ("OHMSTEAD_TOKEN",)], ids=["typed", "in the environment"])
def test_no_command_repeats_a_secret(
    named: tuple[str, ...], tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in named:
        monkeypatch.setenv(name, SECRET)
    leaks = {}
    for command in commands(tmp_path):
        code = execute(command)
        said = "".join(capfd.readouterr())
        assert code != 0, command
        assert said, command
        if SECRET[:12] in said:
            leaks[" ".join(command)] = said
    assert leaks == {}


def test_options_do_not_show_their_token() -> None:
    assert SECRET not in repr(RunOptions(product="x", identity="y", token=SECRET))
