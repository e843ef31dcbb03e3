"""Files of a request: cleaned in a process of their own, sealed, stored until it is sent."""
