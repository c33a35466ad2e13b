#!/bin/sh
# Execute everything that people take home where nothing of ours is installed: all scripts and notebooks, with
# the Keras of today and an earlier one, in an environment each that has Keras, TensorFlow and NumPy.
# usage: exports.sh [pytest arguments]; EXPORTS=… is the folder of the environments, which are kept.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE PYTHONPATH || true
folder=${EXPORTS:-.venv-exports}

# The versions that requirements.txt pins; of Keras also the earliest that this TensorFlow takes.
pinned() { sed -n "s/^$1==\([^ ;]*\).*/\1/p" requirements.txt | head -n 1; }
tensorflow=$(pinned tensorflow)
for keras in "$(pinned keras)" 3.12.0; do
    place=$folder/keras-$keras
    if [ ! -e "$place/made" ]; then
        printf 'Making %s …\n' "$place"
        rm -rf "$place"
        .venv/bin/python -m venv "$place"
        # The small wheel exists for some systems only; nbclient and ipykernel execute notebooks.
        "$place/bin/python" -m pip install --quiet --disable-pip-version-check \
            "keras==$keras" numpy nbclient ipykernel "tensorflow-cpu==$tensorflow" 2>/dev/null ||
            "$place/bin/python" -m pip install --quiet --disable-pip-version-check \
                "keras==$keras" numpy nbclient ipykernel "tensorflow==$tensorflow"
        touch "$place/made"
    fi
done
EXPORTS=$folder exec .venv/bin/python -m pytest -ra -s --timeout=3600 tests/exports "$@"
