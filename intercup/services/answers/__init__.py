"""The assistant's answers: their origin in files, and the technical team's wordings of them.

Called by the chat, the desk and `intercup tuning`.
"""
