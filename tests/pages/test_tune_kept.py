"""What the Tune page keeps and says over several runs of it: names, fields, choices, what went wrong."""

from core.store import RunStore
from pages.parts.shared import state
from tests.pages.test_tune import _images_are_there_and_no_driver, open_page, study_begun

__all__ = ["_images_are_there_and_no_driver"]  # the same here: it is used by itself


def test_no_two_in_the_list_look_alike_and_each_can_be_picked(store: RunStore) -> None:
    begun = [study_begun(store) for _ in range(3)]
    with store.database.transaction(write=True) as connection:
        connection.exec_driver_sql("UPDATE experiments SET created_at = 1795615506.5")
    app = open_page(study=begun[0].id)
    names = app.selectbox(state.STUDY_PICKED).options
    assert len(set(names)) == 3
    assert all("25 Nov 14:05:06" in name for name in names)
    for one in begun:
        app.selectbox(state.STUDY_PICKED).set_value(one.id).run()
        assert app.query_params["study"] == one.id


def test_each_widget_of_the_form_has_its_value_also_as_its_own(store: RunStore) -> None:
    """The value of a key is sent once; a page that runs twice at once would be shown without it."""
    app = open_page()
    app.multiselect(state.TUNE_RANGES).set_value(["optimizer", "momentum"]).run()
    app.multiselect(state.tune("optimizer", "choices")).set_value(["adam"])
    app.checkbox(state.tune("momentum", "logarithmic")).set_value(True)
    app.selectbox(state.TUNE_BASE).set_value("recipe:two-128")
    app.selectbox(state.TUNE_GOAL).set_value("seconds")
    app.selectbox(state.TUNE_BUDGET).set_value("minutes")
    app.run()
    for key in (state.TUNE_RANGES, state.tune("optimizer", "choices")):
        several = app.multiselect(key)
        assert list(several.proto.default) == several.indices != []
    assert app.checkbox(state.tune("momentum", "logarithmic")).proto.default
    for key in (state.TUNE_BASE, state.TUNE_GOAL, state.TUNE_BUDGET):
        assert app.selectbox(key).proto.default == app.selectbox(key).index > 0
