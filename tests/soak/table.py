"""The tables that soak runs leave."""

import platform
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "soak"


def write(name: str, title: str, about: str, header: list[str], rows: list[list[str]]) -> None:
    """Write a table as Markdown, replacing the one of the last run."""
    lines = [f"# {title}", "", about, "", f"Python {platform.python_version()}, {platform.machine()}.", ""]
    lines += ["| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *rows]]
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
