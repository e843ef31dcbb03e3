"""Custom actions of the assistant: rasa-sdk classes that call the service's own functions."""
