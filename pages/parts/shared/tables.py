"""Small tables of text."""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.parts.shared.words import escape

NO_BREAK = "\u00a0"


def show_table(columns: Mapping[str, Sequence[str]], numbers: Sequence[str]) -> None:
    """Show `columns`, each under its title; those named in `numbers` stand at the right.

    Cells are text, whatever they hold; on a phone too a number and its unit stay on one line. As Markdown:
    `st.table` and `st.dataframe` load pandas and Arrow, 65 MB for a few cells.
    """
    lines = zip(*columns.values(), strict=True)
    rows = [
        [escape(cell).replace(" ", NO_BREAK) if title in numbers else escape(cell) for title, cell in line]
        for line in (zip(columns, cells, strict=True) for cells in lines)
    ]
    rows.insert(0, [escape(title) for title in columns])
    rows.insert(1, ["--:" if title in numbers else ":--" for title in columns])
    st.markdown("\n".join(f"| {' | '.join(row)} |" for row in rows))
