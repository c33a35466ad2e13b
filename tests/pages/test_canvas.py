"""What the canvas is told at its start."""

from streamlit.testing.v1 import AppTest


def test_the_canvas_starts_with_text_however_often_a_browser_clears_the_caches() -> None:
    def script() -> None:
        # Here, because the canvas can be imported by a page only.
        import streamlit as st
        import streamlit_drawable_canvas

        from pages.parts.shared.canvas import canvas

        before = streamlit_drawable_canvas.out
        try:
            streamlit_drawable_canvas.out = lambda data, **_: st.code(data["initialDrawing"])
            for _ in range(3):
                canvas._lighten()
                st.cache_resource.clear()
            streamlit_drawable_canvas.out(data={"initialDrawing": {"objects": ["a line"]}})
        finally:
            streamlit_drawable_canvas.out = before

    app = AppTest.from_function(script).run()
    assert not app.exception
    assert [code.value for code in app.code] == ['{"objects": ["a line"]}']
