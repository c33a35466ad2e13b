"""Small tables of text."""

from collections.abc import Mapping, Sequence

import streamlit as st


def show_table(columns: Mapping[str, Sequence[str]], numbers: Sequence[str]) -> None:
    """Show `columns`, each under its title; those named in `numbers` stand at the right.

    As Markdown: `st.table` and `st.dataframe` load pandas and Arrow, 65 MB for a few cells.
    """
    lines = [columns, ("--:" if title in numbers else ":--" for title in columns)]
    lines += zip(*columns.values(), strict=True)
    st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))
