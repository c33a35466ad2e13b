"""The colours of Digit Lab: one meaning each on every page, told apart by colour-blind readers.

Source: M. Okabe and K. Ito, "Color Universal Design" (2008).
"""

TRAINING = "#0072B2"  # blue
VALIDATION = "#E69F00"  # orange
RIGHT = "#009E73"  # bluish green
WRONG = "#D55E00"  # vermillion
NEUTRAL = "#8A8A8A"  # grey: readable on white and on black
READING = "#CC79A7"  # reddish purple: what the network says, before anyone knows whether it is right
# On black pictures, over grey ink: what speaks for something and what against it.
FOR = "#56B4E9"  # sky blue
AGAINST = "#E69F00"  # orange, as what takes away in the network diagram
