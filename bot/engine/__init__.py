"""Our components of the Rasa server, and its launcher."""
