"""config/structures.yaml, read and checked, and the technical team's changes of it.

Web and actions read both at start and after each change; the desk and `intercup structures` change.
"""
