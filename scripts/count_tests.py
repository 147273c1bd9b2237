"""Counts the tests and assertions there are, each once however often it runs.

A test is a function ``test_…`` of Python, or a ``test(…)`` of JavaScript; a step of a
tour that waits for something on the page is an assertion, as is ``expect(…)``,
``assert …`` and ``self.assert…(…)``.
"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def count_python(path):
    tests = assertions = 0
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            tests += 1
        elif isinstance(node, ast.Assert):
            assertions += 1
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            assertions += name.startswith(("assert", "raises", "must"))
    return tests, assertions


def count_javascript(path):
    text = path.read_text(encoding="utf-8")
    tests = len(re.findall(r"^\s*test(?:\.\w+)*\(", text, re.M))
    asserted = r"\bexpect(?:\.\w+)*\(|^\s*trigger:"
    return tests, len(re.findall(asserted, text, re.M))


def main():
    python = sorted({*ROOT.glob("*/tests/**/*.py"), *ROOT.glob("tests/**/*.py")})
    javascript = sorted(ROOT.glob("*/static/tests/**/*.js"))
    counts = [*map(count_python, python), *map(count_javascript, javascript)]
    tests, assertions = (sum(numbers) for numbers in zip(*counts, strict=True))
    print(f"{tests} tests with {assertions} assertions in {len(counts)} files")


if __name__ == "__main__":
    main()
