"""What people read of each setting: its title and, in a line or two, what it does.

The form shows them, the command line prints them, and a refused value is told by its title.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Words(NamedTuple):
    """The title of a setting and its help."""

    title: str
    help: str


WORDS: Mapping[str, Words] = {
    "dataset": Words(
        "Dataset",
        "The images to learn.",
    ),
    "hidden_layers": Words(
        "Hidden layers",
        "Layers between the 784 pixels and the ten answers. None at all is a linear classifier.",
    ),
    "optimizer": Words(
        "Optimizer",
        "How the gradient becomes a step. Adam adapts the step of every weight; SGD takes it as it is.",
    ),
    "learning_rate": Words(
        "Learning rate",
        "Length of the steps. Too small: slow. Too large: the loss jumps about or runs away.",
    ),
    "momentum": Words(
        "Momentum",
        "Share of the last step that is kept: a ball that rolls on. 0 is plain SGD.",
    ),
    "weight_decay": Words(
        "Weight decay",
        "Share by which weights shrink at each step, times the learning rate.",
    ),
    "l2": Words(
        "L2 penalty",
        "Every weight costs its square, so none becomes large. 0 is off.",
    ),
    "epochs": Words(
        "Epochs",
        "How often the network sees every training image.",
    ),
    "batch_size": Words(
        "Batch size",
        "Images per step. Small batches take more, noisier steps an epoch; large ones are faster.",
    ),
    "validation_split": Words(
        "Validation split",
        "Share of the training images kept aside to check the network after every epoch. The test "
        "images are never used for that.",
    ),
    "label_encoding": Words(
        "Labels",
        "A 3 as the number 3 (sparse categorical cross-entropy) or as 0001000000 (categorical cross- "
        "entropy). The network learns the same.",
    ),
    "input_form": Words(
        "Input",
        "Whether the network flattens the image itself, or gets it as one row of 784 pixels.",
    ),
    "seed": Words(
        "Seed",
        "Where chance begins: first weights, order of images, dropout, validation images. The same seed "
        "gives the same run.",
    ),
    "learning_rate_schedule": Words(
        "Learning rate over the run",
        "Large steps find the valley, small ones its floor: a rate that falls often ends better.",
    ),
    "warm_up_epochs": Words(
        "Warm-up epochs",
        "The learning rate rises from nothing over so many epochs: calms the first steps. 0 is off.",
    ),
    "gradient_clipping": Words(
        "Gradient clipping",
        "A gradient longer than this is shortened to it, so that no one batch throws the network far. 0 "
        "is off.",
    ),
    "batch_normalization": Words(
        "Batch normalization",
        "After each hidden layer, shifts and scales what each neuron puts out by its mean and spread in "
        "the batch: deep networks learn faster.",
    ),
    "initializer": Words(
        "First weights",
        "Where training starts. All zeros: every neuron of a layer stays the same and hidden layers "
        "learn nothing. Wide: sums are huge, and the first loss with them.",
    ),
    "early_stopping": Words(
        "Early stopping",
        "Ends the run once this has not got better for some epochs. Needs validation images.",
    ),
    "patience": Words(
        "Patience",
        "Epochs in a row without a better figure before the run ends: validation is noisy.",
    ),
    "restore_best": Words(
        "Go back to the best epoch",
        "Keeps the weights of the epoch with the best figure, not those of the last.",
    ),
    "stop_at_accuracy": Words(
        "Stop at validation accuracy",
        "Ends the run once this share of the validation images is read right: 0.97 is 97 %. 0 is off.",
    ),
    "l1": Words(
        "L1 penalty",
        "Every weight costs its size, so those of little use go to zero. 0 is off.",
    ),
    "label_smoothing": Words(
        "Label smoothing",
        "Share of each answer that is spread over all ten digits, so that the network need not be certain.",
    ),
    "label_noise": Words(
        "Wrong labels",
        "Share of the training labels replaced by another digit at random: watch whether the network "
        "learns them by heart. Validation and test labels stay right.",
    ),
    "training_fraction": Words(
        "Share of the training images",
        "Learns from so many of them only, chosen by the seed: few images are soon known by heart.",
    ),
    "augmentation_shift": Words(
        "Shift (pixels)",
        "Moves each image at most so far to a side, and up or down.",
    ),
    "augmentation_rotation": Words(
        "Rotation (degrees)",
        "Turns each image at most so far either way. With too much, a 6 becomes a 9.",
    ),
    "augmentation_scale": Words(
        "Scale",
        "Makes each image larger or smaller, in width and height by themselves: 0.1 is about 10 % at most.",
    ),
    "augmentation_shear": Words(
        "Shear",
        "Slants each image, as handwriting leans: at most so many pixels sideways for each pixel down.",
    ),
    "augmentation_elastic": Words(
        "Elastic (pixels)",
        "Bends strokes smoothly, as an unsteady hand does; most pixels move no further than twice this.",
    ),
    # Of one hidden layer
    "units": Words(
        "Units",
        "Neurons in this layer. Each adds one weight for every input, and a bias.",
    ),
    "activation": Words(
        "Activation",
        "What a neuron does with its sum. Linear layers alone make a linear network.",
    ),
    "dropout": Words(
        "Dropout",
        "Share of the neurons switched off at random in each step: against overfitting.",
    ),
}

TITLES: Mapping[str, str] = {name: words.title for name, words in WORDS.items()}
