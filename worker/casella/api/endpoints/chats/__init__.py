"""`/chats`: what colleagues write to each other."""
