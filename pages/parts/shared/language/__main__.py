"""`python -m pages.parts.shared.language`: bring the catalogues up to date with the sources."""

from pages.parts.shared.language.update import update

if __name__ == "__main__":
    update()
