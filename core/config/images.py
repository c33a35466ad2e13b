"""The pictures that networks learn here, in numbers: those of MNIST.

Of all its digits the longest side of the ink is 20 pixels, and the centre of mass lies within
half a pixel of pixel (14, 14), counted from 0 (LeCun, Cortes, Burges, "The MNIST database").
"""

IMAGE_SHAPE = (28, 28)
CLASS_COUNT = 10
INK_SIDE = 20
INK_CENTRE = 14
