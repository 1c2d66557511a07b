"""packaging/contracts.py takes from one wheel, whose hash is locked, the named files and nothing else."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "packaging" / "contracts.py"


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("packaging_contracts", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


contracts = loaded()
FACTORY = contracts.FACTORY_NAME


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "some-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in contracts.ARTIFACTS:
            archive.writestr(f"eth_defi/abi/{name}.json", json.dumps({"abi": [name], "bytecode": "0x60"}))
        archive.writestr("eth_defi/abi/other/Thing.json", "{}")
        archive.writestr(contracts.FACTORY_SOURCE, f'OTHER = 1\n{FACTORY} = """\n0xab\ncd{"0" * 64}"""\n')
        archive.writestr("some-1.0.dist-info/licenses/LICENSE.txt", "MIT")
    lock = tmp_path / "contracts.lock"
    lock.write_text(f"some==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n")
    monkeypatch.setattr(contracts, "LOCK", lock)
    monkeypatch.setattr(contracts, "prepare", lambda _: None)
    return path


def test_only_the_named_files_are_taken_with_their_licences(wheel: Path, tmp_path: Path) -> None:
    into = tmp_path / "taken"

    assert contracts.main(["--wheel", str(wheel), "--into", str(into)]) == 0

    files = {str(each.relative_to(into).as_posix()) for each in into.rglob("*") if each.is_file()}
    artifacts = {f"{name}.json" for name in (*contracts.ARTIFACTS, contracts.MAINNET_FACTORY)}
    assert files == artifacts | {"NOTICE", "PACKAGE-LICENSE.txt", "taken.json"}
    assert json.loads((into / "sushi/UniswapV2FactoryMainnet.json").read_text())["bytecode"] == "0xabcd"
    assert all(name in (into / "NOTICE").read_text() for name in contracts.ARTIFACTS)


def test_what_is_taken_is_not_taken_again_until_something_else_is_wanted(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    into = tmp_path / "taken"
    contracts.main(["--wheel", str(wheel), "--into", str(into)])
    wheel.unlink()

    assert contracts.main(["--into", str(into)]) == 0
    contracts.LOCK.write_text("some==2.0\n")
    monkeypatch.setattr(contracts, "download", lambda _: None)
    assert contracts.main(["--into", str(into)]) == 1
    assert (into / "taken.json").exists()


def test_another_wheel_than_the_locked_one_is_refused(
    wheel: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel.write_bytes(wheel.read_bytes() + b" ")

    assert contracts.main(["--wheel", str(wheel), "--into", str(tmp_path / "taken")]) == 1

    assert "is not the wheel of contracts.lock" in capsys.readouterr().err
    assert not (tmp_path / "taken").exists()
