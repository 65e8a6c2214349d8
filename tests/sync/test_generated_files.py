"""
Sync tests: the files under ``model`` are what the descriptions give, byte for byte.

They fail when somebody edits a generated file, or changes a description without generating again. ``inv generate`` repairs
both; ``inv check`` shows the difference.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from inmanta_embedded import patience
from service_generator.emit.module import emit, emit_model
from service_generator.ownership import Owner
from service_generator.read.descriptions import read_module
from service_generator.writer import apply, plan_module, plan_output

ROOT = Path(__file__).resolve().parents[2]
OWNER = Owner("integration_example", "generator/services")
DESCRIPTIONS = [
    "generator.services",
    "tests.generator.kitchen_sink.services",
    "tests.generator.showroom.services",
]


@pytest.mark.parametrize("descriptions", DESCRIPTIONS)
def test_the_generated_files_are_what_the_descriptions_give(descriptions: str) -> None:
    module = read_module(descriptions)

    changes = plan_module(module.root, emit(module), Owner(module.name, module.source))

    assert changes.in_sync, f"Run `inv generate`.\n{changes.diff()}"


def test_everything_under_model_is_generated() -> None:
    files = emit_model(read_module("generator.services"))

    present = {path.relative_to(ROOT / "model") for path in (ROOT / "model").rglob("*") if path.is_file()}

    assert present == set(files)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Generated files to tamper with."""
    apply(plan_output(tmp_path, emit_model(read_module("generator.services")), OWNER))
    return tmp_path


def edit(folder: Path) -> None:
    """Change a generated file."""
    path = folder / "services" / "basic" / "_init.cf"
    path.write_text(path.read_text().replace("rw+", "rw"))


def delete(folder: Path) -> None:
    """Delete a generated file."""
    (folder / "services" / "basic" / "lsm" / "_init.cf").unlink()


def add(folder: Path) -> None:
    """Leave the file of a service that is not described any more."""
    (folder / "services" / "old.cf").write_text((folder / "services" / "_init.cf").read_text())


def strip(folder: Path) -> None:
    """Change nothing but the bytes at the end."""
    path = folder / "_init.cf"
    path.write_bytes(path.read_bytes().rstrip())


@pytest.mark.parametrize("tamper", [edit, delete, add, strip])
def test_every_way_of_getting_out_of_sync_is_caught_and_repaired(copy: Path, tamper: Callable[[Path], None]) -> None:
    files = emit_model(read_module("generator.services"))
    tamper(copy)

    found = plan_output(copy, files, OWNER)
    shown = found.diff()
    apply(found)

    assert not found.in_sync
    assert shown
    assert plan_output(copy, files, OWNER).in_sync


def test_the_output_does_not_depend_on_the_order_of_hashes(tmp_path: Path) -> None:
    # Hashes of this process are of a seed of its own.
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    command = [sys.executable, "-m", "generator", "generate", "--output", str(tmp_path)]

    subprocess.run(
        command,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        timeout=patience.patient(),
    )

    assert plan_output(tmp_path, emit_model(read_module("generator.services")), OWNER).in_sync
