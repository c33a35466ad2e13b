"""Modules joined into one script: what is exported and renamed, and what is refused."""

import re
from collections.abc import Mapping

import pytest

from core.pocket.bundle import bundle

WORDS = "const secret = 1;\nexport function say(name) {\n  return name + secret;\n}\nexport const LONG = 3;\n"
VIEW = (
    'import {\n  LONG as MANY,\n  say,\n} from "./words.js";\n\nconst secret = 2;\n'
    "export class View {}\nexport async function open() {\n  return say(MANY + secret);\n}\n"
)
PASSING = 'export { say as tell, LONG } from "./words.js";\n'


def test_each_module_is_a_function_after_those_it_needs() -> None:
    script = bundle({"view.js": VIEW, "words.js": WORDS, "other.js": "import('./x.js');"}, "view.js")
    assert script.index('modules["words.js"] =') < script.index('modules["view.js"] =')
    assert 'const { LONG: MANY, say } = modules["words.js"];' in script
    assert "return { View, open };" in script
    assert "return { say, LONG };" in script
    assert 'return modules["view.js"];' in script
    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)
    assert "other.js" not in script


def test_what_is_passed_on_is_exported_by_its_new_name() -> None:
    script = bundle({"reader.js": PASSING, "words.js": WORDS}, "reader.js")
    assert 'const { say: tell, LONG } = modules["words.js"];' in script
    assert "return { tell, LONG };" in script


@pytest.mark.parametrize(
    ("modules", "problem"),
    [
        ({}, "no module a.js"),
        ({"a.js": 'import { b } from "./b.js";'}, "no module b.js"),
        ({"a.js": 'import { b } from "./b.js";', "b.js": 'import { a } from "./a.js";'}, "need each other"),
        ({"a.js": 'import b from "./b.js";', "b.js": ""}, "import b from"),
        ({"a.js": 'import * as b from "./b.js";', "b.js": ""}, "cannot be joined"),
        ({"a.js": "export default 3;"}, "export default 3"),
        ({"a.js": "export let b = 3;"}, "export let b"),
        ({"a.js": 'const b = await import("./b.js");'}, "cannot be joined"),
        ({"a.js": "const b = import.meta.url;"}, "cannot be joined"),
    ],
)
def test_what_cannot_be_joined_is_refused(modules: Mapping[str, str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        bundle(modules, "a.js")
