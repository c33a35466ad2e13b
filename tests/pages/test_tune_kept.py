"""What the Tune page keeps and says over several runs of it: names, fields, choices, what went wrong."""

import pytest

from core.store import RunStore
from pages.parts.shared import state
from tests.pages.test_link import go_to
from tests.pages.test_tune import (
    _images_are_there_and_no_driver,
    open_page,
    searched,
    shown,
    study_begun,
    texts,
)

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


@pytest.mark.parametrize("has_another", [False, True])
def test_a_link_to_what_is_gone_is_told_until_something_else_is_asked_for(
    store: RunStore, has_another: bool
) -> None:
    gone = searched(store, 1)
    store.delete_experiment(gone.id)
    other = searched(store, 1) if has_another else None
    app = open_page(search="nonsense")
    for asked in ("nonsense", gone.id, study_begun(store).id):
        go_to(app, {"search": asked})
        says = (
            "that is no search" if asked not in ("nonsense", gone.id) else f"There is no experiment “{asked}”"
        )
        assert says in texts(app.warning)
        # The address names what is shown instead, with which the page runs again.
        assert shown(app) == ("search", {"search": other.id} if other else {})
        assert says in texts(app.warning)
    app.button("start_search").click().run()
    assert not app.warning
    go_to(app, {"search": "nonsense"})
    shown(app)
    app.button_group(state.TUNE_VIEW).set_value("study").run()
    assert not app.warning
    app.button_group(state.TUNE_VIEW).set_value("search").run()
    assert not app.warning


def test_more_runs_of_a_search_that_is_deleted_elsewhere_says_so(store: RunStore) -> None:
    searched(store, 1)
    ended = searched(store, 1)
    app = open_page(search=ended.id)
    store.delete_experiment(ended.id)
    app.button("more_of_search").click().run()
    assert shown(app)[1]["search"] != ended.id
    assert f"There is no experiment “{ended.id}”" in texts(app.warning)
