"""A front: the backend. The same exchange engine as the desktop's, for many accounts, behind REST and WebSocket."""
