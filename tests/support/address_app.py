"""Says where its visitor comes from; served as the app is, by `python address_app.py`."""


def main() -> None:
    """Show the address, or serve the page that does."""
    import streamlit as st
    from streamlit import runtime

    if runtime.exists():
        st.markdown(f"You come from {st.context.ip_address}.")
    else:
        from pages.parts.shared.server import serve

        serve(__file__)


if __name__ == "__main__":
    main()
