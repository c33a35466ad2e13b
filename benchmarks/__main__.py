"""python -m benchmarks [NAME …] [--json FILE] [--markdown]: measure, print a table, write it down.

A benchmark is a module of this package with `NAMES`, the results it gives, and
`run(wanted)`, which yields those of them that are wanted, each as soon as it is measured.
A name is that of a result, of a module, or of a folder, which stands for all its modules.
"""

import argparse
import importlib
import pkgutil
import sys
import time
import traceback
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from inspect import signature
from pathlib import Path

import benchmarks
from benchmarks import report
from benchmarks.result import Result, header, row, write_json
from core.errors import DigitLabError

Run = Callable[..., Iterable[Result]]


@dataclass(frozen=True)
class Group:
    """One benchmark module: its name, its results' names, the function that measures, its folder."""

    name: str
    result_names: tuple[str, ...]
    run: Run
    folder: str = ""

    def measure(self, wanted: Collection[str]) -> Iterable[Result]:
        """Yield the wanted results; a group that cannot choose measures all it has."""
        found = self.run(wanted) if signature(self.run).parameters else self.run()
        return (result for result in found if result.name in wanted or result.name not in self.result_names)


def find_groups() -> dict[str, Group]:
    """Return every module of this package and its folders that has a `run`, by its own name."""
    groups = {}
    for module_info in pkgutil.walk_packages(benchmarks.__path__, f"{benchmarks.__name__}."):
        _, *folders, name = module_info.name.split(".")
        if name == "__main__" or module_info.ispkg:
            continue
        folder = ".".join(folders)
        try:
            module = importlib.import_module(module_info.name)
        except Exception as error:  # it fails by name when its turn comes; the others still run
            groups[name] = Group(name, (), _cannot_start(error), folder)
            continue
        run = getattr(module, "run", None)
        if callable(run):
            groups[name] = Group(name, tuple(getattr(module, "NAMES", ())), run, folder)
    return groups


def _cannot_start(error: Exception) -> Run:
    def run() -> Iterable[Result]:
        raise error

    return run


def choose(groups: dict[str, Group], asked: list[str]) -> list[tuple[Group, set[str]]]:
    """Return each group to run with the result names wanted of it; all where nothing is asked.

    Raises
    ------
    ValueError
        If a name is neither a folder, a group nor a result; the sentence lists those that are.
    """
    folders = sorted({group.folder for group in groups.values() if group.folder})
    known = [*folders, *groups, *(name for group in groups.values() for name in group.result_names)]
    for name in asked:
        if name not in known:
            raise ValueError(f"There is no benchmark “{name}”. Known are: {', '.join(known)}.")
    chosen = []
    for group in groups.values():
        whole = not asked or group.name in asked or group.folder in asked
        wanted = set(group.result_names) if whole else set(group.result_names) & set(asked)
        if whole or wanted:
            chosen.append((group, wanted))
    return chosen


def measure_all(chosen: list[tuple[Group, set[str]]], results: dict[str, list[Result]]) -> list[str]:
    """Measure and print, group by group; add to `results` by group; return the groups that failed."""
    failed = []
    print(header(), flush=True)
    for group, wanted in chosen:
        began = time.monotonic()
        try:
            for result in group.measure(wanted):
                results.setdefault(group.name, []).append(result)
                print(row(result), flush=True)
        except DigitLabError as error:
            failed.append(group.name)
            print(f"{group.name}: {error}", file=sys.stderr)
        except Exception:
            failed.append(group.name)
            print(f"{group.name} failed:\n{traceback.format_exc()}", file=sys.stderr)
        print(f"  ({group.name}: {time.monotonic() - began:.0f} s)", flush=True)
    return failed


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code, 1 if any benchmark failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Speed, memory and accuracy.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="a folder, a module or a result; all if none is given"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results to this file")
    parser.add_argument(
        "--markdown", action="store_true", help="also write whole groups into docs/measurements.md"
    )
    options = parser.parse_args(arguments)
    if options.json and not options.json.absolute().parent.is_dir():
        parser.error(f"--json {options.json}: there is no folder {options.json.absolute().parent}.")
    try:
        chosen = choose(find_groups(), options.names)
    except ValueError as error:
        parser.error(str(error))
    results: dict[str, list[Result]] = {}
    try:
        failed = measure_all(chosen, results)
    finally:
        # What was measured before Ctrl+C is kept.
        if options.json:
            write_json((result for group in results.values() for result in group), options.json)
    if options.markdown:
        report.record({name: found for name, found in results.items() if name not in failed})
    if failed:
        print(f"Failed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
