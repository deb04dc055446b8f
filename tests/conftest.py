"""What all tests share: they run against the installed package."""

from pathlib import Path

import metapool

REPOSITORY = Path(__file__).resolve().parent.parent


def pytest_configure() -> None:
    if Path(metapool.__file__).resolve().is_relative_to(REPOSITORY / "python"):
        raise RuntimeError(f"tests need the installed wheel, not the sources: {metapool.__file__}")
