"""What one caller may take: of a connection, of tries to sign in, of everything slow."""
