"""Small tables of text."""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.parts.shared.words import escape


def show_table(columns: Mapping[str, Sequence[str]], numbers: Sequence[str]) -> None:
    """Show `columns`, each under its title; those named in `numbers` stand at the right.

    Cells are text, whatever they hold. As Markdown: `st.table` and `st.dataframe` load
    pandas and Arrow, 65 MB for a few cells.
    """
    lines = [list(columns), *zip(*columns.values(), strict=True)]
    rows = [[escape(cell) for cell in line] for line in lines]
    rows.insert(1, ["--:" if title in numbers else ":--" for title in columns])
    st.markdown("\n".join(f"| {' | '.join(row)} |" for row in rows))
