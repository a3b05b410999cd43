"""The house rules of the code: sizes, docstrings, names, imports."""

import ast
import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import grimp
import networkx as nx
import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = sorted(p for folder in ("resolve", "connectors", "flows") for p in (ROOT / folder).rglob("*.py"))
MAX_FILE_LINES = 250
MAX_FUNCTION_LINES = 40
MAX_PARAMETERS = 6
LARGE_PACKAGE = 24  # modules
CATCH_ALLS = {"utils", "util", "helpers", "helper", "common", "misc", "base", "tools", "stuff"}
TOP_LEVEL = {
    "flows", "resolve", "connectors", "tests", "docs",
    "pyproject.toml", "README.md", "Makefile", "CHANGELOG.md", "LICENSE", "constraints.txt",
}  # fmt: skip


def name_of(path: Path) -> str:
    """Return the path as the reports show it."""
    return path.relative_to(ROOT).as_posix()


def functions_of(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return every function of a module, methods included."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def size_faults(path: Path, text: str) -> list[str]:
    """Return what is over the bar in one file: its lines, and the lines and parameters of its functions."""
    faults = []
    lines = text.count("\n")
    if lines > MAX_FILE_LINES:
        faults.append(f"{path}: {lines} lines")
    for node in functions_of(ast.parse(text)):
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        parameters = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        count = len([p for p in parameters if p not in {"self", "cls"}])
        if length > MAX_FUNCTION_LINES:
            faults.append(f"{path}:{node.lineno} {node.name}: {length} lines")
        is_command = any("command" in ast.unparse(d) for d in node.decorator_list)
        if count > MAX_PARAMETERS and not is_command:  # the options of a command are fixed by the contract
            faults.append(f"{path}:{node.lineno} {node.name}: {count} parameters")
    return faults


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_files_and_functions_are_small(path: Path) -> None:
    """No file has more than 250 lines, no function more than 40 lines or 6 parameters."""
    assert size_faults(Path(name_of(path)), path.read_text("utf-8")) == []


def test_a_planted_long_file_is_found() -> None:
    """The size check itself fails on a file of 400 lines, a long function and a wide one."""
    long_file = "x = 1\n" * 400
    long_function = "def f():\n" + "    x = 1\n" * 41
    wide_function = "def f(a, b, c, d, e, f, g):\n    return a\n"
    for text in (long_file, long_function, wide_function):
        assert size_faults(Path("planted.py"), text)


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_every_module_class_and_public_function_has_a_docstring(path: Path) -> None:
    """A docstring is the contract, so it is there, and its first line is a sentence."""
    tree = ast.parse(path.read_text("utf-8"))
    nodes = [tree, *(n for n in ast.walk(tree) if isinstance(n, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef))]
    nested = {id(c) for n in functions_of(tree) for c in ast.walk(n) if c is not n}
    for node in nodes:
        label = getattr(node, "name", "module")
        if label.startswith("_") or id(node) in nested:
            continue
        doc = ast.get_docstring(node)
        assert doc, f"{name_of(path)}: {label} has no docstring"
        assert doc.splitlines()[0].rstrip().endswith((".", "?", ":")), (
            f"{name_of(path)}: {label}: {doc.splitlines()[0]}"
        )


def map_faults(doc: str, modules: list[str]) -> list[str]:
    """Return the modules that the map of a package does not name, or names twice, and names without a module."""
    named = re.findall(r"`([a-z_]+[*]?)`", doc)
    counts = {module: sum(fnmatch(module, name) for name in named) for module in modules}
    lost = [name for name in named if not any(fnmatch(module, name) for module in modules)]
    return [module for module, count in counts.items() if count != 1] + lost


@pytest.mark.parametrize("package", sorted({p.parent for p in CODE}), ids=name_of)
def test_a_large_package_has_a_map(package: Path) -> None:
    """From two dozen modules on the docstring says what each is there for, or at least with which others."""
    modules = [path.stem for path in package.glob("*.py") if path.stem != "__init__"]
    if len(modules) > LARGE_PACKAGE:
        doc = ast.get_docstring(ast.parse((package / "__init__.py").read_text("utf-8")))
        assert map_faults(doc or "", modules) == []


def test_a_planted_module_is_missed_on_the_map() -> None:
    """So is one that is named twice, and a name that is left of one that is gone."""
    doc = "The path: `contact`, `contact_*`, `gone`, `names`, `names`."
    assert map_faults(doc, ["contact", "contact_hash", "names", "new"]) == ["names", "new", "gone"]


def test_no_file_is_a_catch_all() -> None:
    """A file is named for a noun of the field."""
    assert [name_of(p) for p in CODE if p.stem in CATCH_ALLS] == []


def test_the_top_level_is_the_house_of_the_design() -> None:
    """No folder or file at the top without a decision record."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    if not listed:
        pytest.skip("not a git checkout")
    top = {line.split("/")[0] for line in listed.splitlines()}
    assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL


def test_the_import_rules_hold() -> None:
    """`lint-imports` keeps every contract of pyproject.toml."""
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_no_module_imports_itself_through_others() -> None:
    """There is no import loop; imports for types alone and imports inside functions count."""
    graph = grimp.build_graph("flows", "connectors", "resolve")
    arrows = nx.DiGraph((m, n) for m in graph.modules for n in graph.find_modules_directly_imported_by(m))
    assert [sorted(loop) for loop in nx.strongly_connected_components(arrows) if len(loop) > 1] == []


def test_a_planted_import_breaks_the_import_rules(tmp_path: Path) -> None:
    """An import of sqlalchemy in resolve is found by `lint-imports`."""
    for folder in ("resolve", "connectors", "flows"):
        for source in (ROOT / folder).rglob("*.py"):
            target = tmp_path / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    errors = tmp_path / "resolve" / "errors.py"
    errors.write_text(errors.read_text("utf-8") + "\nimport sqlalchemy\n", "utf-8")
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=tmp_path, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode != 0
    assert "sqlalchemy" in done.stdout


def test_the_code_names_no_machine_and_no_package_index() -> None:
    """Nothing in the project points at one machine or at a host of packages."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    forbidden = (
        "/" + "root/",
        "/" + "home/",
        "/" + "work/",
        "pypi" + ".org",
        "--index" + "-url",
        "files.python" + "hosted",
    )
    found = []
    for line in listed.splitlines():
        path = ROOT / line
        if path.suffix in {".py", ".md", ".toml", ".txt", ".yaml", ".yml", ""} and path.is_file():
            text = path.read_text("utf-8", errors="replace")
            found += [f"{line}: {word}" for word in forbidden if word in text]
    assert found == []
