"""Prove that the tests notice faults: each mutation puts one into the code.

`catalogue` reads mutations.yml and finds each place by the name of its function, `coverage` notes
which tests run which line, `choice` takes those that run a place, `workplace` is the copy that
mutations go into, `trial` runs the tests there, `results` writes down what came of it.
"""
