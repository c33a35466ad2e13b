"""The report of benchmarks: what is measured again replaces its own rows, and the page is never edited."""

from pathlib import Path

from benchmarks import report
from benchmarks.result import Result


def test_a_benchmark_replaces_its_own_rows_and_leaves_the_others(tmp_path: Path) -> None:
    report.record({"speed": [Result("quick", 2.0, "s"), Result("slow", 8.0, "s")]}, tmp_path)
    report.record({"memory": [Result.of("app_mb", [150, 154, 158], "MB", 250)]}, tmp_path)
    report.record({"speed": [Result("quick", 1.5, "s", reference=3.0)]}, tmp_path)
    rows = [line for line in (tmp_path / report.MARKDOWN).read_text().splitlines() if line.startswith("| `")]
    shown = [[cell.strip() for cell in row.split("|")[1:6]] for row in rows]
    assert shown == [
        ["`app_mb`", "154 MB", "250", "0.62", "150 – 158"],
        ["`slow`", "8 s", "", "", ""],
        ["`quick`", "1.5 s", "3", "0.50", ""],
    ]


def test_nothing_measured_gives_a_page_that_says_how(tmp_path: Path) -> None:
    report.record({}, tmp_path)
    assert "python -m benchmarks --markdown" in (tmp_path / report.MARKDOWN).read_text()


def test_the_page_in_docs_is_what_was_recorded() -> None:
    page = (report.FOLDER / report.MARKDOWN).read_text(encoding="utf-8")
    assert page == report.render(report.read()), "edit nothing: run python -m benchmarks NAME --markdown"
    assert report.read()
    readme = (report.FOLDER.parent / report.README).read_text(encoding="utf-8")
    assert readme == report.with_expected(readme, report.read())


def test_the_readme_says_what_a_user_may_expect(tmp_path: Path) -> None:
    readme = "# A\n<!-- measured: made by python -m benchmarks --markdown -->\nold\n<!-- /measured -->\nB\n"
    (tmp_path / report.README).write_text(readme)
    report.record({"recipes": [Result("recipe_dense-99_accuracy", 99.13, "%")]}, tmp_path / "docs")
    written = (tmp_path / report.README).read_text()
    assert "| recipe `dense-99`, 20 epochs | 99.13 %, not measured yet |" in written
    assert written.startswith("# A\n<!--")
    assert written.endswith("<!-- /measured -->\nB\n")
    assert "old" not in written
