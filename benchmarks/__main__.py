"""python -m benchmarks [NAME …] [--json FILE]: measure, print a table, write JSON.

A benchmark is a module of this package with `NAMES`, the results it gives, and
`run(wanted)`, which yields those of them that are wanted, each as soon as it is measured.
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
from benchmarks.result import Result, header, row, write_json
from core.errors import DigitLabError

Run = Callable[..., Iterable[Result]]


@dataclass(frozen=True)
class Group:
    """One benchmark module: its name, its results' names, and the function that measures."""

    name: str
    result_names: tuple[str, ...]
    run: Run

    def measure(self, wanted: Collection[str]) -> Iterable[Result]:
        """Yield the wanted results; a group that cannot choose measures all it has."""
        found = self.run(wanted) if signature(self.run).parameters else self.run()
        return (result for result in found if result.name in wanted or result.name not in self.result_names)


def find_groups() -> dict[str, Group]:
    """Return every module of this package that has a `run`, by name."""
    groups = {}
    for module_info in pkgutil.iter_modules(benchmarks.__path__):
        if module_info.name == "__main__":
            continue
        try:
            module = importlib.import_module(f"benchmarks.{module_info.name}")
        except Exception as error:  # it fails by name when its turn comes; the others still run
            groups[module_info.name] = Group(module_info.name, (), _cannot_start(error))
            continue
        run = getattr(module, "run", None)
        if callable(run):
            groups[module_info.name] = Group(module_info.name, tuple(getattr(module, "NAMES", ())), run)
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
        If a name is neither a group nor a result; the sentence lists those that are.
    """
    known = [*groups, *(name for group in groups.values() for name in group.result_names)]
    for name in asked:
        if name not in known:
            raise ValueError(f"There is no benchmark “{name}”. Known are: {', '.join(known)}.")
    chosen = []
    for group in groups.values():
        whole = not asked or group.name in asked
        wanted = set(group.result_names) if whole else set(group.result_names) & set(asked)
        if whole or wanted:
            chosen.append((group, wanted))
    return chosen


def measure_all(chosen: list[tuple[Group, set[str]]], results: list[Result]) -> list[str]:
    """Measure and print, group by group; append to `results`; return the groups that failed."""
    failed = []
    print(header(), flush=True)
    for group, wanted in chosen:
        began = time.monotonic()
        try:
            for result in group.measure(wanted):
                results.append(result)
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
    parser.add_argument("names", nargs="*", metavar="NAME", help="a group or a result; all if none is given")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results to this file")
    options = parser.parse_args(arguments)
    if options.json and not options.json.absolute().parent.is_dir():
        parser.error(f"--json {options.json}: there is no folder {options.json.absolute().parent}.")
    try:
        chosen = choose(find_groups(), options.names)
    except ValueError as error:
        parser.error(str(error))
    results: list[Result] = []
    try:
        failed = measure_all(chosen, results)
    finally:
        # What was measured before Ctrl+C is kept.
        if options.json:
            write_json(results, options.json)
    if failed:
        print(f"Failed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
