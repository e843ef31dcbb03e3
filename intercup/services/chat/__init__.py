"""Citizens' conversations: the gateway to Rasa, what is stored of a chat, how replies are drawn.

Called by web/chat.py; bot/actions calls action_service.py alone.
"""
