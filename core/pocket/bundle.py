"""Modules of JavaScript joined into one script, for a page that can fetch none.

Not for any module there is: for those of Digit Lab, which import by name from the same folder and export
where they declare. What this does not know it refuses.
"""

import re
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w.]+)";$', re.MULTILINE)
_PASSED_ON = re.compile(r'^export \{([^}]*)\} from "\./([\w.]+)";$', re.MULTILINE)
_DECLARED = re.compile(r"^export ((?:async )?function|class|const) (\w+)", re.MULTILINE)
_LEFT_OVER = re.compile(r"^(?:import|export)\b.*|\bimport\(.*|\bimport\.meta.*", re.MULTILINE)


def bundle(modules: Mapping[str, str], first: str) -> str:
    """Return a script whose value is an object of what the module `first` exports.

    Each module becomes a function of its own, called once, before those that import from it; so names of
    one are nothing to another.

    Parameters
    ----------
    modules
        Text by file name; what `first` does not need is left out.

    Raises
    ------
    ValueError
        If a module is missing, two need each other, or one imports or exports in another way.
    """
    needs: dict[str, set[str]] = {}
    wanted = [first]
    while wanted:
        name = wanted.pop()
        if name in needs:
            continue
        if name not in modules:
            raise ValueError(f"There is no module {name}.")
        text = modules[name]
        needs[name] = {match[2] for form in (_IMPORT, _PASSED_ON) for match in form.finditer(text)}
        wanted += sorted(needs[name])
    try:
        order = list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        raise ValueError(f"These modules need each other: {error.args[1]}.") from error
    parts = [_as_function(name, modules[name]) for name in order]
    return f'(() => {{\nconst modules = {{}};\n{"".join(parts)}return modules["{first}"];\n}})()'


def _as_function(name: str, text: str) -> str:
    exported = [match[2] for match in _DECLARED.finditer(text)]
    fetched = []
    for match in _PASSED_ON.finditer(text):
        fetched.append(f'const {{ {_renamed(match[1])} }} = modules["{match[2]}"];')
        exported += [each.split(" as ")[-1].strip() for each in match[1].split(",") if each.strip()]
    text = _PASSED_ON.sub("", text)
    text = _IMPORT.sub(lambda match: f'const {{ {_renamed(match[1])} }} = modules["{match[2]}"];', text)
    text = _DECLARED.sub(r"\1 \2", text)
    if left := _LEFT_OVER.search(text):
        raise ValueError(f"{name} has “{left[0]}”, which cannot be joined to other modules.")
    body = "\n".join([*fetched, text])
    return f'modules["{name}"] = (() => {{\n{body}\nreturn {{ {", ".join(exported)} }};\n}})();\n'


def _renamed(names: str) -> str:
    """Return `a, b as c` as it stands where an object is taken apart: `a, b: c`."""
    return ", ".join(each.strip().replace(" as ", ": ") for each in names.split(",") if each.strip())
