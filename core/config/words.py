"""What people read of each setting: its title and, in a line or two, what it does.

The form shows them, the command line prints them, and a refused value is told by its title.
"""

from collections.abc import Mapping
from typing import NamedTuple

from core.sentences import say


class Words(NamedTuple):
    """The title of a setting and its help."""

    title: str
    help: str


WORDS: Mapping[str, Words] = {
    "dataset": Words(
        say("Dataset"),
        say("The images to learn."),
    ),
    "hidden_layers": Words(
        say("Hidden layers"),
        say("Layers between the 784 pixels and the ten answers. None at all is a linear classifier."),
    ),
    "optimizer": Words(
        say("Optimizer"),
        say("How the gradient becomes a step. Adam adapts the step of every weight; SGD takes it as it is."),
    ),
    "learning_rate": Words(
        say("Learning rate"),
        say("Length of the steps. Too small: slow. Too large: the loss jumps about or runs away."),
    ),
    "momentum": Words(
        say("Momentum"),
        say("Share of the last step that is kept: a ball that rolls on. 0 is plain SGD."),
    ),
    "weight_decay": Words(
        say("Weight decay"),
        say("Share by which weights shrink at each step, times the learning rate."),
    ),
    "l2": Words(
        say("L2 penalty"),
        say("Every weight costs its square, so none becomes large. 0 is off."),
    ),
    "epochs": Words(
        say("Epochs"),
        say("How often the network sees every training image."),
    ),
    "batch_size": Words(
        say("Batch size"),
        say("Images per step. Small batches take more, noisier steps an epoch; large ones are faster."),
    ),
    "validation_split": Words(
        say("Validation split"),
        say(
            "Share of the training images kept aside to check the network after every epoch. The "
            "test images are never used for that."
        ),
    ),
    "label_encoding": Words(
        say("Labels"),
        say(
            "A 3 as the number 3 (sparse categorical cross-entropy) or as 0001000000 "
            "(categorical cross-entropy). The network learns the same."
        ),
    ),
    "input_form": Words(
        say("Input"),
        say("Whether the network flattens the image itself, or gets it as one row of 784 pixels."),
    ),
    "seed": Words(
        say("Seed"),
        say(
            "Where chance begins: first weights, order of images, dropout, validation images. "
            "The same seed gives the same run."
        ),
    ),
    "learning_rate_schedule": Words(
        say("Learning rate over the run"),
        say("Large steps find the valley, small ones its floor: a rate that falls often ends better."),
    ),
    "warm_up_epochs": Words(
        say("Warm-up epochs"),
        say("The learning rate rises from nothing over so many epochs: calms the first steps. 0 is off."),
    ),
    "gradient_clipping": Words(
        say("Gradient clipping"),
        say(
            "A gradient longer than this is shortened to it, so that no one batch throws the "
            "network far. 0 is off."
        ),
    ),
    "batch_normalization": Words(
        say("Batch normalization"),
        say(
            "After each hidden layer, shifts and scales what each neuron puts out by its mean "
            "and spread in the batch: deep networks learn faster."
        ),
    ),
    "initializer": Words(
        say("First weights"),
        say(
            "Where training starts. All zeros: every neuron of a layer stays the same and hidden "
            "layers learn nothing. Wide: sums are huge, and the first loss with them."
        ),
    ),
    "early_stopping": Words(
        say("Early stopping"),
        say("Ends the run once this has not got better for some epochs. Needs validation images."),
    ),
    "patience": Words(
        say("Patience"),
        say("Epochs in a row without a better figure before the run ends: validation is noisy."),
    ),
    "restore_best": Words(
        say("Go back to the best epoch"),
        say("Keeps the weights of the epoch with the best figure, not those of the last."),
    ),
    "stop_at_accuracy": Words(
        say("Stop at validation accuracy"),
        say("Ends the run once this share of the validation images is read right: 0.97 is 97 %. 0 is off."),
    ),
    "l1": Words(
        say("L1 penalty"),
        say("Every weight costs its size, so those of little use go to zero. 0 is off."),
    ),
    "label_smoothing": Words(
        say("Label smoothing"),
        say(
            "Share of each answer that is spread over all ten digits, so that the network need "
            "not be certain."
        ),
    ),
    "label_noise": Words(
        say("Wrong labels"),
        say(
            "Share of the training labels replaced by another digit at random: watch whether the "
            "network learns them by heart. Validation and test labels stay right."
        ),
    ),
    "training_fraction": Words(
        say("Share of the training images"),
        say("Learns from so many of them only, chosen by the seed: few images are soon known by heart."),
    ),
    "augmentation_shift": Words(
        say("Shift (pixels)"),
        say("Moves each image at most so far to a side, and up or down."),
    ),
    "augmentation_rotation": Words(
        say("Rotation (degrees)"),
        say("Turns each image at most so far either way. With too much, a 6 becomes a 9."),
    ),
    "augmentation_scale": Words(
        say("Scale"),
        say(
            "Makes each image larger or smaller, in width and height by themselves: 0.1 is about "
            "10 % at most."
        ),
    ),
    "augmentation_shear": Words(
        say("Shear"),
        say("Slants each image, as handwriting leans: at most so many pixels sideways for each pixel down."),
    ),
    "augmentation_elastic": Words(
        say("Elastic (pixels)"),
        say("Bends strokes smoothly, as an unsteady hand does; most pixels move no further than twice this."),
    ),
    "drawings": Words(
        say("Drawings"),
        say(
            "Learns digits that people drew and labelled on the page Draw, too. A third of them is held back "
            "from that, and measures what it gave."
        ),
    ),
    "drawings_share": Words(
        say("Share of the drawings"),
        say("Of what an epoch shows, so much are drawings: few of them come many times."),
    ),
    # Of one hidden layer
    "units": Words(
        say("Units"),
        say("Neurons in this layer. Each adds one weight for every input, and a bias."),
    ),
    "activation": Words(
        say("Activation"),
        say("What a neuron does with its sum. Linear layers alone make a linear network."),
    ),
    "dropout": Words(
        say("Dropout"),
        say("Share of the neurons switched off at random in each step: against overfitting."),
    ),
}

TITLES: Mapping[str, str] = {name: words.title for name, words in WORDS.items()}

# What a setting has become, within a sentence; the value is filled in later. Whole, because not every
# language writes a title and its value side by side.
IN_A_LINE: Mapping[str, str] = {
    "dataset": say("dataset {value}", value="{value}"),
    "hidden_layers": say("hidden layers {value}", value="{value}"),
    "optimizer": say("optimizer {value}", value="{value}"),
    "learning_rate": say("learning rate {value}", value="{value}"),
    "momentum": say("momentum {value}", value="{value}"),
    "weight_decay": say("weight decay {value}", value="{value}"),
    "l2": say("L2 penalty {value}", value="{value}"),
    "epochs": say("epochs {value}", value="{value}"),
    "batch_size": say("batch size {value}", value="{value}"),
    "validation_split": say("validation split {value}", value="{value}"),
    "label_encoding": say("labels {value}", value="{value}"),
    "input_form": say("input {value}", value="{value}"),
    "seed": say("seed {value}", value="{value}"),
    "learning_rate_schedule": say("learning rate over the run {value}", value="{value}"),
    "warm_up_epochs": say("warm-up epochs {value}", value="{value}"),
    "gradient_clipping": say("gradient clipping {value}", value="{value}"),
    "batch_normalization": say("batch normalization {value}", value="{value}"),
    "initializer": say("first weights {value}", value="{value}"),
    "early_stopping": say("early stopping {value}", value="{value}"),
    "patience": say("patience {value}", value="{value}"),
    "restore_best": say("go back to the best epoch {value}", value="{value}"),
    "stop_at_accuracy": say("stop at validation accuracy {value}", value="{value}"),
    "l1": say("L1 penalty {value}", value="{value}"),
    "label_smoothing": say("label smoothing {value}", value="{value}"),
    "label_noise": say("wrong labels {value}", value="{value}"),
    "training_fraction": say("share of the training images {value}", value="{value}"),
    "augmentation_shift": say("shift (pixels) {value}", value="{value}"),
    "augmentation_rotation": say("rotation (degrees) {value}", value="{value}"),
    "augmentation_scale": say("scale {value}", value="{value}"),
    "augmentation_shear": say("shear {value}", value="{value}"),
    "augmentation_elastic": say("elastic (pixels) {value}", value="{value}"),
    "drawings": say("drawings {value}", value="{value}"),
    "drawings_share": say("share of the drawings {value}", value="{value}"),
    "activation": say("activation {value}", value="{value}"),
    "dropout": say("dropout {value}", value="{value}"),
}
