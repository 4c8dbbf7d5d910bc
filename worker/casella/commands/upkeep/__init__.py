"""The operator's commands: what is wrong, migrations, tokens, the pages of this version."""
