"""The file of a network, looked through before anything runs it.

An ONNX file is a program: one with a loop can run without end, one with two crossed vectors can ask for
terabytes, and one may have its weights read from other files. Ours is a chain of layers, and
nothing else is handed to ONNX Runtime.

Format: https://onnx.ai/onnx/repo-docs/IR.html
"""

from math import prod

from core.config import HiddenLayer, TrainingConfig, bounds_of
from core.errors import ModelError
from core.sentences import say

TRAIN_AGAIN = say("Choose another run, or train this one again.")
RAN_AWAY = say(
    "This network's probabilities are not numbers: its training ran away. Choose another "
    "run, or train again with a smaller learning rate."
)

# What `core.training.export` writes, and no other.
OPERATORS = {
    "BatchNormalization",
    "Cast",
    "Elu",
    "Gelu",
    "Gemm",
    "Identity",
    "Mul",
    "Relu",
    "Reshape",
    "Sigmoid",
    "Softmax",
    "Tanh",
}
_DEEPEST = int(bounds_of("hidden_layers").highest)
_LARGEST = TrainingConfig(
    hidden_layers=(HiddenLayer(units=int(bounds_of("units").highest)),) * _DEEPEST, batch_normalization=True
)
# Three to begin with, and as many a layer.
MAX_NODES = 3 + 3 * (_DEEPEST + 1)
# Four bytes a number, and room for names.
MAX_BYTES = 1_000_000 + 4 * _LARGEST.parameters


def check_network_file(content: bytes, input_name: str) -> None:
    """Check that a file is a chain of known layers that begins with its one input.

    Raises
    ------
    ModelError
        If it is damaged, too large or anything else.
    """
    import onnx  # 12 MB, for those who draw

    if len(content) > MAX_BYTES:
        raise _foreign(
            say(
                "it has {megabytes} MB, and {most} is the most",
                megabytes=f"{len(content) / 1e6:.0f}",
                most=f"{MAX_BYTES / 1e6:.0f}",
            )
        )
    try:
        model = onnx.load_model_from_string(content)
    except Exception as error:  # protobuf has a class of its own for every kind of damage
        raise ModelError(
            say("The network's file is damaged and cannot be loaded. {advice}", advice=TRAIN_AGAIN)
        ) from error
    graph = model.graph
    if len(graph.node) > MAX_NODES:
        raise _foreign(
            say("it has {steps} steps, and {most} is the most", steps=len(graph.node), most=MAX_NODES)
        )
    if model.functions or graph.sparse_initializer:
        raise _foreign(say("it has functions or sparse weights"))
    if any(tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in graph.initializer):
        raise _foreign(say("its weights are in another file"))
    sizes = {tensor.name: prod(tensor.dims) for tensor in graph.initializer}
    computed = {input_name}
    for node in graph.node:
        if node.domain or node.op_type not in OPERATORS:
            raise _foreign(say("it has a step “{step}”", step=node.op_type[:40]))
        if any(attribute.HasField("g") or attribute.graphs for attribute in node.attribute):
            raise _foreign(say("it has a graph within a graph"))
        constants = [name for name in node.input if name not in computed]
        # Two constants multiplied can be of any size, and so can one that is spread over a picture.
        is_link = len(node.input) - len(constants) == 1 and all(name in sizes for name in constants)
        if not is_link or (node.op_type == "Mul" and any(sizes[name] != 1 for name in constants)):
            raise _foreign(say("its steps are not a chain"))
        computed.update(node.output)


def _foreign(reason: str) -> ModelError:
    return ModelError(
        say(
            "This ONNX file is not a network of Digit Lab: {reason}. {advice}",
            reason=reason,
            advice=TRAIN_AGAIN,
        )
    )
