"""The house's rules that no linter of the shelf knows. Each takes code and gives findings; none is well."""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import Module

MODULE_LINES = 300
FUNCTION_LINES = 40
FOLDER_MODULES = 15

SHAPELESS = {"util", "utils", "helper", "helpers", "common", "base", "manager", "managers", "misc"}

PURE_GUESTS = {"engine", "pydantic", "yaml"}
IMPURE_SHELF = {
    "asyncio", "concurrent", "http", "multiprocessing", "random", "secrets", "select", "signal", "socket", "sqlite3",
    "ssl", "subprocess", "threading", "time",
}  # fmt: skip
VERB = re.compile(r"leads?_(in)?to")
IMPURE_CALLS = {"now", "utcnow", "today", "uuid1", "uuid4", "urandom", "getenv"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def long_modules(module: Module) -> Iterator[str]:
    """A module of more than 300 lines; a migration may be longer."""
    lines = len(module.text.splitlines())
    if lines > MODULE_LINES and not module.is_migration:
        yield module.at(1, f"{lines} lines, at most {MODULE_LINES}: give a part of it a module of its own")


def long_functions(module: Module) -> Iterator[str]:
    """A function of more than 40 lines, its docstring counted; a migration may be longer."""
    for node in ast.walk(module.tree):
        if isinstance(node, Function) and not module.is_migration:
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield module.at(node.lineno, f"{node.name} has {lines} lines, at most {FUNCTION_LINES}")


def crowded_folders(modules: list[Module]) -> Iterator[str]:
    """A folder of more than 15 modules."""
    counted = Counter(
        module.path.parent for module in modules if not module.path.stem.startswith("__") and not module.is_migration
    )
    for folder, count in counted.items():
        if count > FOLDER_MODULES:
            yield f"{folder}: {count} modules, at most {FOLDER_MODULES}: give some of them an inner room"


def shapeless_names(module: Module) -> Iterator[str]:
    """A module whose name says nothing about what is in it."""
    if shapeless := SHAPELESS & set(words_of(module.path.stem)):
        yield module.at(1, f"a module is a noun of the glossary, not {', '.join(sorted(shapeless))}")


def hidden_imports(module: Module) -> Iterator[str]:
    """An import inside a function."""
    for outer in ast.walk(module.tree):
        if isinstance(outer, Function):
            for node in ast.walk(outer):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield module.at(node.lineno, f"{outer.name} imports; imports stand at the top")


def impurities(module: Module) -> Iterator[str]:
    """What a pure room must not touch: other packages, the clock, chance, the machine around it."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Import(names=names):
                yield from (impure_import(module, node, alias.name) for alias in names if not is_pure(alias.name))
            case ast.ImportFrom(module=str(name), level=0) if not is_pure(name):
                yield impure_import(module, node, name)
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in IMPURE_CALLS:
                yield module.at(node.lineno, f"{name}() asks the machine; take what you need as an argument")
            case ast.Attribute(attr="environ"):
                yield module.at(node.lineno, "the environment is the front door's to read")


def is_pure(package: str) -> bool:
    """Whether the engine may import it."""
    root = package.partition(".")[0]
    return root in PURE_GUESTS or (root in sys.stdlib_module_names and root not in IMPURE_SHELF)


def impure_import(module: Module, node: ast.Import | ast.ImportFrom, package: str) -> str:
    """The finding for an import the engine may not have."""
    return module.at(node.lineno, f"the engine must not import {package}")


def foreign_words(module: Module, glossary: dict[str, str]) -> Iterator[str]:
    """A name of ours with a word in it for which the glossary has another."""
    for name, line in own_names(module):
        for word in words_of(VERB.sub("", name)):
            if ours := glossary.get(word) or glossary.get(word.removesuffix("s")):
                yield module.at(line, f"{name}: say {ours}, not {word}")


def own_names(module: Module) -> Iterator[tuple[str, int]]:
    """Every name that the module gives, with its line. What others named (a library's argument) is theirs."""
    yield module.path.stem, 1
    for node in ast.walk(module.tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node.lineno
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name, node.lineno


def words_of(name: str) -> list[str]:
    """The words a name is made of: `CustomerState` and `customer_state` alike."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def read_glossary(page: Path) -> dict[str, str]:
    """For each word that names nothing of ours, the word that does."""
    rows = [line.strip("| ").split("|") for line in page.read_text().splitlines() if line.startswith("| ")]
    return {other.strip(): row[0].strip() for row in rows[1:] if len(row) == 3 for other in row[2].split(",")}
