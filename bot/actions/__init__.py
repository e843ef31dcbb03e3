"""Custom actions of the assistant: rasa-sdk classes that call the service's own functions.

They run in the root environment, not in Rasa's, so that chat and form share their code.
"""
