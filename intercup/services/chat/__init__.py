"""Citizens' conversations: the gateway to Rasa, storage, rendering of replies.

Called by web/chat.py; bot/actions calls action_service.py alone.
"""
