"""A `.keras` file from elsewhere, looked through: what it is, and the file that a worker may open."""

import json
from dataclasses import dataclass, replace

from core.bring_back.archive import as_archive, open_archive
from core.bring_back.description import cleaned_description, read_description
from core.bring_back.steps import Network
from core.errors import ModelError
from core.sentences import say

# What a pixel of 0 to 255 is multiplied by before the network gets it, by how its images were prepared.
TO_ONE, AS_IT_IS = 1 / 255, 1.0


@dataclass(frozen=True)
class Brought:
    """A network from elsewhere.

    Attributes
    ----------
    network
        What it consists of.
    weights
        Its HDF5 file, which only a worker looks into.
    """

    network: Network
    weights: bytes

    @property
    def says_its_scale(self) -> bool:
        """Whether the file says what becomes of a pixel; else one has to ask."""
        return self.network.scale is not None

    def file(self, scale: float) -> bytes:
        """Return a `.keras` file that reads raw pixels, made of what is known of this one and nothing else.

        Parameters
        ----------
        scale
            What a pixel is multiplied by, where the file does not say.
        """
        network = self.network if self.says_its_scale else replace(self.network, scale=scale)
        return as_archive(json.dumps({"keras_version": "3.0.0"}), cleaned_description(network), self.weights)


def read_network(content: bytes, max_parameters: int) -> Brought:
    """Return the network of a `.keras` file; nothing of it is run, and its weights are not looked at.

    Parameters
    ----------
    max_parameters
        What this server allows.

    Raises
    ------
    ModelError
        If it is no such file, or no dense network; says in a sentence what is in the way.
    """
    archive = open_archive(content, max_parameters)
    try:
        version = json.loads(archive.metadata).get("keras_version")
    except (AttributeError, ValueError, RecursionError) as error:
        raise ModelError(say("The description in this file is damaged: it is no JSON.")) from error
    network = read_description(archive.description, version)
    if network.parameters > max_parameters:
        raise ModelError(
            say(
                "This network has {parameters} parameters; this server allows {most}.",
                parameters=f"{network.parameters:,}",
                most=f"{max_parameters:,}",
            )
        )
    return Brought(network, archive.weights)
