"""Studies of one setting, each in one press: the press, and the picture that it is known for."""
