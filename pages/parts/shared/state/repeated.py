"""The keys of widgets that repeat, as one for each run or each hidden layer, made by functions."""


def setting(name: str) -> str:
    """Key of the widget of a setting, for all but the hidden layers."""
    return f"form_{name}"


def layer_setting(index: int, name: str) -> str:
    """Key of the widget of a setting of hidden layer `index`, from 0."""
    return f"form_layer_{index}_{name}"


def is_of_form(key: str) -> bool:
    """Tell whether a key is that of a widget of the settings form."""
    return key.startswith("form_")


def is_one_of_many_choices(key: str) -> bool:
    """Tell whether a key is that of a widget made here whose words may change with the language."""
    is_range = is_of_tune(key) and key.endswith("_choices")
    return is_range or is_of_form(key) or key.startswith(("duel_value_", "search_settings_"))


def addresses(page: str) -> str:
    """Key of the addresses that `page` has written and not yet seen in the browser."""
    return f"addresses_{page}"


def new_name(run_id: str) -> str:
    """Key of the field in which a run is given a name."""
    return f"new_name_{run_id}"


def over_epochs(run_id: str) -> str:
    """Key of the histograms of a run's layers over its epochs."""
    return f"over_epochs_{run_id}"


def inside(run_id: str) -> str:
    """Key of the diagram of a run's network, and of what is pressed in it."""
    return f"inside_{run_id}"


def replaced_address(page: str) -> str:
    """Key of what `page` has put into the place of which address, until the browser says it."""
    return f"replaced_{page}"


def more_epochs(run_id: str) -> str:
    """Key of the number of epochs to add to a run."""
    return f"more_epochs_{run_id}"


def new_learning_rate(run_id: str) -> str:
    """Key of the learning rate to go on with."""
    return f"new_learning_rate_{run_id}"


def epoch_slider(page: str) -> str:
    """Key of the slider over the epochs of the run on show."""
    return f"epoch_slider_{page}"


def fork_epochs(run_id: str, epoch: int) -> str:
    """Key of how many epochs a run is to have that goes on from an epoch of this one."""
    return f"fork_epochs_{run_id}_{epoch}"


def fork_rate(run_id: str, epoch: int) -> str:
    """Key of the learning rate of such a run."""
    return f"fork_rate_{run_id}_{epoch}"


def tune(name: str, part: str) -> str:
    """Key of a widget of the Tune page's form: of a setting, and of what is asked about it."""
    return f"tune_{name}_{part}"


def is_of_tune(key: str) -> bool:
    """Tell whether a key is that of a widget of the Tune page's form."""
    return key.startswith("tune_")


def search_settings(figure: str) -> str:
    """Key of the settings that a figure of a search shows."""
    return f"search_settings_{figure}"


def against_side(letter: str) -> str:
    """Key of the list from which network A or B is chosen."""
    return f"against_side_{letter}"


def duel_value(setting: str) -> str:
    """Key of the value that B of a duel has in a setting."""
    return f"duel_value_{setting}"


def open_duel(experiment_id: str) -> str:
    """Key of the button that opens an earlier duel."""
    return f"open_duel_{experiment_id}"


def matrix_chart(name: str, clicks: int) -> str:
    """Key of a matrix that can be clicked, after a number of clicks."""
    return f"{name}_{clicks}"


def matrix_clicks(name: str) -> str:
    """Key of how often the matrix was clicked."""
    return f"{name}_clicks"


def confusion_chip(true: int, read_as: int) -> str:
    """Key of the button that opens a cell of the confusion matrix."""
    return f"confusion_chip_{true}_{read_as}"


def camera(number: int) -> str:
    """Key of the camera after so many files."""
    return f"camera_{number}"


def upload(files_taken: int) -> str:
    """Key of the uploader after so many files."""
    return f"upload_{files_taken}"


def why_digit(read: int) -> str:
    """Key of the digit that is asked about where `read` is read: another answer begins with itself."""
    return f"why_digit_{read}"


def break_target(read: int) -> str:
    """Key of the digit that a picture read as `read` is to become."""
    return f"break_target_{read}"


def picked_run(page: str) -> str:
    """Key of the list of runs on `page`."""
    return f"picked_run_{page}"


def everyones_runs(page: str) -> str:
    """Key of the switch that lists all browsers' runs on `page`."""
    return f"everyones_runs_{page}"


def label_button(label: int) -> str:
    """Key of the button that keeps what is drawn as this digit."""
    return f"label_{label}"


def delete_drawing(drawing_id: str) -> str:
    """Key of the button that deletes a drawing."""
    return f"delete_drawing_{drawing_id}"


def drawings_upload(files_taken: int) -> str:
    """Key of the uploader of drawings after so many files."""
    return f"drawings_upload_{files_taken}"
