"""The compiled core, which import-linter cannot see, has one importer."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "python" / "metapool"


def imports_core(path: Path) -> bool:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names] + [node.module or ""]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        if "metapool._core" in names:
            return True
    return False


def test_bridge_is_the_only_importer_of_the_core() -> None:
    importers = {path.name for path in PACKAGE.rglob("*.py") if imports_core(path)}
    assert importers == {"_bridge.py"}
