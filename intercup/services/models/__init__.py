"""Trained models: the store that every cell reads, trainings aside, and what is published.

Called by the actions, which give Rasa its model, the worker, the desk, `intercup models` and
`intercup migrate`.
"""
