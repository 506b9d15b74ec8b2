"""Check a tree file: one mode with its variables, or all modes without theirs."""

import argparse

from livermore.commands.common import Asked, Variables, complain, say
from livermore.errors import ConfigurationError, Problem
from livermore.tree_file import TreeFile


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    parser.add_argument("file", metavar="FILE", nargs="?", help="else the one that would run")


def do(asked: Asked, variables: Variables) -> int:
    """Tell every fault, or that there is none; warnings too."""
    file = TreeFile.find(asked.file or asked.tree, variables)
    problems: dict[str, Problem] = {}
    warnings: dict[str, Problem] = {}
    for mode in [asked.mode.lower()] if asked.mode else file.modes():
        try:
            tree = file.tree(mode, variables, need_variables=bool(asked.mode))
            warnings |= {str(warning): warning for warning in tree.warnings}
        except ConfigurationError as error:
            problems |= {str(problem): problem for problem in error.problems}
    if problems:
        raise ConfigurationError(problems.values())
    for warning in warnings:
        complain(f"warning: {warning}")
    say(f"{file.path} is sound")
    return 0
