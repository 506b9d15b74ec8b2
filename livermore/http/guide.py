"""The guide: a page whose programs stand in files of their own, which tests run."""

import html
import re

from livermore.http.files import OURS, folder

PAGE = "guide.html"
PROGRAM = re.compile(r"<!-- (guide-[a-z-]+\.(?:mjs|py|sh)) -->")
LANGUAGES = {"mjs": "JavaScript", "py": "Python", "sh": "curl"}


def guide() -> bytes:
    """The page, with every program in its place."""
    text = (folder(OURS, "static") / PAGE).read_text(encoding="utf-8")
    return PROGRAM.sub(lambda found: _program(found[1]), text).encode()


def _program(name: str) -> str:
    """A program as it is shown, with a link to its file."""
    ending = name.rpartition(".")[2]
    text = (folder(OURS, "static") / name).read_text(encoding="utf-8").strip()
    return (
        f'<figure class="{ending}"><figcaption>{LANGUAGES[ending]} <a href="{name}">{name}</a></figcaption>'
        f'<pre tabindex="0"><code>{html.escape(text)}</code></pre></figure>'
    )
