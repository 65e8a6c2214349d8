"""What the README of the generator promises is there."""

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from service_generator.emit.module import emit_model
from service_generator.read.descriptions import read_module

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "generator" / "README.md").read_text(encoding="utf-8")
ROWS = [line.strip("| ").split(" | ") for line in README.splitlines() if re.match(r"\| \d+ \|", line)]


def test_all_abilities_have_a_row_with_an_example() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 20))
    for row in ROWS:
        named = re.findall(r"(showroom|kitchen sink) ((?:`\w+`(?:, )?)+)", row[-1])
        files = [(module, name) for module, names in named for name in re.findall(r"`(\w+)`", names)]
        assert files or row[-1] == "all", row
        for module, name in files:
            assert (ROOT / "tests" / "generator" / module.replace(" ", "_") / "services" / f"{name}.py").is_file(), row


@pytest.fixture
def descriptions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package with the descriptions of this module, and the one in the README."""
    found = re.search(r'```python\n("""Notes: .*?)```', README, re.DOTALL)
    assert found is not None
    package = tmp_path / "described_in_readme" / "services"
    shutil.copytree(ROOT / "generator" / "services", package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "note.py").write_text(found[1], encoding="utf-8")
    (package.parent / "__init__.py").touch()
    for path in package.glob("*.py"):
        path.write_text(path.read_text(encoding="utf-8").replace("from generator.", "from described_in_readme."))
    copied = tmp_path / "inmanta_plugins"
    shutil.copytree(ROOT / "inmanta_plugins", copied, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.syspath_prepend(tmp_path)
    yield "described_in_readme.services"
    # Whatever comes next in this process finds the module where it is, not its copy.
    for name, imported in list(sys.modules.items()):
        if name.startswith("described_in_readme") or (getattr(imported, "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]


def test_the_description_in_the_readme_is_complete(descriptions: str) -> None:
    files = emit_model(read_module(descriptions))

    assert 'service_entity_name="Note"' in files[Path("services/note/lsm/_init.cf")]
    assert "fs::File(" in files[Path("services/note/_init.cf")]
