"""Finding code by its name: ``package.module:Class`` in full, or a bare word that is a file's name in a package."""

import difflib
import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from livermore.errors import LivermoreError


def load(reference: str) -> Any:
    """Import ``package.module:Name`` and give what the name stands for.

    Raises:
        LivermoreError: the reference is malformed, or there is no such module or name.
    """
    module_name, colon, name = reference.partition(":")
    if not (module_name and colon and name):
        raise LivermoreError(f"expected package.module:Class, found {reference!r}")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise LivermoreError(f"{reference} cannot be imported: {error}") from error
    if not hasattr(module, name):
        raise LivermoreError(f"{module_name} has no {name}" + did_you_mean(name, dir(module)))
    return getattr(module, name)


def find(package: str, word: str) -> ModuleType:
    """Import the module named ``word`` in ``package``.

    Raises:
        LivermoreError: there is no such file; the text lists those there are.
    """
    known = names(package)
    if word not in known:
        raise LivermoreError(f"expected one of {', '.join(known)}; found {word!r}" + did_you_mean(word, known))
    return importlib.import_module(f"{package}.{word}")


def make(package: str, entry: Mapping[str, Any]) -> Any:
    """The object that ``{word: {options}}`` stands for: the class in the word's file, made with its ``Options``.

    The class is named as the file, in CamelCase: ``level_cross.py`` has ``LevelCross``.

    Raises:
        LivermoreError: there is no such file, or it has no such class; the text lists those that have.
    """
    ((word, options),) = entry.items()
    known = [name for name in names(package) if _makes(f"{package}.{name}")]
    if word not in known:
        raise LivermoreError(f"expected one of {', '.join(known)}; found {word!r}" + did_you_mean(word, known))
    module = find(package, word)
    return getattr(module, _camel_case(word))(module.Options.model_validate({} if options is None else options))


def _makes(module_name: str) -> bool:
    module = importlib.import_module(module_name)
    return hasattr(module, "Options") and hasattr(module, _camel_case(module_name.rpartition(".")[2]))


def _camel_case(word: str) -> str:
    return "".join(map(str.capitalize, word.split("_")))


def names(package: str) -> list[str]:
    """The bare words that ``find`` takes for a package, sorted. Nothing in the package's modules is imported."""
    spec = importlib.util.find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    return sorted(module.name for module in pkgutil.iter_modules(folders) if not module.name.startswith("_"))


def did_you_mean(word: str, known: list[str]) -> str:
    """A ready half sentence with the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
