"""The larger commands, a module each with `register(cli)`; `casella.cli` names them all."""
